"""Which macroblocks of a picture have changed, found by comparing it with a copy of what it was."""

import numpy as np

from tracekit.video.planes import Planes, new_planes

SIDE_PX = 16
"""Of a macroblock, in luma (ITU-T H.264, 6.3)."""


class Macroblocks:
    """A picture cut into macroblocks, with a memory of its own.

    Args:
        planes: the picture; of even size. What is beyond its edges in the last row and column of macroblocks is black.
    """

    def __init__(self, planes: Planes) -> None:
        height_px, width_px = planes.y.shape
        self._columns, rows = -(-width_px // SIDE_PX), -(-height_px // SIDE_PX)
        self._live = planes
        self._whole = new_planes(self._columns * SIDE_PX, rows * SIDE_PX, planes.pix_fmt)
        self._kept = Planes(
            *(whole[: live.shape[0], : live.shape[1]] for live, whole in zip(planes, self._whole, strict=True))
        )
        self._sides = [SIDE_PX * live.shape[0] // height_px for live in planes]

    def keep(self) -> None:
        """Remember the picture as it is now."""
        for kept, live in zip(self._kept, self._live, strict=True):
            kept[:] = live

    def changed(self, most: int) -> list[int] | None:
        """Addresses of the macroblocks that differ from what was kept, ascending; None if more than ``most`` do."""
        found: set[int] = set()
        for kept, live, side in zip(self._kept, self._live, self._sides, strict=True):
            differs = live != kept
            rows = {line // side for line in differs.any(axis=1).nonzero()[0].tolist()}
            if len(rows) > most:
                return None
            for row in rows:
                columns = differs[row * side : (row + 1) * side].any(axis=0).nonzero()[0].tolist()
                found.update(row * self._columns + column // side for column in columns)
        return sorted(found) if len(found) <= most else None

    def keep_block(self, address: int) -> bytes:
        """Remember a macroblock as it is now, and return its samples: Y, U, V, each row by row."""
        row, column = divmod(address, self._columns)
        samples = []
        for whole, kept, live, side in zip(self._whole, self._kept, self._live, self._sides, strict=True):
            area = np.s_[row * side : (row + 1) * side, column * side : (column + 1) * side]
            kept[area] = live[area]
            samples.append(whole[area].tobytes())
        return b"".join(samples)
