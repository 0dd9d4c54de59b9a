"""The meta view of actions: what is meant, in at most two slots a frame (Neural Computers, appendix D).

A slot is of one of five types: none, click or drag, scroll, typed text, shortcut. What becomes what:

- A press of a button is a click in the frame of its button-down. Its count is 2 or 3 where it follows a press of the
  same button at the same place within DOUBLE_CLICK_NS; a fourth press is a first one again.
- A drag is a slot with the drag flag in each frame from the one in which the pointer is DRAG_PX from the press to the
  one in which the button goes up; so its last slot is where something is dropped.
- Notches of the wheel in one direction with nothing between are one scroll.
- Keys that type a printable character are text; those of a frame with nothing between are one text.
- Every other key is a shortcut: ``ctrl+c``, ``alt+shift+Tab``, ``Return``. A modifier by itself is one when it goes up
  and nothing was done while it was down (``Super_L``).

Where a frame has more than two, the two stay that come first in this order: clicks, shortcuts, text, scrolls, drags;
of equals the earlier. They stand in their order of time.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from tracekit.actions.events import InputEvent
from tracekit.actions.hands import DRAG_PX, LEVELS, MODIFIERS, NOTHING, Held, base_of
from tracekit.actions.raw import scrolled
from tracekit.core.clock import frame_of

SLOTS: Final = 2
DOUBLE_CLICK_NS: Final = 400_000_000
"""GTK's gtk-double-click-time; presses further apart are clicks of their own."""
DOUBLE_CLICK_PX: Final = 5
"""GTK's gtk-double-click-distance."""
MOST_CLICKS: Final = 3


class Click(NamedTuple):
    """A press of a button, or a frame of a drag."""

    button: str
    clicks: int = 1
    """1, 2 or 3: single, double, triple; of a drag that of the press it began with."""
    drag: bool = False


class Scroll(NamedTuple):
    """The wheel."""

    direction: str
    """up, down, left or right."""
    amount: int
    """Notches, >= 1."""


class Text(NamedTuple):
    """Characters that are typed."""

    text: str


class Shortcut(NamedTuple):
    """A key that types nothing, with the modifiers held."""

    keys: str
    """Modifiers (ctrl, alt, super, shift, in this order) and X's name of the key without them: ``ctrl+shift+t``."""


Slot = Click | Scroll | Text | Shortcut
Frame = tuple[Slot, ...]
"""At most SLOTS of them; what there is not is type none."""

_RANK = (Click, Shortcut, Text, Scroll)


def to_meta(events: Iterable[InputEvent], frames: int, before: Held = NOTHING) -> list[Frame]:
    """Make the meta view of a clip's events.

    Args:
        events: in order of time, on the clip's clock; their ``held`` says which modifiers are. Those after the last
            frame are left out.
        frames: of the clip.
        before: what is held when the clip begins. Buttons drag if the events say so.

    Returns:
        The slots of each frame. What is lost, `tracekit.actions.losses.losses` tells of
        `tracekit.actions.replay.from_meta`.
    """
    meant: list[list[Slot]] = [[] for _ in range(frames)]
    reader = Reader({button: Press(None, None, 1) for button in before.buttons})
    last = 0
    for event in events:
        frame = frame_of(event.time_ns)
        if frame >= frames:
            break
        for between in range(last + 1, frame + 1):
            meant[between] += reader.dragging()
        last = frame
        for slot in reader.read(event):
            _add(meant[frame], slot)
    for between in range(last + 1, frames):
        meant[between] += reader.dragging()
    return [_chosen(slots) for slots in meant]


@dataclass
class Press:
    """A button that is down."""

    x: int | None
    """None where it went down before the clip."""
    y: int | None
    clicks: int
    drags: bool = False


@dataclass
class Reader:
    """What events mean, one after the other."""

    pressed: dict[str, Press] = field(default_factory=dict)
    """Buttons that are down."""
    last_press: InputEvent | None = None
    clicks: int = 0
    """Of it."""
    alone: str = ""
    """The modifier that went down last, if nothing was done since."""

    def dragging(self) -> Iterator[Slot]:
        """What each frame begins with: the drags that go on."""
        return (Click(button, press.clicks, True) for button, press in self.pressed.items() if press.drags)

    def read(self, event: InputEvent) -> Iterator[Slot]:
        """The slots that an event makes, those included that its frame has already."""
        alone, self.alone = self.alone, ""
        if event.code == "move":
            self.alone = alone
            yield from self._moved(event)
        elif event.code == "button-down":
            self._count(event)
            self.pressed[event.button] = Press(event.x, event.y, self.clicks)
            yield Click(event.button, self.clicks)
        elif event.code == "button-up":
            yield from self._moved(event)
            self.pressed.pop(event.button, None)
        elif event.code == "scroll":
            yield from (Scroll(name.removeprefix("scroll-"), notches) for name, notches in scrolled(event) if notches)
        elif event.code == "key-down":
            yield from self._key(event)
        elif alone == base_of(event.keysym):
            yield Shortcut(alone)

    def _moved(self, event: InputEvent) -> Iterator[Slot]:
        for button, press in self.pressed.items():
            if press.x is None or press.y is None:
                press.drags |= event.drag
            else:
                press.drags |= max(abs(event.x - press.x), abs(event.y - press.y)) >= DRAG_PX
            if press.drags:
                yield Click(button, press.clicks, True)

    def _count(self, event: InputEvent) -> None:
        last = self.last_press
        again = (
            last is not None
            and last.button == event.button
            and event.time_ns - last.time_ns <= DOUBLE_CLICK_NS
            and max(abs(event.x - last.x), abs(event.y - last.y)) <= DOUBLE_CLICK_PX
        )
        self.clicks = self.clicks % MOST_CLICKS + 1 if again else 1
        self.last_press = event

    def _key(self, event: InputEvent) -> Iterator[Slot]:
        key = base_of(event.keysym)
        modifiers = [name for name, keys in MODIFIERS.items() if set(keys) & set(event.held)]
        if key in LEVELS or any(key in keys for keys in MODIFIERS.values()):
            self.alone = key if len(event.held) <= 1 else ""
        elif event.text.isprintable() and event.text and modifiers in ([], ["shift"]):
            yield Text(event.text)
        else:
            yield Shortcut("+".join([*modifiers, key]))


def _add(slots: list[Slot], new: Slot) -> None:
    """Add to a frame's slots, in one with the last of them where they go on with each other."""
    last = slots[-1] if slots else None
    if isinstance(last, Text) and isinstance(new, Text):
        slots[-1] = Text(last.text + new.text)
    elif isinstance(last, Scroll) and isinstance(new, Scroll) and last.direction == new.direction:
        slots[-1] = Scroll(last.direction, last.amount + new.amount)
    elif not (isinstance(new, Click) and new.drag and new in slots):
        slots.append(new)


def _chosen(slots: Sequence[Slot]) -> Frame:
    """At most SLOTS of them, those that matter most, in their order."""

    def rank(number: int) -> int:
        slot = slots[number]
        return len(_RANK) if isinstance(slot, Click) and slot.drag else _RANK.index(type(slot))

    return tuple(slots[number] for number in sorted(sorted(range(len(slots)), key=rank)[:SLOTS]))
