"""Names of keys, as models write them in xdotool's manner, and the keysyms that they stand for.

Names are taken whatever their case. Only what the US layout has a key for is known: a name that is not here is told
back to the model.
"""

from collections.abc import Callable, Sequence
from typing import Final

from tracekit.desktop.models.actions import CantDo

MAX_CHORDS: Final = 50
_MODIFIERS: Final = {
    "ctrl": "Control_L", "control": "Control_L", "alt": "Alt_L", "option": "Alt_L", "shift": "Shift_L",
    "super": "Super_L", "meta": "Super_L", "win": "Super_L", "windows": "Super_L", "cmd": "Super_L",
    "command": "Super_L",
}  # fmt: skip
_OTHER_NAMES: Final = {
    "enter": "Return", "esc": "Escape", "del": "Delete", "ins": "Insert", "bksp": "BackSpace",
    "page_up": "Prior", "pageup": "Prior", "pgup": "Prior", "page_down": "Next", "pagedown": "Next", "pgdn": "Next",
    "arrowup": "Up", "arrowdown": "Down", "arrowleft": "Left", "arrowright": "Right",
    "up_arrow": "Up", "down_arrow": "Down", "left_arrow": "Left", "right_arrow": "Right",
    "capslock": "Caps_Lock", "numlock": "Num_Lock", "printscreen": "Print", "print_screen": "Print",
}  # fmt: skip
_KEYSYMS: Final = (
    "Return Tab Escape BackSpace Delete Insert Home End Prior Next Up Down Left Right Menu Print Pause "
    "Caps_Lock Num_Lock Scroll_Lock Control_L Control_R Alt_L Alt_R Shift_L Shift_R Super_L Super_R "
    "KP_Enter KP_Add KP_Subtract KP_Multiply KP_Divide "
    + " ".join(f"F{number}" for number in range(1, 13))
).split()  # fmt: skip
_NAMED: Final = {name.lower(): name for name in _KEYSYMS} | _MODIFIERS | _OTHER_NAMES
_CHARACTERS: Final = {
    "space": " ", "plus": "+", "minus": "-", "equal": "=", "comma": ",", "period": ".", "dot": ".", "slash": "/",
    "backslash": "\\", "semicolon": ";", "colon": ":", "apostrophe": "'", "quotedbl": '"', "grave": "`",
    "bracketleft": "[", "bracketright": "]", "braceleft": "{", "braceright": "}", "parenleft": "(",
    "parenright": ")", "less": "<", "greater": ">", "question": "?", "exclam": "!", "at": "@", "numbersign": "#",
    "dollar": "$", "percent": "%", "asciicircum": "^", "ampersand": "&", "asterisk": "*", "underscore": "_",
    "bar": "|", "asciitilde": "~",
} | {f"kp_{digit}": str(digit) for digit in range(10)}  # fmt: skip


def chords(text: str, key_for: Callable[[str], Sequence[str]]) -> list[tuple[str, ...]]:
    """The keysyms of each chord in a text such as ``ctrl+s`` or ``Down Down Return``: pressed in order.

    Args:
        text: chords with white space between them, keys of a chord with ``+`` between them.
        key_for: the keys for a character: `Desktop.key_for`.

    Raises:
        CantDo: a name that is not known, or too many chords.
    """
    words = text.split()
    if not 0 < len(words) <= MAX_CHORDS:
        raise CantDo(f"one to {MAX_CHORDS} keys at a time")
    return [_chord(word, key_for) for word in words]


def _chord(word: str, key_for: Callable[[str], Sequence[str]]) -> tuple[str, ...]:
    names = ["+"] if word == "+" else word.removesuffix("++").split("+") + ["+"] * word.endswith("++")
    keysyms: list[str] = []
    for name in names:
        known = name.lower()
        if known in _NAMED:
            keysyms.append(_NAMED[known])
            continue
        character = _CHARACTERS.get(known, name)
        if len(character) != 1 or not character.isprintable():
            raise CantDo(f"there is no key {name[:40]!r}: names are as in xdotool, such as Return, ctrl+s, Page_Down")
        keysyms += key_for(character.lower() if len(names) > 1 else character)
    return tuple(dict.fromkeys(keysyms))
