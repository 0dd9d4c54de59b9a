"""Pictures of a screen and its cursor, as the planes that are encoded. Only what has changed is converted."""

from functools import lru_cache
from typing import NamedTuple

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter
from numpy.typing import NDArray

from tracekit.video.macroblocks import SIDE_PX
from tracekit.video.planes import Area, Planes
from tracekit.video.x264 import frame_planes

Picture = NDArray[np.uint8]
"""Shape (height, width, 4): blue, green, red, and a byte that means nothing."""

_BOX = Interpolation.AREA | Interpolation.ACCURATE_RND
"""Each chroma sample is the mean of its 2 x 2 pixels, so that an area converted by itself is as in the whole."""


class Cursor(NamedTuple):
    """A cursor as it is drawn."""

    x: int
    """Of the picture's left edge, screen pixels: the pointer's position less the hotspot."""
    y: int
    """Of its upper edge."""
    image: NDArray[np.uint8]
    """(height, width, 4), RGBA with premultiplied alpha."""

    def is_same(self, other: "Cursor | None") -> bool:
        """Whether it looks the same in the same place."""
        return other is not None and self[:2] == other[:2] and self.image is other.image


def blend(picture: Picture, cursor: Cursor, left_px: int = 0, top_px: int = 0) -> None:
    """Draw a cursor into a picture as the X server does: over it, rounding as pixman's 8-bit product does.

    Args:
        picture: a part of a screen, written to.
        cursor: may lie partly or wholly outside.
        left_px: where the part begins on the screen.
        top_px: likewise.
    """
    height_px, width_px = picture.shape[:2]
    rows, columns = cursor.image.shape[:2]
    x, y = cursor.x - left_px, cursor.y - top_px
    top, bottom = max(y, 0), min(y + rows, height_px)
    left, right = max(x, 0), min(x + columns, width_px)
    if top >= bottom or left >= right:
        return
    under = picture[top:bottom, left:right, :3]
    over = cursor.image[top - y : bottom - y, left - x : right - x].astype(np.uint16)
    product = under * (255 - over[..., 3:]) + 128
    shown = over[..., 2::-1] + (product + (product >> 8) >> 8)
    under[:] = np.minimum(shown, 255)  # premultiplied colours above their alpha are possible, and wrap nowhere


def convert(picture: Picture, planes: Planes) -> None:
    """Convert pixels to yuv420p, BT.709 in limited range.

    Args:
        picture: rows without gaps; even sizes.
        planes: of the same size, written to.
    """
    height_px, width_px = picture.shape[:2]
    frame = av.VideoFrame.from_numpy_buffer(picture, "bgra")
    converted = _reformatter(width_px, height_px).reformat(
        frame,
        format="yuv420p",
        src_colorspace=Colorspace.ITU709,
        dst_colorspace=Colorspace.ITU709,
        src_color_range=ColorRange.JPEG,
        dst_color_range=ColorRange.MPEG,
        interpolation=_BOX,
    )
    for target, source in zip(planes, frame_planes(converted), strict=True):
        target[:] = source


@lru_cache(maxsize=128)
def _reformatter(width_px: int, height_px: int) -> VideoReformatter:
    """A converter for one size; each keeps its tables for the next time."""
    return VideoReformatter()


class Composer:
    """Keeps planes up to date with a screen.

    Args:
        planes: black, yuv420p; written to.
    """

    def __init__(self, planes: Planes) -> None:
        self._planes = planes
        self._height_px, self._width_px = planes.y.shape
        self._picture: Picture | None = None
        self._cursor: Cursor | None = None

    def show(self, picture: Picture, cursor: Cursor | None) -> list[Area]:
        """Bring the planes to a frame.

        Args:
            picture: the screen; kept until the next call, and must not change until after it. The same object as the
                last time if the screen has not changed.
            cursor: what is drawn over it, if anything.

        Returns:
            Areas outside of which nothing has changed; none if nothing has.
        """
        areas = []
        if picture is not self._picture:
            for area in changed_areas(self._picture, picture):
                convert(picture[area.top : area.bottom], self._part(Area(0, area.top, self._width_px, area.bottom)))
                areas.append(area)
        self._picture = picture
        before = self._around(self._cursor)
        moved = not (cursor is self._cursor is None or (cursor is not None and cursor.is_same(self._cursor)))
        # Rows are converted in their whole width, so a cursor beside what has changed is gone as well.
        uncovered = before is not None and any(area.top < before.bottom and before.top < area.bottom for area in areas)
        if moved and before is not None:
            convert(np.ascontiguousarray(_cut(picture, before)), self._part(before))
            areas.append(before)
        now = self._around(cursor)
        if (moved or uncovered) and cursor is not None and now is not None:
            patch = _cut(picture, now).copy()
            blend(patch, cursor, now.left, now.top)
            convert(patch, self._part(now))
            areas.append(now)
        self._cursor = cursor
        return areas

    def _around(self, cursor: Cursor | None) -> Area | None:
        """The macroblocks that a cursor reaches into; None if it is nowhere on the screen."""
        if cursor is None:
            return None
        height_px, width_px = cursor.image.shape[:2]
        area = Area(
            max(0, cursor.x // SIDE_PX * SIDE_PX),
            max(0, cursor.y // SIDE_PX * SIDE_PX),
            min(self._width_px, -(-(cursor.x + width_px) // SIDE_PX) * SIDE_PX),
            min(self._height_px, -(-(cursor.y + height_px) // SIDE_PX) * SIDE_PX),
        )
        return area if area.left < area.right and area.top < area.bottom else None

    def _part(self, area: Area) -> Planes:
        """The planes of an area with even borders."""
        half = Area(*(side // 2 for side in area))
        return Planes(_cut(self._planes.y, area), _cut(self._planes.u, half), _cut(self._planes.v, half))


def changed_areas(before: Picture | None, after: Picture) -> list[Area]:
    """Rows of macroblocks that two pictures of one screen differ in, neighbours joined, as wide as they differ."""
    height_px, width_px = after.shape[:2]
    if before is None:
        return [Area(0, 0, width_px, height_px)]
    differ = before.view(np.uint32)[..., 0] != after.view(np.uint32)[..., 0]
    rows = np.logical_or.reduceat(differ.any(axis=1), np.arange(0, height_px, SIDE_PX))
    edges = np.flatnonzero(np.diff(rows, prepend=False, append=False)) * SIDE_PX
    areas = []
    for top, bottom in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        columns = np.flatnonzero(differ[top:bottom].any(axis=0))
        areas.append(Area(int(columns[0]), top, int(columns[-1]) + 1, min(bottom, height_px)))
    return areas


def _cut(plane: NDArray[np.uint8], area: Area) -> NDArray[np.uint8]:
    return plane[area.top : area.bottom, area.left : area.right]
