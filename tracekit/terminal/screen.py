"""The screen: pyte's, with cells of its own and everything put right that upstream draws wrong.

From pyte comes what a screen is made of and called: the cursor and whether it is hidden, margins, modes and their
numbers, tab stops, character sets and their tables, title and icon name, the names of the events, and the methods for
what pyte does as terminals do. The cells are ours: rows of two strings (`tracekit.terminal.row`) instead of a
dictionary of named tuples, one for each character, which is where upstream spends its time; its ``buffer`` stays empty.
Ours is therefore every method that draws, erases or scrolls (`tracekit.terminal.canvas`), and every one here: pyte
0.8.2 departs from real terminals in it, or has not got it.

pyte's convention for a pending wrap is kept: ``cursor.x == columns`` after the last column was written.
"""

from collections import deque
from typing import Any, NamedTuple

from pyte.charsets import LAT1_MAP, VT100_MAP
from pyte.modes import DECAWM, DECOM, DECSCNM, DECTCEM, IRM, LNM
from pyte.screens import Margins

from tracekit.terminal import reflow
from tracekit.terminal.canvas import Canvas
from tracekit.terminal.osc import set_colors
from tracekit.terminal.row import Row

_DEC_GRAPHICS = LAT1_MAP[:0x60] + VT100_MAP[0x60:0x7F].replace("\u2591", "\u2424") + LAT1_MAP[0x7F:]
"""DEC Special Graphics, 0x60 to 0x7E. (pyte's table has the Linux console's shade for the new-line symbol.)"""
_CHARSETS = {"B": LAT1_MAP, "0": _DEC_GRAPHICS, "A": LAT1_MAP.replace("#", "£")}
_SHAPES = ("block", "underline", "bar")
_ALTERNATE_SCREEN = frozenset({47, 1047, 1049})
_SAVE_CURSOR = frozenset({1048, 1049})
_CURSOR_BLINK = 12
_PRIVATE_MODES = {5: DECSCNM, 6: DECOM, 7: DECAWM, 25: DECTCEM}
"""Private modes that a screen keeps, by their number in a sequence; pyte's numbers tell them from those of ANSI."""


class Saved(NamedTuple):
    """What DECSC saves."""

    x: int = 0
    y: int = 0
    pen: str = "\0"
    charsets: tuple[str, str, int] = (LAT1_MAP, LAT1_MAP, 0)
    origin: bool = False

    def at(self, y: int, columns: int) -> "Saved":
        """The same on another row, and on a screen of so many columns."""
        return self._replace(x=min(self.x, columns - 1), y=y)


class Page(NamedTuple):
    """What the main screen keeps while the alternate one is shown."""

    rows: list[Row]
    scrollback: deque[Row]
    margins: Margins | None
    tabstops: set[int]
    saved: Saved
    y: int


