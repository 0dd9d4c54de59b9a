"""What the terminal answers when a program asks: as xterm.js does, the terminal of vhs (its ``InputHandler.ts``).

What xterm.js leaves without an answer is left so here: the version (XTVERSION), the keyboard flags of kitty, and
capabilities by name (XTGETTCAP).
"""

import re
from collections.abc import Collection

from tracekit.tapes.driver.wire import CURSOR_VISIBLE
from tracekit.terminal.cells import Cursor
from tracekit.terminal.engine import Shown
from tracekit.terminal.palette import CURSOR, GROUND, TEXT, Theme, resolve

_ALTERNATE_SCREEN = {47, 1047, 1049}
_KNOWN_MODES = {1, 6, 7, 9, 12, CURSOR_VISIBLE, 45, 66, 1000, 1002, 1003, 1004, 1006, 1016, 2004, *_ALTERNATE_SCREEN}
_FIXED_MODES = {8: 3, 67: 4, 1005: 4, 1015: 4, 1048: 1}
"""Private modes that cannot be changed, and what is said of them (DECRPM)."""
_ANSI_MODES = {2: 4, 4: 2, 12: 3, 20: 2}
_SPECIAL_COLORS = {10: TEXT, 11: GROUND, 12: CURSOR}
_UNKNOWN, _SET, _RESET = 0, 1, 2

_mode = re.compile(r"\x1b\[(\??)([0-9]+)\$p")
_color = re.compile(r"\x1b\](4;([0-9]+)|1[0-2]);\?")
_setting = re.compile(r"\x1bP\$q([^\x1b]*)")


def answer(question: str, screen: Shown, modes: Collection[int], theme: Theme) -> str:
    """The reply to one question; '' if there is none.

    Args:
        question: a sequence as `tracekit.tapes.driver.wire.Piece` has it.
        screen: the terminal, with all drawn that came before the question.
        modes: the private modes that are set.
        theme: gives the colours that no program has set.
    """
    if question.endswith("c"):
        return "\x1b[>0;276;0c" if ">" in question else "\x1b[?1;2c"
    if question.endswith("5n"):
        return "" if "?" in question else "\x1b[0n"
    if question.endswith("6n"):
        private = "?" if "?" in question else ""
        return f"\x1b[{private}{screen.cursor.y + 1};{screen.cursor.x + 1}R"
    if found := _mode.fullmatch(question):
        return f"\x1b[{found[1]}{found[2]};{_mode_state(int(found[2]), bool(found[1]), modes)}$y"
    if found := _color.match(question):
        color = int(found[2]) if found[2] else _SPECIAL_COLORS[int(found[1])]
        if color > 255:
            return ""
        rgb = resolve(color, theme, screen.colors)
        red, green, blue = (f"{rgb >> shift & 0xFF:02x}" * 2 for shift in (16, 8, 0))
        return f"\x1b]{found[1]};rgb:{red}/{green}/{blue}\x1b\\"
    if found := _setting.match(question):
        return _setting_state(found[1], screen.cursor)
    return ""


def _mode_state(mode: int, private: bool, modes: Collection[int]) -> int:
    if not private:
        return _ANSI_MODES.get(mode, _UNKNOWN)
    if mode in _FIXED_MODES:
        return _FIXED_MODES[mode]
    if mode not in _KNOWN_MODES:
        return _UNKNOWN
    is_set = not _ALTERNATE_SCREEN.isdisjoint(modes) if mode in _ALTERNATE_SCREEN else mode in modes
    return _SET if is_set else _RESET


def _setting_state(name: str, cursor: Cursor) -> str:
    """The answer to DECRQSS; of SGR xterm.js always says that there is nothing set."""
    if name == " q":
        number = {"block": 2, "underline": 4, "bar": 6}[cursor.shape] - cursor.blink
        return f"\x1bP1$r{number} q\x1b\\"
    known = {'"q': '0"q', '"p': '61;1"p', "m": "0m"}
    return f"\x1bP1$r{known[name]}\x1b\\" if name in known else "\x1bP0$r\x1b\\"
