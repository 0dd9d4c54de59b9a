"""How libghostty-vt packs a cell into 64 bits, checked against its accessors before anything relies on it.

From bit 0: what the content is (2 bits), the content (24), the style's number in its page (16), the width (2),
protection (1), whether it belongs to a hyperlink (1), and what shell integration makes of it.
"""

from functools import cache
from typing import Any

from pyghostty import Terminal, ffi, lib

from tracekit.core.errors import TracekitError
from tracekit.terminal.cells import ATTRIBUTES, DEFAULT, TRUE_COLOR, Style

CONTENT = 3
CODEPOINT, CLUSTER, GROUND_PALETTE, GROUND_RGB = range(4)
"""Values of ``cell & CONTENT``. The two GROUNDs are blanks of a background colour; they have no style."""
CODE_SHIFT, CODE = 2, 0x1FFFFF
"""Where the code point is; the palette entry and, red lowest, the RGB bytes of a GROUND are at the same place."""
GROUND = (1 << 26) - 1
STYLE_SHIFT = 26
STYLE = 0xFFFF << STYLE_SHIFT
WIDE_SHIFT = 42
WIDE = 3 << WIDE_SHIFT
NARROW, WIDE_HEAD, WIDE_TAIL, WRAPPED_HEAD = range(4)
"""Values of ``(cell & WIDE) >> WIDE_SHIFT``. A WRAPPED_HEAD is the blank that a wide character left at the margin."""
LINK = 1 << 45

_OTHER_NAMES = {"hidden": "invisible", "strike": "strikethrough"}

_PROBE = (
    "a\N{BALLOON}\x1b[1;38;5;7mb\x1b]8;;http://localhost\x1b\\c\x1b]8;;\x1b\\"
    "\x1b[2;1H\x1b[0;48;5;200m\x1b[K\x1b[3;1H\x1b[48;2;1;2;255m\x1b[K\x1b[4;1He\u0301\x1b[4;8H漢"
)


@cache
def check() -> None:
    """Hold the layout against the library's own accessors on cells of every kind.

    Raises:
        TracekitError: this build of libghostty-vt packs its cells in another way.
    """
    with Terminal(8, 5, scrollback=0) as terminal:
        terminal.feed(_PROBE)
        cells = [_raw(terminal, x, y) for y in range(5) for x in range(8)]
    tags, widths = ({cell & CONTENT for cell in cells}, {(cell & WIDE) >> WIDE_SHIFT for cell in cells})
    linked, styled = any(cell & LINK for cell in cells), len({cell & STYLE for cell in cells}) > 2
    complete = tags == widths == {0, 1, 2, 3} and linked and styled
    if not complete or not all(map(_agrees, cells)):
        raise TracekitError(
            "this build of libghostty-vt packs its cells in another way",
            remedy="pip install pyghostty==0.1.3, or use the pyte engine",
        )


def ground(look: int) -> Style:
    """The style of a cell that is a GROUND, or that has no style at all (0)."""
    tag, content = look & CONTENT, look >> CODE_SHIFT
    if tag == GROUND_RGB:
        return Style(bg=TRUE_COLOR | int.from_bytes(content.to_bytes(3, "little"), "big"))
    return Style(bg=content) if tag == GROUND_PALETTE else Style()


def style(found: Any) -> Style:
    """A GhosttyStyle as ours."""
    attributes = sum(bit for name, bit in ATTRIBUTES.items() if getattr(found, _OTHER_NAMES.get(name, name)))
    return Style(
        _color(found.fg_color), _color(found.bg_color), attributes, found.underline, _color(found.underline_color)
    )


def _color(found: Any) -> int:
    if found.tag == lib.GHOSTTY_STYLE_COLOR_PALETTE:
        return int(found.value.palette)
    if found.tag == lib.GHOSTTY_STYLE_COLOR_RGB:
        rgb = found.value.rgb
        return int(TRUE_COLOR | rgb.r << 16 | rgb.g << 8 | rgb.b)
    return DEFAULT


def _raw(terminal: Any, x: int, y: int) -> int:
    cell = ffi.new("GhosttyCell *")
    lib.ghostty_grid_ref_cell(terminal.ref(x, y), cell)
    return int(cell[0])


def _agrees(cell: int) -> bool:
    tag, content = cell & CONTENT, cell >> CODE_SHIFT
    if (
        tag != _get(cell, "CONTENT_TAG", 4)
        or (cell & WIDE) >> WIDE_SHIFT != _get(cell, "WIDE", 4)
        or (cell & STYLE) >> STYLE_SHIFT != _get(cell, "STYLE_ID", 2)
        or bool(cell & LINK) != _get(cell, "HAS_HYPERLINK", 1)
    ):
        return False
    if tag == GROUND_PALETTE:
        return content & 0xFF == _get(cell, "COLOR_PALETTE", 1)
    if tag == GROUND_RGB:
        return content & 0xFFFFFF == _get(cell, "COLOR_RGB", 3)
    return content & CODE == _get(cell, "CODEPOINT", 4)


def _get(cell: int, what: str, size: int) -> int:
    """One value of ``size`` bytes through the accessor; -1 if it refuses."""
    out = ffi.new("uint8_t[16]")
    refused = lib.ghostty_cell_get(cell, getattr(lib, f"GHOSTTY_CELL_DATA_{what}"), out)
    return -1 if refused else int.from_bytes(ffi.buffer(out, size)[:], "little")
