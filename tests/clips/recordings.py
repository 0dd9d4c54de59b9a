"""Recordings made for tests, and what their screens show at an instant, found the slow and plain way."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tracekit.clips.cast_source import CastConfig, CastSource
from tracekit.clips.clip import Capture, Clip, Input
from tracekit.clips.settings import ClipSettings, LookSettings, VideoSettings
from tracekit.core.events import Event
from tracekit.terminal.cells import CLUSTER, Cells, Cursor, Style, codes, style_ids
from tracekit.terminal.engine import Engine, Shown, open_engine
from tracekit.terminal.fit import Fit
from tracekit.terminal.grid import Grid
from tracekit.terminal.painter import Look, Painter
from tracekit.video.decode import decode

EXACT = VideoSettings(pix_fmt="yuv444p", qp=0)
"""Lossless: a decoded picture is the painted one."""

Picture = NDArray[np.uint8]
"""Planes Y, U and V, shape (3, height, width)."""


class Instant(NamedTuple):
    """What a screen shows."""

    columns: int
    rows: int
    cells: tuple[tuple[tuple[str, Style], ...], ...]
    cursor: Cursor


def write_cast(
    path: Path, events: Iterable[tuple[float, str, str]], columns: int = 20, rows: int = 4, **more: Any
) -> Path:
    """A version 2 cast of (seconds, code, data)."""
    lines = [{"version": 2, "width": columns, "height": rows, **more}, *map(list, events)]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def input_of(path: Path) -> Input:
    data = path.read_bytes()
    return Input(path.name, hashlib.sha256(data).hexdigest(), len(data), str(path))


def source(
    paths: Sequence[Path] = (),
    clip: ClipSettings | None = None,
    look: LookSettings | None = None,
    video: VideoSettings | None = None,
    **config: Any,
) -> CastSource:
    """The source of casts, with the settings that a test asks for."""
    settings = clip or ClipSettings(), look or LookSettings(), video or VideoSettings()
    return CastSource(CastConfig(paths=list(map(str, paths)) or ["-"], **config), Capture(*settings, None, 0))


def clips_of(made: CastSource, path: Path) -> list[Clip]:
    found = list(made.clips(input_of(path)))
    assert all(isinstance(clip, Clip) for clip in found)
    return [clip for clip in found if isinstance(clip, Clip)]


def at_frame(events: Iterable[Event], frame: int) -> list[Event]:
    """The events that trace frame ``frame`` shows: those up to frame/15 s and none later, in exact arithmetic."""
    return [event for event in events if Fraction(event.time_ns, 10**9) <= Fraction(frame, 15)]


def replay(events: Iterable[Event], columns: int, rows: int) -> Engine:
    """A new terminal that has taken the events, one by one."""
    engine = open_engine("pyte", columns, rows)
    for event in events:
        if event.code == "o":
            engine.feed(event.data)
        elif event.code == "r":
            engine.resize(*map(int, event.data.split("x")))
    return engine


def shown(terminal: Shown) -> Instant:
    rows = tuple(_named(terminal.cells(row), terminal.styles, terminal.clusters) for row in range(terminal.rows))
    return Instant(terminal.columns, terminal.rows, rows, terminal.cursor)


def recorded(grid: Grid, frame: int) -> Instant:
    rows = tuple(_named(row, grid.styles, grid.clusters) for row in grid.cells(frame))
    return Instant(*grid.size(frame), rows, grid.cursor(frame))


def _named(cells: Cells, styles: Sequence[Style], clusters: Sequence[str]) -> tuple[tuple[str, Style], ...]:
    return tuple(
        (chr(code) if code < CLUSTER else clusters[code - CLUSTER], styles[style])
        for code, style in zip(codes(cells).tolist(), style_ids(cells).tolist(), strict=True)
    )


def painted(terminal: Shown, look: Look, columns: int, rows: int, fit: Fit | None = None) -> Picture:
    """A terminal painted from nothing, in yuv444p."""
    painter = Painter(look, columns, rows, fit, "yuv444p")
    planes = painter.new_planes()
    painter.paint(terminal, range(terminal.rows), planes)
    return np.stack(planes)


def decoded(video: bytes) -> list[Picture]:
    """The frames of a video in yuv444p, as they were coded."""
    return [frame.to_ndarray(format="yuv444p") for frame in decode(video)]
