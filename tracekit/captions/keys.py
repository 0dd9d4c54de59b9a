"""Keystrokes by name: what the ``i`` events of a clip typed and pressed."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from tracekit.actions.classes import KEYS, key_number
from tracekit.actions.keystrokes import Chord, chords
from tracekit.core.events import Event

_NAMES = {
    "Return": "Enter", "KP_Enter": "Enter", "BackSpace": "Backspace", "Prior": "Page Up", "Next": "Page Down",
    "ISO_Left_Tab": "Tab",
}  # fmt: skip
"""What is called otherwise than X calls it."""
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def pressed(events: Iterable[Event]) -> list[str]:
    """The keys of all ``i`` events in order: a character for itself, other keys by name, e.g. ``Enter``, ``Ctrl-C``."""
    return [_name(chord) for _, chord in chords(events) if isinstance(chord, Chord)]


def typed_text(keys: Sequence[str]) -> list[str]:
    """The stretches of plain characters among keys, in order; Backspace takes back."""
    found, text = [], ""
    for key in [*keys, ""]:
        if len(key) == 1:
            text += key
        elif key == "Backspace":
            text = text[:-1]
        elif text:
            found.append(text)
            text = ""
    return found


def special(keys: Sequence[str], most: int = 4) -> list[str]:
    """The keys that are no plain characters, repeats counted, e.g. ``Down three times``."""
    named = [(name, len(list(run))) for name, run in groupby(key for key in keys if len(key) > 1)]
    return [name if count == 1 else f"{name} {times(count)}" for name, count in named][:most]


def times(count: int) -> str:
    """``once``, ``twice``, ``three times``, ``12 times``."""
    return {1: "once", 2: "twice"}.get(count) or f"{number(count)} times"


def number(count: int) -> str:
    """A count in words up to twelve, in figures beyond."""
    return NUMBERS[count] if count < len(NUMBERS) else str(count)


def _name(chord: Chord) -> str:
    if len(chord.text) == 1 and chord.text.isprintable():
        return chord.text
    letter = KEYS[key_number(chord.keysym)].text
    plain = letter if letter.isalnum() else chord.keysym  # no sign is a name: a backtick would open a quotation
    name = _NAMES.get(chord.keysym, plain[:1].upper() + plain[1:])
    return "-".join([*map(str.capitalize, chord.modifiers), name])
