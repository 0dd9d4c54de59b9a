"""Measure a desktop clip: the numbers of ``KEY.json``'s ``statistics``."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tracekit.actions.counts import count_actions, count_drags, px_per_frame
from tracekit.actions.cursor_track import HIDDEN, CursorTrack
from tracekit.actions.events import InputEvent
from tracekit.clips.describe import rhythm
from tracekit.core.clock import NS_PER_S
from tracekit.shards.sample import Statistics


def describe_desktop(
    events: Sequence[InputEvent],
    cursor: CursorTrack,
    changed: NDArray[np.bool_],
    duration_ns: int,
    *,
    cursor_drawn: bool = True,
) -> Statistics:
    """Measure a clip.

    Args:
        events: its events, in order of time.
        cursor: of its frames.
        changed: shape (frames,): whether a frame's pixels, without the cursor, differ from those of the frame before.
        duration_ns: how much of the recording's time it shows, >= 0.
        cursor_drawn: whether the video shows the cursor, so that its moves change frames.
    """
    presses = [event for event in events if event.code == "button-down"]
    typed_ns = [event.time_ns for event in events if event.code == "key-down"]
    mean_s, variance_s2 = rhythm([later - time for time, later in pairwise(typed_ns)])
    actions = count_actions(events)
    a_second = NS_PER_S / duration_ns if duration_ns else 0.0
    return Statistics(
        duration_s=duration_ns / NS_PER_S,
        inputs=len(events),
        events_per_s=len(events) * a_second,
        typing_interval_mean_s=mean_s,
        typing_interval_variance_s2=variance_s2,
        changed_frames=int(np.count_nonzero((changed | _moved(cursor) if cursor_drawn else changed)[1:])),
        px_per_frame=px_per_frame(cursor.positions),
        actions=actions,
        actions_per_s=actions * a_second,
        clicks=len(presses),
        drags=count_drags(events),
        scrolls=sum(abs(event.dx) + abs(event.dy) for event in events if event.code == "scroll"),
        keys=count_actions(event for event in events if event.code in ("key-down", "key-up")),
        cursor_visible_frames=int(np.count_nonzero(cursor.shapes != HIDDEN)),
    )


def _moved(cursor: CursorTrack) -> NDArray[np.bool_]:
    """Shape (frames,): whether the cursor is seen elsewhere, or otherwise, than in the frame before."""
    seen = np.where((cursor.shapes != HIDDEN)[:, None], cursor.positions, 0)  # where a hidden one is, is not to be seen
    looks = np.column_stack([seen, cursor.shapes])
    return np.asarray((np.diff(looks, axis=0, prepend=looks[:1]) != 0).any(axis=1))
