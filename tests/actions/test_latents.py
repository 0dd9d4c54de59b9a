"""The alignment of frames and their actions to latents, held against its definition by perturbation."""

from typing import Any

import numpy as np
import pytest
from actions.logs import FRAMES, logs, places, track
from hypothesis import given
from hypothesis import strategies as st

from tracekit.actions.archive import views_of
from tracekit.actions.events import InputEvent
from tracekit.actions.latents import Alignment, Convention
from tracekit.actions.npz import load_arrays
from tracekit.core.errors import TracekitError

alignments = st.builds(
    Alignment,
    frames=st.integers(1, 90),
    stride=st.integers(1, 6),
    window_latents=st.integers(1, 5),
    lag_frames=st.integers(0, 12),
    convention=st.sampled_from(["shown", "next"]),
)


def rows_of(alignment: Alignment, latent: int) -> list[int]:
    """The rows of a latent's window, by the words of the paper: c * w frames that end at t * c - lag.

    A row that applies to the next frame is the action of a frame one later.
    """
    end = latent * alignment.stride - alignment.lag_frames
    driven = range(end - alignment.stride * alignment.window_latents + 1, end + 1)
    return [frame - 1 if alignment.convention == "next" else frame for frame in driven]


@given(alignments, st.data())
def test_a_frame_changes_exactly_the_windows_that_it_is_in(alignment: Alignment, data: st.DataObject) -> None:
    frame = data.draw(st.integers(0, alignment.frames - 1))
    values = np.arange(1, alignment.frames + 1)
    other = values.copy()
    other[frame] = -1
    changed = (alignment.windows(values).values != alignment.windows(other).values).any(axis=1)
    expected = [frame in rows_of(alignment, latent) for latent in range(alignment.latents)]
    assert changed.tolist() == expected


@given(alignments)
def test_windows_are_in_order_and_padding_is_masked(alignment: Alignment) -> None:
    values, mask = alignment.windows(np.arange(alignment.frames) + 1, fill=-7)
    for latent in range(alignment.latents):
        inside = [0 <= row < alignment.frames for row in rows_of(alignment, latent)]
        expected = [row + 1 if known else -7 for row, known in zip(rows_of(alignment, latent), inside, strict=True)]
        assert values[latent].tolist() == expected
        assert mask[latent].tolist() == inside


@pytest.mark.parametrize(
    ("convention", "lag", "latents"),
    [
        ("shown", 0, {0: [0, 1, 2], 1: [1, 2, 3], 4: [1, 2, 3], 5: [2, 3, 4]}),
        ("next", 0, {0: [1, 2, 3], 3: [1, 2, 3], 4: [2, 3, 4], 5: [2, 3, 4]}),
        ("shown", 4, {0: [1, 2, 3], 1: [2, 3, 4], 4: [2, 3, 4]}),
    ],
)
def test_the_latents_that_see_a_frame_with_wan_and_three_latents_of_window(
    convention: Convention, lag: int, latents: dict[int, list[int]]
) -> None:
    alignment = Alignment(frames=17, lag_frames=lag, convention=convention)
    seen = {frame: np.flatnonzero((alignment.rows() == frame).any(axis=1)).tolist() for frame in latents}
    assert seen == latents


def test_75_frames_are_77_and_20_latents_of_which_the_last_is_half() -> None:
    alignment = Alignment()
    assert (alignment.padded_frames, alignment.latents, alignment.window_frames) == (77, 20, 12)
    assert alignment.shown_frames().tolist() == [*range(75), 74, 74]
    assert np.flatnonzero(~alignment.frame_mask()).tolist() == [75, 76]
    assert alignment.latent_weights().tolist() == [1] * 19 + [0.5]
    assert not alignment.windows(np.ones(75)).mask[19, -2:].any()


@given(st.integers(1, 90), st.integers(1, 6))
def test_latents_share_out_the_frames(frames: int, stride: int) -> None:
    alignment = Alignment(frames=frames, stride=stride)
    latents = [alignment.latent_of(frame) for frame in range(alignment.padded_frames)]
    sizes = [latents.count(latent) for latent in range(alignment.latents)]
    assert sizes == [1] + [stride] * (alignment.latents - 1)
    real = [latents[:frames].count(latent) for latent in range(alignment.latents)]
    assert min(real) > 0
    assert np.allclose(alignment.latent_weights(), np.divide(real, sizes))


@given(logs())
def test_every_array_of_a_clips_actions_has_windows(log: list[InputEvent]) -> None:
    actions = views_of(log, track(places(log)), FRAMES)
    arrays = load_arrays(actions.save(), "actions.npz")
    alignment = Alignment(frames=FRAMES, window_latents=1)
    per_frame: dict[str, Any] = {name: array for name, array in arrays.items() if array.shape[:1] == (FRAMES,)}
    assert {"raw", "held", "positions", "types", "texts"} <= per_frame.keys()
    for array in per_frame.values():
        values, mask = alignment.windows(array, fill=-1 if array.dtype == np.int32 else 0)
        assert values.shape == (alignment.latents, 4, *array.shape[1:])
        assert values.dtype == array.dtype
        assert (values[mask] == array).all()  # with a window of one latent, each frame is in one of them


@pytest.mark.parametrize(
    "wrong",
    [{"frames": 0}, {"stride": 0}, {"window_latents": 0}, {"window_latents": 1 << 40}, {"lag_frames": -1},
     {"convention": "late"}],
)  # fmt: skip
def test_an_alignment_that_is_none_is_an_error(wrong: dict[str, Any]) -> None:
    with pytest.raises(TracekitError):
        Alignment(**wrong)


@pytest.mark.parametrize("values", [np.zeros(()), np.zeros(74), np.zeros((76, 2))])
def test_values_of_another_number_of_frames_are_an_error(values: Any) -> None:
    with pytest.raises(TracekitError, match="75 frames"):
        Alignment().windows(values)
