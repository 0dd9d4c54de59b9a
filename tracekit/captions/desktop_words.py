"""Words for what is on a desktop: programs, places, keys."""

from tracekit.actions.windows import WindowLine
from tracekit.captions.quotes import quotable, quoted

_PROGRAMS = {
    "xfce4-terminal": "a terminal", "xterm": "a terminal", "gnome-terminal": "a terminal",
    "mousepad": "a text editor", "gedit": "a text editor", "code": "a code editor",
    "thunar": "a file manager", "nautilus": "a file manager", "pcmanfm": "a file manager",
    "galculator": "a calculator", "gnome-calculator": "a calculator", "mate-calc": "a calculator",
    "ristretto": "an image viewer", "eog": "an image viewer", "gpicview": "an image viewer",
    "firefox": "a web browser", "firefox-esr": "a web browser", "chromium": "a web browser",
    "gimp": "an image editor", "vlc": "a media player", "evince": "a document viewer", "atril": "a document viewer",
    "xfce4-appfinder": "an application finder", "xfce4-settings-manager": "a settings window",
    "xfdesktop": "the desktop", "xfce4-panel": "the panel",
}  # fmt: skip
"""What a program is, by the class of its windows in small letters."""
_KEYS = {
    "Return": "Enter", "KP_Enter": "Enter", "BackSpace": "Backspace", "Prior": "Page Up", "Next": "Page Down",
    "Super_L": "Super", "Super_R": "Super", "Control_L": "Ctrl", "Control_R": "Ctrl", "Alt_L": "Alt", "Alt_R": "Alt",
    "Shift_L": "Shift", "Shift_R": "Shift", "space": "Space",
}  # fmt: skip
_COLUMNS, _ROWS = ("left", "", "right"), ("upper", "", "lower")
_NUMERALS = {1: "click", 2: "double click", 3: "triple click"}


def program(window: WindowLine | None) -> str:
    """What a window is, with an article, in words that quote nothing."""
    if window is None:
        return "the desktop"
    return _PROGRAMS.get(window.program.lower(), "a window")


def is_ground(window: WindowLine) -> bool:
    """Whether a window is none that people would call one: the desktop itself, and its panel."""
    return program(window) in ("the desktop", "the panel")


def at_region(place: str) -> str:
    """``in the middle``, ``on the right``, ``at the top``."""
    preposition = {"left": "on", "right": "on", "top": "at", "bottom": "at"}.get(place, "in")
    return f"{preposition} the {place}"


def the(phrase: str) -> str:
    """A phrase of `program` for something that has been spoken of."""
    return "the " + phrase.partition(" ")[2]


def titled(window: WindowLine | None, limit: int = 40) -> str:
    """A window by its title in backticks; by what it is, where the title can't be quoted."""
    title = quotable(window.title, limit) if window else ""
    return quoted(title) if title else the(program(window))


def region(x: int, y: int, width_px: int, height_px: int) -> str:
    """Where on the screen a place is: ``upper left``, ``right``, ``middle`` ..."""
    column = _COLUMNS[min(max(3 * x // width_px, 0), 2)]
    row = _ROWS[min(max(3 * y // height_px, 0), 2)]
    if row and column:
        return f"{row} {column}"
    if row:
        return "top" if row == "upper" else "bottom"
    return column or "middle"


def key_name(keys: str) -> str:
    """A shortcut as it is printed on a keyboard: ``Ctrl+Shift+T``, ``Page Up``."""
    *modifiers, key = keys.split("+")
    name = _KEYS.get(key, key.upper() if len(key) == 1 else key.replace("_", " "))
    return "+".join([*(modifier.capitalize() for modifier in modifiers), name])


def click_name(button: str, clicks: int) -> str:
    """``click``, ``double click``, ``right click``, ``double middle click``."""
    name = _NUMERALS[clicks]
    return name if button == "left" else f"{name.removesuffix('click')}{button} click"
