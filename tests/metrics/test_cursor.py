"""Cursor accuracy: cursors drawn here are found where they were drawn, wherever that is, and nowhere where none is."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from tracekit.actions.arrow import arrow
from tracekit.actions.cursor_maps import cursor_map
from tracekit.actions.cursor_track import HIDDEN, CursorTrack
from tracekit.actions.letterbox import Letterbox
from tracekit.core.errors import TracekitError
from tracekit.metrics.cursor import CursorDetector, cursor_score
from tracekit.metrics.frames import Video

WIDTH, HEIGHT = 160, 120
SCREEN = Letterbox(WIDTH, HEIGHT, WIDTH, HEIGHT)
ARROW, TIP = arrow()


def arrows(*places: tuple[int, int]) -> CursorTrack:
    count = len(places)
    return CursorTrack(np.array(places, np.int32), np.zeros(count, np.int32), (ARROW,), np.array([TIP], np.int32))


def desk(seed: int = 0) -> NDArray[np.uint8]:
    """A picture with flat windows, and noise on one of them."""
    random = np.random.default_rng(seed)
    picture = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)
    picture[10:60, 20:90] = 240
    picture[70:110, 60:150] = random.integers(0, 256, (40, 90, 3))
    picture[100:] = 0
    return picture


def drawn(track: CursorTrack, box: Letterbox = SCREEN, seed: int = 0) -> Video:
    """A video of the desk with the track's cursor over it."""
    ground = np.zeros((box.height_px, box.width_px, 3), np.uint8)
    left, top, right, bottom = box.content_px
    ground[top:bottom, left:right] = np.asarray(Image.fromarray(desk(seed)).resize((right - left, bottom - top)))
    frames = []
    for frame in range(track.frames):
        shown = cursor_map(track, frame, box)
        alpha = shown.mask[..., None]
        colour = (shown.foreground + alpha) / 2 * 255
        frames.append(np.rint(ground * (1 - alpha) + colour).astype(np.uint8))
    return np.stack(frames)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, WIDTH - 1), st.integers(0, HEIGHT - 1), st.integers(0, 99))
def test_a_cursor_is_found_exactly_where_it_was_drawn_or_is_not_judged(x: int, y: int, seed: int) -> None:
    track = arrows((x, y))
    found = cursor_score(drawn(track, seed=seed), track, SCREEN)
    assert found.hits == found.found == found.judged
    assert found.frame_distances_px == [0] * found.judged
    if x < WIDTH - 16 and y < HEIGHT - 24:
        assert found.judged == 1


def test_hits_are_within_the_tolerance_and_misses_are_told_by_their_distance() -> None:
    seen = arrows((40, 30), (50, 30), (60, 30), (100, 90))
    logged = arrows((40, 30), (42, 30), (51, 30), (100, 10))
    found = cursor_score(drawn(seen), logged, SCREEN)
    assert found.frame_distances_px == [0, 8, 9, 80]
    assert (found.judged, found.found, found.hits) == (4, 4, 2)
    assert (found.accuracy, found.found_rate, found.tolerance_px) == (0.5, 1, 8)
    assert found.distance_px == pytest.approx({"p50": 8.5, "p90": 58.7, "p99": 77.87})
    assert cursor_score(drawn(seen), logged, SCREEN, tolerance_px=80).hits == 4
    assert cursor_score(drawn(seen), logged, SCREEN, frames=[3]).frames == [3]


def test_a_video_without_a_cursor_shows_none() -> None:
    track = arrows((40, 30), (40, 31))
    found = cursor_score(np.stack([desk(), np.full_like(desk(), 7)]), track, SCREEN)
    assert (found.judged, found.found, found.hits, found.accuracy, found.distance_px) == (2, 0, 0, 0, {})
    assert found.frame_distances_px == [None, None]


