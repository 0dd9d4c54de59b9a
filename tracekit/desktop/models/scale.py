"""From the screen to the picture that a model sees, and back.

A model's coordinates are those of the picture it was sent, which is often not of the screen's size: an API that shrinks
pictures by itself, or a tool that declares another size than it sends, makes every click miss.
"""

import io
import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tracekit.desktop.models.actions import CantDo


class Size(NamedTuple):
    """Of a screen or a picture."""

    width_px: int
    height_px: int


def fit(screen: Size, long_edge_px: int, pixels: int) -> Size:
    """The largest size of the screen's shape within limits; the screen's own, if that is within them.

    Args:
        screen: the screen's size.
        long_edge_px: the most that the longer side may have.
        pixels: the most that width times height may be.
    """
    ratio = min(1.0, long_edge_px / max(screen), math.sqrt(pixels / (screen.width_px * screen.height_px)))
    return Size(max(1, int(screen.width_px * ratio)), max(1, int(screen.height_px * ratio)))


@dataclass(frozen=True)
class Scale:
    """Where a model's coordinates are on the screen."""

    screen: Size
    picture: Size
    """What the model is sent."""
    grid: int | None = None
    """Into how many steps a model divides each side, whatever the picture's size; None: it counts pixels."""

    @property
    def space(self) -> Size:
        """How many steps each side has in the model's coordinates."""
        return self.picture if self.grid is None else Size(self.grid, self.grid)

    def to_screen(self, x: float, y: float) -> tuple[int, int]:
        """The pixel of the screen under the middle of a step of the model's.

        Raises:
            CantDo: outside the picture.
        """
        columns, rows = self.space
        if not (0 <= x < columns and 0 <= y < rows):
            raise CantDo(
                f"({x:g}, {y:g}) is not in the screenshot: x is from 0 to {columns - 1}, y from 0 to {rows - 1}"
            )
        return _carry(int(x), columns, self.screen.width_px), _carry(int(y), rows, self.screen.height_px)

    def to_model(self, x: int, y: int) -> tuple[int, int]:
        """The model's coordinates of a pixel of the screen."""
        columns, rows = self.space
        return _carry(x, self.screen.width_px, columns), _carry(y, self.screen.height_px, rows)

    def png(self, screen: NDArray[np.uint8]) -> bytes:
        """The picture to send, of a screen's pixels: (height, width, 3) RGB."""
        return _png(Image.fromarray(screen), self.picture)

    def zoomed_png(self, screen: NDArray[np.uint8], region: tuple[float, float, float, float]) -> bytes:
        """A part of the screen as large as the picture allows, of its own shape.

        Raises:
            CantDo: a region without area, or outside the picture.
        """
        left, top, right, bottom = region
        columns, rows = self.space
        if not (0 <= left < right <= columns and 0 <= top < bottom <= rows):
            raise CantDo(f"the region is left, top, right, bottom: from 0 to {columns} and from 0 to {rows}")
        across, down = self.screen.width_px / columns, self.screen.height_px / rows
        box = (int(left * across), int(top * down), math.ceil(right * across), math.ceil(bottom * down))
        part = Image.fromarray(screen).crop(box)
        ratio = min(self.picture.width_px / part.width, self.picture.height_px / part.height)
        return _png(part, Size(max(1, int(part.width * ratio)), max(1, int(part.height * ratio))))


def _carry(step: int, steps: int, others: int) -> int:
    """The step of another division of the same length under the middle of a step; in whole numbers, so exact."""
    return (2 * step + 1) * others // (2 * steps)


def _png(image: Image.Image, size: Size) -> bytes:
    if image.size != size:
        image = image.resize(size, Image.Resampling.LANCZOS)
    file = io.BytesIO()
    image.save(file, "PNG", compress_level=6)
    return file.getvalue()
