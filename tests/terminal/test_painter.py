"""From cells to pixels."""

from collections.abc import Callable

import numpy as np
import pytest
from fake_terminal import FakeTerminal
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.lib.stride_tricks import as_strided

from tracekit.terminal.atlas import Atlas
from tracekit.terminal.bt709 import to_rgb
from tracekit.terminal.cells import CLUSTER, TRUE_COLOR, WIDE_TAIL, Cursor, Style
from tracekit.terminal.fit import Fit
from tracekit.terminal.fonts import FontChain
from tracekit.terminal.painter import Look, Painter, screenshot
from tracekit.terminal.themes import theme
from tracekit.video.planes import Area, Planes, new_planes

LOOK = Look(fonts=FontChain(("dejavu-sans-mono", "dejavu-sans")))
COLUMNS, ROWS = 12, 5

Op = Callable[[FakeTerminal], object]


def same(a: Planes, b: Planes) -> bool:
    return all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


def copy(planes: Planes) -> Planes:
    return Planes(*(plane.copy() for plane in planes))


def painted(screen: FakeTerminal, fit: Fit | None = None, pix_fmt: str = "yuv420p") -> Planes:
    """The screen painted from scratch into a picture for the largest size."""
    painter = Painter(LOOK, COLUMNS, ROWS, fit, pix_fmt)
    planes = painter.new_planes()
    painter.paint(screen, (), planes)
    return planes


# What can happen to a terminal between two frames. Each gives the rows that the engine would name.

X, Y = st.integers(-1, COLUMNS), st.integers(0, ROWS - 1)
TEXTS = st.text(st.sampled_from("aZ█│╬░ 日😀ｱ\u0301\ue0b0\U0003fffd"), min_size=1, max_size=6)
COLORS = st.sampled_from([-1, 1, 9, 100, 250, TRUE_COLOR | 0x3366CC])
STYLES = st.builds(Style, COLORS, COLORS, st.integers(0, 255), st.integers(0, 5), COLORS)


def _write(x: int, y: int, text: str, style: Style) -> Op:
    return lambda screen: screen.write(x, y, text, style) if y < screen.rows else ()


def _put(x: int, y: int, cluster: str, width: int) -> Op:
    return lambda screen: (screen.put(x, y, cluster, width), (y,))[1]


def _set(x: int, y: int, code: int) -> Op:
    return lambda screen: (screen.set(x, y, code), (y,))[1]


def _cursor(x: int, y: int, visible: bool, shape: str) -> Op:
    def move(screen: FakeTerminal) -> object:
        screen.cursor = Cursor(min(max(x, 0), screen.columns - 1), min(y, screen.rows - 1), visible, shape)
        return ()

    return move


def _resize(columns: int, rows: int) -> Op:
    def resize(screen: FakeTerminal) -> object:
        changed = screen.resize(columns, rows)
        screen.cursor = Cursor(0, 0)
        return changed

    return resize


def _colors(colors: dict[int, int], reverse: bool) -> Op:
    def change(screen: FakeTerminal) -> object:
        screen.colors, screen.reverse = colors, reverse
        return ()

    return change


OPS = st.one_of(
    st.builds(_write, X, Y, TEXTS, STYLES),
    st.builds(_write, X, Y, TEXTS, st.just(Style())),
    st.builds(_put, X, Y, st.sampled_from(["e\u0301", "🇯🇵", "👩\u200d💻"]), st.sampled_from([1, 2])),
    st.builds(_set, X, Y, st.sampled_from([0, 32, 0xD800, 7, 0x10FFFF])),
    st.builds(_cursor, X, Y, st.booleans(), st.sampled_from(["block", "underline", "bar"])),
    st.builds(_resize, st.integers(1, COLUMNS + 2), st.integers(1, ROWS + 2)),
    st.builds(_colors, st.dictionaries(st.sampled_from([-3, -2, -1, 1, 9]), st.integers(0, 0xFFFFFF)), st.booleans()),
)
FITS = st.sampled_from(
    [None, Fit("pad", (128, 96)), Fit("scale", (64, 96)), Fit("crop", (60, 120)), Fit("shrink-font", (60, 120))]
)


