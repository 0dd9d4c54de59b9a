"""What ``Captions.details`` holds of captions that a model wrote: who wrote them, how, and how good each is."""

from pydantic import Field

from tracekit.shards.sample import Count, Model, Sha256


class TierDetails(Model):
    """How one caption came to be."""

    score: float = Field(ge=0, le=1, description="What the gate gives the caption that stands")
    tries: int = Field(ge=1, le=2, description="Requests that asked for it")
    faults: list[str] = Field(default_factory=list, description="What was wrong with the tries that were turned down")
    replaced: bool = Field(False, description="Whether the rules wrote it, all tries having been turned down")


class ModelDetails(Model):
    """``captions.details`` of the captioner ``model``."""

    model: str = Field(description="By the name that the requests gave it")
    server: str = Field(description="Version of the server's program; empty if it does not tell")
    prompts: str = Field(description="The set of prompts")
    prompts_sha256: Sha256 = Field(description="Of all its files")
    one_call: bool = Field(description="Whether one request asked for all tiers")
    bar: float = Field(ge=0, le=1, description="The score that a caption must have")
    sampling: dict[str, int | float] = Field(description="As the requests gave it, the seed included")
    tiers: dict[str, TierDetails]
    replaced: bool = Field(description="Whether the rules wrote any of them")
    prompt_tokens: Count = Field(description="Of all requests for this clip, as the server counts")
    completion_tokens: Count
