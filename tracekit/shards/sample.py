"""What a sample says of itself: ``KEY.json``.

These models are the one source of the format: they validate on reading, and ``schemas/sample.schema.json`` is made of
them.
"""

from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

SCHEMA_VERSION: Final = 2

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
    """Sizes, in pixels, and of a terminal in cells."""

    columns: int | None = Field(None, gt=0, description="Of a terminal, and so are the next three")
    rows: int | None = Field(None, gt=0)
    cell_width_px: int | None = Field(None, gt=0)
    cell_height_px: int | None = Field(None, gt=0)
    screen_width_px: int = Field(gt=0, description="The screen as drawn or recorded, before fitting")
    screen_height_px: int = Field(gt=0)
    width_px: int = Field(gt=0, description="The video")
    height_px: int = Field(gt=0)
    scale: float = Field(1.0, gt=0, description="Video pixels per pixel of the screen")
    crop_px: tuple[int, int, int, int] = Field((0, 0, 0, 0), description="Cut off the screen: left, top, right, bottom")
    padding_px: tuple[int, int, int, int] = Field((0, 0, 0, 0), description="Around it: left, top, right, bottom")


class Look(Model):
    """What a terminal is drawn with."""

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
    inputs: Count = Field(description="Of a terminal keystrokes, of a desktop input events of all kinds")
    events_per_s: float = Field(ge=0)
    typing_interval_mean_s: float | None = Field(None, description="Between keystrokes; null with fewer than two")
    typing_interval_variance_s2: float | None = None
    changed_frames: Count = Field(description="Frames that differ from the one before")
    outputs: int | None = Field(None, ge=0, description="Of a terminal, and so is all down to text_density")
    output_bytes: int | None = Field(None, ge=0)
    changed_cells_mean: float | None = Field(
        None, ge=0, description="Cells that differ from the frame before, mean over the frames after the first"
    )
    colors: int | None = Field(None, ge=0, description="Distinct colours of text and ground shown")
    characters: int | None = Field(None, ge=0, description="Distinct characters shown")
    screen_clears: int | None = Field(None, ge=0)
    text_density: float | None = Field(
        None, ge=0, le=1, description="Share of cells that are not blank, mean over frames"
    )
    px_per_frame: float | None = Field(
        None, ge=0, description="Of a desktop, and so is the rest: how far the cursor goes from frame to frame, mean"
    )
    actions: int | None = Field(None, ge=0, description="Presses of buttons and of keys, and notches of the wheel")
    actions_per_s: float | None = Field(None, ge=0)
    clicks: int | None = Field(None, ge=0, description="Presses of buttons")
    drags: int | None = Field(None, ge=0, description="Presses of buttons with which the pointer is then moved")
    scrolls: int | None = Field(None, ge=0, description="Notches of the wheel")
    keys: int | None = Field(None, ge=0, description="Presses of keys; one that repeats because it is held counts once")
    cursor_visible_frames: int | None = Field(None, ge=0, description="Frames in which the cursor is to be seen")


TERMINAL_STATISTICS: Final = (
    "outputs", "output_bytes", "changed_cells_mean", "colors", "characters", "screen_clears", "text_density",
)  # fmt: skip
DESKTOP_STATISTICS: Final = (
    "px_per_frame", "actions", "actions_per_s", "clicks", "drags", "scrolls", "keys", "cursor_visible_frames",
)  # fmt: skip
"""Statistics that samples of only one kind have; the others all have, but for the rhythm of typing."""


class DesktopInfo(Model):
    """Of a desktop: how it was driven and recorded. Timing is that of the whole trace unless it says otherwise."""

    policy: str = Field(description="Plug-in that drove it; import and display for recordings made elsewhere")
    policy_options: dict[str, Any] = Field(default_factory=dict)
    seed: int | None = None
    image: str = Field("", description="Digest of the image that the desktop ran, sha256:...")
    recorder: str = Field("framebuffer", description="framebuffer, x11grab or import")
    cursor: Literal["with", "without", "both"] = Field(
        "with", description="Whether the video shows the cursor; both: KEY.clean.mp4 does not"
    )
    success: bool | None = Field(None, description="Of a task: whether its outcome was as wanted")
    missed_frames: Count = Field(0, description="Of this clip: frames that repeat the one before, read too late")
    lateness_p99_ns: int = Field(0, description="From the instant a frame is due to that when it had been read")
    event_error_p99_ns: int = Field(0, description="How far in time the cursor shown at a frame is from the log")
    x_round_trip_p50_ns: int = Field(0, description="Of a request to the X server and its answer")


class Decision(Model):
    """What one filter says of a sample."""

    filter: str
    keep: bool
    score: float | None = None
    threshold: float | None = None
    reason: str = ""


class Sample(Model):
    """``KEY.json``."""

    schema_version: Literal[2] = SCHEMA_VERSION
    key: Key
    kind: Literal["terminal", "desktop"]
    split: Literal["train", "validation"]
    provenance: Provenance
    geometry: Geometry
    look: Look | None = Field(None, description="Of a terminal")
    desktop: DesktopInfo | None = Field(None, description="Of a desktop")
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

    @model_validator(mode="after")
    def _has_what_its_kind_has(self) -> Self:
        of_kind = {
            "terminal": [
                (self, ("look",)),
                (self.geometry, ("columns", "rows", "cell_width_px", "cell_height_px")),
                (self.statistics, TERMINAL_STATISTICS),
            ],
            "desktop": [(self, ("desktop",)), (self.statistics, DESKTOP_STATISTICS)],
        }
        missing = [name for part, names in of_kind[self.kind] for name in names if getattr(part, name) is None]
        if missing:
            raise ValueError(f"a sample of a {self.kind} without {', '.join(missing)}")
        return self
