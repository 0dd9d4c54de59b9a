"""Where a place on the screen is in a picture of it: scaled, cropped and padded, there and back."""

import math
from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tracekit.core.errors import TracekitError

_Sides = tuple[int, int, int, int]


class Geometry(Protocol):
    """What is needed of a sample's ``geometry`` (docs/format.md)."""

    @property
    def screen_width_px(self) -> int:
        """Of the screen as recorded."""

    @property
    def screen_height_px(self) -> int:
        """Of the screen as recorded."""

    @property
    def width_px(self) -> int:
        """Of the video."""

    @property
    def height_px(self) -> int:
        """Of the video."""

    @property
    def scale(self) -> float:
        """Pixels of the video per pixel of the screen."""

    @property
    def crop_px(self) -> _Sides:
        """Cut off the screen: left, top, right, bottom."""

    @property
    def padding_px(self) -> _Sides:
        """Around it in the video: left, top, right, bottom."""


@dataclass(frozen=True)
class Letterbox:
    """The map ``x' = (x - crop) * scale + padding`` of the screen's pixels to a picture's, one scale for both axes.

    Raises:
        TracekitError: a size or the scale is not above 0, or nothing of the screen is left.
    """

    screen_width_px: int
    screen_height_px: int
    width_px: int
    """Of the picture."""
    height_px: int
    scale: float = 1.0
    """Pixels of the picture per pixel of the screen."""
    crop_px: _Sides = (0, 0, 0, 0)
    """Cut off the screen: left, top, right, bottom."""
    padding_px: tuple[float, float] = (0.0, 0.0)
    """Left of the screen and above it in the picture."""

    def __post_init__(self) -> None:
        left, top, right, bottom = self.crop_px
        kept = self.screen_width_px - left - right, self.screen_height_px - top - bottom
        if min(*kept, self.width_px, self.height_px) < 1:
            raise TracekitError(f"{kept[0]} x {kept[1]} pixels of a screen in {self.width_px} x {self.height_px}")
        if not (math.isfinite(self.scale) and self.scale > 0 and all(map(math.isfinite, self.padding_px))):
            raise TracekitError(f"a scale of {self.scale} and a padding of {self.padding_px}")

    @classmethod
    def of(cls, geometry: Geometry) -> Self:
        """From the screen to the video of a sample."""
        left, top, _, _ = geometry.padding_px
        screen = geometry.screen_width_px, geometry.screen_height_px
        return cls(*screen, geometry.width_px, geometry.height_px, geometry.scale, geometry.crop_px, (left, top))

    @classmethod
    def fit(cls, screen_width_px: int, screen_height_px: int, width_px: int, height_px: int) -> Self:
        """The whole screen as large as it goes, in the middle."""
        scale = min(width_px / max(screen_width_px, 1), height_px / max(screen_height_px, 1))
        padding = (width_px - screen_width_px * scale) / 2, (height_px - screen_height_px * scale) / 2
        return cls(screen_width_px, screen_height_px, width_px, height_px, scale, padding_px=padding)

    def then(self, after: "Letterbox") -> "Letterbox":
        """From the screen to a picture of this picture.

        Raises:
            TracekitError: what comes after is of a picture of another size, or crops it.
        """
        if (after.screen_width_px, after.screen_height_px) != (self.width_px, self.height_px) or any(after.crop_px):
            raise TracekitError("what comes after is not of the whole picture")
        x, y = after.to_picture(self.padding_px).tolist()
        screen = self.screen_width_px, self.screen_height_px
        return Letterbox(*screen, after.width_px, after.height_px, self.scale * after.scale, self.crop_px, (x, y))

    def to_picture(self, places: ArrayLike) -> NDArray[np.float64]:
        """Places on the screen, shape (..., 2): x, y in pixels, in pixels of the picture. Exact for whole numbers."""
        return (np.asarray(places, np.float64) - self.crop_px[:2]) * self.scale + self.padding_px

    def to_screen(self, places: ArrayLike) -> NDArray[np.float64]:
        """The way back from `to_picture`."""
        return (np.asarray(places, np.float64) - self.padding_px) / self.scale + self.crop_px[:2]

    def normalised(self, places: ArrayLike) -> NDArray[np.float64]:
        """Places on the screen, shape (..., 2), from 0 in the picture's first pixel to 1 in its last.

        The paper's ``(s * x + p) / (w - 1)`` (Neural Computers, appendix D).
        """
        last = max(self.width_px - 1, 1), max(self.height_px - 1, 1)
        return np.divide(self.to_picture(places), last)

    def on_screen(self, places: ArrayLike) -> NDArray[np.bool_]:
        """Whether places, shape (..., 2), are finite and on the screen, cropped or not."""
        at = np.asarray(places, np.float64)
        inside: NDArray[np.bool_] = (at >= 0) & (at < (self.screen_width_px, self.screen_height_px))
        return np.asarray(inside.all(axis=-1))

    @property
    def content_px(self) -> tuple[int, int, int, int]:
        """The picture's pixels that show any of the screen: left, top, right, bottom, the last two not included."""
        _, _, right, bottom = self.crop_px
        first = np.floor(self.padding_px)
        last = np.ceil(self.to_picture((self.screen_width_px - right, self.screen_height_px - bottom)))
        size = (self.width_px, self.height_px)
        left, top, right, bottom = np.clip([*first, *last], 0, [*size, *size]).astype(int).tolist()
        return left, top, right, bottom
