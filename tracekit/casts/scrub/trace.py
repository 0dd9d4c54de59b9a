"""A screen that knows where in the output each of its characters came from.

What people read on a terminal is not what its output holds in one piece: colours stand between the letters of a word,
a shell echoes a line key by key and draws it again, long lines wrap, editors address cells in any order. So secrets are
looked for on rows as they stand on the screen, and each cell leads back to the character of the output that filled it.

This is no emulator to draw with: colours, modes and character sets do not matter here, and rows are exact only as
far as text is concerned. Where it is wrong, ``Guard`` watches the rows that are really drawn.
"""

import re
from collections import deque
from collections.abc import Callable, Sequence
from typing import NamedTuple

from tracekit.casts.scrub.disguise import width
from tracekit.casts.scrub.rows import Row, resize
from tracekit.casts.scrub.sequences import TOKEN
from tracekit.terminal.reflow import SCROLLBACK_ROWS

_NARROW = r"\x00-\u02ff\u2010-\u2027\u2030-\u205f\u2190-\u2319\u2320-\u2328\u232b-\u23e8\u23f4-\u25fc\ue000-\uf8ff"
_NOT_NARROW = re.compile(f"[^{_NARROW}]")
"""Characters that may take no cell, or two: all that do are among these."""
_RUN = re.compile(f"[{_NARROW}]+|.", re.DOTALL)
_JOINING = re.compile(r"[\w+/=.%@:-]")
"""Characters that a token goes on with over the end of a row."""
_PATIENCE = 1_000_000
"""Characters read, over 100 for each of output, after which rows are read one by one only: output made to be slow."""
_REWRAPPED_CELLS = 30_000_000
"""Of rows that are wrapped anew on resizes, after which they are only cut."""
_CHAIN = 64
"""Rows that are read as one line at most: a 4096 bit key, base64 on a terminal of 80 columns, takes 40."""


