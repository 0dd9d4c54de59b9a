"""Colours: from what a program asked for to what is drawn."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from tracekit.terminal.cells import (
    BOLD,
    DEFAULT,
    FAINT,
    HIDDEN,
    INVERSE,
    ITALIC,
    OVERLINE,
    STRIKE,
    TRUE_COLOR,
    Style,
)

TEXT, GROUND, CURSOR = -1, -2, -3
"""The colours of a theme that have no number: of text, of the ground and of the cursor, as in ``Engine.colors``."""

_CUBE = (0, 95, 135, 175, 215, 255)
"""Levels of the 6 x 6 x 6 cube, palette entries 16 to 231 (xterm's 256colres.h)."""


@dataclass(frozen=True, slots=True)
class Theme:
    """The colours that a terminal is set to, each 0xRRGGBB."""

    name: str
    foreground: int
    background: int
    cursor: int | None
    """None: the cursor takes the colour of the text it stands on."""
    palette: tuple[int, ...]
    """The 16 ANSI colours: black, red, green, yellow, blue, magenta, cyan, white, then the same, bright."""

    def __post_init__(self) -> None:
        if len(self.palette) != 16:
            raise ValueError(f"a theme has 16 colours, not {len(self.palette)}")


class Face(NamedTuple):
    """All that decides how a character is drawn, with every colour resolved to 0xRRGGBB."""

    fg: int
    bg: int
    bold: bool = False
    italic: bool = False
    underline: int = 0
    """Index into `tracekit.terminal.cells.UNDERLINES`."""
    underline_color: int = 0
    strike: bool = False
    overline: bool = False
    mark: int = 0
    """A cursor that is a line: 0 none, 1 underline, 2 bar. (A block is a change of ``fg`` and ``bg``.)"""
    mark_color: int = 0


def resolve(color: int, theme: Theme, overrides: Mapping[int, int] | None = None) -> int:
    """The 0xRRGGBB that a colour stands for.

    Args:
        color: TEXT, GROUND, CURSOR, a palette entry from 0 to 255, or ``TRUE_COLOR | 0xRRGGBB``.
        theme: gives the colours without a number and the entries 0 to 15.
        overrides: what the program has set instead (``Engine.colors``).
    """
    if color >= TRUE_COLOR:
        return color & 0xFFFFFF
    if overrides and color in overrides:
        return overrides[color]
    if color < 0:
        cursor = theme.foreground if theme.cursor is None else theme.cursor
        return {TEXT: theme.foreground, GROUND: theme.background, CURSOR: cursor}[color]
    if color < 16:
        return theme.palette[color]
    if color < 232:
        red, green, blue = (_CUBE[(color - 16) // place % 6] for place in (36, 6, 1))
        return red << 16 | green << 8 | blue
    return (8 + 10 * (color - 232)) * 0x010101


def halfway(a: int, b: int) -> int:
    """The colour in the middle between two."""
    return sum(((a >> shift & 0xFF) + (b >> shift & 0xFF)) // 2 << shift for shift in (16, 8, 0))


@dataclass(frozen=True)
class Palette:
    """A theme, and what a program has changed of it."""

    theme: Theme
    overrides: Mapping[int, int] = field(default_factory=dict)
    reverse: bool = False
    """The whole screen in reverse (DECSCNM): text and ground of the theme change places."""
    bold_is_bright: bool = True
    """Bold text in one of the entries 0 to 7 takes 8 to 15: xterm's ``boldColors`` and xterm.js, both on by default."""

    def rgb(self, color: int) -> int:
        """A colour as 0xRRGGBB; see `resolve`."""
        if self.reverse and color in (TEXT, GROUND):
            color = TEXT + GROUND - color
        return resolve(color, self.theme, self.overrides)

    def face(self, style: Style, cursor: str = "") -> Face:
        """How a character of a style is drawn.

        Faint text is halfway to its ground; hidden text and its lines are left out; blinking text stands still.

        Args:
            style: the cell's.
            cursor: the cursor's shape where it stands on the cell, else "".
        """
        attributes = style.attributes
        bright = 8 if self.bold_is_bright and attributes & BOLD and 0 <= style.fg < 8 else 0
        fg, bg = self.rgb(style.fg + bright), self.rgb(GROUND if style.bg == DEFAULT else style.bg)
        if attributes & INVERSE:
            fg, bg = bg, fg
        if attributes & FAINT:
            fg = halfway(fg, bg)
        line = fg if style.underline_color == DEFAULT else self.rgb(style.underline_color)
        mark_color = fg if self.theme.cursor is None and CURSOR not in self.overrides else self.rgb(CURSOR)
        if mark_color == bg:
            mark_color = fg  # a cursor in the colour of the ground it stands on would not be seen
        if cursor == "block":
            if line == fg:
                line = bg
            fg, bg = bg, mark_color
        mark = {"underline": 1, "bar": 2}.get(cursor, 0)
        shown = not attributes & HIDDEN
        return Face(
            fg=fg if shown else bg,
            bg=bg,
            bold=bool(attributes & BOLD),
            italic=bool(attributes & ITALIC),
            underline=style.underline if shown else 0,
            underline_color=line if style.underline and shown else 0,
            strike=bool(attributes & STRIKE) and shown,
            overline=bool(attributes & OVERLINE) and shown,
            mark=mark,
            mark_color=mark_color if mark else 0,
        )
