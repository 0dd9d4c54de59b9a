"""Captions by a language model behind a server that speaks OpenAI's protocol, vLLM above all.

A caption stands only if everything that it quotes stands on the screen. One that does not pass the gate is asked for
once more with the fault named, and after that the rules of `tracekit.captions.rules` write it, and it is marked so.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import Field, PrivateAttr, field_validator
from pydantic_core import PydanticCustomError

from tracekit.captions.base import ClipView, DesktopView
from tracekit.captions.llm import prompts as prompt_sets
from tracekit.captions.llm.client import Client
from tracekit.captions.llm.details import ModelDetails, TierDetails
from tracekit.captions.llm.evidence import Evidence, evidence_of
from tracekit.captions.llm.fence import NORMAL, Budget
from tracekit.captions.llm.gate import judge
from tracekit.captions.llm.reply import Told, read_reply
from tracekit.captions.llm.request import Reply, Request, Sampling
from tracekit.captions.llm.tally import Tally
from tracekit.captions.rules import RuleCaptioner
from tracekit.clips.settings import Settings
from tracekit.core.errors import Rejected, TracekitError
from tracekit.shards.sample import Captions

Tier = Literal["semantic", "regular", "detailed"]
TRIES: Final = 2
"""How often a caption is asked for before the rules write it."""
_FEW: Final = 3
"""Clips of which each may be one that no server takes."""
CACHE: Final = "captions.sqlite"
VERSION: Final = "model/2"
"""Raised when evidence or gate change what a caption comes to; prompts and rules have versions of their own."""


@dataclass
class _Draft:
    """The caption of a tier as far as it has come."""

    text: str = ""
    score: float = 0.0
    tries: int = 0
    faults: list[str] = field(default_factory=list)
    """Of the last try."""
    turned_down: list[str] = field(default_factory=list)
    """Of all tries that were turned down."""
    stands: bool = False


@dataclass
class _Work:
    """A clip in work."""

    view: ClipView | DesktopView
    evidence: Evidence
    drafts: dict[str, _Draft]
    replies: list[Reply] = field(default_factory=list)


class ModelCaptioner(Settings):
    """Three tiers by a language model; what its gate turns down is written by rules."""

    model: str = Field("", validate_default=True, description="The model, by the name that the servers know it by")
    tiers: Annotated[list[Tier], Field(min_length=1)] = Field(
        ["semantic", "regular", "detailed"], description="Which captions to write"
    )
    one_call: bool = Field(True, description="Ask for all tiers with one request, rather than one each")
    prompts: str = Field("v1", description="The set of prompts")
    evidence_tokens: int = Field(
        NORMAL.tokens, ge=200, le=100_000, description="At most so many of a prompt tell of the clip, by an estimate"
    )
    bar: float = Field(0.8, ge=0, le=1, description="Score below which a caption is turned down")
    temperature: float = Field(0.2, ge=0, le=2)
    top_p: float | None = Field(None, gt=0, le=1, description="null: the server's")
    max_tokens: int = Field(1024, ge=16, le=65_536, description="Of one reply; a reply that is longer is turned down")
    repetition_penalty: float | None = Field(None, gt=0, le=2, description="vLLM's; null: not sent")
    seed: int = Field(0, ge=0, description="Of the sampling")

    server: list[str] = Field(
        default_factory=list, exclude=True, description="URLs of the servers, with /v1; requests go to all of them"
    )
    concurrency: int = Field(64, ge=1, le=4096, exclude=True, description="Requests at once, from a worker to a server")
    timeout_s: float = Field(300, gt=0, le=86_400, exclude=True, description="Longest wait for one reply")
    patience_s: float = Field(
        300, gt=0, le=86_400, exclude=True, description="How long servers may be away before that is an error"
    )
    cache: str | None = Field(
        None, exclude=True, description="SQLite file of replies, on a local disk; null: in .cache/ of the data set"
    )
    key_variable: str = Field(
        "TRACEKIT_API_KEY", exclude=True, description="Environment variable with the servers' key, if they want one"
    )

    _remark: str = PrivateAttr("")
    _rejection: str = PrivateAttr("")

    @field_validator("model")
    @classmethod
    def _is_named(cls, model: str) -> str:
        if not model:
            raise PydanticCustomError("model", "A model should be named, by --model or captions.model")
        return model

    @field_validator("server", mode="before")
    @classmethod
    def _one_or_more(cls, value: Any) -> Any:
        return [value] if isinstance(value, str) else value

    @field_validator("tiers")
    @classmethod
    def _each_once(cls, tiers: list[Tier]) -> list[Tier]:
        return list(dict.fromkeys(tiers))

    @field_validator("cache")
    @classmethod
    def _is_absolute(cls, cache: str | None) -> str | None:
        if cache and not Path(cache).is_absolute():
            raise PydanticCustomError("cache", "Path should be absolute: workers have working directories of their own")
        return cache

    @field_validator("prompts")
    @classmethod
    def _are_there(cls, name: str) -> str:
        prompt_sets.load(name)
        return name

    @property
    def version(self) -> str:
        """As `tracekit.captions.base.Captioner.version`; other words in the prompts, or other rules, are another."""
        return f"{VERSION} prompts/{self.prompts}-{self._prompts.sha256[:12]} {RuleCaptioner.version}"

    def caption_all(self, clips: Iterable[ClipView | DesktopView], keep: Path) -> Iterator[Captions | Exception]:
        """Describe clips; see `tracekit.captions.base.BatchCaptioner`.

        Raises:
            TracekitError: no server answers, or none has the model. Replies that came before are kept in the cache.
        """
        client = Client(
            self.server,
            concurrency=self.concurrency,
            timeout_s=self.timeout_s,
            patience_s=self.patience_s,
            cache=Path(self.cache) if self.cache else keep / CACHE,
            key_variable=self.key_variable,
        )
        replaced = 0
        for answer in client.each(clips, partial(self._captioned, client)):
            replaced += isinstance(answer, Captions) and answer.details["replaced"]
            self._remark = f"{replaced} in part by rules; requests: {client.tally.line()}"
            yield answer
        self._check(client.tally)
        if client.last_load is not None:
            self._remark += f"; servers: {client.last_load}"

    def _check(self, tally: Tally) -> None:
        """See that servers which answer nobody do not leave it all to the rules."""
        few = _FEW * (1 if self.one_call else len(self.tiers))
        if tally.replies == tally.cached and (tally.rejected >= few or (tally.rejected and tally.failures)):
            raise TracekitError(
                f"none of {tally.rejected} requests was answered; the last one: {self._rejection}",
                place=", ".join(self.server),
                remedy="see the server's log; it may be what all requests share: sampling, schema, length of the reply",
            )

    @property
    def remark(self) -> str:
        """As `tracekit.captions.base.BatchCaptioner.remark`."""
        return self._remark

    @cached_property
    def _prompts(self) -> prompt_sets.Prompts:
        return prompt_sets.load(self.prompts)

    @cached_property
    def _sampling(self) -> Sampling:
        return Sampling(
            temperature=self.temperature,
            top_p=self.top_p,
            max_tokens=self.max_tokens,
            repetition_penalty=self.repetition_penalty,
            seed=self.seed,
        )

    async def _captioned(self, client: Client, view: ClipView | DesktopView) -> Captions | Exception:
        try:
            evidence = evidence_of(view, Budget(self.evidence_tokens))
            work = _Work(view, evidence, {tier: _Draft() for tier in self.tiers})
            calls = [self.tiers] if self.one_call else [[tier] for tier in self.tiers]
            for tiers in calls:
                await self._write(client, work, tiers)
            return self._captions(work)
        except Rejected as error:
            return error
        except TracekitError:
            raise
        except Exception as error:
            return error

    async def _write(self, client: Client, work: _Work, tiers: Sequence[Tier]) -> None:
        """Ask for some tiers by one request, and for those that do not pass by another that names the faults."""
        fault = None
        for _ in range(TRIES):
            request = Request(
                messages=self._prompts.messages(work.evidence, tiers, fault),
                model=self.model,
                sampling=self._sampling,
                schema=self._prompts.schema(tiers),
            )
            try:
                reply = await client.ask(request)
            except Rejected as error:
                self._rejection = error.message
                for tier in tiers:
                    work.drafts[tier].tries += 1
                    work.drafts[tier].turned_down.append(f"the request has no reply: {error.message}")
                return
            work.replies.append(reply)
            told = read_reply(reply, tiers)
            for tier in tiers:
                self._consider(work, tier, told[tier])
            tiers = [tier for tier in tiers if not work.drafts[tier].stands]
            if not tiers:
                return
            fault = "; ".join(f"{tier}: {'; '.join(work.drafts[tier].faults)}" for tier in tiers)

    def _consider(self, work: _Work, tier: Tier, told: Told) -> None:
        draft = work.drafts[tier]
        draft.tries += 1
        draft.text = told.text
        if told.fault:
            draft.faults = [told.fault]
        else:
            verdict = judge(told.text, tier, work.evidence)
            draft.score, draft.faults = verdict.score, list(verdict.faults)
            draft.stands = verdict.score >= self.bar
        if not draft.stands:
            draft.turned_down += draft.faults

    def _captions(self, work: _Work) -> Captions:
        """What stands, and what the rules write in place of the rest."""
        replaced = [tier for tier, draft in work.drafts.items() if not draft.stands]
        if replaced:
            rules = RuleCaptioner().caption(work.view)
            for tier in replaced:
                draft = work.drafts[tier]
                draft.text = getattr(rules, tier)
                draft.score = judge(draft.text, tier, work.evidence).score
        texts: dict[str, Any] = {tier: draft.text for tier, draft in work.drafts.items()}
        return Captions(**texts, captioner=self.version, details=self._details(work).model_dump(mode="json"))

    def _details(self, work: _Work) -> ModelDetails:
        return ModelDetails(
            model=self.model,
            server=", ".join(sorted({reply.server_version for reply in work.replies if reply.server_version})),
            prompts=self.prompts,
            prompts_sha256=self._prompts.sha256,
            one_call=self.one_call,
            bar=self.bar,
            sampling=self._sampling.fields,
            tiers={
                tier: TierDetails(
                    score=draft.score, tries=draft.tries, faults=draft.turned_down, replaced=not draft.stands
                )
                for tier, draft in work.drafts.items()
            },
            replaced=not all(draft.stands for draft in work.drafts.values()),
            prompt_tokens=sum(reply.prompt_tokens for reply in work.replies),
            completion_tokens=sum(reply.completion_tokens for reply in work.replies),
        )
