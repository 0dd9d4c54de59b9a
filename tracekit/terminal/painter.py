"""From cells to pixels: what changed on a terminal goes into a picture's planes, and nothing else is touched."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray
from PIL import Image

from tracekit.terminal.atlas import LEFT, RIGHT, WHOLE, Atlas, Lines, PaintFmt, as_lines, components
from tracekit.terminal.cells import CLUSTER, WIDE_TAIL, Cursor
from tracekit.terminal.engine import Shown
from tracekit.terminal.fit import Fit, Placement, place
from tracekit.terminal.fonts import FontChain
from tracekit.terminal.glyphs import cell_size, glyphs_for
from tracekit.terminal.palette import Face, Palette, Theme
from tracekit.terminal.themes import theme
from tracekit.video.planes import Area, Plane, Planes, new_planes

# What a cell shows, in 64 bits: the engine's cell (a code of 32 bits, a style of 28), and in the four bits that no
# style reaches the cursor and the halves of wide characters.
_SHAPES = ("", "block", "underline", "bar")
_CURSOR_SHIFT, _LEFT_HALF, _RIGHT_HALF = 60, np.uint64(1 << 62), np.uint64(1 << 63)
_STYLE_MASK = (1 << 28) - 1
_CODE_MASK = np.uint64(0xFFFFFFFF)
_OUTSIDE = np.uint64(0xFFFFFFFFFFFFFFFF)
_BLANK = np.uint64(32)
_MOST_KEYS = 1 << 17


@dataclass(frozen=True)
class Look:
    """What a terminal is drawn with."""

    theme: Theme = field(default_factory=lambda: theme("asciinema"))
    fonts: FontChain = field(default_factory=FontChain)
    font_size_px: int = 13
    line_height: float = 1.0
    letter_spacing_px: int = 0
    bold_is_bright: bool = True
    cursor: bool = True
    """Draw the cursor where the program shows it. It does not blink."""
    padding: int | None = None
    """Colour around the screen, 0xRRGGBB; None for the theme's ground."""

    def cell_size(self, font_size_px: int) -> tuple[int, int]:
        """Width and height of a cell in pixels, both even, for a font size."""
        return cell_size(self.fonts, font_size_px, self.line_height, self.letter_spacing_px)

    def place(self, columns: int, rows: int, fit: Fit | None = None) -> Placement:
        """Fit a screen drawn with this look into a picture; see `tracekit.terminal.fit.place`."""
        return place(columns, rows, self.font_size_px, self.cell_size, fit)


class _Target(NamedTuple):
    """The planes that were painted last."""

    planes: Planes
    """The picture; held, so that no other planes can take its address."""
    canvas: Planes
    """The part of it that the screen takes."""
    screen: Planes
    """The screen before fitting: the canvas itself, or planes of its own where it is to be cropped or scaled."""
    cells: list[Lines]
    """The screen's planes by cell: shape (rows, cell height, columns)."""


class _Memo(dict[int, int]):
    """A function's values, computed when they are first asked for."""

    def __init__(self, function: Callable[[int], int]) -> None:
        self._function = function

    def __missing__(self, key: int) -> int:
        value = self[key] = self._function(key)
        return value


