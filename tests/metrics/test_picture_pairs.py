"""Two videos are compared at the same instants of the one clock, and where they differ in size only when asked."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from clips.recordings import replay
from coded_videos import coded, numbered, numbers_of, pictures
from hypothesis import given
from hypothesis import strategies as st

from tracekit.clips.camera import Camera
from tracekit.clips.settings import VideoSettings
from tracekit.core.clock import FPS
from tracekit.core.errors import TracekitError
from tracekit.metrics import frames as frames_module
from tracekit.metrics.frames import PAPER_GLOBAL, Sampling, Video, make_pair, read_video
from tracekit.terminal.fit import Fit
from tracekit.terminal.painter import Look
from tracekit.video.decode import decode, to_rgb


@pytest.mark.parametrize("container", ["mp4", "matroska"])
@pytest.mark.parametrize("fps", [5, 10, 15, 16, 24, 30, 60])
def test_a_video_of_any_rate_is_read_as_it_is_shown_at_the_instants_of_the_clock(fps: int, container: str) -> None:
    read = read_video(coded(numbered(40), fps, container))
    length = -(-40 * FPS // fps)
    assert read.frames == length
    assert numbers_of(read.video) == [frame * fps // FPS for frame in range(length)]


def test_a_video_of_one_frame_has_one_frame() -> None:
    assert read_video(coded(numbered(1))).frames == 1


def test_our_own_videos_are_read_as_everything_else_here_reads_them() -> None:
    engine = replay([], 10, 2)
    camera = Camera(Look(), 10, 2, Fit(), VideoSettings())
    camera.frame(engine, engine.feed("\x1b[31mred \x1b[44mblue"))
    video = camera.finish()
    assert np.array_equal(read_video(video).video, np.stack([to_rgb(frame) for frame in decode(video)]))


def test_a_video_that_does_not_say_how_its_colours_are_coded_is_read_as_ffmpeg_writes_such() -> None:
    red = np.full((1, 64, 64, 3), (200, 30, 30), np.uint8)
    assert np.abs(read_video(coded(red, codec="libx264")).video.astype(int) - red).max() <= 3


def test_a_pair_is_as_long_as_the_shorter_video() -> None:
    pair = make_pair(numbered(9), coded(numbered(7)))
    assert pair.numbers.tolist() == list(range(7))
    assert (pair.truth_frames, pair.predicted_frames, pair.frames) == (9, 7, 7)
    assert np.array_equal(pair.truth, pair.predicted)


def test_a_difference_in_size_is_an_error_that_names_both_and_the_way_out(tmp_path: Path) -> None:
    file = tmp_path / "other.mp4"
    file.write_bytes(coded(numbered(2, 64, 32)))
    with pytest.raises(TracekitError, match="64x32, the true one 32x16") as error:
        make_pair(numbered(2), file)
    assert error.value.place == str(file)
    assert make_pair(numbered(2), file, resize=True).predicted.shape == (2, 16, 32, 3)


def test_where_sizes_differ_sampling_does_not_hide_it() -> None:
    with pytest.raises(TracekitError, match="the true one"):
        make_pair(numbered(2), numbered(2, 64, 32), Sampling(short_side_px=8))


@given(fps=st.integers(1, FPS), frames=st.integers(1, 100))
def test_fewer_frames_a_second_are_those_shown_at_their_instants(fps: int, frames: int) -> None:
    taken = [frame for frame in range(frames) if Sampling(fps).takes(frame)]
    instants_s = [Fraction(j, fps) for j in range(FPS) if Fraction(j, fps) < Fraction(frames, FPS)]
    shown = [max(frame for frame in range(frames) if Fraction(frame, FPS) <= at_s) for at_s in instants_s]
    assert taken[: len(shown)] == shown
    assert len(taken) == -(-frames * fps // FPS)


def test_the_papers_sampling_has_three_frames_a_second_of_five_seconds_and_a_shorter_side_of_256() -> None:
    pair = make_pair(numbered(90, 512, 384), numbered(90, 512, 384), PAPER_GLOBAL)
    assert pair.numbers.tolist() == list(range(0, 75, 5))
    assert pair.truth.shape == (15, 256, 341, 3)
    assert numbers_of(pair.truth) == list(range(0, 75, 5))


def test_scaling_keeps_the_mean_of_a_picture() -> None:
    video = pictures(1, 512, 512)
    small = read_video(video, Sampling(short_side_px=64)).video
    assert np.abs(small.mean(axis=(1, 2)) - video.mean(axis=(1, 2))).max() < 1


def test_frames_are_taken_out_by_their_numbers_on_the_clock() -> None:
    pair = make_pair(numbered(75), numbered(75), Sampling(fps=5)).take([0, 4, 6, 72, 99])
    assert pair.numbers.tolist() == [0, 6, 72]
    assert numbers_of(pair.predicted) == [0, 6, 72]


@pytest.mark.parametrize(
    "video",
    [np.zeros((2, 4, 4, 3)), np.zeros((2, 4, 4), np.uint8), np.zeros((2, 4, 4, 4), np.uint8), numbered(3)[:0]],
)
def test_an_array_that_is_no_video_is_told_by_its_shape(video: Video) -> None:
    with pytest.raises(TracekitError, match="a video is uint8"):
        read_video(video)


@pytest.mark.parametrize("data", [b"", b"no video", coded(numbered(20))[:400]])
def test_a_file_that_is_no_whole_video_is_an_error_and_no_traceback(data: bytes) -> None:
    with pytest.raises(TracekitError):
        read_video(data)


def test_a_video_of_more_than_five_minutes_is_refused_however_few_frames_it_has() -> None:
    still = np.zeros((301, 16, 16, 3), np.uint8)
    with pytest.raises(TracekitError, match="longer than 300 s") as error:
        read_video(coded(still, fps=1))
    assert "clips" in error.value.remedy


@pytest.mark.parametrize("fps", [0, 16, -1])
def test_more_frames_a_second_than_the_clock_has_are_refused(fps: int) -> None:
    with pytest.raises(TracekitError, match="frames a second"):
        Sampling(fps)


def test_a_video_whose_pictures_are_too_many_to_hold_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames_module, "MOST_BYTES", 3 * 32 * 16 * 3)
    assert read_video(numbered(3)).frames == 3
    with pytest.raises(TracekitError, match="of pictures"):
        read_video(numbered(4))
    assert read_video(numbered(15), Sampling(fps=3)).frames == 15  # of which three are held
