"""The themes that vhs knows, by its names, and those that a tape spells out.

themes.txt has a line a theme: its name, then text, ground, cursor and the 16 colours of the palette. The names are
those of vhs's THEMES.md, the colours those of iTerm2-Color-Schemes (MIT, Mark Badolato and the authors of the schemes)
as the npm package @electerm/electerm-themes 1.0.2 (MIT) has them. What vhs adds to that collection stands there by name
alone: a tape may ask for it, and where no other theme is the same scheme it is drawn in vhs's default colours.
"""

import json
import re
from functools import cache
from importlib.resources import files

from tracekit.tapes.language.problems import nearest
from tracekit.terminal.palette import Theme
from tracekit.terminal.themes import THEMES

_OURS = {
    "Catppuccin Frappe": "catppuccin-frappe",
    "Catppuccin Latte": "catppuccin-latte",
    "Catppuccin Macchiato": "catppuccin-macchiato",
    "Catppuccin Mocha": "catppuccin-mocha",
    "OneDark": "one-dark",
    "Rose Pine": "rose-pine",
    "TokyoNight": "tokyonight",
    "TokyoNightLight": "tokyonight-day",
    "TokyoNightStorm": "tokyonight-storm",
}
"""Names of vhs's own whose scheme has another name in the collection, or among ours."""

_KEYS = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
PALETTE_KEYS = (*_KEYS, *(f"bright{key.capitalize()}" for key in _KEYS))
"""The keys of the 16 colours in a theme of xterm.js, in their order."""
_COLOR = re.compile(r"#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})")
_XTERM_JS = Theme("xterm.js", 0xFFFFFF, 0x000000, 0xFFFFFF, THEMES["tango"].palette)
"""What xterm.js draws with where it is told nothing."""

DEFAULT = THEMES["vhs"]
"""Without ``Set Theme``."""


@cache
def _named() -> dict[str, Theme | None]:
    named: dict[str, Theme | None] = {}
    for line in (files("tracekit.tapes.language") / "themes.txt").read_text("utf-8").splitlines():
        name, _, colors = line.partition("\t")
        named[name] = _theme(name, [int(color, 16) for color in colors.split()]) if colors else None
    return named | {name: named.get(ours) or THEMES[ours] for name, ours in _OURS.items()}


def _theme(name: str, colors: list[int]) -> Theme:
    foreground, background, cursor, *palette = colors
    return Theme(name, foreground, background, cursor, tuple(palette))


def names() -> tuple[str, ...]:
    """The names that vhs knows, in the order of its list."""
    return tuple(_named())


def has_colors(name: str) -> bool:
    """Whether we can draw a theme that vhs knows."""
    return _named()[name] is not None


def read_theme(text: str) -> Theme:
    """The theme that ``Set Theme`` asks for: a name of vhs's, exact to the letter, or JSON.

    Of JSON the keys of xterm.js are read (https://xtermjs.org/docs/api/terminal/interfaces/itheme/): ``magenta``, not
    ``purple``. A colour that is missing, or none, is what xterm.js has without a theme, as in vhs. Blank text asks for
    the default.

    Raises:
        ValueError: vhs knows no such theme, or it is no JSON object of strings; says what could stand there.
    """
    if not text.strip(" \t\r\n"):
        return DEFAULT
    if text.startswith("{"):
        return _spelled_out(text)
    if text not in _named():
        raise ValueError(nearest(text, _named(), "a theme that `vhs themes` lists, or JSON"))
    return _named()[text] or DEFAULT


def _spelled_out(text: str) -> Theme:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("a theme as a JSON object, which ends at the first closing brace") from None
    given = {key.lower(): value for key, value in found.items()}
    for key in ("name", "background", "foreground", "selection", "cursor", "cursorAccent", *PALETTE_KEYS):
        if not isinstance(given.get(key.lower(), ""), str | None):
            raise ValueError(f"a JSON object whose {key} is a string")

    def color(key: str, default: int) -> int:
        match = _COLOR.fullmatch(given.get(key.lower()) or "")
        if not match:
            return default
        digits = match[1] if len(match[1]) == 6 else "".join(2 * digit for digit in match[1])
        return int(digits, 16)

    return Theme(
        given.get("name") or "tape",
        color("foreground", _XTERM_JS.foreground),
        color("background", _XTERM_JS.background),
        color("cursor", _XTERM_JS.foreground),
        tuple(color(key, default) for key, default in zip(PALETTE_KEYS, _XTERM_JS.palette, strict=True)),
    )
