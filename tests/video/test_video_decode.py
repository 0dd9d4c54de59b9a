"""Videos are read back whole, in true colours, or refused by name."""

from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pictures import CHANGES, clip, film

from tracekit.core.errors import TracekitError
from tracekit.terminal import bt709
from tracekit.video.decode import decode, frame_count, frames_rgb
from tracekit.video.encode import ClipEncoder
from tracekit.video.planes import Planes, new_planes
from tracekit.video.quality import psnr

VIDEO = clip(ClipEncoder(64, 48, qp=0), CHANGES["one in four"])


def test_a_file_and_its_bytes_decode_to_the_same_count(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(VIDEO)
    assert frame_count(VIDEO) == frame_count(path) == 75


@pytest.mark.parametrize(
    "rgb", [(0, 0, 0), (255, 255, 255), (255, 0, 0), (0, 255, 0), (0, 0, 255), (18, 19, 20), (221, 60, 105)]
)
def test_colours_come_back_as_they_were_drawn(rgb: tuple[int, int, int]) -> None:
    encoder = ClipEncoder(32, 32, pix_fmt="yuv444p", qp=0)
    y, u, v = np.rint(bt709.from_rgb(np.array(rgb, np.float64))).astype(int)
    encoder.planes.fill((y, u, v))
    encoder.frame(True)
    (shown,) = frames_rgb(encoder.finish(), [0])
    assert np.abs(shown.astype(int) - rgb).max() <= 2  # one step of luma is 1.2 of RGB


def test_frames_come_in_the_order_asked_for() -> None:
    encoder = ClipEncoder(32, 32, qp=0)
    for level in range(16, 216):
        encoder.planes.y[:] = level
        encoder.frame(True)
    picked = frames_rgb(encoder.finish(), [150, 3, 3, 90])
    assert picked.shape == (4, 32, 32, 3)
    green = picked[:, 0, 0, 1].astype(int)
    assert green[1] == green[2] < green[3] < green[0]


@pytest.mark.parametrize("index", [-1, 75])
def test_a_frame_that_is_not_there_is_refused(index: int) -> None:
    with pytest.raises(TracekitError, match="no frame"):
        frames_rgb(VIDEO, [index])


def test_what_is_no_video_is_refused_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "notes.mp4"
    path.write_text("not a video")
    with pytest.raises(TracekitError, match=r"notes\.mp4"):
        frame_count(path)
    with pytest.raises(TracekitError, match=r"absent\.mp4"):
        frame_count(tmp_path / "absent.mp4")


@settings(deadline=None, max_examples=60)
@given(st.integers(0, len(VIDEO) - 1), st.binary(max_size=40))
def test_a_damaged_video_is_refused_or_read_never_worse(at: int, noise: bytes) -> None:
    with suppress(TracekitError):
        assert frame_count(VIDEO[:at] + noise + VIDEO[at + len(noise) :]) <= 75


@settings(deadline=None, max_examples=30)
@given(st.integers(0, len(VIDEO) - 1))
def test_a_truncated_video_never_counts_as_whole(length: int) -> None:
    with suppress(TracekitError):
        assert frame_count(VIDEO[:length]) < 75


def test_psnr_is_the_formula_of_known_cases() -> None:
    flat = np.full((8, 8), 100, np.uint8)
    assert psnr(flat, flat) == float("inf")
    assert psnr(flat, flat + np.uint8(1)) == pytest.approx(48.1308, abs=1e-4)
    assert psnr(np.zeros((8, 8), np.uint8), np.full((8, 8), 255, np.uint8)) == 0


def test_planes_of_a_frame_and_planes_of_their_own_have_the_same_shape() -> None:
    for pix_fmt in ("yuv420p", "yuv444p"):
        ours, theirs = new_planes(656, 410, pix_fmt), ClipEncoder(656, 410, pix_fmt=pix_fmt).planes
        assert [plane.shape for plane in ours] == [plane.shape for plane in theirs]
        assert ours.pix_fmt == theirs.pix_fmt == pix_fmt
        assert isinstance(theirs, Planes)
        assert all(map(np.array_equal, ours, theirs))
    with pytest.raises(ValueError, match="even"):
        new_planes(31, 32)


def test_frames_are_decoded_one_by_one() -> None:
    """The first frame of a long video is there before the rest is decoded."""
    encoder = ClipEncoder(32, 32)
    film([encoder], [True] * 300)
    assert next(decode(encoder.finish())).pts == 0
