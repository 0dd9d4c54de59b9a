"""What lies beside the frames of a trace: where the pointer is, and when each frame's pixels were read."""

from collections.abc import Sequence
from dataclasses import asdict

import numpy as np
from numpy.typing import NDArray

from tracekit.actions.cursor_track import HIDDEN, CursorTrack
from tracekit.actions.events import InputEvent
from tracekit.actions.npz import dump_arrays
from tracekit.actions.windows import WindowLine, WindowsLine
from tracekit.desktop.cursor_watch import CursorWatch
from tracekit.desktop.policies.base import Window


def cursor_track(events: Sequence[InputEvent], times_ns: Sequence[int], start: tuple[int, int] | None) -> CursorTrack:
    """Where the log has the pointer. What it looks like is not known here: shapes are ``HIDDEN``.

    Args:
        events: of the trace, in order.
        times_ns: of each frame the instant that it shows, on the trace's clock.
        start: where the pointer is before the first event; None: where the first event has it.
    """
    if start is None:
        start = (events[0].x, events[0].y) if events else (0, 0)
    places = np.array([start, *((event.x, event.y) for event in events)], np.int32)
    at = np.searchsorted([event.time_ns for event in events], times_ns, side="right")
    frames = len(times_ns)
    return CursorTrack(places[at], np.full(frames, HIDDEN, np.int32), (), np.zeros((0, 2), np.int32))


def with_shapes(track: CursorTrack, watch: CursorWatch, times_ns: Sequence[int]) -> CursorTrack:
    """The same with what the cursor looked like at each frame's instant, on CLOCK_MONOTONIC."""
    shapes = np.array([watch.shape_at(time_ns) for time_ns in times_ns], np.int32)
    hotspots = np.array(watch.hotspots, np.int32).reshape(-1, 2)
    seen = CursorTrack(track.positions, shapes, tuple(watch.images), hotspots)
    return seen.cut(list(range(track.frames)))


def dump_windows(told: Sequence[tuple[int, list[Window]]], start_ns: int, end_ns: int) -> bytes:
    """``windows.jsonl``: how the windows lie at the start, and each change until the end, both on CLOCK_MONOTONIC."""
    before = [one for one in told if one[0] <= start_ns][-1:]
    later = [one for one in told if start_ns < one[0] <= end_ns]
    lines = (
        WindowsLine(t=max(0, time_ns - start_ns), windows=tuple(WindowLine(**asdict(window)) for window in windows))
        for time_ns, windows in [*before, *later]
    )
    return "".join(line.model_dump_json() + "\n" for line in lines).encode()


def dump_frames(grab_ns: Sequence[int], changed: Sequence[bool], missed: Sequence[bool]) -> bytes:
    """``frames.npz``: a value a frame of each."""
    arrays: dict[str, NDArray[np.int64] | NDArray[np.bool_]] = {
        "grab_ns": np.array(grab_ns, np.int64),
        "changed": np.array(changed, bool),
        "missed": np.array(missed, bool),
    }
    return dump_arrays(arrays)
