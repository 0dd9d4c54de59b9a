"""Keys: which key stands for what under the keymap of an X server, and what that types.

A keysym is X's number for what a key stands for. Up to 0xff it is Latin-1, from 0x1000100 on Unicode, in between are
older character sets, function keys and the keypad (X protocol, appendix A).
"""

import functools
import importlib
import pkgutil
import re
from collections.abc import Iterable, Sequence
from typing import Final

import Xlib.keysymdef
from Xlib.display import Display

from tracekit.core.errors import TracekitError

FIRST_KEYCODE: Final = 8
_SHIFT, _CONTROL = 1, 4
_GROUP_SHIFT = 13
_UNICODE = 0x1000000
_CONTROL_KEYSYMS: Final = {"\n": 0xFF0D, "\t": 0xFF09}
_OLDER_SETS = {
    0x01: "iso8859_2",
    0x02: "iso8859_3",
    0x03: "iso8859_4",
    0x06: "koi8_r",
    0x0C: "iso8859_8",
    0x0D: "tis_620",
    0x13: "iso8859_15",
}
"""Keysyms by their second byte, where the first is a character of a set that Python knows."""
_UNNAMED: Final = {"OE": 0x13BC, "oe": 0x13BD, "Ydiaeresis": 0x13BE, "EuroSign": 0x20AC}
"""Keysyms that python-xlib has no names for."""
_LEVELS: Final = (
    (0, ()),
    (1, ("Shift_L",)),
    (4, ("ISO_Level3_Shift",)),
    (5, ("ISO_Level3_Shift", "Shift_L")),
)
"""Columns of a key in the core keymap of the first group, and the modifiers that choose them (XKB protocol, 12.4)."""
_ROLES: Final = {
    **{f"{name}_{side}": "quiet" for name in ("Alt", "Meta", "Super", "Hyper") for side in "LR"},
    "ISO_Level3_Shift": "level3",
    "Num_Lock": "num",
    "Caps_Lock": "caps",
}
"""What a modifier is for, by the keysyms of its keys. quiet: with it held, keys type nothing."""


@functools.cache
def _numbers() -> dict[str, int]:
    """Keysyms by name, X's own name of each first."""
    found: dict[str, int] = {}
    groups = [module.name for module in pkgutil.iter_modules(Xlib.keysymdef.__path__)]
    for group in sorted(groups, key=lambda name: (name not in {"latin1", "miscellany"}, name)):
        for name, number in vars(importlib.import_module(f"Xlib.keysymdef.{group}")).items():
            if name.startswith("XK_"):
                found.setdefault(name.removeprefix("XK_").replace("XF86_", "XF86"), number)
    return found | _UNNAMED


@functools.cache
def _names() -> dict[int, str]:
    return {number: name for name, number in reversed(_numbers().items())}


def keysym_name(keysym: int) -> str:
    """X's name of a keysym: ``a``, ``Return``, ``U20AC`` of a character without one, else ``0x1005ff70``."""
    if not keysym:
        return "NoSymbol"
    if name := _names().get(keysym):
        return name
    return f"U{keysym - _UNICODE:04X}" if _UNICODE < keysym <= _UNICODE + 0x10FFFF else f"0x{keysym:x}"


def keysym_number(name: str) -> int:
    """The keysym of a name.

    Raises:
        TracekitError: there is none of that name.
    """
    if name in _numbers():
        return _numbers()[name]
    if re.fullmatch(r"U[0-9A-Fa-f]{4,6}", name) and _typable(code := int(name[1:], 16)):
        return _keysym_of_code(code)
    if re.fullmatch(r"0x[0-9a-f]{1,8}", name) and 0 < int(name, 16) < 1 << 29:
        return int(name, 16)
    raise TracekitError(f"{name!r} is no keysym", remedy="X's name of it: a, Return, Shift_L, U20AC")


def _typable(code: int) -> bool:
    return 0x20 <= code < 0x7F or 0xA0 <= code < 0xD800 or 0xE000 <= code <= 0x10FFFF


def _keysym_of_code(code: int) -> int:
    return code if code <= 0xFF else _UNICODE + code


def keysym_of(character: str) -> int:
    """The keysym that types a character.

    Raises:
        TracekitError: a control character that no key stands for, or half a character.
    """
    if character in _CONTROL_KEYSYMS:
        return _CONTROL_KEYSYMS[character]
    if len(character) != 1 or not _typable(ord(character)):
        raise TracekitError(f"{character!r} can't be typed")
    return _keysym_of_code(ord(character))


