"""A GIF shows each picture from the hundredth of a second nearest to its instant, in its own colours."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from tracekit.core.errors import TracekitError
from tracekit.video.gif import write_gif

Picture = NDArray[np.uint8]


def gif(frames: list[Picture | None]) -> Image.Image:
    file = io.BytesIO()
    write_gif(file, frames)
    return Image.open(io.BytesIO(file.getvalue()))


def shown(image: Image.Image) -> list[tuple[int, Picture]]:
    """Of each picture: its duration in ms, and its colours."""
    pictures = []
    for number in range(getattr(image, "n_frames", 1)):
        image.seek(number)
        pictures.append((int(image.info["duration"]), np.asarray(image.convert("RGB"))))
    return pictures


def level(value: int) -> Picture:
    return np.full((6, 8, 3), value, np.uint8)


@settings(deadline=None)
@given(st.lists(st.booleans(), max_size=60))
def test_times_are_rounded_once_and_errors_never_add_up(changes: list[bool]) -> None:
    frames = [level(0), *(level(number + 1) if changed else None for number, changed in enumerate(changes))]
    starts_s = [number / 15 for number, frame in enumerate(frames) if frame is not None]
    durations = [duration_ms for duration_ms, _ in shown(gif(frames))]
    ends_s = np.cumsum(durations) / 1000
    assert len(durations) == len(starts_s)
    assert np.abs(ends_s - [*starts_s[1:], len(frames) / 15]).max() <= 0.005 + 1e-9


def test_up_to_256_colours_are_exact_and_each_picture_has_its_own() -> None:
    random = np.random.default_rng(0)
    frames = []
    for _ in range(3):
        colors = random.integers(0, 256, (256, 3)).astype(np.uint8)
        frames.append(colors[random.permutation(32 * 32) % 256].reshape(32, 32, 3))
    for meant, (_, picture) in zip(frames, shown(gif([*frames])), strict=True):
        assert np.array_equal(meant, picture)


def test_more_colours_are_kept_near() -> None:
    ramp = np.stack(np.meshgrid(np.arange(64), np.arange(64), [0]), -1).reshape(64, 64, 3).astype(np.uint8) * 4
    ((_, picture),) = shown(gif([ramp]))
    assert np.abs(ramp.astype(int) - picture).mean() < 8


def test_it_repeats_for_ever() -> None:
    assert gif([level(0), level(1)]).info["loop"] == 0


@pytest.mark.parametrize("frames", [[], [None], [None, level(1)]], ids=["nothing", "no picture", "no first picture"])
def test_without_a_picture_at_the_start_there_is_no_gif(frames: list[Picture | None]) -> None:
    with pytest.raises(TracekitError, match="picture"):
        write_gif(io.BytesIO(), frames)
