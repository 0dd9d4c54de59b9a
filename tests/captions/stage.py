"""Clips to caption: played from a script, or cut from real recordings."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from tracekit.captions.base import ClipView
from tracekit.casts.read import read_cast
from tracekit.clips.cut import CutRule, segments
from tracekit.clips.describe import describe
from tracekit.clips.film import film
from tracekit.clips.fit_time import fit_time
from tracekit.clips.screen import Screen
from tracekit.clips.timeline import limit_idle
from tracekit.core.clock import NS_PER_S, frame_of, frames_for
from tracekit.core.errors import Rejected
from tracekit.core.events import Event
from tracekit.terminal.cells import WIDE_TAIL, Cells, Cursor, Style
from tracekit.terminal.engine import open_engine
from tracekit.terminal.grid import Grid, GridBuilder
from tracekit.terminal.width import width


def row_of(text: str, columns: int, style: int = 0) -> Cells:
    """One row of cells; wide characters take two."""
    row = [code for char in text for code in ((ord(char), WIDE_TAIL) if width(char) == 2 else (ord(char),))][:columns]
    cells = np.full(columns, 32, np.uint64)
    cells[: len(row)] = np.array(row, np.uint64) | np.uint64(style << 32)
    return cells


def grid_of(
    screens: Sequence[tuple[Sequence[str], Cursor]],
    columns: int = 40,
    rows: int = 8,
    styles: Sequence[Style] = (Style(),),
) -> Grid:
    """A clip that shows one screen after the other, a frame each, in the last of the styles."""
    builder = GridBuilder()
    for lines, cursor in screens:
        padded = [*lines, *[""] * (rows - len(lines))]
        builder.frame([row_of(line, columns, len(styles) - 1) for line in padded], None, cursor)
    return builder.build(styles, [])


def clip(grid: Grid, events: Sequence[Event] = (), key: str = "clip_0000", theme: str = "asciinema") -> ClipView:
    statistics = describe(grid, events, 5 * NS_PER_S)
    sample: dict[str, Any] = {"look": {"theme": theme}, "statistics": statistics.model_dump()}
    return ClipView(key, grid, events, sample)


def typed(before: Sequence[str], prompt: str, text: str, after: Sequence[str]) -> list[tuple[Sequence[str], Cursor]]:
    """Screens of a line that is typed after a prompt, then entered, and answered."""
    y = len(before)
    screens: list[tuple[Sequence[str], Cursor]] = [([], Cursor(0, 0))] if not before else []
    for count in range(len(text) + 1):
        line = prompt + text[:count]
        screens.append(([*before, line], Cursor(len(line), y)))
    if after:
        screens.append(([*before, prompt + text, *after], Cursor(len(after[-1]), y + len(after))))
    return screens


class NoCamera:
    """Films nothing."""

    def frame(self, screen: Screen, changed: Collection[int] | None) -> None: ...

    def repeat(self) -> None: ...

    def finish(self) -> bytes:
        return b""


def clips_of(path: Path, most: int) -> Iterator[ClipView]:
    """The first clips of a recording; none if it can't be read."""
    with suppress(Rejected):
        header, events, _ = read_cast(path)
        timeline = limit_idle(events, 2 * NS_PER_S)
        active = sorted({frame_of(event.time_ns) for event in timeline.events})
        cuts = islice(segments(active, frames_for(timeline.duration_ns), CutRule()), most)
        screen = Screen(open_engine("pyte", header.columns, header.rows), None)
        takes = film(timeline.events, [fit_time(cut) for cut in cuts], screen, lambda number: NoCamera())  # type: ignore[arg-type, return-value]
        for number, take in enumerate(takes):
            key = f"{path.name.lower().replace('.', '-')}_{number:04d}"
            yield clip(take.grid, take.time.events(timeline.events), key)
