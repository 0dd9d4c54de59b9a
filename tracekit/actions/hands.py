"""What is held, followed from event to event: keys, buttons, and whether a button drags."""

from collections.abc import Iterable
from typing import NamedTuple

from tracekit.actions.classes import KEYS, OTHER, key_number
from tracekit.actions.events import InputEvent

CONTROL, ALT, SUPER, SHIFT = (
    ("Control_L", "Control_R"),
    ("Alt_L", "Alt_R"),
    ("Super_L", "Super_R"),
    ("Shift_L", "Shift_R"),
)
MODIFIERS = {"ctrl": CONTROL, "alt": ALT, "super": SUPER, "shift": SHIFT}
"""The keys that make chords, in the order in which chords name them."""
LEVELS = ("ISO_Level3_Shift", "Mode_switch", "Multi_key")
"""Keys that change what other keys type, without making them chords."""
DRAG_PX = 8
"""How far the pointer has to go with a button held to drag: GTK's gtk-dnd-drag-threshold. Less is unsteadiness."""


def base_of(keysym: str) -> str:
    """What a key stands for without modifiers; a key that the table of classes does not know goes by its keysym."""
    name = KEYS[key_number(keysym)].keysym
    return keysym if name == OTHER else name


class Held(NamedTuple):
    """What is held at an instant."""

    keys: tuple[str, ...] = ()
    """Keysyms without modifiers."""
    buttons: tuple[str, ...] = ()


NOTHING = Held()


def held_after(events: Iterable[InputEvent]) -> Held:
    """What is held after events that begin with nothing held."""
    keys: tuple[str, ...] = ()
    buttons: dict[str, None] = {}
    for event in events:
        if event.code == "button-down":
            buttons[event.button] = None
        elif event.code == "button-up":
            buttons.pop(event.button, None)
        elif event.code in ("key-down", "key-up"):
            keys = event.held
    return Held(keys, tuple(buttons))


def complete(events: Iterable[InputEvent], before: Held = NOTHING) -> list[InputEvent]:
    """Fill in what follows from the events before: ``held`` of keys, and ``drag``.

    Args:
        events: in order of time.
        before: what is held before them. That buttons have not been moved with is taken for granted.
    """
    keys = list(before.keys)
    moved = dict.fromkeys(before.buttons, False)
    place: tuple[int, int] | None = None
    done = []
    for event in events:
        if place is not None and place != (event.x, event.y):
            moved = dict.fromkeys(moved, True)
        place = event.x, event.y
        if event.code == "button-down":
            moved[event.button] = False
        elif event.code == "button-up":
            moved.pop(event.button, None)
        elif event.code in ("key-down", "key-up"):
            key = base_of(event.keysym)
            if event.code == "key-up":
                keys = [other for other in keys if other != key]
            elif key not in keys:
                keys.append(key)
            event = event._replace(held=tuple(keys))
        done.append(event._replace(drag=any(moved.values())))
    return done
