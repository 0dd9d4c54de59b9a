"""A desktop trace: a folder with ``trace.json``, ``screen.mp4``, ``events.jsonl``, ``cursor.npz`` and more.

trace.json       what is said of it: `Trace`
screen.mp4       H.264, constant 15 FPS
clean.mp4        the same without the cursor, where both were asked for
events.jsonl     what the X server saw, whoever caused it: `tracekit.actions.events`
cursor.npz       per frame position and shape: `tracekit.actions.cursor_track`
frames.npz       per frame: ``grab_ns`` (int64, when its pixels were read, trace's clock), ``changed``, ``missed``
windows.jsonl    which windows there are, each time that changed
plan.jsonl       what the policy meant to do, where it has a plan
task.json        of goal-directed traces: instruction, steps, outcome, what a model said
"""

from pathlib import Path
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tracekit.core.errors import TracekitError

TRACE_VERSION: Final = 1
CursorMode = Literal["with", "without", "both"]


class Model(BaseModel):
    """Base: frozen, and a key that is not known is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Timing(Model):
    """How well the clock was kept, measured in this trace."""

    missed_frames: int = Field(0, ge=0, description="Frames that could not be read before the next was due: repeated")
    late_frames: int = Field(0, ge=0, description="Frames read more than 2 ms after they were due")
    unsettled_frames: int = Field(0, ge=0, description="Frames that changed during each reading: they may be torn")
    lateness_p50_ns: int = Field(0, description="From the instant a frame is due to that when its pixels had been read")
    lateness_p99_ns: int = 0
    lateness_max_ns: int = 0
    event_error_p50_ns: int = Field(0, description="How far in time the cursor that X shows at a frame is from the log")
    event_error_p99_ns: int = 0
    event_error_max_ns: int = 0
    wrong_frame_events: int = Field(0, ge=0, description="Events that a frame shows too early or too late")
    late_events: int = Field(0, ge=0, description="Events that came from the X server after their frame was composed")
    x_round_trip_p50_ns: int = Field(0, description="Of a request to the X server and its answer")
    x_round_trip_p99_ns: int = 0
    clock_offset_ns: int = Field(0, description="Of the X server's clock from ours, as far as round trips tell")
    clock_offset_bound_ns: int = Field(0, ge=0, description="How far the offset may be from what it is said to be")
    real_time: bool = Field(False, description="Whether frames were read with real-time priority")
    measured: bool = Field(True, description="False: an import whose events could not be held against its frames")

    @property
    def sync_error_ns(self) -> int:
        """What a sample's ``clock.sync_error_ns`` says: the larger of the 99th percentiles of frames and events."""
        return max(self.lateness_p99_ns, self.event_error_p99_ns)


class Trace(Model):
    """``trace.json``."""

    schema_version: Literal[1] = TRACE_VERSION
    key: str = Field(pattern=r"^[a-z0-9_-]{1,100}$")
    status: Literal["complete", "failed"] = Field(description="failed: it ended before its time; problem says why")
    problem: str = ""
    reason: str = Field("", description="Of a failure, by name, as builds count it: api-error, desktop-died, ...")
    width_px: int = Field(gt=0)
    height_px: int = Field(gt=0)
    fps: Literal[15] = 15
    frames: int = Field(ge=0, description="Frame k shows the state at k/15 s")
    duration_ns: int = Field(ge=0, description="frames/15 s")
    events: int = Field(ge=0)
    recorded_at: int = Field(description="Unix time in seconds of frame 0")
    cursor: CursorMode = Field("with", description="Whether screen.mp4 shows the cursor; both: clean.mp4 does not")
    policy: str = Field("", description="Plug-in that drove it; import and display for recordings made elsewhere")
    policy_options: dict[str, Any] = Field(default_factory=dict)
    seed: int | None = None
    instruction: str | None = Field(None, description="What was to be done, in prose")
    success: bool | None = Field(None, description="Of a task: whether its outcome was as wanted")
    image: str = Field("", description="Digest of the image that the desktop ran, sha256:...")
    recorder: str = Field("framebuffer", description="framebuffer, x11grab or import")
    timing: Timing = Timing()
    problems: tuple[str, ...] = Field((), description="Of an import: what could not be used, each with file and line")
    cpu: dict[str, float] = Field(default_factory=dict, description="Processor seconds: recorder, desktop")
    ready_s: float | None = Field(None, description="From starting the container to the desktop being ready")
    files: dict[str, str] = Field(default_factory=dict, description="sha256 of each of the other files")


def read_trace(folder: Path) -> Trace:
    """Read ``trace.json`` of a trace's folder.

    Raises:
        TracekitError: there is none, or it is not one.
    """
    path = folder / "trace.json"
    try:
        return Trace.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise TracekitError(
            "no trace here", place=str(folder), remedy="a trace is a folder with a trace.json"
        ) from None
    except OSError as error:
        raise TracekitError(f"can't be read: {error.strerror}", place=str(path)) from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise TracekitError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}", place=str(path)) from error
