"""A recording's own clock, and the trace clock: idle time is limited on it, and what is hidden takes none."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from tracekit.core.events import Event

HIDE, SHOW, END = "hide", "show", "end"
"""Markers: of the stretches that a tape hides, and of its end."""


@dataclass(frozen=True)
class Timeline:
    """Events on the trace clock, and the way back to the recording's own."""

    events: list[Event]
    """In order of time, on the trace clock."""
    source_ns: list[int]
    """The time of each event on the recording's own clock."""
    untold: frozenset[int] = frozenset()
    """Places of events that shape the screen or the clock, and are no events of any clip."""

    @property
    def told(self) -> list[Event]:
        """The events that clips have, in order of time."""
        return [event for place, event in enumerate(self.events) if place not in self.untold]

    @property
    def duration_ns(self) -> int:
        """The trace's length: the time of its last event."""
        return self.events[-1].time_ns if self.events else 0

    def source_time_ns(self, time_ns: int) -> int:
        """The instant of the recording's own clock that the trace shows at ``time_ns``.

        In a pause that was cut short the recording's clock goes on as ever, then jumps when the pause ends.
        """
        index = bisect_right(self._times_ns, time_ns) - 1
        if index < 0:
            return time_ns
        return self.source_ns[index] + time_ns - self._times_ns[index]

    @cached_property
    def _times_ns(self) -> list[int]:
        return [event.time_ns for event in self.events]


def limit_idle(events: Sequence[Event], limit_ns: int | None) -> Timeline:
    """Shorten every pause between events, and the one before the first, to at most ``limit_ns`` (None: as they are).

    The rule of asciicast's ``idle_time_limit``: only pauses without any event count; the rest keeps its distances.
    """
    source_ns = [event.time_ns for event in events]
    if limit_ns is None:
        return Timeline(list(events), source_ns)
    limited, removed, before = [], 0, 0
    for event in events:
        removed += max(0, event.time_ns - before - limit_ns)
        before = event.time_ns
        limited.append(event._replace(time_ns=event.time_ns - removed))
    return Timeline(limited, source_ns)


def leave_out_hidden(events: Sequence[Event], duration_ns: int) -> Timeline:
    """Put what a tape shows on a clock of its own, on which its stretches from Hide to Show take no time.

    What is put out in such a stretch is on the screen when it ends, and the marker ``show`` is all that clips tell of
    it. A stretch without end is left out with what it puts out.

    Args:
        events: of a tape's run, in order of time, with the markers ``hide`` and ``show``.
        duration_ns: how long the run took, pauses at its end included.
    """
    shown: list[tuple[Event, int, bool]] = []  # on the new clock, its time on the old one, whether clips tell it
    behind: list[tuple[Event, int, bool]] = []
    hidden_ns, since_ns = 0, None
    for event in events:
        marker = event.data if event.code == "m" else ""
        if since_ns is None and marker == HIDE:
            since_ns = event.time_ns
        elif since_ns is None:
            shown.append((event._replace(time_ns=event.time_ns - hidden_ns), event.time_ns, True))
        elif marker == SHOW:
            shown += behind
            behind, hidden_ns, since_ns = [], hidden_ns + event.time_ns - since_ns, None
            shown.append((event._replace(time_ns=event.time_ns - hidden_ns), event.time_ns, True))
        elif event.code in "or":
            behind.append((event._replace(time_ns=since_ns - hidden_ns), event.time_ns, False))
    end_ns = duration_ns if since_ns is None else since_ns
    shown.append((Event(end_ns - hidden_ns, "m", END), end_ns, False))
    untold = frozenset(place for place, (_, _, told) in enumerate(shown) if not told)
    return Timeline([event for event, _, _ in shown], [source_ns for _, source_ns, _ in shown], untold)
