"""Tiles: cells drawn once, kept as the bytes that go into the encoder's planes."""

from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tracekit.terminal import lines
from tracekit.terminal.boxdraw import Mask
from tracekit.terminal.bt709 import from_rgb
from tracekit.terminal.glyphs import Glyphs, Ink
from tracekit.terminal.palette import Face
from tracekit.video.planes import PixFmt, Plane, Planes

PaintFmt = PixFmt | Literal["rgb"]
"""What tiles are drawn in: the encoder's planes, or red, green and blue for pictures without a codec."""

WHOLE, LEFT, RIGHT = range(3)
"""Which part of a character a tile shows: all of it, or a half of a wide one."""

Lines = NDArray[np.void]
"""Lines of cells, a run of bytes each: numpy moves one about as a whole, five times as fast as pixel by pixel."""

_Key = tuple[str, Face, int]
_FIRST_TILES = 512
_MEMORY_BYTES = 32 << 20
_MOST_TILES = 1 << 16
_DRAWN = 1 << 14
"""Tiles kept for other atlases, of a few hundred bytes each: recordings show much the same characters."""


class Atlas:
    """Tiles by number. Their pixels depend on nothing but what they show, never on what was drawn before.

    Args:
        glyphs: shapes of characters.
        pix_fmt: what tiles are stored in. In yuv420p a chroma sample is the mean of its four pixels.
    """

    def __init__(self, glyphs: Glyphs, pix_fmt: PaintFmt) -> None:
        self.glyphs, self.pix_fmt = glyphs, pix_fmt
        height, width = glyphs.cell_height_px, glyphs.cell_width_px
        step = 2 if pix_fmt == "yuv420p" else 1
        chroma = height // step, width // step
        self.tiles = Planes(
            *(np.empty((_FIRST_TILES, *shape), np.uint8) for shape in ((height, width), chroma, chroma))
        )
        """Each plane has shape (tiles, height, width)."""
        self.lines = [as_lines(plane) for plane in self.tiles]
        """The same by lines: each of shape (tiles, height)."""
        self._ids: dict[_Key, int] = {}
        self._limit = min(_MOST_TILES, _MEMORY_BYTES // (width * height * 3))

    @property
    def full(self) -> bool:
        """Whether there are more tiles than should be kept: call `keep` before the next frame."""
        return len(self._ids) > self._limit

    def tile(self, text: str, face: Face, part: int) -> int:
        """The number of a tile, drawn now if it is new.

        Args:
            text: the character or cluster.
            face: how it is drawn. What can't be seen makes no difference: blanks of all text colours are one tile.
            part: WHOLE, LEFT or RIGHT.
        """
        ink = _ink(self.glyphs, text, face, part)
        if ink is None or (ink.ndim == 2 and face.fg == face.bg) or not ink.any():
            text, part = "", WHOLE
            face = face._replace(bold=False, italic=False)
            if not (face.strike or face.overline):
                face = face._replace(fg=face.bg)
        key = text, face, part
        found = self._ids.get(key)
        if found is None:
            found = self._ids[key] = len(self._ids)
            self._store(found, _drawn(self.glyphs, self.pix_fmt, *key))
        return found

    def keep(self, used: NDArray[np.int32]) -> NDArray[np.int32]:
        """Forget all tiles but those in use, and give these new numbers.

        Args:
            used: tile numbers of any shape; negative ones stand for none.

        Returns:
            the same with the new numbers.
        """
        kept = np.unique(used[used >= 0])
        for plane in self.tiles:
            plane[: len(kept)] = plane[kept]
        number = {int(old): new for new, old in enumerate(kept)}
        self._ids = {key: number[old] for key, old in self._ids.items() if old in number}
        return np.where(used >= 0, np.searchsorted(kept, used), -1).astype(np.int32)

    def _store(self, tile: int, planes: tuple[Plane, Plane, Plane]) -> None:
        if tile == len(self.tiles.y):
            self.tiles = Planes(*(np.concatenate((plane, np.empty_like(plane))) for plane in self.tiles))
            self.lines = [as_lines(plane) for plane in self.tiles]
        for stored, plane in zip(self.tiles, planes, strict=True):
            stored[tile] = plane


def as_lines(cells: Plane) -> Lines:
    """Pixels of cells, of shape (..., width), as lines of shape (...)."""
    return cells.view(np.dtype((np.void, cells.shape[-1])))[..., 0]


def _ink(glyphs: Glyphs, text: str, face: Face, part: int) -> Ink | None:
    """The shape of a tile's character, if there is any."""
    ink = glyphs.ink(text, bold=face.bold, italic=face.italic, cells=1 if part == WHOLE else 2) if text else None
    if ink is None or part == WHOLE:
        return ink
    return ink[:, : glyphs.cell_width_px] if part == LEFT else ink[:, glyphs.cell_width_px :]


@lru_cache(maxsize=_DRAWN)
def _drawn(glyphs: Glyphs, pix_fmt: PaintFmt, text: str, face: Face, part: int) -> tuple[Plane, Plane, Plane]:
    """The pixels of a tile; of one without text, a blank."""
    width, height, baseline = glyphs.cell_width_px, glyphs.cell_height_px, glyphs.baseline_px
    ink, fg = _ink(glyphs, text, face, part), components(face.fg, pix_fmt)
    pixels = np.empty((3, height, width))
    pixels[:] = components(face.bg, pix_fmt)
    if face.underline:
        mask = lines.underline(face.underline, width, height, baseline)
        _blend(pixels, mask, components(face.underline_color, pix_fmt))
    if ink is not None and ink.ndim == 3:
        rgb = ink[..., :3].astype(np.float64)
        _blend(pixels, ink[..., 3], (rgb if pix_fmt == "rgb" else from_rgb(rgb)).transpose(2, 0, 1))
    elif ink is not None:
        _blend(pixels, ink, fg)
    if face.strike:
        _blend(pixels, lines.strike(width, height, baseline, glyphs.x_height_px), fg)
    if face.overline:
        _blend(pixels, lines.overline(width, height), fg)
    if face.mark:
        _blend(pixels, lines.cursor(face.mark, width, height), components(face.mark_color, pix_fmt))
    chroma = pixels[1:]
    if pix_fmt == "yuv420p":
        chroma = chroma.reshape(2, height // 2, 2, width // 2, 2).mean(axis=(2, 4))
    y, u, v = (np.rint(plane).astype(np.uint8) for plane in (pixels[0], *chroma))
    return y, u, v


@lru_cache(maxsize=4096)
def components(color: int, pix_fmt: PaintFmt) -> NDArray[np.float64]:
    """A colour in the planes' terms, not rounded; shape (3, 1, 1)."""
    rgb = np.array([color >> 16, color >> 8 & 0xFF, color & 0xFF], dtype=np.float64)
    return (rgb if pix_fmt == "rgb" else from_rgb(rgb)).reshape(3, 1, 1)


def _blend(pixels: NDArray[np.float64], mask: Mask, color: NDArray[np.float64]) -> None:
    """Put a colour over pixels by coverage. Y'CbCr is linear in R'G'B': the order of mixing and converting is free."""
    pixels += (color - pixels) * (mask * (1 / 255))
