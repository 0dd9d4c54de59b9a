"""What a view of actions has not kept: the events that it was made of, held against those that it gives back.

A view's times are those of frames, so two events of one frame always end at one instant. All else that differs is told.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Literal, NamedTuple

from tracekit.actions.events import Code, InputEvent
from tracekit.core.clock import frame_of

How = Literal["missing", "added", "reordered", "elsewhere"]


class Loss(NamedTuple):
    """Something that differs in one frame."""

    frame: int
    how: How
    """``missing``: so many events are not given back; ``added``: so many were not there; ``reordered``: the frame's
    events come in another order; ``elsewhere``: so many are given back at another place of the pointer."""
    code: Code | None
    """Of the events; None where it is about several kinds."""
    events: int = 1


def losses(events: Iterable[InputEvent], given_back: Iterable[InputEvent]) -> list[Loss]:
    """Compare events with what a view gives back. Nothing is listed where they differ in nothing but time in a frame.

    Keycodes are not compared, since no view has them, and neither is what follows from other events (``held``,
    ``drag``).
    """
    before, after = _by_frame(events), _by_frame(given_back)
    found: list[Loss] = []
    for frame in sorted(before.keys() | after.keys()):
        was, now = before.get(frame, []), after.get(frame, [])
        counted, counted_now = Counter(map(_what, was)), Counter(map(_what, now))
        found += _counted(frame, "missing", counted - counted_now)
        found += _counted(frame, "added", counted_now - counted)
        if counted == counted_now:
            if list(map(_what, was)) != list(map(_what, now)):
                found.append(Loss(frame, "reordered", None))
            moved = Counter(map(_where, was)) - Counter(map(_where, now))
            found += _counted(frame, "elsewhere", Counter(what for what, _, _ in moved.elements()))
    return found


_What = tuple[Code, str, int, int, str, str]


def _what(event: InputEvent) -> _What:
    typed = event.text if event.text.isprintable() else ""  # what Return and Backspace type, their keysyms tell
    return event.code, event.button, event.dx, event.dy, event.keysym, typed


def _where(event: InputEvent) -> tuple[_What, int, int]:
    return _what(event), event.x, event.y


def _by_frame(events: Iterable[InputEvent]) -> dict[int, list[InputEvent]]:
    frames: dict[int, list[InputEvent]] = {}
    for event in events:
        frames.setdefault(frame_of(event.time_ns), []).append(event)
    return frames


def _counted(frame: int, how: How, events: Counter[_What]) -> list[Loss]:
    codes: Counter[Code] = Counter()
    for what, count in events.items():
        codes[what[0]] += count
    return [Loss(frame, how, code, count) for code, count in sorted(codes.items())]
