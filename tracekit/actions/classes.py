"""The classes of the raw view of actions: 13 of the mouse and 169 of the keyboard, 182 in all.

Neural Computers (section 3.2 and appendix D) gives these counts and no table; this one is ours, and versioned. A class
of the keyboard is a key, not a character: ``A`` is the key ``a`` while a Shift key is held. Keys are those of a pc105
keyboard with the layout us, by X's names of their keysyms without modifiers, then what is common beyond it. The key
between the left Shift and Z, which us keyboards lack, is told from the comma by nothing: its events are the comma's.
"""

from functools import cache
from typing import Any, Final, NamedTuple

VERSION: Final = 1
"""Of the table. Another order, or another meaning of a class, is another version."""

BUTTONS: Final = ("left", "middle", "right", "back", "forward")
"""As X numbers them: 1, 2, 3, 8, 9."""
DIRECTIONS: Final = ("up", "down", "left", "right")
"""Of the wheel, X's buttons 4 to 7."""

MOVE: Final = "move"
MOUSE: Final = (
    MOVE,
    *(f"{button}-down" for button in BUTTONS),
    *(f"{button}-up" for button in BUTTONS[:3]),  # of the others, the state of the buttons tells it
    *(f"scroll-{direction}" for direction in DIRECTIONS),
)
"""The 13 classes of the mouse."""
OTHER: Final = "other"
"""The class of every key that the table does not know."""


class Key(NamedTuple):
    """A key with the layout us."""

    keysym: str
    """X's name of what it stands for without modifiers: also the name of its class."""
    shifted: str
    """The same with Shift held."""
    text: str = ""
    """What it types without modifiers; '' where that is no printable character."""
    shifted_text: str = ""


_PRINTING = """
1 1 exclam !        2 2 at @            3 3 numbersign #    4 4 dollar $         5 5 percent %       6 6 asciicircum ^
7 7 ampersand &     8 8 asterisk *      9 9 parenleft (     0 0 parenright )
grave ` asciitilde ~      minus - underscore _      equal = plus +         bracketleft [ braceleft {
bracketright ] braceright }                         backslash \\ bar |     semicolon ; colon :
apostrophe ' quotedbl "   comma , less <            period . greater >     slash / question ?
"""
"""Keysym and text without Shift, then with it."""
_SILENT = """
Return Tab BackSpace Escape Delete Insert Home End Prior Next Left Up Right Down
Shift_L Shift_R Control_L Control_R Alt_L Alt_R Super_L Super_R ISO_Level3_Shift Mode_switch Multi_key
Caps_Lock Num_Lock Scroll_Lock Menu Print Pause
F1 F2 F3 F4 F5 F6 F7 F8 F9 F10 F11 F12 F13 F14 F15 F16 F17 F18 F19 F20 F21 F22 F23 F24
"""
_SHIFTED = {"Tab": "ISO_Left_Tab", "Alt_L": "Meta_L", "Alt_R": "Meta_R"}
_KEYPAD = "0123456789"
_KEYPAD_SIGNS = "Decimal . Separator , Add + Subtract - Multiply * Divide / Equal ="
_BEYOND = """
Undo Redo Find Help Cancel Select Execute
XF86Cut XF86Copy XF86Paste XF86Open XF86Save XF86New XF86Close
XF86AudioMute XF86AudioLowerVolume XF86AudioRaiseVolume XF86AudioMicMute XF86AudioPlay XF86AudioPause XF86AudioStop
XF86AudioPrev XF86AudioNext XF86AudioRewind XF86AudioForward XF86AudioRecord XF86AudioMedia XF86Eject
XF86MonBrightnessDown XF86MonBrightnessUp XF86KbdBrightnessDown XF86KbdBrightnessUp XF86Display
XF86PowerOff XF86Sleep XF86WakeUp XF86RFKill
XF86Back XF86Forward XF86Reload XF86HomePage XF86Search XF86Favorites XF86WWW XF86Mail XF86Calculator XF86Explorer
"""


def _keys() -> tuple[Key, ...]:
    letters = [Key(letter, letter.upper(), letter, letter.upper()) for letter in "abcdefghijklmnopqrstuvwxyz"]
    words = _PRINTING.split()
    printing = [
        Key(*(words[start], words[start + 2], words[start + 1], words[start + 3])) for start in range(0, len(words), 4)
    ]
    signs = _KEYPAD_SIGNS.split()
    keypad = [Key(f"KP_{digit}", f"KP_{digit}", digit, digit) for digit in _KEYPAD]
    keypad += [Key(f"KP_{name}", f"KP_{name}", sign, sign) for name, sign in zip(signs[::2], signs[1::2], strict=True)]
    silent = [Key(name, _SHIFTED.get(name, name)) for name in _SILENT.split()]
    beyond = [Key(name, name) for name in _BEYOND.split()]
    space = Key("space", "space", " ", " ")
    enter = Key("KP_Enter", "KP_Enter")
    return (*letters, *printing, space, *silent, *keypad, enter, *beyond, Key(OTHER, OTHER))


KEYS: Final = _keys()
"""The 169 classes of the keyboard; the last one is ``OTHER``."""
CLASSES: Final = len(MOUSE) + len(KEYS)
"""182: those of the mouse, then those of the keyboard."""

_ALIASES = {
    "Page_Up": "Prior",
    "Page_Down": "Next",
    "Sys_Req": "Print",
    "Break": "Pause",
    "KP_Insert": "KP_0",
    "KP_End": "KP_1",
    "KP_Down": "KP_2",
    "KP_Next": "KP_3",
    "KP_Page_Down": "KP_3",
    "KP_Left": "KP_4",
    "KP_Begin": "KP_5",
    "KP_Right": "KP_6",
    "KP_Home": "KP_7",
    "KP_Up": "KP_8",
    "KP_Prior": "KP_9",
    "KP_Page_Up": "KP_9",
    "KP_Delete": "KP_Decimal",
}
"""Other keysyms of the same keys: without Num Lock, with Alt, or another name of X's for the same number."""


@cache
def key_number(keysym: str) -> int:
    """The class of a key, 0 to 168, by any keysym that it stands for with the layout us; that of OTHER if unknown.

    Media keys are known by X's name (``XF86AudioMute``) and by python-xlib's (``XF86_AudioMute``).
    """
    return _numbers().get(keysym.replace("XF86_", "XF86", 1), len(KEYS) - 1)


@cache
def key_of_text(character: str) -> tuple[Key, bool] | None:
    """The key that types a character, and whether Shift has to be held; None where the layout us has none."""
    for key in KEYS:
        if key.text and character in (key.text, key.shifted_text):
            return key, character != key.text
    return None


def table() -> dict[str, Any]:
    """The table, for publication as JSON."""
    keyboard = [key._asdict() for key in KEYS]
    return {"version": VERSION, "mouse": list(MOUSE), "keyboard": keyboard, "aliases": dict(sorted(_ALIASES.items()))}


@cache
def _numbers() -> dict[str, int]:
    numbers = {key.shifted: number for number, key in enumerate(KEYS)}
    numbers |= {key.keysym: number for number, key in enumerate(KEYS)}
    return numbers | {alias: numbers[keysym] for alias, keysym in _ALIASES.items()}
