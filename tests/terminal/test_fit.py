"""How a screen comes into a picture."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracekit.core.errors import Rejected, TracekitError
from tracekit.terminal.fit import Fit, Placement, place

EVEN = st.integers(1, 800).map(lambda half: 2 * half)


def cell_size(font_size_px: int) -> tuple[int, int]:
    return 2 * ((font_size_px * 6 + 19) // 20), 2 * ((font_size_px * 12 + 19) // 20)


@given(
    st.integers(1, 300),
    st.integers(1, 100),
    st.integers(6, 40),
    st.sampled_from(["pad", "scale", "shrink-font", "crop"]),
    st.tuples(EVEN, EVEN),
    st.sampled_from(["center", "top-left"]),
)
def test_crop_scale_and_padding_add_up_to_the_canvas_in_even_steps(columns, rows, size, mode, canvas, align) -> None:
    smallest = cell_size(6 if mode == "shrink-font" else size)
    if mode in ("pad", "shrink-font") and (columns * smallest[0] > canvas[0] or rows * smallest[1] > canvas[1]):
        with pytest.raises(Rejected) as refused:
            place(columns, rows, size, cell_size, Fit(mode, canvas, align))
        assert refused.value.reason == "too-large"
        return
    found = place(columns, rows, size, cell_size, Fit(mode, canvas, align))
    assert (found.width_px, found.height_px) == canvas
    assert found.screen_width_px == columns * found.cell_width_px
    assert found.screen_height_px == rows * found.cell_height_px
    for side, screen in enumerate((found.screen_width_px, found.screen_height_px)):
        margins = found.padding_px[side] + found.padding_px[side + 2]
        seen = screen - found.crop_px[side] - found.crop_px[side + 2]
        assert canvas[side] - margins >= 2
        if mode == "scale":
            assert abs(canvas[side] - margins - seen * found.scale) <= 2
        else:
            assert canvas[side] - margins == seen
    assert all(margin >= 0 and margin % 2 == 0 for margin in (*found.crop_px, *found.padding_px))
    if align == "top-left":
        assert found.padding_px[:2] == found.crop_px[:2] == (0, 0)


@given(st.integers(1, 300), st.integers(1, 100), st.integers(6, 40))
def test_without_a_canvas_the_picture_is_the_screen(columns: int, rows: int, size: int) -> None:
    width, height = cell_size(size)
    expected = Placement(size, width, height, *(columns * width, rows * height) * 2)
    assert place(columns, rows, size, cell_size) == expected


@given(st.integers(10, 200), st.integers(5, 60), st.integers(6, 40))
def test_shrink_font_takes_the_largest_that_fits(columns: int, rows: int, size: int) -> None:
    canvas = 832, 480
    try:
        found = place(columns, rows, size, cell_size, Fit("shrink-font", canvas))
    except Rejected:
        return
    assert found.font_size_px <= size
    if found.font_size_px < size:
        width, height = cell_size(found.font_size_px + 1)
        assert columns * width > canvas[0] or rows * height > canvas[1]


def test_what_is_scaled_fills_the_canvas_in_one_direction() -> None:
    found = place(80, 24, 13, lambda _: (8, 16), Fit("scale", (832, 480)))
    assert found.scale == pytest.approx(1.25)
    assert found.padding_px == (16, 0, 16, 0)


def test_a_canvas_must_be_even_and_is_needed_by_all_modes_but_none() -> None:
    with pytest.raises(TracekitError, match="not even"):
        Fit("pad", (831, 480))
    with pytest.raises(TracekitError, match="needs a canvas"):
        Fit("crop")
    with pytest.raises(TracekitError, match="has no canvas"):
        Fit("none", (832, 480))
