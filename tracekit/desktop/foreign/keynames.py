"""Keys as other programs name them, in X's names; and what a key types."""

from collections.abc import Iterable
from functools import cache

from tracekit.actions.classes import KEYS, OTHER, key_number, key_of_text
from tracekit.actions.events import InputEvent
from tracekit.actions.hands import ALT, CONTROL, SHIFT, SUPER

_ALIASES = {
    "ctrl": "Control_L",
    "control": "Control_L",
    "alt": "Alt_L",
    "option": "Alt_L",
    "shift": "Shift_L",
    "super": "Super_L",
    "cmd": "Super_L",
    "command": "Super_L",
    "win": "Super_L",
    "windows": "Super_L",
    "meta": "Super_L",
    "altgr": "ISO_Level3_Shift",
    "enter": "Return",
    "esc": "Escape",
    "del": "Delete",
    "ins": "Insert",
    "pageup": "Prior",
    "pgup": "Prior",
    "pagedown": "Next",
    "pgdn": "Next",
    "spacebar": "space",
    "capslock": "Caps_Lock",
    "numlock": "Num_Lock",
    "printscreen": "Print",
}
"""Names that xdotool and models use, lower case and without ``_``."""
_CONTROLS = {"Return": "\n", "KP_Enter": "\n", "Tab": "\t"}
_TYPED = {"\n": "Return", "\r": "Return", "\t": "Tab", "\b": "BackSpace", "\x1b": "Escape"}


@cache
def _by_lower_case() -> dict[str, str]:
    return {key.keysym.lower().replace("_", ""): key.keysym for key in KEYS if key.keysym != OTHER}


def keysym_of_name(name: str) -> str | None:
    """X's name of a key that a log calls ``ctrl``, ``Return``, ``page_down``, ``a`` or ``é``; None if it is no key."""
    if len(name) == 1:
        return keysym_of_character(name)
    if key_number(name) != key_number(OTHER):
        return name
    plain = name.strip().lower().replace("_", "").replace(" ", "")
    return _ALIASES.get(plain) or _by_lower_case().get(plain)


def keysym_of_character(character: str) -> str | None:
    """X's name of the keysym that types a character; None for one that no key types."""
    if character in _TYPED:
        return _TYPED[character]
    if found := key_of_text(character):
        key, shifted = found
        return key.shifted if shifted else key.keysym
    return f"U{ord(character):04X}" if character.isprintable() else None


def with_text(events: Iterable[InputEvent]) -> list[InputEvent]:
    """Fill in what keys stand for and type, of a log that says only which went down: with Shift held ``a`` is ``A``.

    Args:
        events: with their ``held``.
    """
    return [_typed(event) if event.code in ("key-down", "key-up") else event for event in events]


def _typed(event: InputEvent) -> InputEvent:
    key = KEYS[key_number(event.keysym)]
    keysym, text = event.keysym, ""
    if key.keysym != OTHER:
        shifted = keysym != key.keysym or any(shift in event.held for shift in SHIFT)
        keysym, text = (key.shifted, key.shifted_text) if shifted else (keysym, key.text)
        text = _CONTROLS.get(key.keysym, text)
    elif keysym.startswith("U") and len(keysym) > 4:
        text = chr(int(keysym[1:], 16))
    if event.code == "key-up" or any(modifier in event.held for modifier in (*CONTROL, *ALT, *SUPER)):
        text = ""
    return event._replace(keysym=keysym, text=text)
