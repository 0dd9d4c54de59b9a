"""Measure a terminal clip: the numbers of ``KEY.json``'s ``statistics``.

Every number is a ratio of integers or a sum rounded once, so that it is the same on every machine.
"""

import math
import re
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tracekit.core.clock import NS_PER_S
from tracekit.core.events import Event
from tracekit.shards.sample import Statistics
from tracekit.terminal.cells import DEFAULT, codes, style_ids
from tracekit.terminal.grid import Grid

_BLANK = 32
_CLEAR = re.compile(r"\x1bc|\x1b\[2J|\x1b\[\?(?:47|1047|1049)[hl]")
"""What clears or switches the whole screen: RIS, ED 2, the alternate screens (xterm, ctlseqs)."""
_DEFAULT_GROUND = DEFAULT - 1


def describe(grid: Grid, events: Sequence[Event], duration_ns: int) -> Statistics:
    """Measure a clip.

    Args:
        grid: what its frames show; at least one frame.
        events: its events, in order of time.
        duration_ns: how much of the recording's time it shows, >= 0.
    """
    outputs = [event.data for event in events if event.code == "o"]
    keys_ns = [event.time_ns for event in events if event.code == "i"]
    output = "".join(outputs)
    mean_s, variance_s2 = rhythm([later - time for time, later in pairwise(keys_ns)])
    changes = max(grid.frames - 1, 1)
    return Statistics(
        duration_s=duration_ns / NS_PER_S,
        outputs=len(outputs),
        inputs=len(keys_ns),
        output_bytes=len(output.encode("utf-8", "replace")),
        events_per_s=len(events) * NS_PER_S / duration_ns if duration_ns else 0.0,
        typing_interval_mean_s=mean_s,
        typing_interval_variance_s2=variance_s2,
        changed_frames=_changed_frames(grid),
        changed_cells_mean=_changed_cells(grid) / changes,
        colors=_colors(grid),
        characters=_characters(grid),
        screen_clears=len(_CLEAR.findall(output)),
        text_density=_text_density(grid),
    )


def rhythm(intervals_ns: list[int]) -> tuple[float | None, float | None]:
    """Mean in seconds and variance in seconds squared."""
    if not intervals_ns:
        return None, None
    count, total = len(intervals_ns), sum(intervals_ns)
    squares = sum(interval * interval for interval in intervals_ns)
    return total / (count * NS_PER_S), (count * squares - total * total) / (count * count * NS_PER_S * NS_PER_S)


def _changed_frames(grid: Grid) -> int:
    cursors = np.where(grid.cursors[:, 2:3] != 0, grid.cursors, 0)  # where a hidden cursor stands is not to be seen
    changed = np.diff(grid.frame_screens.astype(np.int64)) != 0
    return int(np.count_nonzero(changed | np.any(np.diff(cursors, axis=0) != 0, axis=1)))


def _changed_cells(grid: Grid) -> int:
    """Cells that differ from the frame before, over all frames; of a resized terminal, all of them."""
    before, after = grid.frame_screens[:-1], grid.frame_screens[1:]
    pairs, counts = np.unique(np.stack([before, after])[:, before != after], axis=1, return_counts=True)
    before, after = pairs
    resized = np.any(grid.sizes[before] != grid.sizes[after], axis=1)
    area = grid.sizes.astype(np.int64).prod(axis=1)
    total = int((area[after[resized]] * counts[resized]).sum())
    old, new, times = grid.screens[before[~resized]], grid.screens[after[~resized]], counts[~resized]
    pair, _ = place = np.nonzero(old != new)
    cells = np.count_nonzero(grid.rows[old[place]] != grid.rows[new[place]], axis=1)
    return total + int((cells * times[pair]).sum())


def _colors(grid: Grid) -> int:
    """Distinct colours of grounds, and of text where there is any."""
    ids = style_ids(grid.rows)
    inked = np.unique(ids[codes(grid.rows) > _BLANK])
    texts = {grid.styles[index].fg for index in inked.tolist()}
    grounds = {style.bg if style.bg != DEFAULT else _DEFAULT_GROUND for style in grid.styles}
    return len(texts | grounds)


def _characters(grid: Grid) -> int:
    found: NDArray[np.uint32] = np.unique(codes(grid.rows))
    return int(np.count_nonzero(found > _BLANK))


def _text_density(grid: Grid) -> float:
    inked = np.count_nonzero(codes(grid.rows) != _BLANK, axis=1)[grid.screens]
    in_use = np.arange(grid.screens.shape[1]) < grid.sizes[:, 1:]
    area = np.maximum(grid.sizes.astype(np.int64).prod(axis=1), 1)
    share = (inked * in_use).sum(axis=1) / area
    return min(math.fsum(share[grid.frame_screens].tolist()) / max(grid.frames, 1), 1.0)
