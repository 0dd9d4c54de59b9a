"""A recording's own clock, and the trace clock on which idle time is limited."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from tracekit.core.events import Event


@dataclass(frozen=True)
class Timeline:
    """Events on the trace clock, and the way back to the recording's own."""

    events: list[Event]
    """In order of time, on the trace clock."""
    source_ns: list[int]
    """The time of each event on the recording's own clock."""

    @property
    def duration_ns(self) -> int:
        """The trace's length: the time of its last event."""
        return self.events[-1].time_ns if self.events else 0

    def source_time_ns(self, time_ns: int) -> int:
        """The instant of the recording's own clock that the trace shows at ``time_ns``.

        In a pause that was cut short the recording's clock goes on as ever, then jumps when the pause ends.
        """
        index = bisect_right(self.events, time_ns, key=lambda event: event.time_ns) - 1
        if index < 0:
            return time_ns
        return self.source_ns[index] + time_ns - self.events[index].time_ns


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
