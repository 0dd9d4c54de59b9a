"""Styles: SGR (ECMA-48 8.3.117, ITU-T T.416 13.1.8, and what xterm and kitty added), and their numbers."""

import sys
from itertools import islice

from tracekit.terminal.cells import (
    BLINK,
    BOLD,
    DEFAULT,
    FAINT,
    HIDDEN,
    INVERSE,
    ITALIC,
    OVERLINE,
    STRIKE,
    TRUE_COLOR,
    UNDERLINES,
    Style,
)

MAX_PARAMETERS = 32
"""Parameters of a sequence that count; the rest is dropped (xterm.js, Params)."""
_MAX_REMEMBERED = 1 << 12

_SET = {1: BOLD, 2: FAINT, 3: ITALIC, 5: BLINK, 7: INVERSE, 8: HIDDEN, 9: STRIKE, 53: OVERLINE}
_CLEAR = {22: BOLD | FAINT, 23: ITALIC, 25: BLINK, 27: INVERSE, 28: HIDDEN, 29: STRIKE, 55: OVERLINE}
_SEMICOLON_VALUES = {5: 1, 2: 3}
"""Values of a colour that is written with semicolons, by its mode: a palette entry, or red, green and blue."""
_COLORS = {38: "fg", 48: "bg", 58: "underline_color"}


def render(style: Style, parameters: str) -> Style:
    """The style that an SGR sequence makes of another.

    Args:
        style: the style before.
        parameters: what stands between ``CSI`` and ``m``: numbers, ``;`` between them, ``:`` inside them.
    """
    items = iter([part.split(":") for part in parameters.split(";")[:MAX_PARAMETERS]])
    for item in items:
        code = _number(item[0])
        if code == 0:
            style = Style()
        elif code in _SET:
            style = style._replace(attributes=style.attributes | _SET[code])
        elif code in _CLEAR:
            style = style._replace(attributes=style.attributes & ~_CLEAR[code])
        elif 30 <= code <= 37 or 90 <= code <= 97:
            style = style._replace(fg=code - 30 if code < 40 else code - 82)
        elif 40 <= code <= 47 or 100 <= code <= 107:
            style = style._replace(bg=code - 40 if code < 50 else code - 92)
        elif code in _COLORS:
            if len(item) > 1:
                color = _color([_number(part) for part in item[1:]], has_space=len(item) > 5)
            else:
                mode = _number(next(items, [""])[0])
                color = _color([mode, *(_number(part[0]) for part in islice(items, _SEMICOLON_VALUES.get(mode, 0)))])
            if color is not None:
                style = style._replace(**{_COLORS[code]: color})
        elif code == 39:
            style = style._replace(fg=DEFAULT)
        elif code == 49:
            style = style._replace(bg=DEFAULT)
        elif code == 59:
            style = style._replace(underline_color=DEFAULT)
        elif code == 4:
            kind = _number(item[1], missing=1) if len(item) > 1 else 1
            style = style._replace(underline=kind if kind < len(UNDERLINES) else 1)
        elif code == 21:
            style = style._replace(underline=UNDERLINES.index("double"))
        elif code == 24:
            style = style._replace(underline=0)
    return style


def _number(digits: str, missing: int = 0) -> int:
    return int(digits) if digits else missing


def _color(values: list[int], has_space: bool = False) -> int | None:
    """The colour of ``5, n``, of ``2, r, g, b`` or, with a colour space, of ``2, space, r, g, b``; None for others."""
    if values[0] == 5:
        return values[1] & 0xFF if len(values) > 1 else 0
    if values[0] == 2:
        red, green, blue = [*values[1 + has_space :], 0, 0, 0][:3]
        return TRUE_COLOR | (red & 0xFF) << 16 | (green & 0xFF) << 8 | blue & 0xFF
    return None


class Styles:
    """The styles that a screen has used, by number, each number as a character.

    Attributes:
        styles: style by number; number 0 is ``Style()``. Grows only, to as many as there are characters.
    """

    def __init__(self) -> None:
        self.styles = [Style()]
        self._pens = {Style(): "\0"}
        self._blanks = ["\0"]
        self._rendered: dict[str, str] = {}

    def pen(self, style: Style) -> str:
        """The number of a style, as a character; that of ``Style()`` when there are no numbers left."""
        pen = self._pens.get(style)
        if pen is None:
            if len(self.styles) > sys.maxunicode:
                return "\0"
            pen = self._pens[style] = chr(len(self.styles))
            self.styles.append(style)
            ground = Style(bg=style.bg)
            self._blanks.append(pen)
            if ground != style:
                self._blanks[ord(pen)] = self.pen(ground)
        return pen

    def blank(self, pen: str) -> str:
        """The style that erasing leaves: the pen's ground and nothing else of it (back colour erase)."""
        return self._blanks[ord(pen)]

    def linked(self, pen: str) -> str:
        """The pen for the text of a link: underlined with dashes, as xterm.js, VTE and others draw it."""
        return self.pen(self.styles[ord(pen)]._replace(underline=UNDERLINES.index("dashed")))

    def render(self, pen: str, sequences: str) -> str:
        """The pen after SGR sequences, given as they stand in the output, one after another."""
        key = pen + sequences
        rendered = self._rendered.get(key)
        if rendered is None:
            if len(self._rendered) == _MAX_REMEMBERED:
                self._rendered.clear()
            style = self.styles[ord(pen)]
            for sequence in sequences.split("\x1b[")[1:]:
                style = render(style, sequence[:-1])
            rendered = self._rendered[key] = self.pen(style)
        return rendered
