"""The policy ``agent``: a computer-use model behind an HTTP API drives the desktop towards an instruction."""

import hashlib
import json
import queue
import re
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar, Final, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, HttpUrl, JsonValue, field_validator, model_validator
from pydantic_core import PydanticCustomError

from tracekit.clips.settings import Settings
from tracekit.core.clock import to_ns
from tracekit.core.errors import Rejected, TracekitError
from tracekit.desktop.models import actions
from tracekit.desktop.models.anthropic_messages import AnthropicConversation, Tool
from tracekit.desktop.models.base import Answer, Call, Conversation, Reply
from tracekit.desktop.models.exchange import Key
from tracekit.desktop.models.hands import Ended, Hands
from tracekit.desktop.models.openai_chat import OpenAIConversation
from tracekit.desktop.models.scale import Scale, Size, fit
from tracekit.desktop.models.transcript import Done, Step, Transcript
from tracekit.desktop.policies.base import Desktop, Outcome

_PROMPTS: Final = Path(__file__).parents[1] / "models" / "prompts"
_KEY_VARIABLES: Final = {"anthropic": "ANTHROPIC_API_KEY", "openai": "OPENAI_API_KEY"}
_CLAIM: Final = re.compile(r"^\W*(DONE|IMPOSSIBLE)\b", re.MULTILINE)
_A_DAY_S: Final = 86_400
_MAX_CALLS: Final = 20
"""Of one reply; more are told to wait."""
_FAILURES: Final = {
    "reply-cut": "a reply was cut off at max_tokens or at the model's context",
    "model-refused": "the model would not do it",
    "empty-reply": "the model neither did nor said anything",
    "repeated-action": "the model asked for the same action again and again",
    "step-limit": "max_steps requests were made, and the model was not done",
    "time-limit": "max_wall_s passed, and the model was not done",
    "transcript-too-large": "the model said more than is kept of one trace",
}
"""Ends before the model was done. That of the recording is none: what was recorded is as good as any."""
INSTRUCTIONS = Path(__file__).parents[3] / "recipes" / "instructions.txt"
"""Those that come with tracekit's sources."""


class AgentConfig(Settings):
    """Options of the policy ``agent``."""

    protocol: Literal["anthropic", "openai"] = Field(
        "anthropic", description="anthropic: Messages API with the computer-use tool; openai: chat completions with a "
        "function tool, as vLLM serves them"
    )  # fmt: skip
    model: str = Field(min_length=1, max_length=200, description="Its name at the API")
    base_url: str | None = Field(None, description="Of the API; null: the SDK's own")
    key_variable: str | None = Field(
        None, pattern=r"^([A-Za-z_][A-Za-z0-9_]*)?$", description="Environment variable with the API's key; null: "
        "ANTHROPIC_API_KEY or OPENAI_API_KEY; '': the server wants none"
    )  # fmt: skip
    tool: Tool = Field("computer_20251124", description="Version of Anthropic's tool: which one a model knows differs")
    instruction: str | None = Field(None, min_length=1, max_length=4000, description="What is to be done")
    instructions: Path = Field(
        INSTRUCTIONS,
        exclude=True,
        description="Without an instruction: a file with one a line, # before comments; the seed chooses",
    )
    system_prompt: str = Field("desktop-1", description="One that comes with tracekit, by name, or a file (.txt)")
    max_steps: int = Field(50, ge=1, le=500, description="Requests")
    max_wall_s: float | None = Field(None, gt=0, le=86_400, description="From frame 0; null: until the recording ends")
    max_tokens: int = Field(4096, ge=16, le=200_000, description="Of one reply")
    max_repeats: int = Field(8, ge=2, le=100, description="So many equal actions in a row end the run")
    temperature: float | None = Field(None, ge=0, le=2, description="null: it is not sent; newer models want none")
    timeout_s: float = Field(120, gt=0, le=3600, description="Of a request, for each part of an exchange")
    max_retries: int = Field(3, ge=0, le=10, description="By the SDK, after errors that may pass")
    keep_pictures: int = Field(3, ge=1, le=100, description="The last screenshots that stay in the conversation")
    picture_width_px: int | None = Field(None, ge=64, le=8192, description="null: the screen's, made to fit")
    picture_height_px: int | None = Field(None, ge=64, le=8192)
    picture_long_edge_px: int = Field(
        1568, ge=64, le=8192, description="To fit: the most its longer side may have (Anthropic's limit)"
    )
    picture_pixels: int = Field(1_150_000, ge=4096, description="To fit: width times height")
    coordinate_grid: int | None = Field(
        None, ge=2, le=100_000, description="Steps per side that a model counts in (Qwen3-VL: 1000); null: pixels"
    )
    still_s: float = Field(0.5, ge=0, le=10, description="How long the picture is unchanged before it is shown")
    still_limit_s: float = Field(3, gt=0, le=60, description="Shown at the latest after so long")
    key_s: float = Field(0.06, ge=0.005, le=1, description="Median time from one typed key to the next")
    extra: dict[str, JsonValue] = Field(
        default_factory=dict,
        description="More fields of each request, such as thinking or top_p. No secrets",
    )

    @field_validator("base_url")
    @classmethod
    def _names_no_secret(cls, url: str | None) -> str | None:
        if url is not None:
            parts = HttpUrl(url)
            if parts.username or parts.password or parts.query:
                raise PydanticCustomError(
                    "base_url", "Input should have no user, password or query: keys come from the environment"
                )
        return url

    @model_validator(mode="after")
    def _has_a_picture(self) -> Self:
        if (self.picture_width_px is None) != (self.picture_height_px is None):
            raise PydanticCustomError(
                "picture", "Input should have both picture_width_px and picture_height_px, or neither"
            )
        return self


