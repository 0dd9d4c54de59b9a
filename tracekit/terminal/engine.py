"""The interface of a terminal emulator, and how one is chosen.

Engines are plug-ins of the kind ``engines``: ``pyte`` (ours, on top of pyte) and ``ghostty`` (compiled).
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol, cast

from tracekit.core import plugins
from tracekit.terminal.cells import Cells, Cursor, Style


class Shown(Protocol):
    """What a terminal shows: the side of an engine that is drawn and recorded."""

    @property
    def columns(self) -> int:
        """Width of the screen, in cells."""

    @property
    def rows(self) -> int:
        """Height of the screen, in cells."""

    @property
    def styles(self) -> Sequence[Style]:
        """Style by id. Only ever grows; id 0 is ``Style()``."""

    @property
    def clusters(self) -> Sequence[str]:
        """Cluster by ``code - CLUSTER``. Only ever grows."""

    @property
    def cursor(self) -> Cursor:
        """The cursor now. 0 <= x < columns, also while a wrap is pending."""

    @property
    def colors(self) -> Mapping[int, int]:
        """Palette entries that the program has set to 0xRRGGBB (OSC 4; -1 text, -2 ground, -3 cursor: OSC 10 to 12)."""

    @property
    def reverse(self) -> bool:
        """Whether the whole screen is shown in reverse (DECSCNM)."""

    def cells(self, row: int) -> Cells:
        """The cells of a row, shape (columns,); a fresh array, or one that the engine never writes to again."""


class Engine(Shown, Protocol):
    """A terminal: text goes in, cells come out. Nothing that a text holds raises or blocks."""

    @property
    def title(self) -> str:
        """The window title that the program has set last, or ''."""

    @property
    def clears(self) -> int:
        """How often the whole screen was cleared or switched since the start (ED 2, RIS, alternate screens)."""

    def feed(self, text: str) -> Collection[int]:
        """Take output and return the rows (from 0) whose cells may have changed.

        Sequences may be split over calls at any place.
        """

    def resize(self, columns: int, rows: int) -> Collection[int]:
        """Change the size; return the rows that may have changed (all).

        Lines that were wrapped at the margin are wrapped anew, except on the alternate screen.
        """


def open_engine(name: str, columns: int, rows: int) -> Engine:
    """Start a terminal of the named engine.

    Raises:
        TracekitError: no such engine, or the package it needs is not installed.
    """
    return cast(Engine, plugins.load("engines", name)(columns, rows))