def check_only_within(areas: list[Area], before: Planes, after: Planes) -> None:
    """Nothing differs outside of the areas of a picture, which lie inside of it and hold something."""
    height, width = after.y.shape
    assert all(0 <= area.left < area.right <= width and 0 <= area.top < area.bottom <= height for area in areas)
    for one, other in zip(before, after, strict=True):
        differs, step = one != other, height // one.shape[0]
        for area in areas:
            differs[area.top // step : area.bottom // step, area.left // step : area.right // step] = False
        assert not differs.any()


@given(st.lists(OPS, max_size=12), st.sampled_from(["yuv420p", "yuv444p", "rgb"]), FITS)
@settings(max_examples=150, deadline=None)
def test_painting_what_changed_gives_what_painting_all_gives(ops: list[Op], pix_fmt: str, fit: Fit | None) -> None:
    screen = FakeTerminal(COLUMNS, ROWS)
    painter = Painter(LOOK, COLUMNS, ROWS, fit, pix_fmt)
    planes = painter.new_planes()
    assert painter.paint(screen, (), planes)
    for op in ops:
        before = copy(planes)
        check_only_within(painter.paint(screen, op(screen), planes), before, planes)
        assert same(planes, painted(screen, fit, pix_fmt))
        assert not painter.paint(screen, range(screen.rows), planes)


@given(st.lists(OPS, max_size=12))
@settings(max_examples=50, deadline=None)
def test_forgetting_tiles_changes_neither_pixels_nor_what_is_said_to_have_changed(ops: list[Op]) -> None:
    screen = FakeTerminal(COLUMNS, ROWS)
    painters = [Painter(LOOK, COLUMNS, ROWS), Painter(LOOK, COLUMNS, ROWS)]
    painters[1]._atlas._limit = 2
    pictures = [painter.new_planes() for painter in painters]
    for op in ops:
        rows = op(screen)
        said = [painter.paint(screen, rows, planes) for painter, planes in zip(painters, pictures, strict=True)]
        assert said[0] == said[1]
        assert same(*pictures)


def test_the_memory_of_tiles_is_bounded_by_the_limit_and_one_screen() -> None:
    screen, painter = FakeTerminal(COLUMNS, ROWS), Painter(LOOK, COLUMNS, ROWS)
    painter._atlas._limit = 100
    planes = painter.new_planes()
    for step in range(60):
        for y in range(ROWS):
            screen.write(0, y, "abcdefghijkl", Style(TRUE_COLOR | step * 4096 + y))
        painter.paint(screen, range(ROWS), planes)
        assert len(painter._atlas._ids) <= 100 + 2 * COLUMNS * ROWS
    assert same(planes, painted(screen))


def test_rows_that_are_named_but_did_not_change_cost_no_picture() -> None:
    screen, painter = FakeTerminal(COLUMNS, ROWS), Painter(LOOK, COLUMNS, ROWS)
    planes = painter.new_planes()
    screen.write(0, 0, "text")
    assert painter.paint(screen, (), planes)
    screen.write(0, 0, "text")
    assert not painter.paint(screen, range(ROWS), planes)
    # Blanks look the same in every colour of text.
    screen.write(6, 0, "   ", Style(fg=3))
    assert not painter.paint(screen, {0}, planes)
    screen.write(6, 0, "   ", Style(bg=3))
    assert painter.paint(screen, {0}, planes)


def test_the_cursor_is_painted_though_no_row_is_named() -> None:
    screen, painter = FakeTerminal(COLUMNS, ROWS), Painter(LOOK, COLUMNS, ROWS)
    planes = painter.new_planes()
    painter.paint(screen, (), planes)
    blank = copy(planes)
    screen.cursor = Cursor(3, 2)
    assert painter.paint(screen, (), planes)
    differing = np.argwhere(planes.y != blank.y)
    assert differing.min(axis=0).tolist() == [32, 24]
    assert differing.max(axis=0).tolist() == [47, 31]
    screen.cursor = Cursor(3, 2, visible=False)
    assert painter.paint(screen, (), planes)
    assert same(planes, blank)
    assert not painter.paint(screen, (), planes)


@pytest.mark.parametrize("x", [0, 5, COLUMNS - 1])
def test_half_a_wide_character_alone_is_a_blank(x: int) -> None:
    screen = FakeTerminal(COLUMNS, ROWS)
    screen.write(COLUMNS - 1, 1, "x")
    blank = painted(screen)
    screen.set(x, 2, WIDE_TAIL)
    if x == 0:
        screen.set(x, 1, WIDE_TAIL)  # and takes nothing from the end of the row
    if x:
        screen.set(x - 1, 2, WIDE_TAIL)
    assert same(painted(screen), blank)


@pytest.mark.parametrize("shape", ["block", "underline"])
@pytest.mark.parametrize("x", [2, 3])
def test_the_cursor_covers_both_cells_of_a_wide_character(shape: str, x: int) -> None:
    screen = FakeTerminal(COLUMNS, ROWS)
    screen.write(2, 1, "日")
    without = painted(screen).y.astype(int)
    screen.cursor = Cursor(x, 1, shape=shape)
    columns = np.flatnonzero((painted(screen).y != without).any(axis=0))
    assert (columns.min(), columns.max()) == (16, 31)


CHARACTERS = [*"AMWjgÅy@|_", *"█▒╬╳⣿", "\ue0b0", "\U0003fffd", "x\u0302\u0323", "\u0301", "ﷺ", "𝕎"]


@pytest.mark.parametrize("size_px", [6, 13, 40])
@pytest.mark.parametrize("width", [1, 2])
def test_no_character_touches_a_neighbours_pixels(size_px: int, width: int) -> None:
    look = Look(fonts=LOOK.fonts, font_size_px=size_px)
    cell = look.cell_size(size_px)
    for attributes in (0, 0xDF):  # everything but hidden
        for character in CHARACTERS:
            screen = FakeTerminal(5, 3)
            empty = np.asarray(screenshot(screen, look))
            screen.put(2, 1, character, width, Style(1, 4, attributes, 3, 2))
            drawn = np.argwhere((np.asarray(screenshot(screen, look)) != empty).any(axis=2))
            top, left = drawn.min(axis=0)
            bottom, right = drawn.max(axis=0)
            assert top >= cell[1]
            assert bottom < 2 * cell[1]
            assert left >= 2 * cell[0]
            assert right < (2 + width) * cell[0]


@given(st.integers(0, 0xFFFFFF))
@settings(deadline=None)
def test_pure_colours_are_those_of_the_standard_within_one(rgb: int) -> None:
    screen = FakeTerminal(COLUMNS, ROWS)
    screen.write(0, 0, "█", Style(fg=TRUE_COLOR | rgb))
    screen.write(1, 0, " ", Style(bg=TRUE_COLOR | rgb))
    red, green, blue = (rgb >> shift & 0xFF for shift in (16, 8, 0))
    # BT.709-6: E'Y = 0.2126 R + 0.7152 G + 0.0722 B, E'CB = (B - Y) / 1.8556, E'CR = (R - Y) / 1.5748, 8 bits.
    luma = (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255
    expected = (219 * luma + 16, 224 * (blue / 255 - luma) / 1.8556 + 128, 224 * (red / 255 - luma) / 1.5748 + 128)
    for pix_fmt, step in (("yuv420p", 2), ("yuv444p", 1)):
        planes = painted(screen, pix_fmt=pix_fmt)
        for plane, value, divisor in zip(planes, expected, (1, step, step), strict=True):
            cells = plane[: 16 // divisor, : 16 // divisor].astype(float)
            assert np.abs(cells - value).max() <= 1


def test_full_chroma_comes_back_to_the_colours_that_were_drawn() -> None:
    screen = FakeTerminal(COLUMNS, ROWS)
    for y in range(ROWS):
        screen.write(0, y, "gÄ█▒日x|", Style(fg=TRUE_COLOR | 0x3060FF * y % 0xFFFFFF, bg=16 + 40 * y, underline=y))
    exact = np.asarray(screenshot(screen, LOOK)).astype(int)
    assert np.abs(to_rgb(painted(screen, pix_fmt="yuv444p")) - exact).max() <= 2
    luma = painted(screen).y
    assert np.array_equal(luma, painted(screen, pix_fmt="yuv444p").y)


def test_a_picture_with_longer_lines_is_painted_and_nothing_beside_it() -> None:
    screen = FakeTerminal(COLUMNS, ROWS)
    screen.write(0, 0, "strides")
    fit = Fit("pad", (COLUMNS * 8 + 20, ROWS * 16 + 12))
    plain = painted(screen, fit)
    painter = Painter(LOOK, COLUMNS, ROWS, fit)
    buffers = [np.full(plane.size * 3, 7, np.uint8) for plane in plain]
    strided = Planes(
        *(
            as_strided(buffer[5:], plane.shape, (plane.shape[1] + 33, 1))
            for buffer, plane in zip(buffers, plain, strict=True)
        )
    )
    painter.paint(screen, (), strided)
    assert same(strided, plain)
    for buffer, plane in zip(buffers, plain, strict=True):
        beside = np.ones(buffer.shape, bool)
        as_strided(beside[5:], plane.shape, (plane.shape[1] + 33, 1))[:] = False
        assert (buffer[beside] == 7).all()


def test_other_planes_are_painted_as_a_whole() -> None:
    screen, painter = FakeTerminal(COLUMNS, ROWS), Painter(LOOK, COLUMNS, ROWS)
    first, second = painter.new_planes(), painter.new_planes()
    screen.write(0, 0, "one")
    painter.paint(screen, (), first)
    assert painter.paint(screen, (), second)
    assert same(first, second)


def test_another_engine_is_painted_as_a_whole() -> None:
    screen, painter = FakeTerminal(COLUMNS, ROWS), Painter(LOOK, COLUMNS, ROWS)
    planes = painter.new_planes()
    screen.write(0, 0, "one", Style(fg=1))
    painter.paint(screen, (), planes)
    other = FakeTerminal(COLUMNS, ROWS)
    other.write(0, 0, "one", Style(fg=2))
    assert painter.paint(other, (), planes)
    assert same(planes, painted(other))


def test_padding_has_its_colour_and_the_rest_of_a_smaller_screen_the_themes_ground() -> None:
    screen = FakeTerminal(2, 2)
    look = Look(theme("solarized-light"), LOOK.fonts, padding=0x102030)
    painter = Painter(look, 4, 4, Fit("pad", (64, 96)), "rgb")
    planes = painter.new_planes()
    painter.paint(screen, (), planes)
    picture = np.stack(planes, axis=-1)
    left, top, right, bottom = painter.placement.padding_px
    assert (left, top, right, bottom) == (16, 16, 16, 16)
    assert (picture[top:-bottom, left:-right] == (0xFD, 0xF6, 0xE3)).all()
    picture[top:-bottom, left:-right] = (0x10, 0x20, 0x30)
    assert (picture == (0x10, 0x20, 0x30)).all()


def test_scaling_keeps_the_mean_of_the_picture() -> None:
    screen = FakeTerminal(COLUMNS, ROWS)
    for y in range(ROWS):
        screen.write(0, y, "half▌tone▒██", Style(fg=3, bg=4))
    whole = painted(screen, pix_fmt="rgb")
    small = painted(screen, Fit("scale", (COLUMNS * 4, ROWS * 8)), "rgb")
    assert small.y.shape == (ROWS * 8, COLUMNS * 4)
    for a, b in zip(whole, small, strict=True):
        assert abs(float(a.mean()) - float(b.mean())) < 1


def test_a_crop_is_a_part_of_the_screen() -> None:
    screen = FakeTerminal(COLUMNS, ROWS)
    screen.write(0, 2, "0123456789ab")
    whole, part = painted(screen), painted(screen, Fit("crop", (40, 120)))
    left = (COLUMNS * 8 - 40) // 4 * 2
    assert np.array_equal(part.y[20:100], whole.y[:, left : left + 40])
    assert np.array_equal(part.u[10:50], whole.u[:, left // 2 : left // 2 + 20])


def test_clusters_of_one_number_are_told_apart_by_their_engine() -> None:
    screen = FakeTerminal(COLUMNS, ROWS)
    screen.put(0, 0, "x\u0302")
    screen.put(1, 0, "x\u0308")
    assert screen.cells(0)[:2].tolist() == [CLUSTER, CLUSTER + 1]
    picture = painted(screen).y
    assert not np.array_equal(picture[:16, :8], picture[:16, 8:16])


def test_the_atlas_keeps_what_is_used_and_gives_it_new_numbers() -> None:
    painter = Painter(LOOK, COLUMNS, ROWS)
    atlas: Atlas = painter._atlas
    screen = FakeTerminal(COLUMNS, ROWS)
    screen.write(0, 0, "abcdef")
    painter.paint(screen, (), painter.new_planes())
    used = np.array([[4, -1], [2, 2]], dtype=np.int32)
    before = atlas.tiles.y[[4, 2]].copy()
    assert atlas.keep(used).tolist() == [[1, -1], [0, 0]]
    assert np.array_equal(atlas.tiles.y[[1, 0]], before)


def test_planes_of_a_look_have_the_size_of_its_placement() -> None:
    painter = Painter(LOOK, 80, 24, Fit("pad", (832, 480)))
    assert painter.placement[1:5] == (8, 16, 640, 384)
    assert painter.new_planes().y.shape == new_planes(832, 480).y.shape