def test_a_video_with_two_cursors_shows_none_for_sure() -> None:
    both = drawn(arrows((40, 30)))
    other = drawn(arrows((100, 80)))
    both[:, 60:] = other[:, 60:]
    assert cursor_score(both, arrows((40, 30)), SCREEN).found == 0


def test_frames_are_not_judged_whose_cursor_is_hidden_or_hardly_on_the_screen() -> None:
    track = arrows((40, 30), (40, 30), (WIDTH - 2, 30), (40, HEIGHT - 3), (-5, 30))
    track.shapes[0] = HIDDEN
    found = cursor_score(drawn(track), track, SCREEN)
    assert found.frames == [1]
    assert cursor_score(drawn(track), track, SCREEN, frames=[0]).accuracy is None


def test_a_cursor_too_small_to_be_told_from_anything_is_not_judged() -> None:
    picture, origin = np.full((3, 3, 4), 255, np.uint8), np.zeros((1, 2), np.int32)
    dot = CursorTrack(np.array([(40, 30)], np.int32), np.zeros(1, np.int32), (picture,), origin)
    assert cursor_score(drawn(dot), dot, SCREEN).judged == 0


@pytest.mark.parametrize("size", [(104, 60), (240, 180), (320, 180)])
def test_distances_are_of_the_screen_whatever_the_size_of_the_video(size: tuple[int, int]) -> None:
    box = Letterbox.fit(WIDTH, HEIGHT, *size)
    track = arrows((40, 30), (90, 40), (30, 70))
    found = cursor_score(drawn(track, box), track, box)
    assert found.hits == 3
    assert max(distance or 0 for distance in found.frame_distances_px) <= 1.5 / min(box.scale, 1)


def test_a_blurred_or_noisy_cursor_still_is_one() -> None:
    track = arrows((40, 30))
    sharp = drawn(track)[0]
    blurred = np.asarray(Image.fromarray(sharp).filter(ImageFilter.GaussianBlur(1)))
    noise = np.random.default_rng(0).normal(0, 15, sharp.shape)
    noisy = np.clip(sharp + noise, 0, 255).astype(np.uint8)
    for picture in (blurred, noisy):
        assert cursor_score(picture[None], track, SCREEN).hits == 1


def test_the_correlation_is_pearsons() -> None:
    track = arrows((40, 30))
    detector = CursorDetector(track, SCREEN)
    template = detector._templates[0]
    random = np.random.default_rng(1)
    picture = random.integers(0, 256, (HEIGHT, WIDTH)).astype(np.float32)
    found = template.correlations(picture)
    shown = cursor_map(arrows(TIP), 0, Letterbox(ARROW.shape[1], ARROW.shape[0], ARROW.shape[1], ARROW.shape[0]))
    weights = np.clip(2 * shown.mask - 1, 0, 1).astype(np.float64)
    alpha = np.maximum(shown.mask, 1e-6)[..., None]
    luma = 255 * np.clip((shown.foreground + alpha) / 2 / alpha, 0, 1) @ np.array([0.2126, 0.7152, 0.0722])
    rows, columns = luma.shape
    for row, column in random.integers(0, (HEIGHT - rows, WIDTH - columns), (20, 2)).tolist():
        covered = picture[row : row + rows, column : column + columns]
        one, other = (values - np.average(values, weights=weights) for values in (covered, luma))
        expected = (weights * one * other).sum() / np.sqrt((weights * one**2).sum() * (weights * other**2).sum())
        assert found[row + rows - 1, column + columns - 1] == pytest.approx(expected, abs=1e-3)


def test_a_video_of_another_size_or_length_is_refused() -> None:
    track = arrows((40, 30))
    with pytest.raises(TracekitError, match="160x120, not 80x60"):
        cursor_score(drawn(track), track, Letterbox.fit(WIDTH, HEIGHT, 80, 60))
    with pytest.raises(TracekitError, match="do not have"):
        cursor_score(drawn(track), track, SCREEN, frames=[1])
