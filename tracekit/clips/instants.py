"""The screen of a recording at chosen instants of its own time."""

from collections.abc import Iterable, Iterator

from tracekit.clips.screen import Screen
from tracekit.core.events import Event

_BATCH_CHARS = 1 << 16


def play(screen: Screen, events: Iterable[Event], instants_ns: Iterable[int]) -> Iterator[int]:
    """Let a screen go through a recording and stop at instants.

    What comes between two instants is fed in large pieces, so the cost is that of the text, not of the events; the
    recording is never held whole.

    Args:
        screen: one of the recording's size, as new.
        events: the recording's, in order of time.
        instants_ns: ascending, without end if need be; instants after the end are not reached.

    Yields:
        Each instant when the screen has taken every event with a time up to it and none later, and at last the end,
        which is the time of the last event (0 without events).

    Raises:
        SecretSeen: the screen has a guard, and it saw one.
    """
    waiting: list[Event] = []
    chars = end_ns = 0
    instants = iter(instants_ns)
    instant = next(instants, None)
    for event in events:
        while instant is not None and instant < event.time_ns:
            screen.play(waiting)
            waiting, chars = [], 0
            yield instant
            instant = next(instants, None)
        end_ns = event.time_ns
        waiting.append(event)
        chars += len(event.data)
        if chars > _BATCH_CHARS:
            screen.play(waiting)
            waiting, chars = [], 0
    screen.play(waiting)
    yield end_ns
