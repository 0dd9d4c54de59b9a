"""What must hold of a desktop's sample: what can be computed again from its files is."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from tracekit.actions.archive import ActionArchive, views_of
from tracekit.actions.counts import count_actions, count_drags, px_per_frame
from tracekit.actions.cursor_track import HIDDEN, CursorTrack
from tracekit.actions.events import load_inputs
from tracekit.actions.windows import load_windows
from tracekit.core.clock import frame_of
from tracekit.core.errors import TracekitError
from tracekit.shards.sample import Sample

Check = Callable[[bytes, Sample], Iterator[str]]
NEAR_PX = 16
"""How far outside the screen the place of a cursor or an event may be: recordings made elsewhere round and scale."""


def desktop_checks(files: Mapping[str, bytes]) -> Mapping[str, Check]:
    """The checks of a desktop's members, by extension.

    Args:
        files: of the sample, by extension.
    """
    return {
        "events.jsonl": _check_inputs,
        "cursor.npz": _check_cursor,
        "actions.npz": lambda data, sample: _check_actions(data, sample, files),
        "windows.jsonl": _check_windows,
    }


def _check_inputs(data: bytes, sample: Sample) -> Iterator[str]:
    events = load_inputs(data, "events.jsonl")
    if events and frame_of(events[-1].time_ns) >= sample.clock.frames:
        yield f"an event at {events[-1].time_ns} ns is after the last frame"
    if outside := sum(_outside(event.x, event.y, sample) for event in events):
        yield f"{outside} events outside the screen"
    statistics = sample.statistics
    counts = {
        "inputs": (statistics.inputs, len(events)),
        "actions": (statistics.actions, count_actions(events)),
        "clicks": (statistics.clicks, sum(event.code == "button-down" for event in events)),
        "drags": (statistics.drags, count_drags(events)),
    }
    yield from _differing(counts)


def _check_cursor(data: bytes, sample: Sample) -> Iterator[str]:
    cursor = CursorTrack.load(data)
    if cursor.frames != sample.clock.frames:
        yield f"{cursor.frames} frames instead of {sample.clock.frames}"
    shown = cursor.positions[cursor.shapes != HIDDEN].tolist()
    if outside := sum(_outside(x, y, sample) for x, y in shown):
        yield f"a cursor outside the screen in {outside} frames"
    counts = {
        "px_per_frame": (sample.statistics.px_per_frame, px_per_frame(cursor.positions)),
        "cursor_visible_frames": (sample.statistics.cursor_visible_frames, int(np.count_nonzero(cursor.shapes >= 0))),
    }
    yield from _differing(counts)


def _check_actions(data: bytes, sample: Sample, files: Mapping[str, bytes]) -> Iterator[str]:
    actions = ActionArchive.load(data)
    try:
        events = load_inputs(files.get("events.jsonl", b""))
        cursor = CursorTrack.load(files.get("cursor.npz", b""))
        truth = views_of(events, cursor, sample.clock.frames, actions.raw.before)
    except TracekitError:
        return  # what is wrong with these is told of themselves
    if actions.save() != truth.save():
        yield "it is not what the events and the cursor give"


def _check_windows(data: bytes, sample: Sample) -> Iterator[str]:
    found = load_windows(data)
    if found and frame_of(found[-1].time_ns) >= sample.clock.frames:
        yield f"windows at {found[-1].time_ns} ns, after the last frame"


def _outside(x: int, y: int, sample: Sample) -> bool:
    width, height = sample.geometry.screen_width_px, sample.geometry.screen_height_px
    return not (-NEAR_PX <= x < width + NEAR_PX and -NEAR_PX <= y < height + NEAR_PX)


def _differing(counts: Mapping[str, tuple[Any, Any]]) -> Iterator[str]:
    for name, (said, true) in counts.items():
        if said != true:
            yield f"statistics.{name} is {said} in .json, and {true} by this file"
