"""What a server of captions is asked, as the exact JSON that is sent, and what it answers."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

from tracekit.core.files import digest


@dataclass(frozen=True)
class Sampling:
    """How a model draws its words. None leaves a setting to the server, which may take it from the model's folder."""

    temperature: float | None = 0.0
    top_p: float | None = None
    max_tokens: int | None = 512
    """Of the reply. A JSON reply that reaches it is cut, and so no JSON."""
    seed: int | None = 0
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    repetition_penalty: float | None = None
    """Of vLLM, not of OpenAI's API, as are the two below; small models repeat themselves without it."""
    top_k: int | None = None
    min_p: float | None = None

    @property
    def fields(self) -> dict[str, float]:
        """What is set, by the names that the API has for it."""
        return {name: value for name, value in asdict(self).items() if value is not None}


@dataclass(frozen=True)
class Request:
    """One chat completion."""

    messages: Sequence[Mapping[str, Any]]
    model: str
    sampling: Sampling = field(default_factory=Sampling)
    schema: Mapping[str, Any] | None = None
    """JSON schema that the reply must satisfy; None for free text."""
    schema_name: str = "captions"

    @cached_property
    def payload(self) -> dict[str, Any]:
        """The JSON object that is sent."""
        payload: dict[str, Any] = {"model": self.model, "messages": list(self.messages), **self.sampling.fields}
        if self.schema is not None:
            # vLLM's own `guided_json` is ignored in silence by newer versions; this is what all servers know.
            described = {"name": self.schema_name, "strict": True, "schema": self.schema}
            payload["response_format"] = {"type": "json_schema", "json_schema": described}
        return payload

    @cached_property
    def sha256(self) -> str:
        """Of the payload, in hexadecimal, whatever the order of its keys.

        Raises:
            ValueError: a number is not finite.
        """
        return digest(self.payload)


@dataclass(frozen=True)
class Reply:
    """What a model said."""

    text: str
    """Empty where it said nothing."""
    finish_reason: str
    """``stop``; ``length`` for a text that was cut by `Sampling.max_tokens`; ``content_filter``; '' if not told."""
    refusal: str
    """What it said instead, where the server tells refusals from text; else empty."""
    prompt_tokens: int
    completion_tokens: int
    model: str
    """As the server names what answered."""
    server_version: str
    """Of the server's program, '' if it does not tell."""
    cached: bool = False
    """Nothing was asked for it now: it stood in the cache, or the same was being asked already. Depends on the run."""
