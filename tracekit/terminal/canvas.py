"""What is drawn: the methods of the screen that change cells.

Where terminals differ among themselves, xterm.js is followed.
"""

from collections import deque
from collections.abc import Callable
from typing import Any

import pyte
from pyte.charsets import LAT1_MAP
from pyte.modes import DECAWM, IRM, LNM

from tracekit.terminal.clusters import Clusters, is_plain, leading_marks
from tracekit.terminal.reflow import SCROLLBACK_ROWS
from tracekit.terminal.row import BLANK, TAIL, Row
from tracekit.terminal.styles import Styles


class Canvas(pyte.Screen):
    """Rows of cells, and all that writes, erases and scrolls them.

    Attributes:
        rows: the rows, from the top.
        scrollback: rows that left at the top, the last one last.
        styles: the styles used so far.
        clusters: the clusters used so far.
        clears: how often the whole screen was cleared or switched.
        plain_pen: the style that SGR has set, as a character.
        pen: the style that is written with: the same, or with the underline of a link.
        in_link: whether what is written is a link (OSC 8).
    """

    def __init__(self, columns: int, lines: int) -> None:
        self.styles = Styles()
        self.clusters = Clusters()
        self.clears = -1  # the start is a reset too
        super().__init__(columns, lines)

    def reset(self) -> None:
        """Clear everything (RIS)."""
        super().reset()
        self.clears += 1
        self.pen = self.plain_pen = "\0"
        self.in_link = False
        self.clear_rows()

    def clear_rows(self, scrollback_rows: int = SCROLLBACK_ROWS) -> None:
        """Begin with blank rows, on the pen's ground."""
        blank = self.styles.blank(self.pen)
        self.rows = [Row(self.columns, blank) for _ in range(self.lines)]
        self.scrollback: deque[Row] = deque(maxlen=scrollback_rows)

    @property
    def display(self) -> list[str]:
        """The text of each row, blanks and all, a wide character once."""
        return [
            "".join(map(self.clusters.text_of, row.text.replace(TAIL, "").replace(BLANK, " "))) for row in self.rows
        ]

    # --- drawing

    def draw(self, data: str) -> None:
        """Write text at the cursor."""
        self.write(data)

    def write(self, text: str, joins: bool = False) -> bool:
        """Write text at the cursor, wrapping as DECAWM says.

        Marks without width join the character before them. At the start of the text they do so if ``joins``;
        otherwise, as in xterm.js when a control comes between, they stand in a cell of their own.

        Args:
            text: printable characters.
            joins: whether the text goes on from text just written, with nothing between.

        Returns:
            Whether marks that follow at once would join the last character.
        """
        charset = self.g1_charset if self.charset else self.g0_charset
        if charset is not LAT1_MAP:
            text = text.translate(charset)
        joinable = True
        if not (text.isascii() or is_plain(text)):
            marks = leading_marks(text)
            if joins:
                self._join(text[:marks])
                text = text[marks:]
            else:
                joinable = marks < len(text)
                text = text[: min(marks, self.columns - self.cursor.x)] + text[marks:]  # marks alone do not wrap
            text = self.clusters.cells(text)
        cursor = self.cursor
        end = cursor.x + len(text)
        if end <= self.columns and IRM not in self.mode:
            self.rows[cursor.y].put(cursor.x, text, self.pen)
            cursor.x = end
        else:
            self._write_in_pieces(text)
        return joinable

    def _write_in_pieces(self, text: str) -> None:
        cursor, columns, pen = self.cursor, self.columns, self.pen
        at, end = 0, len(text)
        while at < end:
            width = 2 if text[at + 1 : at + 2] == TAIL else 1
            if cursor.x + width > columns:
                if DECAWM not in self.mode or width > columns:
                    cursor.x = columns - 1
                    if width == 2:  # there is no place for it
                        at += 2
                        continue
                else:
                    self.rows[cursor.y].put(cursor.x, BLANK * (columns - cursor.x), pen)
                    self.next_line()
                    self.rows[cursor.y].wrapped = True
            stop = at + columns - cursor.x
            if text[stop : stop + 1] == TAIL:
                stop -= 1
            piece, row = text[at:stop], self.rows[cursor.y]
            if IRM in self.mode:
                row.insert(cursor.x, piece, pen)
            else:
                row.put(cursor.x, piece, pen)
            cursor.x += len(piece)
            at = stop

    def _join(self, marks: str) -> None:
        row, x = self.rows[self.cursor.y], self.cursor.x - 1
        if marks and x >= 0:
            x -= row.text[x] == TAIL
            row.text = row.text[:x] + self.clusters.joined(row.text[x], marks) + row.text[x + 1 :]

    def repeat(self, count: int) -> None:
        """Write the character before the cursor again, ``count`` times (REP)."""
        row, x = self.rows[self.cursor.y], self.cursor.x - 1
        if x >= 0:
            is_wide = row.text[x] == TAIL
            in_a_row = max(self.columns // (1 + is_wide), 1)
            enough = in_a_row * self.lines
            if count > enough:  # the screen is full of it: more only moves the end
                count = enough + (count - enough) % in_a_row
            self.write(self.clusters.text_of(row.text[x - is_wide]) * (count or 1))

    def render(self, sequences: str) -> None:
        """Set the style of what is written next: SGR sequences, one or more, as they stand in the output."""
        self.set_pen(self.styles.render(self.plain_pen, sequences))

    def set_pen(self, plain_pen: str) -> None:
        """Set the style of what is written next; inside a link it is drawn with the link's underline."""
        self.plain_pen = plain_pen
        self.pen = self.styles.linked(plain_pen) if self.in_link else plain_pen

    def select_graphic_rendition(self, *attrs: int) -> None:
        """As ``render``, with the parameters of one sequence as numbers."""
        self.render(f"\x1b[{';'.join(map(str, attrs))}m")

    # --- erasing and editing

    def erase_in_display(self, how: int = 0, *args: Any, **kwargs: Any) -> None:
        """Erase below the cursor (0), above it (1), everything (2) or the rows above the screen (3) (ED)."""
        y, blank = self.cursor.y, self.styles.blank(self.pen)
        if how in (0, 1):
            self.erase_in_line(how)
        if how == 1:
            self.rows[y].wrapped = False
            if self.cursor.x >= self.columns - 1 and y + 1 < self.lines:
                self.rows[y + 1].wrapped = False
        if how == 3:
            self.scrollback.clear()
        if how == 2:
            self.clears += 1
        for erased in {0: range(y + 1, self.lines), 1: range(y), 2: range(self.lines)}.get(how, ()):
            self.rows[erased] = Row(self.columns, blank)

    def erase_in_line(self, how: int = 0, private: bool = False) -> None:
        """Erase to the end of the row (0), to its beginning (1) or all of it (2) (EL)."""
        row, x, columns = self.rows[self.cursor.y], self.cursor.x, self.columns
        start, end = {0: (x, columns), 1: (0, min(x + 1, columns)), 2: (0, columns)}.get(how, (0, 0))
        row.put(start, BLANK * (end - start), self.styles.blank(self.pen))
        if how in (0, 2) and start == 0:
            row.wrapped = False

    def erase_characters(self, count: int | None = None) -> None:
        """Erase from the cursor on (ECH)."""
        self.ensure_hbounds()
        x = self.cursor.x
        self.rows[self.cursor.y].put(x, BLANK * min(count or 1, self.columns - x), self.styles.blank(self.pen))

    def insert_characters(self, count: int | None = None) -> None:
        """Insert blanks at the cursor (ICH)."""
        self.ensure_hbounds()
        self._insert(self.rows[self.cursor.y], self.cursor.x, count)

    def delete_characters(self, count: int | None = None) -> None:
        """Delete characters at the cursor (DCH)."""
        self.ensure_hbounds()
        self._delete(self.rows[self.cursor.y], self.cursor.x, count)

    def insert_columns(self, count: int | None = None) -> None:
        """Insert blanks at the cursor's column in every row of the scrolling region (DECIC)."""
        self.ensure_hbounds()
        self._edit_region(self._insert, self.cursor.x, count)

    def delete_columns(self, count: int | None = None) -> None:
        """Delete at the cursor's column in every row of the scrolling region (DECDC)."""
        self.ensure_hbounds()
        self._edit_region(self._delete, self.cursor.x, count)

    def scroll_right(self, count: int | None = None) -> None:
        """Move the scrolling region right (SR)."""
        self._edit_region(self._insert, 0, count)

    def scroll_left(self, count: int | None = None) -> None:
        """Move the scrolling region left (SL)."""
        self._edit_region(self._delete, 0, count)

    def _insert(self, row: Row, x: int, count: int | None) -> None:
        row.insert(x, BLANK * min(count or 1, self.columns - x), self.styles.blank(self.pen))

    def _delete(self, row: Row, x: int, count: int | None) -> None:
        row.delete(x, min(count or 1, self.columns - x), self.styles.blank(self.pen))

    def _edit_region(self, edit: Callable[[Row, int, int | None], None], x: int, count: int | None) -> None:
        top, bottom = self.region()
        if top <= self.cursor.y <= bottom:
            for row in self.rows[top : bottom + 1]:
                edit(row, x, count)
                row.wrapped = False

    def insert_lines(self, count: int | None = None) -> None:
        """Insert blank rows at the cursor (IL)."""
        self.ensure_hbounds()
        top, bottom = self.region()
        if top <= self.cursor.y <= bottom:
            self._scroll_down(self.cursor.y, bottom, count or 1, self.styles.blank(self.pen))
            self.carriage_return()

    def delete_lines(self, count: int | None = None) -> None:
        """Delete rows at the cursor (DL)."""
        self.ensure_hbounds()
        top, bottom = self.region()
        if top <= self.cursor.y <= bottom:
            self._scroll_up(self.cursor.y, bottom, count or 1)
            self.carriage_return()

    def alignment_display(self) -> None:
        """Fill the screen with E (DECALN)."""
        for row in self.rows:
            row.put(0, "E" * self.columns, self.pen)
            row.wrapped = False
        self.cursor_position()

    # --- scrolling

    def linefeed(self) -> None:
        """Move the cursor down as ``index``; what is below begins a line of its own (LF)."""
        cursor = self.cursor
        y = cursor.y
        self.index()
        if cursor.y != y:
            self.rows[cursor.y].wrapped = False
        if LNM in self.mode:
            self.carriage_return()

    def index(self) -> None:
        """Move the cursor down, scrolling at the bottom margin (IND)."""
        self.ensure_hbounds()
        cursor = self.cursor
        top, bottom = self.region()
        if cursor.y == bottom:
            if top == 0:
                self.scrollback.append(self.rows[0])
            self._scroll_up(top, bottom, 1)
        elif cursor.y < self.lines - 1:
            cursor.y += 1

    def next_line(self) -> None:
        """Move the cursor to the start of the next row, scrolling at the bottom margin (NEL)."""
        self.carriage_return()
        self.index()

    def reverse_index(self) -> None:
        """Move the cursor up, scrolling at the top margin (RI)."""
        self.ensure_hbounds()
        top, bottom = self.region()
        if self.cursor.y == top:
            self._scroll_down(top, bottom, 1, self.styles.blank(self.pen))
        elif self.cursor.y > 0:
            self.cursor.y -= 1

    def scroll_up(self, count: int | None = None) -> None:
        """Move the scrolling region up (SU)."""
        self._scroll_up(*self.region(), count or 1)

    def scroll_down(self, count: int | None = None) -> None:
        """Move the scrolling region down (SD); what comes in has no colour, as in xterm.js."""
        self._scroll_down(*self.region(), count or 1, "\0")

    def _scroll_up(self, top: int, bottom: int, count: int) -> None:
        count = min(count, bottom - top + 1)
        del self.rows[top : top + count]
        start, blank = bottom + 1 - count, self.styles.blank(self.pen)
        self.rows[start:start] = [Row(self.columns, blank) for _ in range(count)]

    def _scroll_down(self, top: int, bottom: int, count: int, blank: str) -> None:
        count = min(count, bottom - top + 1)
        del self.rows[bottom + 1 - count : bottom + 1]
        self.rows[top:top] = [Row(self.columns, blank) for _ in range(count)]

    def region(self) -> tuple[int, int]:
        """First and last row of the scrolling region."""
        return self.margins or (0, self.lines - 1)
