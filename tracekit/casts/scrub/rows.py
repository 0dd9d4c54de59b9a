"""Rows that know where in the output each of their characters came from, and what becomes of them on a resize."""

from bisect import bisect_right
from collections import deque
from functools import cache
from itertools import accumulate

from tracekit.terminal import reflow, row
from tracekit.terminal.row import BLANK, TAIL

_NUMBERS = 0x110000
"""Characters there are, each of which can stand for a cell."""


class Row:
    """A row: its characters, and where in the output they are from."""

    __slots__ = ("chars", "fresh_from", "fresh_to", "key", "origins", "wrapped")

    def __init__(self) -> None:
        self.chars: list[str] = []
        """A string a cell: of a wide character the whole, then ''. Cells to the right were never written to."""
        self.origins: list[int] = []
        """Index into the output, per cell; -1 for what was not written but is blank."""
        self.fresh_from = self.fresh_to = 0
        """The cells that were written since it was read last."""
        self.wrapped = False
        """Whether text ran on from the row above."""
        self.key = False
        """Whether it is part of a private key that takes several rows."""

    @property
    def text(self) -> str:
        """What stands in it, trailing blanks kept."""
        return "".join(self.chars)


def resize(
    rows: list[Row], above: deque[Row], places: tuple[int, int], old_columns: int, columns: int, height: int
) -> tuple[int, int]:
    """Give rows that were all read another size, in place, as the screen does: see `tracekit.terminal.reflow`.

    That cuts and joins strings of characters and of their styles. Here a style is a character that stands for a cell.

    Args:
        rows: those on the screen.
        above: those that have left it at the top and may come back.
        places: the rows of the cursor and of the saved cursor.
        old_columns: the width so far, in cells.
        columns: the width from now on.
        height: rows from now on.

    Returns:
        what has become of ``places``.
    """
    sources = [*above, *rows]
    starts = list(accumulate((min(len(source.chars), old_columns) for source in sources), initial=1))
    drawn = [_drawn(source, start, old_columns) for source, start in zip(sources, starts, strict=False)]
    known = {id(one): source for one, source in zip(drawn, sources, strict=True)}
    drawn_above, drawn_rows = deque(drawn[: len(above)], above.maxlen), drawn[len(above) :]
    places = reflow.resize(drawn_rows, drawn_above, places, old_columns, columns, height)

    def undrawn(one: row.Row) -> Row:
        source = known.get(id(one))
        if source is not None and len(source.chars) <= columns:
            return source  # neither cut nor joined
        length = one.length
        made = Row()
        made.chars = ["" if char == TAIL else " " if char == BLANK else char for char in one.text[:length]]
        made.origins = [-1] * length
        made.wrapped = one.wrapped
        for x, number in enumerate(map(ord, one.styles[:length])):
            if number:
                source = sources[index := bisect_right(starts, number) - 1]
                made.origins[x] = source.origins[number - starts[index]]
                made.key |= source.key
        return made

    rows[:] = map(undrawn, drawn_rows)
    kept = [undrawn(one) for one in drawn_above]
    above.clear()
    above.extend(kept)
    return places


def _drawn(source: Row, start: int, columns: int) -> row.Row:
    """A row as `reflow` takes it, whose cells are numbered from ``start``."""
    chars = source.chars[:columns]
    one = row.Row(0, "\0")
    one.text = "".join([char or TAIL for char in chars])
    if -1 in source.origins:
        pairs = zip(chars, source.origins, strict=False)
        one.text = "".join([BLANK if origin < 0 else char or TAIL for char, origin in pairs])
    one.styles = _numbers()[start : start + len(chars)].ljust(len(chars), "\0")
    one.wrapped = source.wrapped
    return one


@cache
def _numbers() -> str:
    return "".join(map(chr, range(_NUMBERS)))
