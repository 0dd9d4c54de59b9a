"""Cursor supervision: the cursor is drawn where it is, at any scale, and nowhere else."""

import numpy as np
import pytest
from actions.logs import track
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tracekit.actions.arrow import ARROW_SVG, arrow, arrow_track
from tracekit.actions.cursor_maps import (
    cursor_map,
    cursor_maps,
    iter_maps,
    iter_reference,
    on_screen,
    reference_maps,
)
from tracekit.actions.cursor_track import CursorTrack
from tracekit.actions.letterbox import Letterbox
from tracekit.core.errors import TracekitError
from tracekit.desktop.compose import Cursor, blend

SCREEN = Letterbox(64, 48, 64, 48)


def shaped(image: NDArray[np.uint8], hotspot: tuple[int, int], *positions: tuple[int, int]) -> CursorTrack:
    return CursorTrack(
        np.array(positions, np.int32),
        np.zeros(len(positions), np.int32),
        (image,),
        np.array([hotspot], np.int32),
    )


def one_pixel(*positions: tuple[int, int]) -> CursorTrack:
    """A cursor that is its hotspot, opaque red."""
    return shaped(np.array([[[255, 0, 0, 255]]], np.uint8), (0, 0), *positions)


def test_a_map_has_the_recorded_picture_with_its_hotspot_at_the_logged_place() -> None:
    image = np.zeros((2, 3, 4), np.uint8)
    image[0, 0] = 255, 255, 255, 255
    image[0, 1] = 0, 0, 0, 255
    image[1, 2] = 0, 51, 102, 102  # premultiplied, alpha 0.4: half green, full blue
    shown = cursor_map(shaped(image, (2, 1), (20, 10)), 0, SCREEN)
    assert shown.foreground.shape == (48, 64, 3)
    assert shown.foreground.dtype == shown.mask.dtype == np.float32
    assert np.argwhere(shown.mask).tolist() == [[9, 18], [9, 19], [10, 20]]
    assert shown.foreground[9, 18].tolist() == [1, 1, 1]
    assert shown.foreground[9, 19].tolist() == [-1, -1, -1]
    assert shown.mask[10, 20] == pytest.approx(0.4)
    assert shown.foreground[10, 20].tolist() == pytest.approx([-0.4, 0, 0.4])
    assert not shown.foreground[shown.mask == 0].any()


