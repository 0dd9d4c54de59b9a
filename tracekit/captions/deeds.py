"""What is done in a clip of a desktop, told from its events: clicks, drags, scrolls, text and shortcuts, and where."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from tracekit.actions.events import InputEvent
from tracekit.actions.meta import Click, Reader, Scroll, Slot, Text
from tracekit.actions.windows import WindowLine, WindowsAt
from tracekit.core.clock import NS_PER_S

_TOGETHER_NS = 1 * NS_PER_S
"""Notches and presses of one key that are closer than this are one deed."""


@dataclass
class Deed:
    """Something that is done, in as many events as it takes."""

    kind: Literal["click", "drag", "scroll", "text", "shortcut"]
    start_ns: int
    end_ns: int
    x: int
    """Where it begins, screen pixels."""
    y: int
    to_x: int
    """Where a drag ends."""
    to_y: int
    window: WindowLine | None
    """The one that the pointer is in; of keys the active one."""
    what: str = ""
    """Of a click or drag the button, of a scroll the direction, of text the text, of a shortcut its keys."""
    count: int = 1
    """Clicks, notches, or how often a shortcut is pressed."""


def deeds_of(events: Sequence[InputEvent], windows: Sequence[WindowsAt]) -> list[Deed]:
    """All that is done, in order of time.

    Args:
        events: in order of time.
        windows: in order of time; empty where they are not known.
    """
    reader = Reader()
    deeds: list[Deed] = []
    held: dict[str, Deed] = {}
    for event in events:
        for slot in reader.read(event):
            if isinstance(slot, Click) and slot.drag:
                if slot.button in held:
                    deed = held[slot.button]
                    deed.kind, deed.end_ns, deed.to_x, deed.to_y = "drag", event.time_ns, event.x, event.y
                continue
            last = deeds[-1] if deeds else None
            deed = _deed(slot, event, _window(slot, event, windows))
            if last is None or not _joined(last, deed):
                deeds.append(deed)
                last = deed
            if isinstance(slot, Click):
                held[slot.button] = last
    return deeds


def windows_at(windows: Sequence[WindowsAt], time_ns: int) -> tuple[WindowLine, ...]:
    """The windows at an instant, from the bottom of the stack."""
    return next((one.windows for one in reversed(windows) if one.time_ns <= time_ns), ())


def _deed(slot: Slot, event: InputEvent, window: WindowLine | None) -> Deed:
    place = event.time_ns, event.time_ns, event.x, event.y, event.x, event.y, window
    if isinstance(slot, Click):
        return Deed("click", *place, slot.button, slot.clicks)
    if isinstance(slot, Scroll):
        return Deed("scroll", *place, slot.direction, slot.amount)
    if isinstance(slot, Text):
        return Deed("text", *place, slot.text)
    return Deed("shortcut", *place, slot.keys)


def _joined(last: Deed, new: Deed) -> bool:
    """Let the last deed take in a new one, if they are one; tell whether they are."""
    if last.kind != new.kind or (last.what != new.what and new.kind != "text"):
        return False
    if new.kind == "click":
        if new.count == 1:
            return False
        last.count = new.count
    elif new.kind == "text":
        last.what += new.what
    elif new.start_ns - last.end_ns > _TOGETHER_NS:
        return False
    else:
        last.count += new.count
    last.end_ns = new.end_ns
    return True


def _window(slot: Slot, event: InputEvent, windows: Sequence[WindowsAt]) -> WindowLine | None:
    there = windows_at(windows, event.time_ns)
    if isinstance(slot, Click | Scroll):
        return next((window for window in reversed(there) if window.holds(event.x, event.y)), None)
    return next((window for window in there if window.active), None)
