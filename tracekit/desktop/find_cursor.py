"""Where a video shows the cursor, found in its pixels alone: to hold it against where the log has it.

The opaque pixels of the cursor's shape are laid over the picture at every place around the one that the log says, and
compared in luma. Where it fits best is where it is. A shape of one colour on a ground of that colour fits in many
places; such frames are undecided, and counted.
"""

from enum import Enum
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from tracekit.actions.cursor_track import HIDDEN, CursorTrack

REACH_PX = 8
"""How far from the log's place is looked, in each direction."""
NEAR_PX = 1
"""How far from it the cursor may be found."""
_GOOD_LUMA = 12.0
"""Root mean square by which a cursor's pixels may differ from its shape: what the codec does to them is less."""
_AMBIGUOUS_LUMA = 2.0
"""Places that fit as well as the best one to within this."""
_FEWEST_PX = 20
"""Opaque pixels on the screen below which a cursor is not looked for."""


class Found(Enum):
    """What a frame shows."""

    NEAR = "near"
    """The cursor, within `NEAR_PX` of the log's place."""
    ELSEWHERE = "elsewhere"
    """It fits better in another place, or in none."""
    UNDECIDED = "undecided"
    """It would fit in places far from each other, or too little of it is on the screen."""
    HIDDEN = "hidden"
    """The log has no cursor there."""


class _Template(NamedTuple):
    luma: NDArray[np.float32]
    opaque: NDArray[np.float32]
    """1 where the shape is opaque, else 0."""


class CursorFinder:
    """Looks for the cursor of a track.

    Args:
        track: positions and shapes by the log.
    """

    def __init__(self, track: CursorTrack) -> None:
        self._track = track
        self._templates = [_template(image) for image in track.images]

    def look(self, frame: int, luma: NDArray[np.uint8]) -> Found:
        """Look for the cursor in one frame.

        Args:
            frame: its number.
            luma: its Y plane, limited range.
        """
        shape = int(self._track.shapes[frame])
        if shape == HIDDEN:
            return Found.HIDDEN
        template = self._templates[shape]
        rows, columns = template.luma.shape
        left, top = (self._track.positions[frame] - self._track.hotspots[shape]).tolist()
        # The surroundings of the place, with nothing (NaN) beyond the screen.
        around = np.full((rows + 2 * REACH_PX, columns + 2 * REACH_PX), np.nan, np.float32)
        first_row, first_column = max(0, top - REACH_PX), max(0, left - REACH_PX)
        part = luma[first_row : max(0, top + rows + REACH_PX), first_column : max(0, left + columns + REACH_PX)]
        if not part.size:
            return Found.UNDECIDED
        row, column = first_row - top + REACH_PX, first_column - left + REACH_PX
        around[row : row + part.shape[0], column : column + part.shape[1]] = part
        places = sliding_window_view(around, (rows, columns))
        errors = np.square(places - template.luma) * template.opaque
        seen = np.count_nonzero(~np.isnan(errors) & (template.opaque > 0), axis=(2, 3))
        if seen[REACH_PX, REACH_PX] < _FEWEST_PX:
            return Found.UNDECIDED
        with np.errstate(invalid="ignore", divide="ignore"):
            rms = np.sqrt(np.nansum(errors, axis=(2, 3)) / seen)
        rms[seen < seen[REACH_PX, REACH_PX] // 2] = np.inf
        best = float(rms.min())
        if best > _GOOD_LUMA:
            return Found.ELSEWHERE
        fitting = np.argwhere(rms <= best + _AMBIGUOUS_LUMA) - REACH_PX
        near = np.abs(fitting).max(axis=1) <= NEAR_PX
        if near.all():
            return Found.NEAR
        return Found.UNDECIDED if near.any() else Found.ELSEWHERE


def _template(image: NDArray[np.uint8]) -> _Template:
    red, green, blue = (image[..., channel].astype(np.float32) for channel in range(3))
    luma = 16 + 219 / 255 * (0.2126 * red + 0.7152 * green + 0.0722 * blue)
    return _Template(luma, (image[..., 3] == 255).astype(np.float32))
