"""Another size for a page of rows, as xterm.js gives it (found by experiment, with its default options).

A line is a row and those after it that are wrapped. When the number of columns changes, each line is cut into rows
anew, a wide character going whole to the next row; its last row counts to the last column written, the others count
in full. The line that the cursor is on is left as it is, and cut: the program will draw it again. Rows that this adds
move the cursor down as long as there is room below, whatever stands there, and after that push rows above the screen;
rows that it takes away come back from there, or move the cursor up. Both happen wherever the line is, so that what the
cursor is on may change: xterm.js does so too.

A page that keeps no rows above the screen (the alternate one) is not reflowed, nor is any to a single column, which
xterm.js does not have.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tracekit.terminal.row import BLANK, TAIL, Row

SCROLLBACK_ROWS = 1000
"""Rows above the screen that are kept, for when it grows."""
_PLAIN = "\0"
"""The style of blanks that come in."""


@dataclass(slots=True)
class _Page:
    """Rows while their size changes.

    Attributes:
        rows: those above the screen, then those on it.
        top: the first one on the screen.
        y: the cursor's row, from ``top``.
        saved_y: the saved cursor's row, from the first.
        limit: how many rows there may be.
    """

    rows: list[Row]
    top: int
    y: int
    saved_y: int
    limit: int


def resize(
    rows: list[Row], scrollback: deque[Row], places: tuple[int, int], old_columns: int, columns: int, lines: int
) -> tuple[int, int]:
    """Give a page another size, in place.

    Args:
        rows: the rows on the screen.
        scrollback: the rows above it, of any width; none are kept if its ``maxlen`` is 0.
        places: the rows of the cursor and of the saved cursor, from the top of the screen.
        old_columns: the width so far, in cells.
        columns: the width from now on.
        lines: the height from now on.

    Returns:
        What has become of ``places``.
    """
    above, kept_above = len(scrollback), scrollback.maxlen or 0
    y, saved_y = places
    page = _Page([*scrollback, *rows], above, y, above + saved_y, lines + kept_above)
    _fit(page, lines)
    if kept_above and columns > old_columns:
        _widen(page, old_columns, columns)
    elif kept_above and 1 < columns < old_columns:
        _narrow(page, old_columns, columns, lines)
    rows[:] = page.rows[page.top : page.top + lines]
    rows += [Row(columns, _PLAIN) for _ in range(lines - len(rows))]
    scrollback.clear()
    scrollback.extend(page.rows[: page.top])
    for row in rows:
        row.resize(columns, _PLAIN)
    for row in scrollback:
        if len(row.text) > columns:
            row.resize(columns, _PLAIN)
    return page.y, max(page.saved_y - page.top, 0)


def _fit(page: _Page, lines: int) -> None:
    """Change the height: rows come from above if the cursor is on the last row, and go there if it would be cut off."""
    rows = page.rows
    while len(rows) < page.top + lines:
        if page.top and page.top + page.y == len(rows) - 1:
            page.top -= 1
            page.y += 1
        else:
            rows.append(Row(0, _PLAIN))
    while len(rows) > page.top + lines:
        if page.top + page.y < len(rows) - 1:
            rows.pop()
        else:
            page.top += 1
            page.y -= 1
    lost = max(len(rows) - page.limit, 0)
    del rows[:lost]
    page.top -= lost
    page.saved_y = max(page.saved_y - lost, 0)


def _widen(page: _Page, old_columns: int, columns: int) -> None:
    """Join rows to fewer ones."""
    cursor, start = page.top + page.y, 0
    rows: list[Row] = []
    while start < len(page.rows):
        end = start + 1
        while end < len(page.rows) and page.rows[end].wrapped:
            end += 1
        line = page.rows[start:end]
        if end - start > 1 and not start <= cursor < end:
            line = _rows(_cut(*_joined(line, old_columns), columns), line[0].wrapped, columns)
            while len(line) > 1 and not line[-1].length:
                line.pop()
        rows += line
        start = end
    removed = len(page.rows) - len(rows)
    from_above = min(removed, page.top)
    page.rows = rows
    page.top -= from_above
    page.y = max(page.y - (removed - from_above), 0)
    page.saved_y = max(page.saved_y - removed, 0)


def _narrow(page: _Page, old_columns: int, columns: int, lines: int) -> None:
    """Cut rows to more ones, beginning at the last line."""
    rows, kept, added, end = page.rows, len(page.rows), 0, len(page.rows)
    inserted: list[tuple[int, list[Row]]] = []
    while end:
        start = end - 1
        while start and rows[start].wrapped:
            start -= 1
        line = rows[start:end]
        # The cursor's row is not where it was once rows below it were added; xterm.js takes it for what it is now.
        if (line[-1].wrapped or line[-1].length > columns) and not start <= page.top + page.y < end:
            count, anew = _last_rows(line, old_columns, columns, page.limit + len(line))
            rows[start:end] = anew[: len(line)]
            inserted.append((end, anew[len(line) :]))
            more = count - len(line)
            added += more
            used = page.y if page.top == 0 and page.y != kept - 1 else kept
            for _ in range(more - max(used - page.limit + more, 0)):
                if page.top:
                    page.top += page.top < min(page.limit, kept + added) - lines
                elif page.y < lines - 1:
                    page.y += 1
                    kept -= 1
                else:
                    page.top = 1
            page.saved_y = min(page.saved_y + more, page.top + lines - 1)
        end = start
    page.rows = rows[:kept]
    for at, anew in inserted:
        page.rows[min(at, kept) : min(at, kept)] = anew
    del page.rows[: -page.limit]


def _last_rows(line: list[Row], old_columns: int, columns: int, limit: int) -> tuple[int, list[Row]]:
    """How many rows a line takes in a smaller width, and the last ``limit`` of them."""
    count, pieces = 0, deque[tuple[str, str]](maxlen=limit)
    for piece in _cut(*_joined(line, old_columns), columns):
        count += 1
        pieces.append(piece)
    if count == len(line):  # the last row stays, with the ground that it has to the right of the line, but for a cell
        text, styles = pieces[-1]
        pieces[-1] = text, (styles + _PLAIN + line[-1].styles[len(text) + 1 :])[:columns]
    return count, _rows(pieces, line[0].wrapped, columns)


def _joined(line: list[Row], columns: int) -> tuple[str, str]:
    """Characters and styles of a line, without what is blank at its end and before a wide character that wrapped."""
    texts: list[str] = []
    styles: list[str] = []
    for row, following in zip(line, [*line[1:], None], strict=True):
        text = row.text.ljust(columns, BLANK)
        if following is None:
            text = text.rstrip(BLANK)
        elif text[-1] == BLANK and following.text[1:2] == TAIL:
            text = text[:-1]
        texts.append(text)
        styles.append(row.styles[: len(text)].ljust(len(text), _PLAIN))
    return "".join(texts), "".join(styles)


def _cut(text: str, styles: str, columns: int) -> Iterator[tuple[str, str]]:
    """Pieces of a line for rows of at least two columns; one at least."""
    at = 0
    while at < len(text) or not at:
        end = at + columns
        end -= text[end : end + 1] == TAIL
        yield text[at:end], styles[at:end]
        at = end


def _rows(pieces: Iterable[tuple[str, str]], wrapped: bool, columns: int) -> list[Row]:
    rows = []
    for text, styles in pieces:
        row = Row(0, _PLAIN)
        row.text, row.styles, row.wrapped = text.ljust(columns, BLANK), styles.ljust(columns, _PLAIN), wrapped
        rows.append(row)
        wrapped = True
    return rows
