"""What a sample says of itself: ``KEY.json``.

These models are the one source of the format: they validate on reading, and ``schemas/sample.schema.json`` is made of
them.
"""

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

SCHEMA_VERSION: Final = 1

Key = Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,120}$")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Count = Annotated[int, Field(ge=0)]


class Model(BaseModel):
    """Base of all formats: frozen, and a key that is not known is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Provenance(Model):
    """Where a sample is from."""

    kind: str = Field(description="The source plug-in: casts, tapes, desktop")
    uri: str = Field(description="The input, relative to the recipe's path; never a host's absolute path")
    sha256: Sha256 = Field(description="Of the input's bytes as stored")
    recording: Key = Field(description="The recording's key; its clips' keys begin with it")
    licence: str | None = Field(None, description="SPDX id, where the recipe or an index says so")
    title: str | None = None
    command: str | None = None
    recorded_at: int | None = Field(None, description="Unix time in seconds, from the recording's header")
    environment: dict[str, str] = Field(default_factory=dict, description="SHELL and TERM of the header")
    repairs: list[str] = Field(default_factory=list, description="What was put right in the input to read it")


class Geometry(Model):
    """Sizes, in cells and in pixels."""

    columns: int = Field(gt=0)
    rows: int = Field(gt=0)
    cell_width_px: int = Field(gt=0)
    cell_height_px: int = Field(gt=0)
    screen_width_px: int = Field(gt=0, description="The drawn screen, before fitting")
    screen_height_px: int = Field(gt=0)
    width_px: int = Field(gt=0, description="The video")
    height_px: int = Field(gt=0)
    scale: float = Field(1.0, gt=0, description="Video pixels per drawn pixel")
    crop_px: tuple[int, int, int, int] = Field((0, 0, 0, 0), description="Cut off the screen: left, top, right, bottom")
    padding_px: tuple[int, int, int, int] = Field((0, 0, 0, 0), description="Around it: left, top, right, bottom")


class Look(Model):
    """What it is drawn with."""

    theme: str
    font: str = Field(description="File name of the first font of the chain")
    font_size_px: int = Field(ge=4, le=100)
    engine: str


class Clock(Model):
    """How the clip's time lies in its recording's."""

    fps: Literal[15] = 15
    frames: int = Field(gt=0)
    start_ns: Count = Field(description="On the recording's clock with idle time limited")
    end_ns: Count = Field(description="Of what is shown; a clip shorter than its frames holds the last one")
    fitted: Literal["exact", "held", "subsampled"]
    idle_limit_s: float | None = None
    source_time_ns: list[Count] = Field(description="Per frame: the instant of the recording's own clock that it shows")
    sync_error_ns: int = Field(
        0, ge=0, description="Largest measured distance of an event from its frame; 0 where time is computed"
    )


class Captions(Model):
    """Three tiers of the paper, and of a tape its script and what it sets out to do."""

    semantic: str | None = None
    regular: str | None = None
    detailed: str | None = None
    script: str | None = Field(None, description="The commands of a tape that are seen")
    instruction: str | None = Field(None, description="What is to be done, in prose")
    captioner: str = Field("none", description="Plug-in and version, e.g. rules/1")
    details: dict[str, Any] = Field(default_factory=dict, description="What a captioner records: model, prompt, scores")


class Statistics(Model):
    """Measured from the clip itself."""

    duration_s: float = Field(ge=0)
    outputs: Count
    inputs: Count
    output_bytes: Count
    events_per_s: float = Field(ge=0)
    typing_interval_mean_s: float | None = Field(None, description="Between keystrokes; null with fewer than two")
    typing_interval_variance_s2: float | None = None
    changed_frames: Count = Field(description="Frames that differ from the one before")
    changed_cells_mean: float = Field(
        ge=0, description="Cells that differ from the frame before, mean over the frames after the first"
    )
    colors: Count = Field(description="Distinct colours of text and ground shown")
    characters: Count = Field(description="Distinct characters shown")
    screen_clears: Count
    text_density: float = Field(ge=0, le=1, description="Share of cells that are not blank, mean over frames")


class Decision(Model):
    """What one filter says of a sample."""

    filter: str
    keep: bool
    score: float | None = None
    threshold: float | None = None
    reason: str = ""


class Sample(Model):
    """``KEY.json``."""

    schema_version: Literal[1] = SCHEMA_VERSION
    key: Key
    kind: Literal["terminal", "desktop"]
    split: Literal["train", "validation"]
    provenance: Provenance
    geometry: Geometry
    look: Look
    clock: Clock
    captions: Captions
    statistics: Statistics
    decisions: list[Decision] = Field(default_factory=list)
    redactions: dict[str, int] = Field(default_factory=dict, description="Secrets replaced in the recording, by rule")
    files: dict[str, Sha256] = Field(default_factory=dict, description="sha256 of the other files, by extension")
    extra: dict[str, Any] = Field(
        default_factory=dict,
        description="What a source adds: a task's outcome, a tape's family and the exit statuses of its commands",
    )
