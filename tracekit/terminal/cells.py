"""What a terminal shows, as plain values that engines, painter and samples share.

A cell is one 64-bit number: the style's id above, the character's code below. A row is a numpy array of them, so that
rows are compared, hashed and drawn without touching single cells.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Cells = NDArray[np.uint64]
"""One row, shape (columns,): ``style_id << 32 | code``."""

WIDE_TAIL = 0
"""The code of the right half of a wide character. (A blank is a space, 32.)"""
CLUSTER = 0x110000
"""Codes from here on stand for ``engine.clusters[code - CLUSTER]``: a base with combining marks, or joined emoji."""

DEFAULT = -1
"""The colour that a theme gives to text or ground."""
TRUE_COLOR = 0x1000000
"""Colours from here on are ``TRUE_COLOR | 0xRRGGBB``; 0 to 255 are palette entries."""

BOLD, FAINT, ITALIC, BLINK, INVERSE, HIDDEN, STRIKE, OVERLINE = (1 << bit for bit in range(8))
ATTRIBUTES = {"bold": BOLD, "faint": FAINT, "italic": ITALIC, "blink": BLINK, "inverse": INVERSE, "hidden": HIDDEN,
              "strike": STRIKE, "overline": OVERLINE}  # fmt: skip
UNDERLINES = ("none", "single", "double", "curly", "dotted", "dashed")


class Style(NamedTuple):
    """How a character is drawn."""

    fg: int = DEFAULT
    bg: int = DEFAULT
    attributes: int = 0
    """Bits: BOLD, FAINT, ITALIC, BLINK, INVERSE, HIDDEN, STRIKE, OVERLINE."""
    underline: int = 0
    """Index into UNDERLINES (SGR 4:0 to 4:5)."""
    underline_color: int = DEFAULT


class Cursor(NamedTuple):
    """The cursor: column and row from 0, whether it is shown, and its shape (DECSCUSR)."""

    x: int
    y: int
    visible: bool = True
    shape: str = "block"
    """``block``, ``underline`` or ``bar``."""
    blink: bool = False


def codes(cells: Cells) -> NDArray[np.uint32]:
    """The character codes of a row or grid."""
    return cells.astype(np.uint32)  # which keeps the lower half


def style_ids(cells: Cells) -> NDArray[np.uint32]:
    """The style ids of a row or grid."""
    return (cells >> np.uint64(32)).astype(np.uint32)
