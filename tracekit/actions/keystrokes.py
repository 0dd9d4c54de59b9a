"""Keystrokes of a terminal as input events, so that they have the views that a desktop's have.

A terminal is sent characters, not keys. Which keys sent them follows from what xterm sends (ctlseqs, "PC-Style Function
Keys"), with the layout us. Where several keys send the same, the plainer one is taken: Tab for Ctrl+I, Return for
Ctrl+M and Ctrl+J, Escape for Ctrl+[, BackSpace for Ctrl+? and Ctrl+H. A key goes up when it goes down, for nothing is
sent when it does, and modifiers are those on the left. What came from no key is listed.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final, Literal, NamedTuple

import numpy as np

from tracekit.actions.archive import ActionArchive, views_of
from tracekit.actions.classes import KEYS, OTHER, key_number, key_of_text
from tracekit.actions.cursor_track import HIDDEN, CursorTrack
from tracekit.actions.events import InputEvent
from tracekit.actions.hands import MODIFIERS, complete
from tracekit.core.events import Event

How = Literal["report", "paste", "unknown"]

_CONTROLS: Final = {
    "\r": "Return", "\n": "Return", "\t": "Tab", "\x7f": "BackSpace", "\b": "BackSpace", "\x1b": "Escape",
    "\0": "ctrl+space", "\x1c": "ctrl+backslash", "\x1d": "ctrl+bracketright", "\x1e": "ctrl+6", "\x1f": "ctrl+slash",
}  # fmt: skip
_FINAL: Final = {
    "A": "Up", "B": "Down", "C": "Right", "D": "Left", "H": "Home", "F": "End", "P": "F1", "Q": "F2", "S": "F4",
}  # fmt: skip
"""What ``CSI 1 ; modifiers`` ends with, ``CSI`` and ``SS3`` too. R is left to the terminal's answer of its cursor's
place, which F3 with modifiers can't be told from."""
_KEYPAD: Final = {
    "R": "F3", "M": "KP_Enter", "X": "KP_Equal", "j": "KP_Multiply", "k": "KP_Add", "l": "KP_Separator",
    "m": "KP_Subtract", "n": "KP_Decimal", "o": "KP_Divide",
    **{"pqrstuvwxy"[digit]: f"KP_{digit}" for digit in range(10)},
}  # fmt: skip
"""What else ``SS3`` ends with."""
_PLAIN: Final = {
    **{f"\x1b[{final}": name for final, name in _FINAL.items() if final not in "PQS"},
    **{f"\x1bO{final}": name for final, name in (_FINAL | _KEYPAD).items()},
    **{f"\x1b[[{final}": f"F{number}" for number, final in enumerate("ABCDE", 1)},  # Linux's console
}
"""What keys send without modifiers."""
_TILDE: Final = {
    1: "Home", 2: "Insert", 3: "Delete", 4: "End", 5: "Prior", 6: "Next", 7: "Home", 8: "End",
    11: "F1", 12: "F2", 13: "F3", 14: "F4", 15: "F5", 17: "F6", 18: "F7", 19: "F8", 20: "F9", 21: "F10",
    23: "F11", 24: "F12", 25: "F13", 26: "F14", 28: "F15", 29: "F16", 31: "F17", 32: "F18", 33: "F19", 34: "F20",
}  # fmt: skip
"""The number of ``CSI number ~``."""
_BITS: Final = (("ctrl", 4), ("alt", 2), ("super", 8), ("shift", 1))
"""Of the second number less one."""
_PASTES: Final = ("\x1b[200~", "\x1b[201~")

_PIECE = re.compile(
    r"\x1b[\]P_^X][^\x07\x1b]*(?:\x1b\\|\x07)"  # a string: an answer about colours or abilities
    r"|\x1b\[M[ -\uffff]{3}"  # a mouse, the old way
    r"|\x1b\[\[[A-E]"
    r"|\x1b?\x1b\[[0-9;:?<=>!]*[ -/]*[@-~]"  # a sequence, with Alt perhaps as an Escape before it
    r"|\x1b?\x1bO[A-DFHMP-SXj-y]"
    r"|\x1b?.",
    re.DOTALL,
)
_MODIFIED = re.compile(r"\x1b\[1;(?P<by>\d{1,2})(?P<final>[A-DFHPQS])")
_NUMBERED = re.compile(r"\x1b\[(?P<number>\d{1,2})(?:;(?P<by>\d{1,2}))?~")
_UNFINISHED = re.compile(r"\x1b(?:\[[0-9;:?<=>!]*|O)?\Z")
_SEQUENCE_CHARACTERS = 64
"""What takes longer to end is no key's."""
_SPLIT_NS = 10_000_000
"""The parts of one key's sequence come within this; a person's next key after Escape takes longer."""


class Chord(NamedTuple):
    """A key with the modifiers that it was pressed with."""

    modifiers: tuple[str, ...]
    """Of `tracekit.actions.hands.MODIFIERS`, in its order."""
    keysym: str
    text: str = ""
    """What it types."""


class Untold(NamedTuple):
    """Input that came from no key, or from one that is not known."""

    time_ns: int
    how: How
    """``report``: the terminal's own answer, or its mouse or focus; ``paste``: where a paste begins or ends, its
    characters being given as if they were typed; ``unknown``: a sequence, or a character that is not to be seen (the
    joiner of an emoji), that no key is known to send."""
    data: str