def read_instructions(path: Path) -> list[str]:
    """The instructions of a file: one a line, without empty lines and those that begin with #.

    Raises:
        TracekitError: it can't be read, or holds none, or one of more than 4000 characters.
    """
    try:
        lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    except OSError as error:
        raise TracekitError(f"can't be read: {error.strerror}", place=str(path)) from error
    except UnicodeDecodeError as error:
        raise TracekitError("is not UTF-8", place=str(path)) from error
    found = [line for line in lines if line and not line.startswith("#")]
    if not found or max(map(len, found)) > 4000:
        raise TracekitError("holds no instruction, or one of more than 4000 characters", place=str(path))
    return found


class Agent:
    """Asks a model what to do, does it, and keeps what was said."""

    Config: ClassVar[type[Settings]] = AgentConfig

    def __init__(self, config: AgentConfig, seed: int) -> None:
        self._config, self._seed = config, seed
        variable = _KEY_VARIABLES[config.protocol] if config.key_variable is None else config.key_variable
        self._key = Key(variable)
        self._system = _system_prompt(config.system_prompt)
        self._choice: int | None = None
        self._instruction = config.instruction or ""
        if config.instruction is None:
            choices = read_instructions(config.instructions)
            self._choice = seed % len(choices)
            self._instruction = choices[self._choice]

    def prepare(self, desktop: Desktop) -> None:
        """Before frame 0: nothing but to wait until the picture is still.

        Raises:
            TracekitError: the SDK is not installed.
        """
        self._scale = _scale(self._config, Size(desktop.width_px, desktop.height_px))
        self._talk = self._converse()
        desktop.wait_still(self._config.still_s)

    def run(self, desktop: Desktop, seconds: float) -> Outcome:
        """Drive until the model says that it is done, a limit is reached, or the recording ends."""
        try:
            return _Run(self._config, desktop, self._talk, self._scale, self._about(), self._seed).outcome()
        finally:
            self._talk.close()

    def _converse(self) -> Conversation:
        config = self._config
        common: dict[str, Any] = {
            "key": self._key,
            "system": self._system,
            **config.model_dump(include={"model", "base_url", "max_tokens", "temperature", "keep_pictures"}),
            **config.model_dump(include={"timeout_s", "max_retries", "extra"}),
        }
        if config.protocol == "openai":
            return OpenAIConversation(space=self._scale.space, **common)
        return AnthropicConversation(tool=config.tool, picture=self._scale.space, **common)

    def _about(self) -> dict[str, Any]:
        return {
            "instruction": self._instruction,
            "instruction_index": self._choice,
            "protocol": self._config.protocol,
            "tool": self._config.tool if self._config.protocol == "anthropic" else "function",
            "model": self._config.model,
            "server": self._talk.server,
            "system_prompt": self._config.system_prompt,
            "system_prompt_sha256": hashlib.sha256(self._system.encode()).hexdigest(),
            "screen_px": list(self._scale.screen),
            "picture_px": list(self._scale.picture),
            "coordinate_space": list(self._scale.space),
        }


