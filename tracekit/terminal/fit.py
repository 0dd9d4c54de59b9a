"""How a screen comes into a picture of fixed size."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from tracekit.core.errors import Rejected, TracekitError

Mode = Literal["none", "pad", "scale", "shrink-font", "crop"]
Margins = tuple[int, int, int, int]
"""Left, top, right, bottom, in pixels."""


@dataclass(frozen=True)
class Fit:
    """What the recipe asks for.

    ``none``: the picture is as large as the screen. The others have a canvas: ``pad`` puts the screen into it as it is;
    ``scale`` makes it as large as the canvas allows, its shape kept; ``shrink-font`` takes the largest font that lets
    it in, then pads; ``crop`` cuts off what is too much, then pads.
    """

    mode: Mode = "none"
    canvas_px: tuple[int, int] | None = None
    """Width and height, even; None only with ``none``."""
    align: Literal["center", "top-left"] = "center"
    """Where padding, and what is cropped, is shared out: on both sides, or right and below only."""
    min_font_size_px: int = 6
    """How far ``shrink-font`` goes."""

    def __post_init__(self) -> None:
        if (self.mode == "none") != (self.canvas_px is None):
            raise TracekitError(f"fit {self.mode!r} {'has no' if self.mode == 'none' else 'needs a'} canvas")
        if self.canvas_px and any(side < 2 or side % 2 for side in self.canvas_px):
            width_px, height_px = self.canvas_px
            raise TracekitError(
                f"a canvas of {width_px}x{height_px} is not even", remedy="4:2:0 video needs even sizes"
            )


class Placement(NamedTuple):
    """Where a screen lies in its picture; what `tracekit.shards.sample.Geometry` records. All sizes are even."""

    font_size_px: int
    cell_width_px: int
    cell_height_px: int
    screen_width_px: int
    """The drawn screen, before fitting."""
    screen_height_px: int
    width_px: int
    """The picture."""
    height_px: int
    scale: float = 1.0
    """Picture pixels per drawn pixel. Both sides are rounded down to even: up to 2 px less than the scale says."""
    crop_px: Margins = (0, 0, 0, 0)
    """Cut off the drawn screen."""
    padding_px: Margins = (0, 0, 0, 0)
    """Around the screen, in the picture."""


def place(
    columns: int, rows: int, font_size_px: int, cell_size: Callable[[int], tuple[int, int]], fit: Fit | None = None
) -> Placement:
    """Fit a screen of ``columns`` x ``rows`` cells.

    Args:
        columns: width of the screen in cells: the largest of the recording.
        rows: its height.
        font_size_px: the font size asked for.
        cell_size: width and height of a cell in pixels, both even, for a font size.
        fit: how; None for ``Fit()``.

    Raises:
        Rejected: reason ``too-large``: the screen does not go into the canvas in a mode that keeps it whole.
    """
    fit = fit or Fit()
    size = font_size_px
    if fit.canvas_px and fit.mode == "shrink-font":
        while size > fit.min_font_size_px and not _fits(columns, rows, cell_size(size), fit.canvas_px):
            size -= 1
    cell = cell_size(size)
    width_px, height_px = columns * cell[0], rows * cell[1]
    try:
        lies = lay(width_px, height_px, fit)
    except Rejected as error:
        message = f"a screen of {columns}x{rows} cells: {error.message}"
        raise Rejected(error.reason, message, remedy=error.remedy) from None
    return Placement(
        size, *cell, width_px, height_px, lies.width_px, lies.height_px, lies.scale, lies.crop_px, lies.padding_px
    )


class Lay(NamedTuple):
    """How a drawn screen lies in a picture: the last fields of `Placement`."""

    width_px: int
    height_px: int
    scale: float = 1.0
    crop_px: Margins = (0, 0, 0, 0)
    padding_px: Margins = (0, 0, 0, 0)


def lay(width_px: int, height_px: int, fit: Fit) -> Lay:
    """Fit a screen of pixels, of even sides. ``shrink-font`` is as ``pad`` here.

    Raises:
        Rejected: reason ``too-large``: it does not go into the canvas in a mode that keeps it whole.
    """
    canvas = fit.canvas_px or (width_px, height_px)
    if fit.mode == "scale":
        scale = min(canvas[0] / width_px, canvas[1] / height_px)
        drawn = tuple(max(2, int(side * scale + 1e-9) // 2 * 2) for side in (width_px, height_px))
        return Lay(*canvas, scale, padding_px=_margins(canvas[0] - drawn[0], canvas[1] - drawn[1], fit.align))
    spare = canvas[0] - width_px, canvas[1] - height_px
    if fit.mode != "crop" and min(spare) < 0:
        raise Rejected(
            "too-large",
            f"{width_px}x{height_px} px do not go into a canvas of {canvas[0]}x{canvas[1]} px",
            remedy="a larger canvas, or another fit",
        )
    return Lay(
        *canvas,
        crop_px=_margins(max(0, -spare[0]), max(0, -spare[1]), fit.align),
        padding_px=_margins(max(0, spare[0]), max(0, spare[1]), fit.align),
    )


def _fits(columns: int, rows: int, cell: tuple[int, int], canvas: tuple[int, int]) -> bool:
    return columns * cell[0] <= canvas[0] and rows * cell[1] <= canvas[1]


def _margins(width_px: int, height_px: int, align: str) -> Margins:
    """Share out an even number of pixels so that all margins are even."""
    left, top = (width_px // 4 * 2, height_px // 4 * 2) if align == "center" else (0, 0)
    return left, top, width_px - left, height_px - top
