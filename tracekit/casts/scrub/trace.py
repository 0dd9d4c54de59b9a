"""A screen that knows where in the output each of its characters came from.

What people read on a terminal is not what its output holds in one piece: colours stand between the letters of a word,
a shell echoes a line key by key and draws it again, long lines wrap, editors address cells in any order. So secrets are
looked for on rows as they stand on the screen, and each cell leads back to the character of the output that filled it.

This is no emulator to draw with: colours, modes and character sets do not matter here, and rows are exact only as
far as text is concerned. Where it is wrong, ``Guard`` watches the rows that are really drawn.
"""

import re
from collections.abc import Callable, Sequence

from tracekit.casts.scrub.disguise import width
from tracekit.casts.scrub.sequences import TOKEN

_NOT_NARROW = re.compile(
    r"[^\x00-\u02ff\u2010-\u2027\u2030-\u205f\u2190-\u2319\u2320-\u2328\u232b-\u23e8\u23f4-\u25fc\ue000-\uf8ff]"
)
"""Characters that may take no cell, or two: all that do are among these."""
_JOINING = re.compile(r"[\w+/=.%@:-]")
"""Characters that a token goes on with over the end of a row."""
_PATIENCE = 1_000_000
"""Characters read, over 100 for each of output, after which rows are read one by one only: output made to be slow."""
_CHAIN = 64
"""Rows that are read as one line at most: a 4096 bit key, base64 on a terminal of 80 columns, takes 40."""


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


