"""What a recorder that was killed has left, made a trace that failed, whole up to its last second."""

from pathlib import Path

from tracekit.actions.events import dump_inputs, load_inputs
from tracekit.core.clock import frame_time_ns
from tracekit.core.errors import TracekitError
from tracekit.desktop.partial import SUFFIX, Partial
from tracekit.desktop.trace import Trace, read_trace
from tracekit.video.fragmented import keep_whole

REASON = "recorder-died"
_VIDEOS = ("screen.mp4", "clean.mp4")


def salvage(out: Path, key: str) -> Trace | None:
    """Commit what was recorded of a trace as one that failed, with the reason `REASON`.

    The cursor's shapes and the instants of grabs were in the killed process: ``cursor.npz`` and ``frames.npz`` lack.

    Args:
        out: the folder of traces.
        key: the trace's name.

    Returns:
        The trace; None if there is nothing of it.

    Raises:
        TracekitError: another process is recording it, or the files are damaged.
    """
    if not (out / (key + SUFFIX) / "trace.json").exists():
        return None
    with Partial(out, key, empty=False) as partial:
        trace = read_trace(partial.path)
        videos = [partial.path / name for name in _VIDEOS if (partial.path / name).exists()]
        try:
            frames = min((keep_whole(video) for video in videos), default=0)
            for video in videos:
                keep_whole(video, frames)
            events = _lines(partial.path / "events.jsonl")
            windows = _lines(partial.path / "windows.jsonl")
        except OSError as error:
            raise TracekitError(f"can't be read: {error.strerror}", place=str(partial.path)) from error
        kept = [event for event in load_inputs(events) if frames and event.time_ns <= frame_time_ns(frames - 1)]
        partial.write("events.jsonl", dump_inputs(kept))
        partial.write("windows.jsonl", windows)
        found = {"frames": frames, "duration_ns": frame_time_ns(frames), "events": len(kept), "reason": REASON}
        return partial.commit(trace.model_copy(update=found))


def _lines(path: Path) -> bytes:
    """The lines of a file that have their end."""
    data = path.read_bytes() if path.exists() else b""
    return data[: data.rfind(b"\n") + 1]
