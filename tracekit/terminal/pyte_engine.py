"""The terminal engine on top of pyte: a parser of ours, a screen that is pyte's with other cells, and what changed."""

from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import compress
from operator import attrgetter, ne

from pyte.modes import DECSCNM

from tracekit.terminal.cells import Cells, Cursor, Style
from tracekit.terminal.parser import Parser
from tracekit.terminal.row import BLANK, Row
from tracekit.terminal.screen import Screen

_content: Callable[[Row], tuple[str, str]] = attrgetter("text", "styles")


class PyteEngine:
    """A terminal, as `tracekit.terminal.engine.Engine` describes it.

    Which rows have changed is found by comparing them with what they were: nothing that draws needs to keep account.
    """

    def __init__(self, columns: int, rows: int) -> None:
        self._screen = Screen(columns, rows)
        self._parser = Parser(self._screen)
        self._seen: list[tuple[str, str]] = []
        self._remember()

    @property
    def columns(self) -> int:
        """Width of the screen, in cells."""
        return self._screen.columns

    @property
    def rows(self) -> int:
        """Height of the screen, in cells."""
        return self._screen.lines

    @property
    def styles(self) -> Sequence[Style]:
        """Style by id."""
        return self._screen.styles.styles

    @property
    def clusters(self) -> Sequence[str]:
        """Cluster by ``code - CLUSTER``."""
        return self._screen.clusters.texts

    @property
    def cursor(self) -> Cursor:
        """The cursor now."""
        screen, cursor = self._screen, self._screen.cursor
        x = min(cursor.x, screen.columns - 1)
        return Cursor(x, cursor.y, not cursor.hidden, screen.cursor_shape, screen.cursor_blink)

    @property
    def colors(self) -> Mapping[int, int]:
        """Colours that the program has set."""
        return self._screen.colors

    @property
    def reverse(self) -> bool:
        """Whether the whole screen is shown in reverse."""
        return DECSCNM in self._screen.mode

    @property
    def title(self) -> str:
        """The window title that the program has set last."""
        return self._screen.title

    @property
    def clears(self) -> int:
        """How often the whole screen was cleared or switched."""
        return self._screen.clears

    def feed(self, text: str) -> Collection[int]:
        """Take output and return the rows whose cells are others than before."""
        self._parser.feed(text)
        content = list(map(_content, self._screen.rows))
        touched = compress(range(len(content)), map(ne, content, self._seen))
        changed = []
        for y in touched:
            (text, styles), (old_text, old_styles) = content[y], self._seen[y]
            if styles != old_styles or text.replace(BLANK, " ") != old_text.replace(BLANK, " "):
                changed.append(y)
                self._cells[y] = None
        self._seen = content
        return changed

    def resize(self, columns: int, rows: int) -> Collection[int]:
        """Change the size; return all rows."""
        self._screen.resize(rows, columns)
        self._remember()
        return range(rows)

    def cells(self, row: int) -> Cells:
        """The cells of a row, shape (columns,), not writable."""
        cells = self._cells[row]
        if cells is None:
            cells = self._cells[row] = self._screen.rows[row].cells()
        return cells

    def _remember(self) -> None:
        self._seen = list(map(_content, self._screen.rows))
        self._cells: list[Cells | None] = [None] * len(self._seen)
