"""A picture as its three planes: what the painter writes and the encoder reads."""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

PixFmt = Literal["yuv420p", "yuv444p"]
"""How chroma is sampled: ``yuv420p`` once for 2 x 2 pixels, ``yuv444p`` for each."""

Plane = NDArray[np.uint8]

BLACK = (16, 128, 128)
"""Y, U, V of black in limited range (ITU-R BT.709, table 4: luma 16 to 235, chroma 16 to 240 about 128)."""


class Planes(NamedTuple):
    """Y, U and V of one picture: BT.709, limited range.

    ``y`` has shape (height, width), ``u`` and ``v`` the same in yuv444p and half of both in yuv420p. The arrays are
    writable and may be views with rows further apart than they are wide (``strides[0] > shape[1]``).
    """

    y: Plane
    u: Plane
    v: Plane

    @property
    def pix_fmt(self) -> PixFmt:
        """Told by the shapes."""
        return "yuv444p" if self.u.shape == self.y.shape else "yuv420p"

    def fill(self, color: tuple[int, int, int] = BLACK) -> None:
        """Paint every pixel in one colour, given as (Y, U, V)."""
        for plane, value in zip(self, color, strict=True):
            plane[:] = value


class Area(NamedTuple):
    """A rectangle of a picture, in its pixels: from ``left``, ``top`` up to, not including, ``right``, ``bottom``."""

    left: int
    top: int
    right: int
    bottom: int


def new_planes(width_px: int, height_px: int, pix_fmt: PixFmt = "yuv420p") -> Planes:
    """A black picture of its own memory. In yuv420p both sizes must be even."""
    step = 1 if pix_fmt == "yuv444p" else 2
    if width_px % step or height_px % step:
        raise ValueError(f"yuv420p needs even sizes, not {width_px}x{height_px}")
    chroma = height_px // step, width_px // step
    planes = Planes(*(np.empty(shape, np.uint8) for shape in ((height_px, width_px), chroma, chroma)))
    planes.fill()
    return planes