class _Run:
    """One run of an agent: the loop of asking and doing."""

    def __init__(
        self,
        config: AgentConfig,
        desktop: Desktop,
        talk: Conversation,
        scale: Scale,
        about: dict[str, Any],
        seed: int,
    ) -> None:
        self._config, self._desktop, self._talk, self._scale = config, desktop, talk, scale
        self._deadline_ns = desktop.now_ns() + to_ns(config.max_wall_s or _A_DAY_S)
        self._hands = Hands(desktop, self, scale, seed, config.key_s)
        self._transcript = Transcript(about)
        self._last, self._times = "", 0
        """The last action, and how often it was asked for in a row."""

    def outcome(self) -> Outcome:
        """Run, and say how it ended."""
        ended = failed = claimed = ""
        try:
            claimed = self._talk_until_done()
            ended = claimed or "stopped"
            self._hands.let_go()
        except Ended as end:
            ended, failed = end.reason, _FAILURES.get(end.reason, "")
            with suppress(TracekitError):
                self._hands.let_go()
        except Rejected as error:
            ended, failed = error.reason, error.message
        except TracekitError as error:
            ended, failed = "desktop-died", error.message
        return Outcome(
            failed=failed,
            reason=ended if failed else "",
            instruction=self._transcript.about["instruction"],
            task=self._transcript.to_json(ended, claimed),
        )

    def wait_until(self, time_ns: int) -> None:
        """Sleep until an instant of the trace's clock.

        Raises:
            Ended: the recording is to end, or the time is up.
        """
        if not self._desktop.wait_until(min(time_ns, self._deadline_ns)):
            raise Ended("recording-ended")
        if time_ns > self._deadline_ns:
            raise Ended("time-limit")

    def _talk_until_done(self) -> str:
        """Ask and do, until the model has no more to do; what it claims then: done, impossible, or ''."""
        screen, self._transcript.first_picture_ns = self._look()
        self._talk.begin(self._transcript.about["instruction"], self._scale.png(screen))
        for _ in range(self._config.max_steps):
            step = self._transcript.begin_step(self._desktop.now_ns())
            reply = self._ask(step)
            if reply.stop != "said":
                raise Ended("reply-cut" if reply.stop == "cut" else "model-refused")
            if not reply.calls:
                if not reply.text.strip():
                    raise Ended("empty-reply")
                claims = _CLAIM.findall(reply.text)
                return claims[-1].lower() if claims else ""
            self._do(reply, step)
        raise Ended("step-limit")

    def _ask(self, step: Step) -> Reply:
        """The model's reply; the recording goes on while it thinks."""
        came: queue.SimpleQueue[Reply | Exception] = queue.SimpleQueue()
        threading.Thread(target=_put, args=(came, self._talk.ask), daemon=True, name="model").start()
        while True:
            try:
                reply = came.get(timeout=0.05)
                break
            except queue.Empty:
                self.wait_until(self._desktop.now_ns())
        if isinstance(reply, Exception):
            step.replied_ns, step.problem = self._desktop.now_ns(), str(reply)
            raise reply
        if not self._transcript.add_reply(step, reply, self._desktop.now_ns()):
            raise Ended("transcript-too-large")
        return reply

    def _do(self, reply: Reply, step: Step) -> None:
        """Do what a reply asks for, in order up to the first that fails; then show the screen, and answer each."""
        why = ""
        for number, call in enumerate(reply.calls):
            if number == _MAX_CALLS:
                why = f"more than {_MAX_CALLS} actions at once"
            now_ns = self._desktop.now_ns()
            done = Done(Answer(call, f"not done: {why}", error=True), now_ns, now_ns)
            step.actions.append(done)
            if not why:
                self._do_one(done)
                why = "an earlier action failed" if done.answer.error else ""
        succeeded = [done for done in step.actions if not done.answer.error]
        if succeeded and succeeded[-1].answer.picture is None:
            self._show(succeeded[-1])
        self._talk.answer([done.answer for done in step.actions])

    def _do_one(self, done: Done) -> None:
        call = done.answer.call
        self._count_repeats(call)
        try:
            if call.problem:
                raise actions.CantDo(call.problem)
            action = actions.parse(call.arguments)
            done.answer = Answer(call, self._hands.perform(action, done.times_ns))
            if action.action in ("screenshot", "zoom"):
                self._show(done, action.region if isinstance(action, actions.Zoom) else None)
        except actions.CantDo as error:
            done.answer = Answer(call, error.message, error=True)
        except Ended as end:
            done.answer = Answer(call, f"broken off: {end.reason}", error=True)
            raise
        finally:
            done.done_ns = self._desktop.now_ns()

    def _show(self, done: Done, region: tuple[float, float, float, float] | None = None) -> None:
        """Answer with a picture, of all the screen or a part of it."""
        screen, now_ns = self._look()
        picture = self._scale.zoomed_png(screen, region) if region else self._scale.png(screen)
        done.answer, done.pictured_ns = done.answer._replace(picture=picture), now_ns

    def _look(self) -> tuple[NDArray[np.uint8], int]:
        """The screen when it is still, or after a while; and when that was."""
        self._desktop.wait_still(self._config.still_s, self._config.still_limit_s)
        self.wait_until(self._desktop.now_ns())
        screen = self._desktop.picture()
        return screen, self._desktop.now_ns()

    def _count_repeats(self, call: Call) -> None:
        this = json.dumps(call.arguments, sort_keys=True) + call.problem
        self._times = self._times + 1 if this == self._last else 1
        self._last = this
        if self._times >= self._config.max_repeats:
            raise Ended("repeated-action")


def _put(came: "queue.SimpleQueue[Reply | Exception]", ask: Callable[[], Reply]) -> None:
    try:
        came.put(ask())
    except Exception as error:  # whatever it is, it belongs to the thread that waits
        came.put(error)


def _scale(config: AgentConfig, screen: Size) -> Scale:
    picture = fit(screen, config.picture_long_edge_px, config.picture_pixels)
    if config.picture_width_px and config.picture_height_px:
        picture = Size(config.picture_width_px, config.picture_height_px)
    return Scale(screen, picture, config.coordinate_grid)


def _system_prompt(name: str) -> str:
    path = Path(name) if name.endswith(".txt") else _PROMPTS / f"{name}.txt"
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        known = ", ".join(sorted(prompt.stem for prompt in _PROMPTS.glob("*.txt")))
        raise TracekitError("no system prompt", place=str(name), remedy=f"a file, or one of {known}") from None