@given(st.integers(0, 63), st.integers(0, 47), st.integers(0, 2**32 - 1))
def test_a_map_over_a_picture_is_what_the_x_server_shows(x: int, y: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    alpha = random.integers(0, 256, (7, 5, 1))
    image = np.concatenate([random.integers(0, alpha + 1, (7, 5, 3)), alpha], axis=2).astype(np.uint8)
    picture = random.integers(0, 256, (48, 64, 3), dtype=np.uint8)
    shown = cursor_map(shaped(image, (2, 3), (x, y)), 0, SCREEN)
    mask = shown.mask[..., None]
    over = (shown.foreground + mask) / 2 * 255 + picture * (1 - mask)
    composed = np.concatenate([picture[..., ::-1], picture[..., :1]], axis=2)  # blue first, as in X's memory
    blend(composed, Cursor(x - 2, y - 3, image))
    assert np.abs(over - composed[..., 2::-1]).max() <= 1


def test_hidden_and_off_screen_cursors_have_no_mask() -> None:
    cursor = track([(5, 5), (5, 5), (-1, 5), (64, 5), (5, -1), (5, 48), (63, 47)], [0, -1, 0, 0, 0, 0, 0])
    maps = cursor_maps(cursor, SCREEN)
    valid = [True, False, False, False, False, False, True]
    assert on_screen(cursor, SCREEN).tolist() == valid
    assert maps.mask.any(axis=(1, 2)).tolist() == valid
    assert maps.foreground.any(axis=(1, 2, 3)).tolist() == valid


@pytest.mark.parametrize("scale", [0.25, 0.5, 0.7, 1.0, 1.5, 3.0])
def test_a_scaled_cursor_covers_what_its_picture_covers(scale: float) -> None:
    box = Letterbox(64, 48, 200, 160, scale, padding_px=(2.3, 3.0))
    image, hotspot = arrow(16)
    mask = cursor_map(shaped(image, hotspot, (30, 20)), 0, box).mask
    assert mask.sum() == pytest.approx((image[..., 3] / 255).sum() * scale**2, rel=1e-5)
    ys, xs = np.indices(mask.shape) + 0.5
    rows, columns = np.indices(image.shape[:2]) + 0.5
    weights = image[..., 3] / image[..., 3].sum()
    middle = box.to_picture([30 - hotspot[0] + (columns * weights).sum(), 20 - hotspot[1] + (rows * weights).sum()])
    assert ((mask * xs).sum() / mask.sum(), (mask * ys).sum() / mask.sum()) == pytest.approx(middle.tolist(), abs=0.5)


@given(st.integers(0, 63), st.integers(0, 47), st.integers(1, 3), st.integers(0, 9), st.integers(0, 9))
def test_the_hotspot_is_where_the_letterbox_maps_it(x: int, y: int, scale: int, left: int, top: int) -> None:
    box = Letterbox(64, 48, 64 * scale + 9, 48 * scale + 9, scale, padding_px=(left, top))
    mask = cursor_map(one_pixel((x, y)), 0, box).mask
    expected = np.zeros_like(mask)
    to_x, to_y = x * scale + left, y * scale + top
    expected[to_y : to_y + scale, to_x : to_x + scale] = 1
    assert (mask == expected).all()


def test_a_cursor_ends_where_the_screen_ends() -> None:
    box = Letterbox(64, 48, 84, 68, crop_px=(8, 0, 8, 0), padding_px=(10, 10))
    cursor = shaped(np.full((6, 6, 4), 255, np.uint8), (0, 0), (54, 46), (4, 4), (2, 4), (57, 4))
    masks = cursor_maps(cursor, box).mask
    assert masks.sum(axis=(1, 2)).tolist() == [2 * 2, 2 * 6, 0, 0]
    assert box.content_px == (10, 10, 58, 58)
    assert np.argwhere(masks[0]).tolist() == [[56, 56], [56, 57], [57, 56], [57, 57]]


def test_the_reference_is_the_picture_and_then_the_cursor_alone() -> None:
    first = np.random.default_rng(0).integers(0, 256, (48, 64, 3), dtype=np.uint8)
    cursor = track([(5, 5), (20, 20), (30, 30)], [0, 0, -1])
    reference, maps = reference_maps(cursor, SCREEN, first), cursor_maps(cursor, SCREEN)
    assert (reference.mask[0] == 1).all()
    assert np.rint((reference.foreground[0] + 1) * 127.5).astype(np.uint8).tolist() == first.tolist()
    assert (reference.mask[1:] == maps.mask[1:]).all()
    assert (reference.foreground[1:] == maps.foreground[1:]).all()
    assert maps.mask[1].any()
    assert not maps.mask[2].any()
    assert np.abs(reference.foreground).max() <= 1


def test_maps_come_one_at_a_time() -> None:
    cursor = track([(5, 5), (20, 20)])
    together = cursor_maps(cursor, SCREEN)
    for frame, one in enumerate(iter_maps(cursor, SCREEN)):
        assert (one.mask == together.mask[frame]).all()
        assert (one.foreground == together.foreground[frame]).all()


@pytest.mark.parametrize("height_px", [8, 16, 21, 42, 100])
def test_the_arrows_tip_is_its_hotspot(height_px: int) -> None:
    image, (x, y) = arrow(height_px)
    alpha = image[..., 3]
    assert image.shape[0] == height_px
    assert (image[..., :3] <= alpha[..., None]).all()
    assert alpha[y, x] > 128  # the outline's round corner is all there is of it when it is small
    margin = height_px / 21 + 1  # of the outline
    assert np.argwhere(alpha)[:, 0].min() >= y - margin
    assert np.argwhere(alpha)[:, 1].min() >= x - margin
    ys, xs = np.nonzero(alpha)
    assert ys.mean() > y + height_px / 4
    assert xs.mean() > x


def test_the_arrow_is_black_with_a_white_edge_and_its_svg_says_so() -> None:
    image, (x, y) = arrow(84)
    assert image[y + 30, x + 8].tolist() == [0, 0, 0, 255]
    assert image[y + 30, x - 2].tolist() == [255, 255, 255, 255]
    assert 'points="0,0 ' in ARROW_SVG
    assert 'fill="#000000"' in ARROW_SVG


def test_an_arrow_takes_the_place_of_every_shape() -> None:
    cursor = arrow_track(track([(5, 5), (30, 20), (8, 8)], [0, 0, -1]))
    masks = cursor_maps(cursor, SCREEN).mask
    assert masks.any(axis=(1, 2)).tolist() == [True, True, False]
    image, (x, y) = arrow()
    top, left = 20 - y, 30 - x
    assert np.allclose(masks[1, top : top + image.shape[0], left : left + image.shape[1]], image[..., 3] / 255)


def test_what_is_no_cursor_or_no_first_picture_is_an_error() -> None:
    with pytest.raises(TracekitError, match="pixels"):
        cursor_map(shaped(np.zeros((1, 5000, 4), np.uint8), (0, 0), (5, 5)), 0, SCREEN)
    with pytest.raises(TracekitError, match="frame 0"):
        list(iter_reference(track([(5, 5)]), SCREEN, np.zeros((48, 63, 3), np.uint8)))
    with pytest.raises(TracekitError, match="arrow"):
        arrow(100_000)
