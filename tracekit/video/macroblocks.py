"""Which macroblocks of a picture have changed, found by comparing it with a copy of what it was."""

from collections.abc import Iterable

import numpy as np

from tracekit.video.planes import Area, Planes, new_planes

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
        self._everywhere = (Area(0, 0, width_px, height_px),)
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

    def changed(self, most: int, areas: Iterable[Area] | None = None) -> list[int] | None:
        """Find the macroblocks that differ from what was kept.

        Args:
            most: how many of them matter.
            areas: where to look, as anything outside is known to be what was kept; None for everywhere.

        Returns:
            their addresses, ascending; None if there are more than ``most``.
        """
        found: set[int] = set()
        for row, (left, right) in _rows(self._everywhere if areas is None else areas).items():
            for kept, live, side in zip(self._kept, self._live, self._sides, strict=True):
                strip = np.s_[row * side : (row + 1) * side, left * side : right * side]
                columns = np.logical_or.reduce(live[strip] != kept[strip]).nonzero()[0]
                if columns.size:
                    address = row * self._columns + left
                    found.update({address + column // side for column in columns.tolist()})
            if len(found) > most:
                return None
        return sorted(found)

    def keep_block(self, address: int) -> bytes:
        """Remember a macroblock as it is now, and return its samples: Y, U, V, each row by row."""
        row, column = divmod(address, self._columns)
        samples = []
        for whole, kept, live, side in zip(self._whole, self._kept, self._live, self._sides, strict=True):
            area = np.s_[row * side : (row + 1) * side, column * side : (column + 1) * side]
            kept[area] = live[area]
            samples.append(whole[area].tobytes())
        return b"".join(samples)


def _rows(areas: Iterable[Area]) -> dict[int, tuple[int, int]]:
    """The rows of macroblocks that areas reach into, each with its first such macroblock and the one after its last."""
    rows: dict[int, tuple[int, int]] = {}
    for left_px, top_px, right_px, bottom_px in areas:
        left, right = left_px // SIDE_PX, -(-right_px // SIDE_PX)
        for row in range(top_px // SIDE_PX, -(-bottom_px // SIDE_PX)):
            first, end = rows.get(row, (left, right))
            rows[row] = min(first, left), max(end, right)
    return rows