class Screen(Canvas):
    """A terminal's screen, driven by the methods that are named as pyte names its events.

    Attributes:
        colors: colours that the program has set, as ``Engine.colors`` has them.
        cursor_shape: ``block``, ``underline`` or ``bar``.
        cursor_blink: whether the cursor blinks.
    """

    def reset(self) -> None:
        """Put everything but the title back to how it was at the start (RIS)."""
        title = getattr(self, "title", "")
        super().reset()
        self.title = title
        self.g1_charset = LAT1_MAP
        self.cursor_shape, self.cursor_blink = "block", False
        self.colors: dict[int, int] = {}
        self.saved = Saved()
        self._main: Page | None = None

    def soft_reset(self) -> None:
        """Put modes, margins, style, character sets and the saved cursor back, leaving what is drawn (DECSTR)."""
        self.cursor.hidden = False
        self.margins = None
        self.in_link = False
        self.set_pen("\0")
        self.mode = self.mode - {IRM, DECOM} | {DECAWM, DECTCEM}
        self.saved = Saved()
        self.g0_charset, self.g1_charset, self.charset = self.saved.charsets

    # --- the cursor

    def set_margins(self, top: int | None = None, bottom: int | None = None) -> None:
        """Set the scrolling region, rows from 1, and move the cursor home (DECSTBM)."""
        first, last = top or 1, bottom or self.lines
        last = min(last, self.lines)
        if first < last:
            self.margins = Margins(first - 1, last - 1)
            self.cursor_position()

    def cursor_position(self, line: int | None = None, column: int | None = None) -> None:
        """Move the cursor, row and column from 1; the row from the top margin in origin mode (CUP)."""
        top, bottom = self.region() if DECOM in self.mode else (0, self.lines - 1)
        self.cursor.x = min((column or 1) - 1, self.columns - 1)
        self.cursor.y = min(top + (line or 1) - 1, bottom)

    def cursor_to_line(self, line: int | None = None) -> None:
        """Move the cursor to a row, as ``cursor_position`` (VPA)."""
        self.cursor_position(line, self.cursor.x + 1)

    def cursor_up(self, count: int | None = None) -> None:
        """Move the cursor up, to the top margin at most if it is below that (CUU)."""
        self.ensure_hbounds()
        top, y = self.region()[0], self.cursor.y
        self.cursor.y = max(y - (count or 1), top if y >= top else 0)

    def cursor_down(self, count: int | None = None) -> None:
        """Move the cursor down, to the bottom margin at most if it is above that (CUD)."""
        self.ensure_hbounds()
        bottom, y = self.region()[1], self.cursor.y
        self.cursor.y = min(y + (count or 1), bottom if y <= bottom else self.lines - 1)

    def cursor_down_in_screen(self, count: int | None = None) -> None:
        """Move the cursor down, whatever the margins (VPR)."""
        self.ensure_hbounds()
        self.cursor.y += count or 1
        self.ensure_vbounds()

    def tab(self) -> None:
        """Move to the next tab stop; a pending wrap stays (HT)."""
        self.tab_forward()

    def tab_forward(self, count: int | None = None) -> None:
        """Move to the ``count``-th tab stop from here, or to the last column (CHT)."""
        if self.cursor.x < self.columns:
            stops = sorted(stop for stop in self.tabstops if self.cursor.x < stop < self.columns)
            self.cursor.x = [*stops[: count or 1], *[self.columns - 1] * (len(stops) < (count or 1))][-1]

    def tab_back(self, count: int | None = None) -> None:
        """Move back to the ``count``-th tab stop from here, or to the first column (CBT)."""
        if self.cursor.x < self.columns:
            stops = sorted((stop for stop in self.tabstops if stop < self.cursor.x), reverse=True)
            self.cursor.x = stops[(count or 1) - 1] if (count or 1) <= len(stops) else 0

    def save_cursor(self) -> None:
        """Save the cursor's place, the style, character sets and origin mode (DECSC)."""
        charsets = (self.g0_charset, self.g1_charset, self.charset)
        self.saved = Saved(self.cursor.x, self.cursor.y, self.plain_pen, charsets, DECOM in self.mode)

    def restore_cursor(self) -> None:
        """Go back to what was saved last on this page, which can be done again, or to the defaults (DECRC)."""
        self.cursor.x, self.cursor.y, pen, charsets, origin = self.saved
        self.set_pen(pen)
        self.g0_charset, self.g1_charset, self.charset = charsets
        self.mode = self.mode | {DECOM} if origin else self.mode - {DECOM}
        self.ensure_hbounds()
        self.ensure_vbounds()

    def set_cursor_shape(self, style: int = 0) -> None:
        """Set the cursor's shape (DECSCUSR): 0 the default; 1, 3, 5 blinking, 2, 4, 6 steady block, underline, bar."""
        if style <= 6:
            self.cursor_shape = _SHAPES[max(style - 1, 0) // 2]
            self.cursor_blink = style % 2 == 1

    # --- modes and pages

    def set_mode(self, *modes: int, **kwargs: Any) -> None:
        """Set modes (SM, or DECSET with ``private=True``)."""
        if kwargs.get("private"):
            self.set_private_mode(*modes)
        else:
            self.mode |= {IRM, LNM}.intersection(modes)

    def reset_mode(self, *modes: int, **kwargs: Any) -> None:
        """Reset modes (RM, or DECRST with ``private=True``)."""
        if kwargs.get("private"):
            self.reset_private_mode(*modes)
        else:
            self.mode -= {IRM, LNM}.intersection(modes)

    def set_private_mode(self, *modes: int) -> None:
        """Set private modes (DECSET)."""
        for mode in modes:
            if mode in _SAVE_CURSOR:
                self.save_cursor()
            if mode in _ALTERNATE_SCREEN:
                self._enter_alternate()
            elif mode == _CURSOR_BLINK:
                self.cursor_blink = True
            elif mode in _PRIVATE_MODES:
                self.mode.add(_PRIVATE_MODES[mode])
                self._apply_private_mode(_PRIVATE_MODES[mode])

    def reset_private_mode(self, *modes: int) -> None:
        """Reset private modes (DECRST)."""
        for mode in modes:
            if mode in _ALTERNATE_SCREEN:
                self._leave_alternate()
            elif mode == _CURSOR_BLINK:
                self.cursor_blink = False
            elif mode in _PRIVATE_MODES:
                self.mode.discard(_PRIVATE_MODES[mode])
                self._apply_private_mode(_PRIVATE_MODES[mode])
            if mode in _SAVE_CURSOR:
                self.restore_cursor()

    def _apply_private_mode(self, mode: int) -> None:
        self.cursor.hidden = DECTCEM not in self.mode
        if mode == DECOM:
            self.cursor_position()

    def _enter_alternate(self) -> None:
        if self._main is None:
            self._main = Page(self.rows, self.scrollback, self.margins, self.tabstops, self.saved, self.cursor.y)
            self.margins, self.tabstops, self.saved = None, set(range(8, self.columns, 8)), Saved()
            self.clear_rows(scrollback_rows=0)
            self.clears += 1

    def _leave_alternate(self) -> None:
        if self._main is not None:
            self.rows, self.scrollback, self.margins, self.tabstops, self.saved, _ = self._main
            self._main = None
            self.clears += 1

    def define_charset(self, code: str, mode: str) -> None:
        """Choose G0 (``mode`` is ``(``) or G1 (``)``); a set that is not known is ASCII (SCS)."""
        charset = _CHARSETS.get(code, LAT1_MAP)
        if mode == "(":
            self.g0_charset = charset
        else:
            self.g1_charset = charset

    def select_default_charset(self) -> None:
        """Go back to ASCII (DOCS)."""
        self.g0_charset, self.charset = LAT1_MAP, 0

    def operating_system_command(self, code: int, data: str) -> None:
        """Set the title, begin or end a link, set colours; any other command shows nothing (OSC)."""
        if code in (0, 2):
            self.set_title(data)
        elif code == 8:
            parameters, separator, uri = data.partition(";")
            if separator and (uri or not parameters.strip()):
                self.in_link = bool(uri)
                self.set_pen(self.plain_pen)
        else:
            set_colors(self.colors, code, data)

    def resize(self, lines: int | None = None, columns: int | None = None) -> None:
        """Change the size. Rows go to and come from above the screen, and lines are wrapped again (see ``reflow``)."""
        lines, columns = lines or self.lines, columns or self.columns
        if (lines, columns) == (self.lines, self.columns):
            return
        if (main := self._main) is not None:
            places = (main.y, main.saved.y)
            y, saved_y = reflow.resize(main.rows, main.scrollback, places, self.columns, columns, lines)
            self._main = main._replace(margins=None, y=y, saved=main.saved.at(saved_y, columns))
            main.tabstops.update(stop for stop in range(8, columns, 8) if stop >= self.columns)
        places = (self.cursor.y, self.saved.y)
        self.cursor.y, saved_y = reflow.resize(self.rows, self.scrollback, places, self.columns, columns, lines)
        self.saved = self.saved.at(saved_y, columns)
        self.tabstops.update(stop for stop in range(8, columns, 8) if stop >= self.columns)
        self.margins = None
        self.lines, self.columns = lines, columns
        self.cursor.x = min(self.cursor.x, columns - 1)
