"""The screen of a trace as it may be shown: an engine that is fed events, and whose rows pass the guard."""

import string
from collections.abc import Collection, Mapping, Sequence

import numpy as np

from tracekit.casts.scrub import Guard, Span
from tracekit.core.events import Event
from tracekit.terminal.cells import CLUSTER, WIDE_TAIL, Cells, Cursor, Style, codes
from tracekit.terminal.engine import Engine
from tracekit.terminal.grid import text_of

_CODE_MASK = np.uint64(0xFFFFFFFF)
_ASTERISK = np.uint64(ord("*"))
_WORD = frozenset(string.ascii_letters + string.digits + "_.~+/=-")
"""What keys, tokens and passwords are made of, for the most part."""


MOST_SECRETS = 50
"""How often to start a recording over before giving it up."""


class SecretSeen(Exception):
    """The screen shows a secret that the stream did not give away. The guard has learnt it: start over."""

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule


class Screen:
    """What is drawn and recorded of a terminal.

    Args:
        engine: a fresh one.
        guard: knows the secrets of the recording; None to show everything.
    """

    def __init__(self, engine: Engine, guard: Guard | None) -> None:
        self._engine, self._guard = engine, guard
        self.grid: list[Cells] = [engine.cells(row) for row in range(engine.rows)]
        """The rows as they may be shown, each of shape (columns,)."""
        self._texts = [""] * engine.rows  # of the engine's rows, where the guard reads them
        self._look()

    def _look(self) -> None:
        """See what else there is besides rows: cameras ask for it at every frame."""
        self.cursor: Cursor = self._engine.cursor
        """The cursor now."""
        self.colors: Mapping[int, int] = self._engine.colors
        """Palette entries that the program has set."""
        self.reverse: bool = self._engine.reverse
        """Whether the whole screen is shown in reverse."""

    @property
    def columns(self) -> int:
        """Width, in cells."""
        return self._engine.columns

    @property
    def rows(self) -> int:
        """Height, in cells."""
        return self._engine.rows

    @property
    def styles(self) -> Sequence[Style]:
        """Style by id."""
        return self._engine.styles

    @property
    def clusters(self) -> Sequence[str]:
        """Cluster by ``code - CLUSTER``."""
        return self._engine.clusters

    def cells(self, row: int) -> Cells:
        """A row as it may be shown, shape (columns,)."""
        return self.grid[row]

    def play(self, events: Sequence[Event]) -> Collection[int] | None:
        """Feed events; return the rows that may have changed, None for all of them and the size.

        Raises:
            SecretSeen: see there.
        """
        engine = self._engine
        changed: set[int] = set()
        outputs: list[str] = []
        resized = False
        for event in events:
            if event.code == "o":
                outputs.append(event.data)
            elif event.code == "r":
                changed.update(engine.feed("".join(outputs)))
                outputs.clear()
                columns, _, rows = event.data.partition("x")
                engine.resize(int(columns), int(rows))
                resized = True
        changed.update(engine.feed("".join(outputs)))
        self._look()
        if resized:
            changed = set(range(engine.rows))
            self.grid = [engine.cells(row) for row in range(engine.rows)]
            self._texts = [""] * engine.rows
        else:
            for row in changed:
                self.grid[row] = engine.cells(row)
        if self._guard is not None and changed:
            changed |= self._protect(self._guard, changed)
        return None if resized else changed

    def _protect(self, guard: Guard, changed: set[int]) -> set[int]:
        """Hide what the guard finds on changed rows, read on over the margin; return all rows that were looked at."""
        texts, clusters = self._texts, self.clusters
        for row in changed:
            texts[row] = text_of(self.grid[row], clusters)
        looked_at: set[int] = set()
        for row in sorted(changed):
            if row in looked_at:
                continue
            first = last = row
            while first > 0 and _runs_on(texts[first - 1], texts[first]):
                first -= 1
            while last + 1 < len(texts) and _runs_on(texts[last], texts[last + 1]):
                last += 1
            rows = range(first, last + 1)
            looked_at.update(rows)
            if last > first:  # a row that has not changed may have been hidden for what is no longer there
                self.grid[first : last + 1] = [self._engine.cells(y) for y in rows]
            lines = texts[first : last + 1]
            if spans := _spans(guard, lines):
                text = "".join(lines)
                for start, end, rule in spans:
                    if guard.learn(text[start:end], rule):
                        raise SecretSeen(rule)
                self._hide(rows, spans)
        return looked_at

    def _hide(self, rows: Sequence[int], spans: Sequence[Span]) -> None:
        """Put asterisks over stretches of the joined text of rows, in cells of the same style."""
        begin = 0
        for row in rows:
            cells, at = self._engine.cells(row).copy(), begin
            hidden = False
            for x, code in enumerate(codes(cells).tolist()):
                if code != WIDE_TAIL:
                    begin = at
                    at += 1 if code < CLUSTER else len(self.clusters[code - CLUSTER])
                    hidden = any(start < at and begin < end for start, end, _ in spans)
                if hidden:
                    cells[x] = cells[x] & ~_CODE_MASK | _ASTERISK
            self.grid[row], begin = cells, at


def _runs_on(text: str, below: str) -> bool:
    """Whether a word may go on from the end of a row to the start of the next."""
    return text[-1:] in _WORD and below[:1] in _WORD


def _spans(guard: Guard, lines: Sequence[str]) -> list[Span]:
    """What the guard finds in rows, each by itself and all run on; places are those in the joined text."""
    found = list(guard.find("".join(lines)))
    if len(lines) > 1:
        start = 0
        for line in lines:
            found += [Span(start + begin, start + end, rule) for begin, end, rule in guard.find(line)]
            start += len(line)
    return found
