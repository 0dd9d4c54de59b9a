"""What a recipe may say: the one model that validates it, documents it, and of which its JSON schema is made."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from tracekit.clips.settings import ClipSettings, LookSettings, Settings, VideoSettings

Tier = Literal["semantic", "regular", "detailed", "script", "instruction"]


class SourceSection(BaseModel):
    """Where traces come from. The other keys are the source's own."""

    model_config = ConfigDict(extra="allow", frozen=True)

    kind: str = Field("casts", description="A plug-in of the kind sources")


class CaptionSection(BaseModel):
    """Who writes the captions. The other keys are the captioner's own."""

    model_config = ConfigDict(extra="allow", frozen=True)

    by: str = Field("rules", description="A plug-in of the kind captioners")
    tier: Tier = Field("detailed", description="The caption that goes into KEY.txt; a clip without it is rejected")


class SplitSection(Settings):
    """Which recordings are kept for validation. A recording is never in both splits."""

    validation_fraction: float = Field(0.05, ge=0, le=1, description="Share of the recordings, chosen by hash")
    seed: int = Field(0, description="Another seed chooses other recordings")


class ShardSection(Settings):
    """How large a shard may be."""

    samples: int = Field(1000, ge=1, le=1_000_000, description="At most so many in a shard")
    max_bytes: int = Field(512 * 1024 * 1024, ge=1, description="A larger sample gets a shard to itself")


class PartSection(Settings):
    """How inputs are cut into parts: the pieces of work that are scheduled, committed and retried."""

    inputs: int = Field(32, ge=1, description="At most so many in a part")
    max_bytes: int = Field(256 * 1024, ge=1, description="Of inputs as stored; a larger input gets a part to itself")


class Recipe(Settings):
    """All that a build depends on, besides the inputs and the versions of the tools."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,99}$", description="Of the data set")
    description: str = ""
    licence: str | None = Field(None, description="SPDX id of the inputs, where nothing nearer to them says otherwise")
    seed: int = Field(0, description="Of everything that is drawn at random")
    source: SourceSection
    clip: ClipSettings = ClipSettings()
    look: LookSettings = LookSettings()
    video: VideoSettings = VideoSettings()
    captions: CaptionSection = CaptionSection()
    filters: dict[str, dict[str, Any] | bool | None] = Field(
        default_factory=dict, description="Options of each filter by its name; false leaves it out"
    )
    split: SplitSection = SplitSection()
    shards: ShardSection = ShardSection()
    parts: PartSection = PartSection()
