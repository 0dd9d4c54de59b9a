"""A terminal without a parser: tests write cells where they want them."""

import numpy as np
from wcwidth import wcwidth

from tracekit.terminal.cells import CLUSTER, WIDE_TAIL, Cells, Cursor, Style


class FakeTerminal:
    """Stands for an engine (tracekit.terminal.engine.Engine)."""

    def __init__(self, columns: int, rows: int) -> None:
        self.columns, self.rows = columns, rows
        self.styles = [Style()]
        self.clusters: list[str] = []
        self.cursor = Cursor(0, 0, visible=False)
        self.colors: dict[int, int] = {}
        self.reverse = False
        self.title, self.clears = "", 0
        self._cells = np.full((rows, columns), 32, dtype=np.uint64)

    def feed(self, text: str) -> range:
        raise NotImplementedError

    def write(self, x: int, y: int, text: str, style: Style | None = None) -> set[int]:
        """Put characters from a cell on; return the rows that changed."""
        for character in text:
            width = max(1, wcwidth(character))
            self.put(x, y, character, width, style)
            x += width
        return {y}

    def put(self, x: int, y: int, cluster: str, width: int = 1, style: Style | None = None) -> None:
        """Put one character or cluster."""
        style = style or Style()
        if style not in self.styles:
            self.styles.append(style)
        code = ord(cluster) if len(cluster) == 1 else CLUSTER + len(self.clusters)
        if len(cluster) > 1:
            self.clusters.append(cluster)
        self.set(x, y, code, self.styles.index(style))
        if width == 2:
            self.set(x + 1, y, WIDE_TAIL, self.styles.index(style))

    def set(self, x: int, y: int, code: int, style: int = 0) -> None:
        """Set one cell, whatever it is; what is off the screen is dropped."""
        if 0 <= x < self.columns and 0 <= y < self.rows:
            self._cells[y, x] = style << 32 | code

    def resize(self, columns: int, rows: int) -> range:
        cells = np.full((rows, columns), 32, dtype=np.uint64)
        height, width = min(rows, self.rows), min(columns, self.columns)
        cells[:height, :width] = self._cells[:height, :width]
        self._cells, self.columns, self.rows = cells, columns, rows
        return range(rows)

    def cells(self, row: int) -> Cells:
        return self._cells[row].copy()
