"""Planes that are kept up to date are those that would be made anew."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tracekit.desktop.compose import Composer, Cursor, blend, changed_areas, convert
from tracekit.video.planes import Planes, new_planes

WIDTH_PX, HEIGHT_PX = 70, 52


def picture(seed: int) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (HEIGHT_PX, WIDTH_PX, 4), np.uint8)


def shape(seed: int, width_px: int, height_px: int) -> NDArray[np.uint8]:
    rng = np.random.default_rng(seed)
    image = rng.integers(0, 256, (height_px, width_px, 4), np.uint8)
    return np.minimum(image, image[..., 3:])


def anew(pixels: NDArray[np.uint8], cursor: Cursor | None) -> Planes:
    shown, planes = pixels.copy(), new_planes(WIDTH_PX, HEIGHT_PX)
    if cursor is not None:
        blend(shown, cursor)
    convert(shown, planes)
    return planes


places = st.tuples(st.integers(-20, WIDTH_PX + 5), st.integers(-20, HEIGHT_PX + 5))
rectangles = st.tuples(
    st.integers(0, WIDTH_PX - 1), st.integers(0, HEIGHT_PX - 1), st.integers(1, 40), st.integers(1, 40)
)


@given(st.lists(st.tuples(st.none() | rectangles, st.none() | places, st.integers(0, 1)), min_size=1, max_size=8))
def test_what_is_kept_up_to_date_is_what_would_be_made_anew(frames: list[tuple[object, object, int]]) -> None:
    shapes = shape(1, 9, 13), shape(2, 24, 24)
    planes = new_planes(WIDTH_PX, HEIGHT_PX)
    composer, pixels = Composer(planes), picture(0)
    before = None
    for number, (rectangle, place, which) in enumerate(frames):
        if isinstance(rectangle, tuple):
            left, top, width_px, height_px = rectangle
            pixels = pixels.copy()
            pixels[top : top + height_px, left : left + width_px] = picture(number + 1)[
                top : top + height_px, left : left + width_px
            ]
        cursor = Cursor(*place, shapes[which]) if isinstance(place, tuple) else None
        areas = composer.show(pixels, cursor)
        expected = anew(pixels, cursor)
        for plane, wanted in zip(planes, expected, strict=True):
            assert np.array_equal(plane, wanted)
        if before is not None:
            untouched = np.ones((HEIGHT_PX, WIDTH_PX), bool)
            for area in areas:
                untouched[area.top : area.bottom, area.left : area.right] = False
            assert np.array_equal(planes.y[untouched], before[untouched])
        before = planes.y.copy()


def test_a_cursor_is_drawn_as_the_x_server_does() -> None:
    pixels = np.full((4, 4, 4), 200, np.uint8)
    image = np.zeros((2, 2, 4), np.uint8)
    image[0, 0] = (255, 0, 10, 255)
    image[0, 1] = (60, 0, 0, 128)
    blend(pixels, Cursor(1, 2, image))
    assert pixels[2, 1, :3].tolist() == [10, 0, 255]
    assert pixels[2, 2, :3].tolist() == [100, 100, 160]
    assert pixels[3].tolist() == [[200] * 4] * 4


def test_changed_areas_hold_every_change_and_nothing_for_none() -> None:
    one = picture(3)
    assert changed_areas(one, one.copy()) == []
    other = one.copy()
    other[20, 33] += 1
    (area,) = changed_areas(one, other)
    assert (area.left, area.right) == (33, 34)
    assert area.top <= 20 < area.bottom <= HEIGHT_PX
