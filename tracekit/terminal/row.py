"""A row of the screen, as two strings: characters and styles.

Strings are what Python copies, cuts and compares fastest, so that a run of text costs the same whether it is one
character or two hundred.
"""

import re

import numpy as np

from tracekit.terminal.cells import CLUSTER, Cells

TAIL = "\0"
"""Stands in the characters for the right half of a wide one, as `tracekit.terminal.cells.WIDE_TAIL` does in cells."""
BLANK = "\1"
"""Stands where nothing was written, or what was has been erased; it shows as a space, but a line may end before it."""
CLUSTER_PLANE = 0x100000
"""Characters from here on stand for clusters: plane 16 of Unicode, whose own characters are kept as clusters of one."""

_stand_in = re.compile("[\U00100000-\U0010ffff]")
_U4, _U8 = np.dtype("<u4"), np.dtype("<u8")
_CODE = np.uint64(0xFFFFFFFF)


class Row:
    """One row: a character and a style for each column.

    Every wide character is followed by TAIL, and every TAIL follows a wide character; what a change would cut in half
    is blanked, both halves.

    Attributes:
        text: a character a column.
        styles: the style's id a column, as a character of that number.
        wrapped: whether it goes on with the line of the row before it, which was full.
    """

    __slots__ = ("styles", "text", "wrapped")

    def __init__(self, columns: int, style: str) -> None:
        self.text = BLANK * columns
        self.styles = style * columns
        self.wrapped = False

    @property
    def length(self) -> int:
        """Columns to the last one written."""
        return len(self.text.rstrip(BLANK))

    def put(self, x: int, text: str, style: str) -> None:
        """Write characters (TAIL after each wide one) over those from column ``x`` on; they must fit."""
        end = x + len(text)
        if TAIL in self.text:
            self._part(x, style)
            self._part(end, style)
        old = self.text
        self.text = old[:x] + text + old[end:]
        old = self.styles
        self.styles = old[:x] + style * len(text) + old[end:]

    def insert(self, x: int, text: str, style: str) -> None:
        """Write characters at column ``x``, moving what stands there to the right and over the edge."""
        kept = len(self.text) - len(text)
        if TAIL in self.text:
            self._part(x, style)
            self._part(kept, style)
        self.text = self.text[:x] + text + self.text[x:kept]
        self.styles = self.styles[:x] + style * len(text) + self.styles[x:kept]

    def delete(self, x: int, count: int, style: str) -> None:
        """Take ``count`` columns out from ``x`` on; what is right of them moves left, and blanks come after it."""
        if TAIL in self.text:
            self._part(x, style)
            self._part(x + count, style)
        self.text = self.text[:x] + self.text[x + count :] + BLANK * count
        self.styles = self.styles[:x] + self.styles[x + count :] + style * count

    def resize(self, columns: int, style: str) -> None:
        """Cut the row, or fill it up with blanks."""
        if TAIL in self.text:
            self._part(columns, style)
        self.text = self.text[:columns].ljust(columns, BLANK)
        self.styles = self.styles[:columns].ljust(columns, style)

    def cells(self) -> Cells:
        """The row as cells, shape (columns,), not writable."""
        both = np.frombuffer(
            (self.text.replace(BLANK, " ") + self.styles).encode("utf-32-le", "surrogatepass"), dtype=_U4
        )
        cells = both.reshape(2, -1).T.copy().view(_U8).reshape(-1)
        if not self.text.isascii() and _stand_in.search(self.text):
            cells[(cells & _CODE) >= CLUSTER_PLANE] += np.uint64(CLUSTER - CLUSTER_PLANE)
        cells.setflags(write=False)
        return cells

    def _part(self, x: int, style: str) -> None:
        """See to it that no wide character stands across the border left of column ``x``."""
        if self.text[x : x + 1] == TAIL:
            self.text = self.text[: x - 1] + 2 * BLANK + self.text[x + 1 :]
            self.styles = self.styles[: x - 1] + style * 2 + self.styles[x + 1 :]
