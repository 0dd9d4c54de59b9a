"""How far events are from frames, measured in the trace itself.

Once a frame the X server is asked where its cursor is. The answer holds for some instant between question and answer;
the log of events says where the cursor was then. How far in time the two are apart is the error of an event's time.
"""

import threading
import time
from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

from tracekit.actions.events import InputEvent
from tracekit.core.clock import FPS, NS_PER_S, frame_of, frame_time_ns
from tracekit.core.errors import TracekitError
from tracekit.desktop.cursor_watch import CursorSample

_AFTER_NS = 1_000_000
"""After a frame is due, so as not to be in the way of its reading."""
_SHARP_NS = 2_000_000
"""An answer that took longer tells too little of when it held."""
LOST_NS = NS_PER_S
"""The error of a cursor that the log has nowhere near where the server has it."""
_PERIOD_NS = NS_PER_S // FPS


class CursorProbe:
    """Asks for the cursor once a frame, in a thread.

    Args:
        sample: asks.
        start_ns: CLOCK_MONOTONIC of frame 0.
    """

    def __init__(self, sample: Callable[[], CursorSample], start_ns: int) -> None:
        self.samples: list[CursorSample] = []
        self._sample, self._start_ns = sample, start_ns
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="tracekit-probe", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Ask no more."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while True:
            elapsed_ns = time.monotonic_ns() - self._start_ns - _AFTER_NS
            next_ns = frame_time_ns(max(0, elapsed_ns * FPS // NS_PER_S + 1))
            if self._stop.wait((next_ns - elapsed_ns) / NS_PER_S):
                return
            try:
                self.samples.append(self._sample())
            except TracekitError:
                return  # the recorder finds out by itself that the desktop is gone


class EventErrors(NamedTuple):
    """What `event_errors` finds."""

    errors_ns: list[int]
    """Of each sample taken while the cursor moved, >= 0; 0 as far as it can be told."""
    wrong_frames: int
    """How many samples show that the log has an event on another frame than the one it belongs to."""


def event_errors(
    samples: Sequence[CursorSample], events: Sequence[InputEvent], first: tuple[int, int], start_ns: int, end_ns: int
) -> EventErrors:
    """Hold the server's cursor against the log.

    Samples with no move within a period of frames, and those that took long to be answered, say nothing, and are left
    out.

    Args:
        samples: CLOCK_MONOTONIC.
        events: the log, trace's clock.
        first: where the cursor is before all events.
        start_ns: CLOCK_MONOTONIC of frame 0.
        end_ns: the last instant that the log covers, trace's clock.
    """
    times, places = [-LOST_NS], [first]
    for event in events:
        if (event.x, event.y) != places[-1]:
            times.append(event.time_ns)
            places.append((event.x, event.y))
    stays = list(pairwise([*times, end_ns + LOST_NS]))
    errors, wrong = [], 0
    for before_ns, after_ns, x, y, _ in samples:
        before_ns, after_ns = before_ns - start_ns, after_ns - start_ns
        if before_ns < 0 or after_ns > end_ns - _PERIOD_NS or after_ns - before_ns > _SHARP_NS:
            continue
        moving = bisect_right(times, before_ns - _PERIOD_NS), bisect_right(times, after_ns + _PERIOD_NS)
        if moving[0] == moving[1]:
            continue
        near = range(bisect_right(times, before_ns - LOST_NS) - 1, bisect_right(times, after_ns + LOST_NS))
        found = [(max(0, stays[i][0] - after_ns, before_ns - stays[i][1]), i) for i in near if places[i] == (x, y)]
        error_ns, stay = min(found, default=(LOST_NS, -1))
        errors.append(error_ns)
        if error_ns:
            came_ns, left_ns = stays[stay]
            seen_early = came_ns > after_ns and frame_of(after_ns) < frame_of(came_ns)
            seen_late = left_ns < before_ns and frame_of(left_ns) < frame_of(before_ns)
            wrong += stay < 0 or seen_early or seen_late
    return EventErrors(errors, wrong)