class _Page(NamedTuple):
    """What the main screen keeps while the alternate one is shown."""

    rows: list[Row]
    above: deque[Row]
    saved: tuple[int, int]
    margins: tuple[int, int]
    y: int


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
        self._scrollback: deque[Row] = deque(maxlen=SCROLLBACK_ROWS)
        self._aside: _Page | None = None
        self._x = self._y = 0
        self._saved = (0, 0)
        self._top, self._bottom = 0, rows - 1
        self._wraps = True
        self._last = ("", -1)
        self._patience, self._rewrapped = _PATIENCE, 0
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
        """Change the size. Lines are wrapped anew, as on the screen."""
        if (columns, rows) == (self._columns, self._height):
            return
        self.flush()
        if self._aside is not None:
            y, saved = self._resize(
                self._aside.rows, self._aside.above, self._aside.y, self._aside.saved, columns, rows
            )
            self._aside = self._aside._replace(saved=saved, y=y, margins=(0, rows - 1))
        y, self._saved = self._resize(self._rows, self._scrollback, self._y, self._saved, columns, rows)
        self._columns, self._height = columns, rows
        self._top, self._bottom = 0, rows - 1
        self._move(self._x, y)

    def _resize(
        self, rows: list[Row], above: deque[Row], y: int, saved: tuple[int, int], columns: int, height: int
    ) -> tuple[int, tuple[int, int]]:
        """Change the size of a page, and return where the cursor's row and the saved cursor are then."""
        self._rewrapped += self._columns * (len(rows) + len(above))
        if self._rewrapped < _REWRAPPED_CELLS:
            y, saved_y = resize(rows, above, (y, saved[1]), self._columns, columns, height)
            return y, (min(saved[0], columns - 1), saved_y)
        gone = max(0, y - height + 1)
        del rows[:gone]
        del rows[height:]
        rows.extend(Row() for _ in range(height - len(rows)))
        return y - gone, saved

    # Reading

    def _read_at(self, y: int) -> int:
        """Have the line read that row ``y`` is part of; return the row after it."""
        start, end = y, y + 1
        most = _CHAIN if self._patience > 0 else 0
        while start > 0 and y - start < most and self._joins(start):
            start -= 1
        while end < self._height and end - y < most and self._joins(end):
            end += 1
        self._read(self._rows, start, end)
        for row in self._rows[start:end]:
            self._patience -= len(row.chars)
            row.fresh_from = row.fresh_to = 0
            # Beyond the margin stands what was written without wrapping. It is not on the screen, and has been read.
            del row.chars[self._columns :], row.origins[self._columns :]
        self._x = min(self._x, self._columns)
        return end

    def _is_unread(self, y: int, step: int) -> bool:
        """Whether the line that row ``y`` is the first row of (the last, if ``step`` is -1) has changed unread."""
        for at in range(y, min(max(y + step * _CHAIN, -1), self._height), step):
            if self._rows[at].fresh_to:
                return True
            below = at + (step > 0)
            if not 0 < below < self._height or not self._joins(below):
                break
        return False

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
        done, end = 0, len(text)
        while done < end:
            if self._x >= self._columns and self._wraps:
                self._next_row()
            room = self._columns - self._x if self._wraps else end
            if room >= end and not done:
                self._put(text, origins)
            else:
                self._put(text[done : done + room], origins[done : done + room])
            done += room

    def _write_mixed(self, text: str, origins: Sequence[int]) -> None:
        for run in _RUN.finditer(text):
            start, end = run.span()
            cells = width(run[0]) if end - start == 1 else 1
            if cells == 2:
                if self._x + 2 > self._columns and self._wraps:
                    self._x = self._columns
                    self._next_row()
                self._put((run[0], ""), (origins[start], origins[start]))
            elif cells == 1:
                self._write_narrow(run[0], origins[start:end])

    def _put(self, cells: Sequence[str], origins: Sequence[int]) -> None:
        row, x = self._rows[self._y], self._x
        if x < row.fresh_to and x + len(cells) > row.fresh_from:
            self._read_at(self._y)
            x = self._x
        end = x + len(cells)
        if x > len(row.chars):
            _pad(row, x)
        row.chars[x:end] = cells
        row.origins[x:end] = origins
        if not row.fresh_to:
            row.fresh_from, row.fresh_to = x, end
        else:
            row.fresh_from, row.fresh_to = min(x, row.fresh_from), max(end, row.fresh_to)
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
            y = self._y
            self._index("")
            if char != "\x84" and self._y != y:
                self._rows[self._y].wrapped = False
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
        self._x = min(self._x, self._columns - 1)
        if self._y == self._bottom:
            gone = self._rows[0]
            self._scroll(self._top, 1)
            if self._top == 0:
                self._scrollback.append(gone)
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
            if self._is_unread(gone, 1 if count > 0 else -1):
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
        modes = set(params[1:].split(";")) if params.startswith("?") else set()
        if "7" in modes:
            self._wraps = on
        saves = not modes.isdisjoint({"1048", "1049"})
        if on and saves:
            self._saved = (self._x, self._y)
        if not modes.isdisjoint({"47", "1047", "1049"}):
            self.flush()
            if on and self._aside is None:
                margins = self._top, self._bottom
                self._aside = _Page(self._rows, self._scrollback, self._saved, margins, self._y)
                self._rows, self._scrollback = [Row() for _ in range(self._height)], deque(maxlen=0)
                self._saved, self._top, self._bottom = (0, 0), 0, self._height - 1
            elif not on and self._aside is not None:
                self._rows, self._scrollback, self._saved, (self._top, self._bottom), _ = self._aside
                self._aside = None
        if saves and not on:
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
        if kind == "1":
            row = self._rows[self._y]
            wrapped = row.wrapped
            self._erase(self._y, 0, self._x + 1)
            row.wrapped = wrapped
        else:
            self._erase(self._y, 0 if kind == "2" else self._x, self._columns)

    def _erase_screen(self, params: str) -> None:
        kind = params.lstrip("?")[:1]
        if kind == "3":
            self._scrollback.clear()
            return
        if kind not in ("1", "2"):
            self._erase_line("0")
        elif kind == "1":
            self._erase_line("1")
            for row in self._rows[self._y : self._y + 1 + (self._x >= self._columns - 1)]:
                row.wrapped = False
        first, after = {"1": (0, self._y), "2": (0, self._height)}.get(kind, (self._y + 1, self._height))
        for y in range(first, after):
            self._erase(y, 0, self._columns)

    def _reset(self, _: str) -> None:
        self.flush()
        self._rows, self._aside = [Row() for _ in range(self._height)], None
        self._scrollback, self._saved = deque(maxlen=SCROLLBACK_ROWS), (0, 0)
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
