"""Keystrokes by name: what the ``i`` events of a clip typed and pressed."""

import re
from collections.abc import Iterable, Sequence
from itertools import groupby

from tracekit.core.events import Event

# xterm, ctlseqs: "PC-Style Function Keys" and "VT220-Style Function Keys".
_NAMED = {
    "\r": "Enter", "\n": "Enter", "\t": "Tab", "\x7f": "Backspace", "\b": "Backspace", "\x1b": "Escape",
    "\x1b[A": "Up", "\x1b[B": "Down", "\x1b[C": "Right", "\x1b[D": "Left",
    "\x1bOA": "Up", "\x1bOB": "Down", "\x1bOC": "Right", "\x1bOD": "Left",
    "\x1b[H": "Home", "\x1b[F": "End", "\x1bOH": "Home", "\x1bOF": "End", "\x1b[1~": "Home", "\x1b[4~": "End",
    "\x1b[2~": "Insert", "\x1b[3~": "Delete", "\x1b[5~": "Page Up", "\x1b[6~": "Page Down", "\x1b[Z": "Shift-Tab",
    "\x1bOP": "F1", "\x1bOQ": "F2", "\x1bOR": "F3", "\x1bOS": "F4", "\x1b[15~": "F5", "\x1b[17~": "F6",
    "\x1b[18~": "F7", "\x1b[19~": "F8", "\x1b[20~": "F9", "\x1b[21~": "F10", "\x1b[23~": "F11", "\x1b[24~": "F12",
}  # fmt: skip
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_KEY = re.compile(r"\x1b\[[0-9;?<]*[ -/]*[@-~]|\x1bO.|\x1b?.", re.DOTALL)
_UNFINISHED = re.compile(r"\x1b(?:\[[0-9;?<]*|O)?$")
_SPLIT_NS = 10_000_000
"""The parts of one key's sequence come within this; a person's next key after Escape takes longer."""
_REPLY = re.compile(r"\x1b\[(?:\?.*|\d+;\d+R|<.*|[IO]|20[01]~|.*[cMmut])$")
"""What a terminal sends of itself: reports, mouse, focus, the marks of a paste (xterm, ctlseqs)."""


def pressed(events: Iterable[Event]) -> list[str]:
    """The keys of all ``i`` events in order: a character for itself, other keys by name, e.g. ``Enter``, ``Ctrl-C``."""
    pieces: list[str] = []
    last_ns = 0
    for event in events:
        if event.code != "i":
            continue
        if pieces and _UNFINISHED.search(pieces[-1]) and event.time_ns - last_ns <= _SPLIT_NS:
            pieces[-1] += event.data
        else:
            pieces.append(event.data)
        last_ns = event.time_ns
    return [name for piece in pieces for key in _KEY.findall(piece) if (name := _name(key))]


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


def _name(key: str) -> str:
    if key in _NAMED:
        return _NAMED[key]
    if _REPLY.match(key):
        return ""
    if len(key) == 1:
        return key if key.isprintable() else f"Ctrl-{chr(ord(key) + 64)}" if ord(key) < 32 else ""
    if len(key) == 2 and key[1].isascii() and key[1].isalnum():
        return f"Alt-{key[1].upper()}"
    return ""
