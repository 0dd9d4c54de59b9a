"""Colours in words."""

import colorsys
from collections import Counter
from collections.abc import Sequence
from functools import cache

import numpy as np

from tracekit.terminal.cells import Cells, codes, style_ids
from tracekit.terminal.grid import Grid
from tracekit.terminal.palette import Palette, Theme
from tracekit.terminal.themes import THEMES

_HUES = ((20, "red"), (38, "orange"), (68, "yellow"), (160, "green"), (200, "cyan"), (255, "blue"), (285, "purple"),
         (325, "magenta"), (340, "pink"), (361, "red"))  # fmt: skip
"""Upper ends in degrees of the hue circle."""
_GREYS = ((0.15, "black"), (0.42, "dark grey"), (0.66, "grey"), (0.88, "light grey"), (2, "white"))
"""Upper ends of lightness."""
_BLANK = 32


@cache
def name_of(rgb: int) -> str:
    """The nearest plain name of a colour 0xRRGGBB."""
    channels = rgb.to_bytes(3, "big")
    hue, lightness, _ = colorsys.rgb_to_hls(*(channel / 255 for channel in channels))
    chroma = (max(channels) - min(channels)) / 255
    if chroma < (0.12 if lightness < 0.7 else 0.25) or lightness < 0.08:
        return next(name for end, name in _GREYS if lightness < end)
    name = next(name for end, name in _HUES if hue * 360 < end)
    if lightness > 0.8 and name in ("red", "magenta"):
        return "pink"
    return f"dark {name}" if lightness < 0.2 else name


def theme_of(name: str) -> Theme | None:
    """The theme that a clip is drawn with; None for a recording's own, which has no name that tells its colours."""
    return THEMES.get(name)


def style_colors(grid: Grid, theme: Theme) -> list[tuple[str, str]]:
    """The names of ground and text of each style of a grid."""
    faces = [Palette(theme).face(style) for style in grid.styles]
    return [(name_of(face.bg), name_of(face.fg)) for face in faces]


def ground_and_text(grid: Grid, frame: int, colors: Sequence[tuple[str, str]]) -> tuple[str, str]:
    """The commonest colours of ground and of text in a frame; text is '' where there is none.

    Args:
        grid: the clip's.
        frame: which.
        colors: of each style, as `style_colors` gives them.
    """
    cells = grid.cells(frame)
    return _commonest(cells.ravel(), [ground for ground, _ in colors]), _commonest(
        cells[codes(cells) > _BLANK], [text for _, text in colors]
    )


def colored_runs(grid: Grid, frame: int, colors: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Pieces of text in a frame whose colour is not the commonest, from the top: text, name of its colour."""
    _, usual = ground_and_text(grid, frame, colors)
    color_of = dict(zip(grid.styles, (text for _, text in colors), strict=True))
    unusual = np.array([text != usual for _, text in colors])
    return [(text, color_of[style]) for text, style in grid.runs_in(frame, unusual)]


def _commonest(cells: Cells, names: Sequence[str]) -> str:
    """The name that most cells have by their styles; the first in the alphabet of equals."""
    counts: Counter[str] = Counter()
    for style, count in enumerate(np.bincount(style_ids(cells), minlength=len(names)).tolist()):
        counts[names[style]] += count
    return max(sorted(counts), key=lambda name: counts[name]) if cells.size else ""
