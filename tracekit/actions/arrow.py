"""A cursor of our own: an arrow, drawn from its SVG, for cursors that are to look the same in every clip."""

from functools import cache
from typing import Final
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from tracekit.actions.cursor_track import HIDDEN, CursorTrack
from tracekit.core.errors import TracekitError

ARROW_SVG: Final = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="-1 -1 14 21" width="14" height="21">
  <polygon points="0,0 0,16 3.7,12.5 6.3,18.6 8.8,17.5 6.2,11.6 11.3,11.6"
           fill="#000000" stroke="#ffffff" stroke-width="2" stroke-linejoin="round" paint-order="stroke"/>
</svg>
"""
"""The arrow. Its first point is the tip, which is the hotspot."""
HEIGHT_PX: Final = 21
"""Of the arrow, unless another is asked for: one pixel to a unit of its SVG."""
MOST_HEIGHT_PX: Final = 512
_SMOOTH = 8
"""It is drawn so many times larger, and averaged."""


def arrow_track(track: CursorTrack, height_px: int = HEIGHT_PX) -> CursorTrack:
    """The same cursor in the same places, but always with the look of the arrow.

    Raises:
        TracekitError: the height is out of range.
    """
    image, hotspot = arrow(height_px)
    shapes = np.where(track.shapes == HIDDEN, HIDDEN, 0).astype(np.int32)
    return CursorTrack(track.positions, shapes, (image,), np.array([hotspot], np.int32))


@cache
def arrow(height_px: int = HEIGHT_PX) -> tuple[NDArray[np.uint8], tuple[int, int]]:
    """The arrow's picture, uint8 (height_px, width, 4), RGBA premultiplied and read-only; and its tip x, y in it.

    Raises:
        TracekitError: the height is out of range.
    """
    if not 8 <= height_px <= MOST_HEIGHT_PX:
        raise TracekitError(f"an arrow {height_px} pixels high", remedy=f"8 to {MOST_HEIGHT_PX}")
    svg = ElementTree.fromstring(ARROW_SVG)
    polygon = svg[0].attrib
    left, top, width, height = map(float, svg.attrib["viewBox"].split())
    unit = height_px / height
    width_px = round(width * unit)

    def drawn_at(point: str) -> tuple[float, float]:
        x, y = map(float, point.split(","))
        return (x - left) * unit * _SMOOTH, (y - top) * unit * _SMOOTH

    points = [drawn_at(point) for point in polygon["points"].split()]
    picture = Image.new("RGBA", (width_px * _SMOOTH, height_px * _SMOOTH))
    draw = ImageDraw.Draw(picture)
    stroke = round(float(polygon["stroke-width"]) * unit * _SMOOTH)
    draw.line([*points, *points[:2]], polygon["stroke"], stroke, joint="curve")
    draw.polygon(points, polygon["fill"])
    # What is not drawn is transparent black, the rest opaque, so that the mean of the colours is premultiplied.
    parts = np.asarray(picture, np.float32).reshape(height_px, _SMOOTH, width_px, _SMOOTH, 4)
    image = np.rint(parts.mean(axis=(1, 3))).astype(np.uint8)
    image.setflags(write=False)
    x, y = points[0]
    return image, (int(x / _SMOOTH), int(y / _SMOOTH))
