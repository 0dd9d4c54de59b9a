"""Characters as shapes: how much of each pixel of its cells a character covers."""

import unicodedata
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from tracekit.terminal import boxdraw
from tracekit.terminal.fonts import Family, FontChain, line_extent, open_font

Ink = NDArray[np.uint8]
"""Coverage, shape (height, width), or a picture in its own colours, shape (height, width, 4): RGBA, not
premultiplied."""

_KEPT = 20_000
"""Shapes that are kept, each a byte a pixel. Beyond that all are made anew."""
_SMALLEST_CELL_PX = 4
_EMOJI_STYLE = "\N{VARIATION SELECTOR-16}"
_UNSEEN = {"Cc", "Cf", "Cs"}
"""Unicode categories that have no shape: controls, format characters, surrogates."""
_FLAG_LETTERS = {chr(0x1F1E6 + index): chr(ord("A") + index) for index in range(26)}
"""Regional indicators. A flag, two of them, is drawn as its letters."""
_X_HEIGHT_EM = 0.547
"""Of DejaVu Sans Mono; near enough for a line through the letters of any font."""


class Glyphs:
    """The shapes of characters at one size.

    Cells are even in both directions, so that a cell owns whole samples of 4:2:0 chroma.

    Args:
        fonts: the chain to draw with.
        font_size_px: pixels an em of the first font.
        line_height: height of a row, in heights of the first font.
        letter_spacing_px: added to the width of a cell.
    """

    def __init__(
        self, fonts: FontChain, font_size_px: int, line_height: float = 1.0, letter_spacing_px: int = 0
    ) -> None:
        self.fonts, self.font_size_px = fonts, font_size_px
        self.cell_width_px, self.cell_height_px = cell_size(fonts, font_size_px, line_height, letter_spacing_px)
        _, ascent, descent = fonts.extent()
        spare = self.cell_height_px - (ascent + descent) * font_size_px
        self.baseline_px = round(spare / 2 + ascent * font_size_px)
        """From the top of a cell to the line that letters stand on."""
        self.x_height_px = round(_X_HEIGHT_EM * font_size_px)
        self._inks: dict[tuple[str, bool, bool, int], Ink | None] = {}

    def ink(self, text: str, *, bold: bool = False, italic: bool = False, cells: int = 1) -> Ink | None:
        """The shape of a character, combining marks included, or None if nothing of it is seen.

        Nothing leaves its cells: what would is cut off, or drawn smaller where it is a fallback's. What no font has is
        drawn as a box.

        Args:
            text: one character, or a cluster.
            bold: draw in the bold weight.
            italic: draw slanted.
            cells: width in cells, 1 or 2.
        """
        key = text, bold, italic, cells
        if key not in self._inks:
            if len(self._inks) >= _KEPT:
                self._inks.clear()
            ink = self._draw(text, bold, italic, cells)
            self._inks[key] = ink if ink is not None and ink.any() else None
        return self._inks[key]

    def _draw(self, text: str, bold: bool, italic: bool, cells: int) -> Ink | None:
        width, height = cells * self.cell_width_px, self.cell_height_px
        if cells == 2 and len(text) == 2 and all(letter in _FLAG_LETTERS for letter in text):
            letters = (self._draw(_FLAG_LETTERS[letter], bold, italic, 1) for letter in text)
            return np.hstack([letter for letter in letters if letter is not None])
        base, *marks = _visible(unicodedata.normalize("NFC", text))
        emoji_first = not base.isascii() and (cells == 2 or _EMOJI_STYLE in text)
        geometric = boxdraw.mask(base, self.cell_width_px, height)
        if geometric is not None and cells == 1:
            return geometric
        if base.isspace() or unicodedata.category(base) in _UNSEEN:
            return None
        family = self.fonts.find(base, emoji_first=emoji_first)
        if family is None:
            return self._box(width)
        ink = self._letter(family, base, bold, italic, cells)
        for mark in marks if ink.ndim == 2 else ():
            over = self.fonts.find(mark)
            if over is not None:
                ink = np.maximum(ink, self._mark(over.file(bold, italic), mark, bold, width))
        return ink

    def _letter(self, family: Family, character: str, bold: bool, italic: bool, cells: int) -> Ink:
        path, (width, height) = family.file(bold, italic), (cells * self.cell_width_px, self.cell_height_px)
        first = family == self.fonts.families[0]
        # A wide character fills its two cells but for some air; a narrow one is as large as the first font's.
        size = self.font_size_px if cells == 1 or first else min(width - max(1, width // 16), height)
        font = open_font(path, size, bold)
        if font.size != size:
            return _picture(font, character, width, height)
        if not first:
            font = _shrunk(path, font, character, bold, width, height)
        if cells == 1:
            baseline = self.baseline_px
        else:
            ascent, descent = line_extent(path)
            baseline = round((height + (ascent - descent) * font.size) / 2)
        x = (width - round(font.getlength(character))) // 2
        if not first:
            left, top, right, bottom = _extremes(font, character)
            x = max(-left, min(x, width - right)) if right - left <= width else (width - left - right) // 2
            baseline = max(-top, min(baseline, height - bottom)) if bottom - top <= height else baseline
        return _stamp(font, character, x, baseline, width, height)

    def _mark(self, path: Path, mark: str, bold: bool, width: int) -> Ink:
        """A combining mark over the middle of its cells: fonts disagree on where they draw it from."""
        font = open_font(path, self.font_size_px, bold)
        left, _, right, _ = _extremes(font, mark)
        return _stamp(font, mark, round((width - left - right) / 2), self.baseline_px, width, self.cell_height_px)

    def _box(self, width: int) -> Ink:
        """What stands for a character that no font has."""
        ink = np.zeros((self.cell_height_px, width), dtype=np.uint8)
        t = boxdraw.stroke(self.cell_width_px)
        top = max(0, self.baseline_px - round(0.75 * self.font_size_px))
        frame = ink[top : max(top + 3 * t, self.baseline_px), 1 : width - 1]
        frame[:] = 255
        frame[t:-t, t:-t] = 0
        return ink


def cell_size(
    fonts: FontChain, font_size_px: int, line_height: float = 1.0, letter_spacing_px: int = 0
) -> tuple[int, int]:
    """Width and height of a cell in pixels: the first font's advance and height, rounded up to even numbers.

    DejaVu Sans Mono at 13 px has cells of 8x16. Computed from the font's tables: no version of FreeType changes it.
    """
    advance, ascent, descent = fonts.extent()
    width = round(advance * font_size_px) + letter_spacing_px
    height = round((ascent + descent) * font_size_px * line_height)
    return max(_SMALLEST_CELL_PX, width + width % 2), max(_SMALLEST_CELL_PX, height + height % 2)


@lru_cache(maxsize=8)
def glyphs_for(fonts: FontChain, font_size_px: int, line_height: float, letter_spacing_px: int) -> Glyphs:
    """The shapes of a look, drawn once for all recordings of a process."""
    return Glyphs(fonts, font_size_px, line_height, letter_spacing_px)


def _visible(cluster: str) -> list[str]:
    """The characters of a cluster that are drawn, one over the other.

    Joined emoji (families, skin tones) show their first: the others take shaping.
    """
    return [cluster[0], *(character for character in cluster[1:] if unicodedata.combining(character))]


def _shrunk(
    path: Path, font: ImageFont.FreeTypeFont, character: str, bold: bool, width: int, height: int
) -> ImageFont.FreeTypeFont:
    """The font at a size at which a character goes into its cells."""
    left, top, right, bottom = _extremes(font, character)
    factor = min(1.0, width / max(1, right - left), height / max(1, bottom - top))
    return open_font(path, max(1, int(font.size * factor)), bold) if factor < 1 else font


def _extremes(font: ImageFont.FreeTypeFont, character: str) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of a character's ink, in pixels from the start of its baseline."""
    left, top, right, bottom = font.getbbox(character, anchor="ls")
    return round(left), round(top), round(right), round(bottom)


def _stamp(font: ImageFont.FreeTypeFont, text: str, x: int, baseline: int, width: int, height: int) -> Ink:
    image = Image.new("L", (width, height))
    ImageDraw.Draw(image).text((x, baseline), text, fill=255, font=font, anchor="ls")
    return np.array(image)


def _picture(font: ImageFont.FreeTypeFont, character: str, width: int, height: int) -> Ink:
    """A character of a font of coloured bitmaps, made as large as its cells allow."""
    left, top, right, bottom = _extremes(font, character)
    image = Image.new("RGBA", (max(1, right - left), max(1, bottom - top)))
    ImageDraw.Draw(image).text((-left, -top), character, font=font, anchor="ls", embedded_color=True)
    scale = min(width / image.width, height / image.height)
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    small = image.resize(size, Image.Resampling.BOX)
    canvas = Image.new("RGBA", (width, height))
    canvas.paste(small, ((width - small.width) // 2, (height - small.height) // 2))
    return np.array(canvas)