class Keystrokes(NamedTuple):
    """What was done at a terminal's keyboard."""

    events: list[InputEvent]
    """``key-down`` and ``key-up`` in order of time, at the place 0, 0."""
    untold: list[Untold]


def keystrokes(events: Iterable[Event]) -> Keystrokes:
    """The keys that a terminal's input came from.

    Args:
        events: of a terminal's trace or clip, in order of time; those of other codes than ``i`` are passed over.
    """
    pressed: list[InputEvent] = []
    untold: list[Untold] = []
    for time_ns, found in chords(events):
        if isinstance(found, Chord):
            pressed += _pressed(found, time_ns)
        else:
            untold.append(found)
    return Keystrokes(complete(pressed), untold)


def chords(events: Iterable[Event]) -> Iterator[tuple[int, Chord | Untold]]:
    """The same as chords, each with its instant, and what came from no key between them.

    Args:
        events: as of `keystrokes`.
    """
    for time_ns, data in _joined(events):
        for piece in _PIECE.findall(data):
            chord = _chord_of(piece)
            yield time_ns, chord if isinstance(chord, Chord) else Untold(time_ns, chord, piece)


def terminal_views(events: Iterable[Event], frames: int) -> ActionArchive:
    """Both views of a terminal's clip, with no pointer in any frame.

    Args:
        events: of the clip, on its clock.
        frames: of the clip.
    """
    nowhere = CursorTrack(
        np.zeros((frames, 2), np.int32), np.full(frames, HIDDEN, np.int32), (), np.zeros((0, 2), np.int32)
    )
    return views_of(keystrokes(events).events, nowhere, frames)


def _joined(events: Iterable[Event]) -> Iterator[tuple[int, str]]:
    """Input, a sequence that was written in parts as one, at the instant of its first part."""
    start_ns, last_ns, data = 0, 0, ""
    for event in events:
        if event.code != "i":
            continue
        tail = data[-_SEQUENCE_CHARACTERS:]
        if event.time_ns - last_ns <= _SPLIT_NS and _UNFINISHED.search(tail):
            data += event.data
        else:
            yield start_ns, data
            start_ns, data = event.time_ns, event.data
        last_ns = event.time_ns
    yield start_ns, data


def _chord_of(piece: str) -> Chord | How:
    """What a piece of input was: a chord, or why it is none."""
    if len(piece) == 1:
        return _character(piece)
    if piece in _PASTES:
        return "paste"
    if len(piece) == 2:
        plain = _character(piece[1])
        return _with_alt(plain) if isinstance(plain, Chord) else plain
    if piece.startswith("\x1b\x1b"):
        plain = _chord_of(piece[1:])
        return _with_alt(plain) if isinstance(plain, Chord) else plain
    if piece == "\x1b[Z":
        return Chord(("shift",), "ISO_Left_Tab")
    if name := _PLAIN.get(piece):
        return Chord((), name, KEYS[key_number(name)].text)
    if (key := _MODIFIED.fullmatch(piece)) and (modifiers := _modifiers(key["by"])) is not None:
        return Chord(modifiers, _FINAL[key["final"]])
    if (key := _NUMBERED.fullmatch(piece)) and (modifiers := _modifiers(key["by"])) is not None:
        return Chord(modifiers, _TILDE[int(key["number"])]) if int(key["number"]) in _TILDE else "unknown"
    return "report" if _is_report(piece) else "unknown"


def _is_report(piece: str) -> bool:
    """Whether a terminal sends it by itself: strings, mouse, focus, places, abilities, modes (xterm, ctlseqs)."""
    return piece[1] != "[" or piece[2] in "?<>M" or piece in ("\x1b[I", "\x1b[O") or piece[-1] in "Rcnty"


def _character(character: str) -> Chord | How:
    if name := _CONTROLS.get(character):
        *modifiers, keysym = name.split("+")
        return Chord(tuple(modifiers), keysym)
    if character < " ":
        return Chord(("ctrl",), chr(ord(character) + 0x60))
    if not character.isprintable():
        return "unknown"
    if found := key_of_text(character):
        key, shift = found
        return Chord(("shift",), key.shifted, character) if shift else Chord((), key.keysym, character)
    return Chord((), f"U{ord(character):04X}", character)  # X's name of a keysym for Unicode


def _with_alt(plain: Chord) -> Chord:
    """The same with Alt held as well, with which keys type nothing."""
    held = {*plain.modifiers, "alt"}
    return Chord(tuple(name for name in MODIFIERS if name in held), plain.keysym)


def _modifiers(number: str | None) -> tuple[str, ...] | None:
    """The modifiers that a sequence tells of; None if it tells of none that there are."""
    bits = int(number or 1) - 1
    return tuple(name for name, bit in _BITS if bits & bit) if 0 <= bits < 16 else None


def _pressed(chord: Chord, time_ns: int) -> Iterator[InputEvent]:
    """A chord, pressed and let go."""
    blank = InputEvent(time_ns, "key-down", 0, 0)
    held = [MODIFIERS[name][0] for name in chord.modifiers]
    key = KEYS[key_number(chord.keysym)]
    keysym = key.shifted if "shift" in chord.modifiers and key.keysym != OTHER else chord.keysym
    yield from (blank._replace(keysym=modifier) for modifier in held)
    yield blank._replace(keysym=keysym, text=chord.text)
    yield blank._replace(code="key-up", keysym=keysym)
    yield from (blank._replace(code="key-up", keysym=modifier) for modifier in reversed(held))
