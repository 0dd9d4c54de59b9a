"""A fragmented file is a video like any other; cut off anywhere, it is one up to its last whole fragment."""

import io
from pathlib import Path

import numpy as np
import pytest

from tracekit.core.clock import FPS
from tracekit.video.decode import decode, frame_count
from tracekit.video.encode import ClipEncoder
from tracekit.video.fragmented import FragmentedMp4, keep_whole
from tracekit.video.x264 import frame_planes

FRAMES = 40


@pytest.fixture(scope="module")
def written() -> tuple[bytes, list[int], list[np.ndarray]]:
    """A file, where its fragments end, and the luma of its frames."""
    encoder = ClipEncoder(64, 48, qp=10, gop_frames=12)
    file, ends, shown = io.BytesIO(), [], []
    mp4 = FragmentedMp4(file, 64, 48, encoder.sets)
    ends.append(file.tell())
    rng = np.random.default_rng(1)
    for number in range(FRAMES):
        if number % 3 == 0:
            encoder.planes.y[:] = rng.integers(16, 236, (6, 8), np.uint8).repeat(8, 0).repeat(8, 1)
        encoder.frame(number % 3 == 0)
        shown.append(encoder.planes.y.copy())
        if encoder.frames % FPS == 0:
            mp4.append(*encoder.take())
            ends.append(file.tell())
    mp4.append(*encoder.take())
    ends.append(file.tell())
    return file.getvalue(), ends, shown


def test_it_holds_the_pictures_at_their_fifteenths(written: tuple[bytes, list[int], list[np.ndarray]]) -> None:
    data, _, shown = written
    frames = list(decode(data))
    assert [frame.pts * frame.time_base * FPS for frame in frames] == list(range(FRAMES))
    for frame, luma in zip(frames, shown, strict=True):
        assert np.abs(frame_planes(frame).y.astype(int) - luma).max() <= 6


def test_cut_off_anywhere_it_is_whole_up_to_the_last_fragment(
    written: tuple[bytes, list[int], list[np.ndarray]], tmp_path: Path
) -> None:
    data, ends, _ = written
    path = tmp_path / "cut.mp4"
    for cut in sorted({*range(ends[0], len(data), 97), *ends, *(end - 1 for end in ends[1:])}):
        path.write_bytes(data[:cut])
        whole = sum(end <= cut for end in ends) - 1
        frames = min(whole * FPS, FRAMES)
        assert keep_whole(path) == frames
        assert path.stat().st_size == ends[whole]
    path.write_bytes(data[: ends[2] + 50])
    assert keep_whole(path) == frame_count(path) == 2 * FPS


def test_more_frames_than_wanted_are_cut_off(
    written: tuple[bytes, list[int], list[np.ndarray]], tmp_path: Path
) -> None:
    path = tmp_path / "long.mp4"
    path.write_bytes(written[0])
    assert keep_whole(path, 30) == frame_count(path) == 30
