"""How far a log of events is from the video beside it, measured by the cursor that the video shows.

Where the pointer moves, the picture changes at the place that it leaves and at the one that it reaches. For each shift
of the log, count the moves between two pictures whose both ends changed. The share of those is near one at the right
shift and falls off on both sides once the pointer moves by more than a block; the middle of the top is the offset.
A log that was sampled, as with a row a frame, says nothing of the way between two places: whether the pointer jumped or
glided there is told by which of the two explains more of the changes. Changes that are not the cursor's make other
shifts look better than they are, never the right one worse.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tracekit.actions.events import InputEvent

_BLOCK_PX = 8
_LUMA_STEP = 20
"""Less of a difference is what compression does to a still picture."""
_STEP_NS = 5_000_000
_REACH_NS = 3_000_000_000
_MOST_BLOCKS = 40_000_000
"""Of all pictures together: three minutes at 1024 x 768 and 15 a second."""
_LEAST_MOVES = 12
_FAR_PX = 4
"""A move of less may leave the picture as good as it was."""
_GLIDE_NS = 150_000_000
"""Places further apart in time were not sampled: the pointer rested."""
_LEAST_SHARE, _LEAST_LEAD, _AS_GOOD = 0.6, 0.2, 0.05


class Offset(NamedTuple):
    """What to add to the log's times to have the video's."""

    offset_ns: int
    bound_ns: int
    """It may be off by so much."""
    moves: int
    """How many were looked at."""


@dataclass
class Changes:
    """Where each picture of a video differs from the one before, in blocks of 8 x 8 pixels."""

    times_ns: list[int] = field(default_factory=list)
    _blocks: list[NDArray[np.uint8]] = field(default_factory=list)
    _shape: tuple[int, int] = (0, 0)
    _last: NDArray[np.uint8] | None = None

    def add(self, time_ns: int, luma: NDArray[np.uint8]) -> None:
        """The next picture, (height, width). What comes after the first minutes is not looked at."""
        rows, columns = luma.shape[0] // _BLOCK_PX, luma.shape[1] // _BLOCK_PX
        if (len(self.times_ns) + 1) * rows * columns > _MOST_BLOCKS:
            return
        whole = luma[: rows * _BLOCK_PX, : columns * _BLOCK_PX].copy()
        differs: NDArray[np.bool_] = np.zeros((rows, columns), bool)
        if self._last is not None:
            far = np.maximum(whole, self._last) - np.minimum(whole, self._last) > _LUMA_STEP
            differs |= far.reshape(rows, _BLOCK_PX, columns, _BLOCK_PX).any(axis=(1, 3))
        self._last, self._shape = whole, (rows, columns)
        self.times_ns.append(time_ns)
        self._blocks.append(np.packbits(differs))

    def near(self) -> NDArray[np.bool_]:
        """Of each picture and block, whether the block or one beside it changed: (pictures, rows, columns)."""
        rows, columns = self._shape
        bits = np.stack([np.unpackbits(blocks, count=rows * columns) for blocks in self._blocks])
        changed = np.pad(bits.reshape(-1, rows, columns).astype(bool), ((0, 0), (1, 1), (1, 1)))
        near = np.zeros((len(self._blocks), rows, columns), bool)
        for down in range(3):
            for right in range(3):
                near |= changed[:, down : down + rows, right : right + columns]
        return near


def measure_offset(changes: Changes, events: Sequence[InputEvent]) -> Offset | None:
    """How far the log is from the video; None where that can't be told: no cursor in the picture, hardly any motion."""
    moves = [event for event in events if event.code == "move"]
    if len(moves) < _LEAST_MOVES or len(changes.times_ns) < _LEAST_MOVES:
        return None
    near = changes.near()
    pictures = np.array(changes.times_ns, np.int64)
    log_ns = np.array([event.time_ns for event in moves], np.int64)
    places = np.array([(event.x, event.y) for event in moves], np.int64)
    shifts = np.arange(-_REACH_NS, _REACH_NS + 1, _STEP_NS, dtype=np.int64)
    jumps, glides = (
        [_share(near, _places(pictures, log_ns + shift, places, glide=glide)) for shift in shifts]
        for glide in (False, True)
    )
    counted = jumps if max(jumps)[0] > max(glides)[0] + _AS_GOOD else glides
    shares = np.array([share if number >= _LEAST_MOVES else 0.0 for share, number in counted])
    best = int(shares.argmax())
    if shares[best] < _LEAST_SHARE or shares[best] - float(np.median(shares)) < _LEAST_LEAD:
        return None
    # The top is flat as far as the log's and the video's own steps go: its middle is meant, its width the doubt.
    as_good = shares >= shares[best] - _AS_GOOD
    left = best - int(np.argmin(as_good[best::-1])) + 1 if not as_good[: best + 1].all() else 0
    right = best + int(np.argmin(as_good[best:])) - 1 if not as_good[best:].all() else len(shifts) - 1
    middle, half = (shifts[left] + shifts[right]) // 2, (shifts[right] - shifts[left]) // 2
    return Offset(int(middle), int(half) + _STEP_NS, counted[best][1])


def _places(
    pictures: NDArray[np.int64], log_ns: NDArray[np.int64], places: NDArray[np.int64], *, glide: bool
) -> NDArray[np.int64]:
    """Where the log has the pointer at each picture, (pictures, 2); -1 before its first line."""
    newest = np.searchsorted(log_ns, pictures, side="right") - 1
    if glide:
        next_one = np.minimum(newest + 1, len(log_ns) - 1)
        gap_ns = log_ns[next_one] - log_ns[newest]
        part = np.where(gap_ns > 0, (pictures - log_ns[newest]) / np.maximum(gap_ns, 1), 0.0)
        part[gap_ns > _GLIDE_NS] = 0.0
        at = places[newest] + np.round((places[next_one] - places[newest]) * part[:, None]).astype(np.int64)
    else:
        at = places[newest]
    return np.where((newest >= 0)[:, None], at, -1)


def _share(near: NDArray[np.bool_], places: NDArray[np.int64]) -> tuple[float, int]:
    """Of the moves between two pictures, the share whose both ends changed; and how many there were."""
    before, after = places[:-1], places[1:]
    rows, columns = near.shape[1:]
    blocks = places[:, ::-1] // _BLOCK_PX
    inside = (blocks.min(axis=1) >= 0) & (blocks[:, 0] < rows) & (blocks[:, 1] < columns)
    far = np.abs(after - before).max(axis=1) >= _FAR_PX
    which = np.flatnonzero(far & inside[:-1] & inside[1:])
    if not len(which):
        return 0.0, 0
    left, reached = blocks[which], blocks[which + 1]
    hits = near[which + 1, left[:, 0], left[:, 1]] & near[which + 1, reached[:, 0], reached[:, 1]]
    return float(hits.mean()), len(which)