class Painter:
    """Paints one terminal into pictures of one size.

    Args:
        look: colours and fonts.
        columns: the largest width that the terminal will have, in cells; what is beyond is not drawn.
        rows: the largest height.
        fit: how the largest screen comes into the picture; a smaller one lies in its upper left.
        pix_fmt: of the planes to paint.

    Raises:
        Rejected: reason ``too-large``; see `tracekit.terminal.fit.place`.
    """

    def __init__(
        self, look: Look, columns: int, rows: int, fit: Fit | None = None, pix_fmt: PaintFmt = "yuv420p"
    ) -> None:
        self.look, self.pix_fmt = look, pix_fmt
        self.placement = look.place(columns, rows, fit)
        spacing = look.line_height, look.letter_spacing_px
        self._atlas = Atlas(glyphs_for(look.fonts, self.placement.font_size_px, *spacing), pix_fmt)
        self._palette = Palette(look.theme, {}, False, look.bold_is_bright)
        self._engine: Shown | None = None
        self._cursor: Cursor | None = None
        self._size = (0, 0)
        self._shape = rows, columns
        self._keys = np.zeros(self._shape, dtype=np.uint64)
        """What each cell shows; 0 where that is not known."""
        self._ids = np.full(self._shape, -1, dtype=np.int32)
        """The tile that was painted for it; -1 for none."""
        self._tile_of = _Memo(self._new_tile)
        self._faces: dict[tuple[int, int], Face] = {}
        """By style and cursor shape."""
        self._target: _Target | None = None

    def new_planes(self) -> Planes:
        """A picture of the right size, of its own memory."""
        return _memory(self.placement.width_px, self.placement.height_px, self.pix_fmt)

    def paint(self, engine: Shown, changed: Collection[int], planes: Planes) -> list[Area]:
        """Bring a picture up to date.

        Args:
            engine: the terminal. It is the same at every call, or else all of it is painted again.
            changed: rows whose cells may differ from the last call. The cursor is seen to besides.
            planes: writable; shape (height, width) of `placement`. They are those of the last call and hold what it
                left in them, or else are others, which are painted as a whole.

        Returns:
            where the picture shows other pixels than after the last call: an area a row, and none without a change.
        """
        rows = self._rows_to_check(engine, changed)
        target = self._target
        started = target is None or planes.y is not target.planes.y
        if target is None or started:
            target = self._target = self._start(planes)
            rows = range(self._shape[0])
        if not rows:
            return []
        row_index = np.fromiter(rows, dtype=np.intp)
        keys = self._current_keys(engine, row_index)
        line, column = np.nonzero(keys != self._keys[row_index])
        if not line.size:
            return []
        row, wanted = row_index[line], keys[line, column]
        self._keys[row, column] = wanted
        if self._atlas.full or len(self._tile_of) > _MOST_KEYS:
            self._ids = self._atlas.keep(self._ids)
            self._tile_of.clear()
        ids = np.array(list(map(self._tile_of.__getitem__, wanted.tolist())), dtype=np.int32)
        other = ids != self._ids[row, column]
        if not other.any():
            return []
        row, column, ids = row[other], column[other], ids[other]
        self._ids[row, column] = ids
        for view, tiles in zip(target.cells, self._atlas.lines, strict=True):
            view[row, :, column] = tiles[ids]
        if target.screen is not target.canvas:
            self._transfer(target.screen, target.canvas)
        if started or target.screen is not target.canvas:
            return [Area(0, 0, self.placement.width_px, self.placement.height_px)]
        return self._areas(row, column)

    def _rows_to_check(self, engine: Shown, changed: Collection[int]) -> Collection[int]:
        """The rows to compare: those that the engine names and the cursor's; all after a change of size or colours."""
        size, cursor = (engine.columns, engine.rows), engine.cursor
        palette = self._palette
        if engine.reverse != palette.reverse or engine.colors != palette.overrides or engine is not self._engine:
            colors: Mapping[int, int] = dict(engine.colors)
            self._palette = Palette(self.look.theme, colors, engine.reverse, self.look.bold_is_bright)
            self._tile_of.clear()
            self._faces.clear()
            self._keys[:] = 0
        elif size == self._size:
            rows = {row for row in changed if 0 <= row < self._shape[0]}
            if cursor != self._cursor:
                last, self._cursor = self._cursor, cursor
                rows.update(one.y for one in (last, cursor) if one is not None and 0 <= one.y < self._shape[0])
            return rows
        self._engine, self._size, self._cursor = engine, size, cursor
        return range(self._shape[0])

    def _current_keys(self, engine: Shown, rows: NDArray[np.intp]) -> NDArray[np.uint64]:
        """What the cells of rows show now, shape (rows, columns)."""
        keys = np.full((len(rows), self._shape[1]), _OUTSIDE)
        width, height = min(engine.columns, self._shape[1]), engine.rows
        for line, row in enumerate(rows.tolist()):
            if row < height:
                keys[line, :width] = engine.cells(row)[:width]
        tails = (keys & _CODE_MASK) == WIDE_TAIL
        if tails.any():
            heads = np.roll(tails, -1, axis=1) & ~tails
            heads[:, -1] = False
            after = np.roll(heads, 1, axis=1)
            keys[after] = keys[heads] | _RIGHT_HALF
            keys[heads] |= _LEFT_HALF
            keys[tails & ~after] |= _BLANK  # a half alone is a blank
        cursor = engine.cursor
        if self.look.cursor and cursor.visible and cursor.y < height and cursor.x < width:
            mark = np.uint64(_SHAPES.index(cursor.shape) << _CURSOR_SHIFT)
            for line in np.flatnonzero(rows == cursor.y).tolist():
                keys[line, cursor.x] |= mark
                if cursor.shape != "bar":
                    other_half = (
                        1 if keys[line, cursor.x] & _LEFT_HALF else -1 if keys[line, cursor.x] & _RIGHT_HALF else 0
                    )
                    keys[line, cursor.x + other_half] |= mark
        return keys

    def _new_tile(self, key: int) -> int:
        """The tile that shows a cell."""
        if key == _OUTSIDE or self._engine is None:
            return self._atlas.tile(" ", Face(self.look.theme.background, self.look.theme.background), WHOLE)
        code, look = key & 0xFFFFFFFF, (key >> 32 & _STYLE_MASK, key >> _CURSOR_SHIFT & 3)
        face = self._faces.get(look)
        if face is None:
            face = self._faces[look] = self._palette.face(self._engine.styles[look[0]], _SHAPES[look[1]])
        text = chr(code) if code < CLUSTER else self._engine.clusters[code - CLUSTER]
        part = LEFT if key >> 62 & 1 else RIGHT if key >> 63 else WHOLE
        return self._atlas.tile(text, face, part)

    def _start(self, planes: Planes) -> _Target:
        """Begin on planes that hold anything: paint what lies around the screen, and forget what was painted before."""
        place, ground = self.placement, self.look.theme.background
        _fill(planes, ground if self.look.padding is None else self.look.padding, self.pix_fmt)
        left, top, right, bottom = place.padding_px
        inside = slice(top, place.height_px - bottom), slice(left, place.width_px - right)
        canvas = screen = Planes(*(_part(plane, inside, planes) for plane in planes))
        if place.scale != 1.0 or any(place.crop_px):
            screen = _memory(place.screen_width_px, place.screen_height_px, self.pix_fmt)
        self._keys[:] = 0
        self._ids[:] = -1
        return _Target(planes, canvas, screen, [self._by_cell(plane) for plane in screen])

    def _by_cell(self, plane: Plane) -> Lines:
        """A plane of the screen as an array of the lines of its cells: shape (rows, cell height, columns)."""
        rows, columns = self._shape
        height, width = plane.shape[0] // rows, plane.shape[1] // columns
        line, pixel = plane.strides
        return as_lines(as_strided(plane, (rows, height, columns, width), (height * line, line, width * pixel, pixel)))

    def _areas(self, row: NDArray[np.intp], column: NDArray[np.intp]) -> list[Area]:
        """Where cells lie in the picture: an area a row. They are given row by row, and in each from the left."""
        place = self.placement
        width, height = place.cell_width_px, place.cell_height_px
        left, top = place.padding_px[:2]
        starts = [0, *((row[1:] != row[:-1]).nonzero()[0] + 1).tolist()]
        ends = [start - 1 for start in starts[1:]] + [len(row) - 1]
        return [
            Area(left + first * width, top + y * height, left + (last + 1) * width, top + (y + 1) * height)
            for y, first, last in zip(row[starts].tolist(), column[starts].tolist(), column[ends].tolist(), strict=True)
        ]

    def _transfer(self, screen: Planes, canvas: Planes) -> None:
        """Crop or scale the screen into the picture."""
        left, top, right, bottom = self.placement.crop_px
        inside = (
            slice(top, self.placement.screen_height_px - bottom),
            slice(left, self.placement.screen_width_px - right),
        )
        for source, target in zip(screen, canvas, strict=True):
            part = _part(source, inside, screen)
            if part.shape != target.shape:
                image = Image.fromarray(np.ascontiguousarray(part))
                part = np.asarray(image.resize(target.shape[::-1], Image.Resampling.BOX))
            target[:] = part


def screenshot(engine: Shown, look: Look, fit: Fit | None = None) -> Image.Image:
    """What a terminal shows now, in the exact colours."""
    painter = Painter(look, engine.columns, engine.rows, fit, "rgb")
    planes = painter.new_planes()
    painter.paint(engine, range(engine.rows), planes)
    return Image.merge("RGB", [Image.fromarray(plane) for plane in planes])


def _memory(width_px: int, height_px: int, pix_fmt: PaintFmt) -> Planes:
    return new_planes(width_px, height_px, "yuv420p" if pix_fmt == "yuv420p" else "yuv444p")


def _part(plane: Plane, inside: tuple[slice, slice], picture: Planes) -> Plane:
    """A rectangle of a plane, given in pixels of the picture (even ones)."""
    step = picture.y.shape[0] // plane.shape[0]
    rows, columns = inside
    return plane[rows.start // step : rows.stop // step, columns.start // step : columns.stop // step]


def _fill(planes: Planes, color: int, pix_fmt: PaintFmt) -> None:
    for plane, value in zip(planes, components(color, pix_fmt).flat, strict=True):
        plane[:] = round(value)