@functools.lru_cache(4096)
def text_of(keysym: int) -> str:
    """What a field for text gets from a keysym: Return and Enter a line feed, Tab a tab, a function key ''."""
    if keysym <= 0xFF:
        return chr(keysym) if _typable(keysym) else ""
    if _UNICODE < keysym <= _UNICODE + 0x10FFFF:
        return chr(keysym - _UNICODE) if _typable(keysym - _UNICODE) else ""
    if keysym in {0xFF0A, 0xFF0D, 0xFF8D}:
        return "\n"
    if keysym in {0xFF09, 0xFF89}:
        return "\t"
    if _keypad(keysym) and (keysym == 0xFF80 or keysym >= 0xFFAA):
        return chr(keysym & 0x7F) if keysym != 0xFF80 else " "
    if 0x20A0 <= keysym <= 0x20AC:
        return chr(keysym)
    if codec := _OLDER_SETS.get(keysym >> 8):
        character = bytes([keysym & 0xFF]).decode(codec, "ignore")
        return character if character.isalpha() else ""
    return ""


def _at(row: Sequence[int], column: int) -> int:
    return row[column] if column < len(row) else 0


def _keypad(keysym: int) -> bool:
    return 0xFF80 <= keysym <= 0xFFBD


def _cased(first: int, second: int) -> bool:
    """Whether these are a letter and its capital: the key heeds Caps Lock."""
    small, capital = text_of(first), text_of(second)
    return small != capital and small.upper() == capital


class Keymap:
    """Which keys there are. Immutable: a changed mapping is another `Keymap`.

    Args:
        rows: of each key from keycode 8 on its keysyms; 0 for none.
        modifiers: of each of the 8 modifiers (Shift, Lock, Control, Mod1 to Mod5) the keycodes that hold it.
    """

    def __init__(self, rows: Sequence[Sequence[int]], modifiers: Iterable[Iterable[int]]) -> None:
        self._rows = {FIRST_KEYCODE + number: tuple(row) for number, row in enumerate(rows)}
        self._places: dict[int, int] = {}
        for column, _ in _LEVELS:
            for keycode, row in self._rows.items():
                if keysym := _at(row, column):
                    self._places.setdefault(keysym, keycode)
        self._masks = {"quiet": _CONTROL, "level3": 0, "num": 0, "caps": 0}
        for bit, keycodes in enumerate(modifiers):
            for keycode in keycodes:
                for keysym in self._rows.get(keycode, ()):
                    if role := _ROLES.get(keysym_name(keysym)):
                        self._masks[role] |= 1 << bit
        self._typing: dict[str, tuple[str, ...]] = {}
        levels = [level for level in _LEVELS if all(keysym_number(name) in self._places for name in level[1])]
        for keycode, row in self._rows.items():
            for column, held in levels:
                keysym = _at(row, column)
                text = "" if _keypad(keysym) else text_of(keysym)
                if text:
                    self._typing.setdefault(text, (*held, self.plain(keycode)))

    @classmethod
    def read(cls, display: Display) -> "Keymap":
        """The keymap of an X server as it is now."""
        return cls(display.get_keyboard_mapping(FIRST_KEYCODE, 256 - FIRST_KEYCODE), display.get_modifier_mapping())

    def keysym(self, keycode: int, state: int) -> int:
        """What a key stands for while modifiers are held: as XKB's types of keys have it; 0 for nothing.

        Args:
            keycode: 8 to 255.
            state: the bits of modifiers and group that events carry.
        """
        row, masks = self._rows.get(keycode, ()), self._masks
        column = 2 if (state >> _GROUP_SHIFT) & 1 else 0
        if state & masks["level3"] and any(row[4:6]):
            column = 4
        if not _at(row, column):
            column = 0
        first, second = _at(row, column), _at(row, column + 1)
        shifted = bool(state & _SHIFT)
        if _keypad(second):
            shifted ^= bool(state & masks["num"])
        elif state & masks["caps"] and _cased(first, second):
            shifted ^= True
        return second if shifted and second else first

    def text(self, keycode: int, state: int) -> str:
        """What pressing a key types: '' with Ctrl, Alt, Meta, Super or Hyper held."""
        return "" if state & self._masks["quiet"] else text_of(self.keysym(keycode, state))

    def plain(self, keycode: int) -> str:
        """The name of a key: that of its keysym without modifiers."""
        return keysym_name(_at(self._rows.get(keycode, ()), 0))

    def keycode(self, keysym: int) -> int:
        """The key that stands for a keysym, with as few modifiers as may be; 0 if none does."""
        return self._places.get(keysym, 0)

    def keys_for(self, character: str) -> tuple[str, ...]:
        """Names of the keys to press together to type a character, modifiers first; () if there are none."""
        return self._typing.get(character, ())

    def spare(self) -> list[int]:
        """Keycodes that stand for nothing."""
        return [keycode for keycode, row in self._rows.items() if not any(row)]
