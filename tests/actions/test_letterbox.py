"""Places on the screen and in a picture of it, and the Fourier features of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracekit.actions.fourier import fourier_features, gaussian_matrix
from tracekit.actions.letterbox import Letterbox
from tracekit.core.errors import TracekitError
from tracekit.shards.sample import Geometry

places = st.tuples(st.integers(-4000, 4000), st.integers(-4000, 4000))
sides = st.tuples(*[st.integers(0, 40)] * 4)


@given(places, st.integers(1, 8), sides, sides)
def test_whole_numbers_are_mapped_exactly_both_ways(
    place: tuple[int, int], scale: int, crop: tuple[int, int, int, int], padding: tuple[int, int, int, int]
) -> None:
    geometry = Geometry(
        screen_width_px=1024, screen_height_px=768, width_px=9000, height_px=7000, scale=scale, crop_px=crop,
        padding_px=padding,
    )  # fmt: skip
    box = Letterbox.of(geometry)
    expected = [(place[axis] - crop[axis]) * scale + padding[axis] for axis in (0, 1)]
    assert box.to_picture(place).tolist() == expected
    assert box.to_screen(expected).tolist() == list(place)


@given(places, st.floats(0.05, 20), st.floats(-50, 50))
def test_any_scale_comes_back(place: tuple[int, int], scale: float, padding: float) -> None:
    box = Letterbox(1024, 768, 832, 480, scale, padding_px=(padding, 0))
    assert box.to_screen(box.to_picture(place)) == pytest.approx(np.array(place), abs=1e-6)


def test_the_papers_form_is_0_in_the_first_pixel_and_1_in_the_last() -> None:
    box = Letterbox(1024, 768, 832, 480, 0.625, padding_px=(96, 0))
    assert box.normalised([[0, 0], [1024, 768]]).tolist() == [[96 / 831, 0], [736 / 831, 480 / 479]]
    assert Letterbox(10, 10, 10, 10).normalised([[0, 0], [9, 9]]).tolist() == [[0, 0], [1, 1]]


def test_a_screen_fits_whole_and_in_the_middle() -> None:
    box = Letterbox.fit(1024, 768, 832, 480)
    assert (box.scale, *box.padding_px) == (0.625, 96, 0)
    assert box.content_px == (96, 0, 736, 480)


@given(places)
def test_a_picture_of_a_picture_is_one_map(place: tuple[int, int]) -> None:
    first = Letterbox(1024, 768, 640, 384, 0.5, (0, 0, 0, 4), (64, 1))
    second = Letterbox.fit(640, 384, 320, 256)
    both = first.then(second)
    assert both.to_picture(place).tolist() == second.to_picture(first.to_picture(place)).tolist()
    assert (both.width_px, both.height_px, both.crop_px) == (320, 256, first.crop_px)
    with pytest.raises(TracekitError, match="whole picture"):
        second.then(first)


def test_places_off_the_screen_are_told() -> None:
    found = Letterbox(64, 48, 64, 48).on_screen([(0, 0), (63, 47), (64, 0), (0, 48), (-1, 0), (np.nan, 1)])
    assert found.tolist() == [True, True, False, False, False, False]


@pytest.mark.parametrize(
    "wrong",
    [
        {"width_px": 0},
        {"scale": 0.0},
        {"scale": float("nan")},
        {"crop_px": (40, 0, 24, 0)},
        {"padding_px": (float("inf"), 0)},
    ],
)
def test_a_letterbox_that_is_none_is_an_error(wrong: dict[str, object]) -> None:
    with pytest.raises(TracekitError):
        Letterbox(**{"screen_width_px": 64, "screen_height_px": 48, "width_px": 64, "height_px": 48, **wrong})  # type: ignore[arg-type]


@given(st.floats(-1, 2), st.floats(-1, 2))
def test_fourier_features_are_sines_and_cosines_of_the_projections(x: float, y: float) -> None:
    matrix = gaussian_matrix(8, seed=3)
    features = fourier_features([x, y], matrix)
    angles = 2 * np.pi * (x * matrix[0].astype(float) + y * matrix[1].astype(float))
    assert features.dtype == np.float32
    assert np.allclose(features, [*np.sin(angles), *np.cos(angles)], atol=1e-6)


def test_the_gaussian_matrix_is_fixed_by_its_seed() -> None:
    matrix = gaussian_matrix(3)
    # The first numbers of the Mersenne Twister's normal stream for the seed 0, times sigma.
    assert matrix.ravel()[:3] == pytest.approx([17.640523, 4.001572, 9.787380])
    assert not np.array_equal(matrix, gaussian_matrix(3, seed=1))
    assert np.array_equal(gaussian_matrix(3, sigma=20), 2 * matrix)
    assert gaussian_matrix(4096).std() == pytest.approx(10, rel=0.05)


def test_features_keep_the_shape_of_positions_and_are_0_where_there_is_none() -> None:
    features = fourier_features(np.array([[[0.5, 0.5], [np.nan, 0.5]]] * 3), gaussian_matrix(4))
    assert features.shape == (3, 2, 8)
    assert (features[:, 1] == 0).all()
    assert features[:, 0].any()


def test_features_of_other_shapes_are_an_error() -> None:
    with pytest.raises(TracekitError, match="shape"):
        fourier_features([1, 2, 3], gaussian_matrix(4))
    for features, seed, sigma in ((0, 0, 1), (4, -1, 1), (4, 0, -1)):
        with pytest.raises(TracekitError):
            gaussian_matrix(features, seed, sigma)