class Trace:
    """The screen.

    Args:
        columns: width of the screen.
        rows: height of the screen.
        read: called as ``read(rows, start, end)`` with the rows of the screen and a line of text on them, which takes
            ``rows[start:end]``, each time before a line that has changed changes for good. Rows that have left at the
            top are not among them, but for one: ``above``.
    """

    def __init__(self, columns: int, rows: int, read: Callable[[list[Row], int, int], None]) -> None:
        self._columns, self._height, self._read = columns, rows, read
        self._rows = [Row() for _ in range(rows)]
        self._aside: list[Row] | None = None
        self._x = self._y = 0
        self._saved = (0, 0)
        self._top, self._bottom = 0, rows - 1
        self._wraps = True
        self._last = ("", -1)
        self._patience = _PATIENCE
        self.above = Row()
        """The row that has left the screen at the top last."""

    def feed(self, output: str, start: int, end: int) -> None:
        """Take ``output[start:end]``; origins are indices into ``output``."""
        self._patience += 100 * (end - start)
        for token in TOKEN.finditer(output, start, end):
            kind = token.lastindex
            if kind == 1:
                self._write(token[1], token.start(1))
            elif kind == 6:
                self._control(token[6])
            elif kind == 3:
                act = _SEQUENCES.get(token[3])
                if act is not None:
                    act(self, token[2])
            elif kind == 5:
                act = _ESCAPES.get(token[5])
                if act is not None:
                    act(self, "")

    def flush(self) -> None:
        """Have every line read that has changed since it was read last."""
        y = 0
        while y < self._height:
            y = self._read_at(y) if self._rows[y].fresh_to else y + 1

    def resize(self, columns: int, rows: int) -> None:
        """Change the size. Rows are cut, not wrapped anew."""
        self.flush()
        for screen in [self._rows] if self._aside is None else [self._rows, self._aside]:
            del screen[: max(0, self._y - rows + 1)]
            del screen[rows:]
            screen.extend(Row() for _ in range(rows - len(screen)))
        self._columns, self._height = columns, rows
        self._top, self._bottom = 0, rows - 1
        self._move(self._x, self._y)

    # Reading

    def _read_at(self, y: int) -> int:
        """Have the line read that row ``y`` is part of; return the row after it."""
        start, end = y, y + 1
        most = _CHAIN if self._patience > 0 else 0
        while start > 0 and y - start < most and self._joins(start):
            start -= 1
        while end < self._height and end - y < most and self._joins(end):
            end += 1
        self._patience -= (end - start) * self._columns
        self._read(self._rows, start, end)
        for row in self._rows[start:end]:
            row.fresh_from = row.fresh_to = 0
        return end

    def _joins(self, y: int) -> bool:
        """Whether the text of row ``y`` goes on from the row above: wrapped, or drawn as if it were."""
        row, above = self._rows[y], self._rows[y - 1].chars
        if row.wrapped or len(above) < self._columns or not row.chars:
            return row.wrapped
        return bool(_JOINING.match(above[self._columns - 1]) and _JOINING.match(row.chars[0]))

    # Writing

    def _write(self, text: str, origin: int) -> None:
        self._last = (text[-1], origin + len(text) - 1)
        if _NOT_NARROW.search(text):
            self._write_mixed(text, range(origin, origin + len(text)))
        else:
            self._write_narrow(text, range(origin, origin + len(text)))

    def _write_narrow(self, text: Sequence[str], origins: Sequence[int]) -> None:
        """Write characters of one cell each (or cells that stay together, where there is room for them all)."""
        done = 0
        while done < len(text):
            if self._x >= self._columns and self._wraps:
                self._next_row()
            room = self._columns - self._x if self._wraps else len(text)
            self._put(text[done : done + room], origins[done : done + room])
            done += room

    def _write_mixed(self, text: str, origins: Sequence[int]) -> None:
        for char, origin in zip(text, origins, strict=True):
            cells = width(char)
            if cells == 2:
                if self._x + 2 > self._columns and self._wraps:
                    self._x = self._columns
                    self._next_row()
                self._put((char, ""), (origin, origin))
            elif cells == 1:
                self._write_narrow(char, (origin,))

    def _put(self, cells: Sequence[str], origins: Sequence[int]) -> None:
        row, x = self._rows[self._y], self._x
        end = x + len(cells)
        if x > len(row.chars):
            _pad(row, x)
        self._before_change(row, x, end)
        row.chars[x:end] = cells
        row.origins[x:end] = origins
        row.fresh_from = min(x, row.fresh_from) if row.fresh_to else x
        row.fresh_to = max(end, row.fresh_to)
        self._x = end

    def _next_row(self) -> None:
        self._x = 0
        self._index("")
        self._rows[self._y].wrapped = True

    def _before_change(self, row: Row, start: int, end: int) -> None:
        """Have a row read, before cells are drawn over that nobody has read."""
        if start < row.fresh_to and end > row.fresh_from:
            self._read_at(self._rows.index(row))

    # Moving

    def _move(self, x: int, y: int) -> None:
        self._x = min(max(x, 0), self._columns - 1)
        self._y = min(max(y, 0), self._height - 1)

    def _control(self, char: str) -> None:
        if char in "\n\v\f\x84":
            self._index("")
        elif char == "\r":
            self._x = 0
        elif char == "\b":
            self._move(self._x - 1 if self._x < self._columns else self._columns - 2, self._y)
        elif char == "\t":
            self._move((self._x // 8 + 1) * 8, self._y)
        elif char == "\x85":
            self._x = 0
            self._index("")

    def _index(self, _: str) -> None:
        if self._y == self._bottom:
            self._scroll(self._top, 1)
        elif self._y < self._height - 1:
            self._y += 1

    def _reverse_index(self, _: str) -> None:
        if self._y == self._top:
            self._scroll(self._top, -1)
        elif self._y > 0:
            self._y -= 1

    def _scroll(self, top: int, count: int) -> None:
        """Move the rows from ``top`` to the bottom margin up (down, if negative), blank ones coming in."""
        for _ in range(min(abs(count), self._bottom - top + 1)):
            gone = top if count > 0 else self._bottom
            if self._rows[gone].fresh_to:
                self.flush()
            row = self._rows.pop(gone)
            if gone == 0:
                self.above = row
            self._rows.insert(self._bottom if count > 0 else top, Row())

    def _home(self, params: str) -> None:
        first, _, second = params.partition(";")
        self._move(_number(second) - 1, _number(first) - 1)

    def _margins(self, params: str) -> None:
        first, _, second = params.partition(";")
        top, bottom = _number(first) - 1, min(_number(second, self._height), self._height) - 1
        if top < bottom and not params.startswith("?"):
            self._top, self._bottom = top, bottom
            self._move(0, 0)

    def _save(self, params: str) -> None:
        if not params.startswith("?"):
            self._saved = (self._x, self._y)

    def _restore(self, params: str) -> None:
        if params[:1] not in ("?", "<", "=", ">"):
            self._move(*self._saved)

    def _set(self, params: str, on: bool) -> None:
        modes = params[1:].split(";") if params.startswith("?") else []
        if "7" in modes:
            self._wraps = on
        if not {"47", "1047", "1049"}.isdisjoint(modes):
            self.flush()
            if on and self._aside is None:
                self._aside, self._rows = self._rows, [Row() for _ in range(self._height)]
            elif not on and self._aside is not None:
                self._rows, self._aside = self._aside, None
            if "1049" in modes and on:
                self._saved = (self._x, self._y)
            elif "1049" in modes:
                self._move(*self._saved)

    # Erasing

    def _erase(self, y: int, start: int, end: int) -> None:
        row = self._rows[y]
        if start < len(row.chars) or row.wrapped:
            self._before_change(row, start, end)
            if end >= len(row.chars):
                del row.chars[start:], row.origins[start:]
            else:
                row.chars[start:end] = " " * (end - start)
                row.origins[start:end] = [-1] * (end - start)
            row.wrapped = row.wrapped and start > 0

    def _erase_line(self, params: str) -> None:
        kind = params.lstrip("?")[:1]
        self._erase(
            self._y, 0 if kind in ("1", "2") and kind else self._x, self._x + 1 if kind == "1" else self._columns
        )

    def _erase_screen(self, params: str) -> None:
        kind = params.lstrip("?")[:1]
        if kind == "3":
            return
        if kind not in ("1", "2"):
            self._erase_line("0")
        elif kind == "1":
            self._erase_line("1")
        first, after = {"1": (0, self._y), "2": (0, self._height)}.get(kind, (self._y + 1, self._height))
        for y in range(first, after):
            self._erase(y, 0, self._columns)

    def _reset(self, _: str) -> None:
        self.flush()
        self._rows, self._aside = [Row() for _ in range(self._height)], None
        self._x = self._y = 0
        self._top, self._bottom = 0, self._height - 1

    def _lines(self, count: int) -> None:
        if self._top <= self._y <= self._bottom:
            self._scroll(self._y, count)
            self._x = 0

    def _insert(self, params: str) -> None:
        self._shift(-_number(params))

    def _delete(self, params: str) -> None:
        self._shift(_number(params))

    def _shift(self, count: int) -> None:
        """Take ``count`` cells out at the cursor (put blank ones in, if negative)."""
        row, x = self._rows[self._y], min(self._x, self._columns - 1)
        if x < len(row.chars):
            self._before_change(row, x, self._columns)
            if count > 0:
                del row.chars[x : x + count], row.origins[x : x + count]
            else:
                blanks = min(-count, self._columns - x)
                row.chars[x:x] = " " * blanks
                row.origins[x:x] = [-1] * blanks
                del row.chars[self._columns :], row.origins[self._columns :]
            row.fresh_from, row.fresh_to = 0, self._columns

    def _blank(self, params: str) -> None:
        self._erase(self._y, self._x, min(self._x + _number(params), self._columns))

    def _repeat(self, params: str) -> None:
        char, origin = self._last
        count = min(_number(params), self._columns)
        if origin >= 0 and width(char) == 1:
            self._write_narrow(char * count, [origin] * count)


def _pad(row: Row, length: int) -> None:
    blanks = length - len(row.chars)
    row.chars.extend(" " * blanks)
    row.origins.extend([-1] * blanks)


def _number(param: str, default: int = 1) -> int:
    """The first number of a parameter string, at least 1; more than any screen is wide need not be told apart."""
    digits = param.partition(";")[0][:5]
    return int(digits) or default if digits.isdecimal() else default


_ESCAPES: dict[str, Callable[[Trace, str], None]] = {
    "D": Trace._index,
    "E": lambda trace, _: trace._control("\x85"),
    "M": Trace._reverse_index,
    "c": Trace._reset,
    "7": Trace._save,
    "8": Trace._restore,
}
_SEQUENCES: dict[str, Callable[[Trace, str], None]] = {
    "A": lambda trace, params: trace._move(trace._x, trace._y - _number(params)),
    "B": lambda trace, params: trace._move(trace._x, trace._y + _number(params)),
    "C": lambda trace, params: trace._move(trace._x + _number(params), trace._y),
    "D": lambda trace, params: trace._move(min(trace._x, trace._columns - 1) - _number(params), trace._y),
    "E": lambda trace, params: trace._move(0, trace._y + _number(params)),
    "F": lambda trace, params: trace._move(0, trace._y - _number(params)),
    "G": lambda trace, params: trace._move(_number(params) - 1, trace._y),
    "H": Trace._home,
    "J": Trace._erase_screen,
    "K": Trace._erase_line,
    "L": lambda trace, params: trace._lines(-_number(params)),
    "M": lambda trace, params: trace._lines(_number(params)),
    "P": Trace._delete,
    "S": lambda trace, params: trace._scroll(trace._top, _number(params)),
    "T": lambda trace, params: trace._scroll(trace._top, -_number(params)),
    "X": Trace._blank,
    "@": Trace._insert,
    "b": Trace._repeat,
    "d": lambda trace, params: trace._move(trace._x, _number(params) - 1),
    "h": lambda trace, params: trace._set(params, True),
    "l": lambda trace, params: trace._set(params, False),
    "r": Trace._margins,
    "s": Trace._save,
    "u": Trace._restore,
}
_SEQUENCES |= {
    "a": _SEQUENCES["C"],
    "e": _SEQUENCES["B"],
    "f": _SEQUENCES["H"],
    "`": _SEQUENCES["G"],
    "I": lambda trace, params: trace._move((trace._x // 8 + _number(params)) * 8, trace._y),
}
