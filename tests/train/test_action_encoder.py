"""Actions as features: a row is told to its latents and to no other, and padding says nothing."""

from made_actions import FRAMES, Frames, SHAPE, SHORTCUTS, TEXTS, busy, idle, text_features, windows  # isort: skip

import dataclasses
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from tracekit.actions.classes import KEYS, key_number
from tracekit.actions.fourier import fourier_features, gaussian_matrix
from tracekit.core.errors import TracekitError
from tracekit.train.action_encoder import ActionEncoder, ActionFeatures, PointerView, chord_parts
from tracekit.train.config import ActionSection
from tracekit.train.tensors import Actions, Tensor

ENCODINGS = ("raw", "meta")


def encoder(encoding: str = "meta", **options: Any) -> ActionEncoder:
    torch.manual_seed(0)
    return ActionEncoder(ActionSection(encoding=encoding, **options), SHAPE)


def encode(actions: Actions, encoding: str = "meta") -> ActionFeatures:
    with torch.no_grad():
        return encoder(encoding)(actions, text_features())


def changed(one: Tensor, two: Tensor) -> list[int]:
    """The latents whose features differ."""
    return (one != two).flatten(2).any(dim=(0, 2)).nonzero().flatten().tolist()


@settings(max_examples=25)
@given(
    encoding=st.sampled_from(ENCODINGS),
    frame=st.integers(0, FRAMES - 1),
    window_latents=st.integers(1, 3),
    lag_frames=st.integers(0, 6),
    convention=st.sampled_from(["shown", "next"]),
)
def test_what_a_frame_does_is_told_to_the_latents_whose_window_has_it_and_to_no_other(
    encoding: str, frame: int, window_latents: int, lag_frames: int, convention: Any
) -> None:
    section = ActionSection(window_latents=window_latents, lag_frames=lag_frames, convention=convention)
    quiet, acts, points = idle(), idle(), idle()
    acts["raw"][frame, 20] = acts["types"][frame, 0] = acts["click_buttons"][frame, 0] = 1
    points["positions"][frame] = 0.25
    ends = [4 * latent - lag_frames - (convention == "next") for latent in range(5)]
    told = [latent for latent, end in enumerate(ends) if end - 4 * window_latents < frame <= end]
    before, after, moved = (encode(windows(clip, section=section), encoding) for clip in (quiet, acts, points))
    assert changed(before.actions, after.actions) == told
    assert changed(before.streams[0].values, after.streams[0].values) == told
    assert not changed(before.pointer, after.pointer)
    assert after.acted[0].nonzero().flatten().tolist() == told
    assert changed(before.pointer, moved.pointer) == told
    assert changed(before.rows, moved.rows) == told


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_padding_says_nothing_whatever_it_holds(encoding: str) -> None:
    actions = windows(busy())
    other = windows(busy(1))
    padding = ~actions.mask[..., None]
    filled = dataclasses.replace(
        actions,
        raw=torch.where(padding, other.raw + 1, actions.raw),
        held=actions.held | padding,
        positions=actions.positions.masked_fill(padding, torch.nan),
        on_screen=actions.on_screen | padding[..., 0],
        meta={name: torch.where(padding, 1, values) for name, values in actions.meta.items()},
    )
    before, after = encode(actions, encoding), encode(filled, encoding)
    assert padding.any()
    for name in ("actions", "pointer", "acted", "pointed"):
        assert torch.equal(getattr(before, name), getattr(after, name))
    assert not before.rows[padding[..., 0]].any()


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_pointer_off_the_screen_is_nowhere(encoding: str) -> None:
    here, there = busy(), busy()
    here["on_screen"][:] = there["on_screen"][:] = False
    there["positions"] = -there["positions"]
    before, after = encode(windows(here), encoding), encode(windows(there), encoding)
    assert torch.equal(before.rows, after.rows)
    assert not before.pointer.any()
    assert not before.pointed.any()


def test_a_frame_in_which_nothing_is_done_is_not_padding() -> None:
    features = encode(windows(idle()))
    assert features.actions[features.mask].any(dim=-1).all()
    assert not features.acted.any()


def test_streams_are_means_over_windows_of_which_padding_is_part() -> None:
    features = encode(windows(busy()))
    done, pointer = features.streams
    assert torch.allclose(done.values, features.actions.sum(dim=2) / 12)
    assert torch.allclose(pointer.values, features.pointer.sum(dim=2) / 12)
    assert torch.allclose(features.pooled, done.values + pointer.values, atol=1e-6)
    first = features.actions[0, 0, -1]  # latent 0's window has frame 0 alone
    assert torch.allclose(done.values[0, 0], first / 12)


def test_the_pointer_has_the_fourier_features_of_its_place_centred_and_clamped_to_the_picture() -> None:
    view = PointerView(SHAPE.width, 16)
    view.layers = nn.Sequential()
    places = np.array([[0.0, 0.0], [0.5, 0.5], [0.2, 0.9], [1.0, 0.0], [1.5, -2.0]], np.float32)
    told = fourier_features(np.clip(places, 0, 1) - 0.5, gaussian_matrix(16))
    assert torch.allclose(view(torch.from_numpy(places)), torch.from_numpy(told), atol=2e-5)
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.allclose(view(torch.from_numpy(places)), torch.from_numpy(told), atol=2e-5)


def test_the_fourier_matrix_is_saved_with_the_weights() -> None:
    assert torch.equal(encoder().state_dict()["pointer.matrix"], torch.from_numpy(gaussian_matrix(64)))


def one_frame(**slots: tuple[int, int]) -> Frames:
    clip = idle(1)
    for name, values in slots.items():
        clip[name][0] = values
    return clip


def told(encoding: str = "meta", clip: Frames | None = None, **slots: tuple[int, int]) -> Tensor:
    """The features of a clip's only frame."""
    return encode(windows(clip or one_frame(**slots)), encoding).actions[0, 0, -1]


@pytest.mark.parametrize(
    ("kind", "name", "values"),
    [
        (1, "click_buttons", (1, 2)),
        (1, "click_counts", (1, 2)),
        (1, "drags", (0, 1)),
        (2, "scroll_directions", (1, 4)),
        (2, "scroll_amounts", (1, 2)),
        (3, "texts", (0, 1)),
        (4, "shortcuts", (0, 2)),
    ],
)
def test_every_parameter_of_a_slot_is_told(kind: int, name: str, values: tuple[int, int]) -> None:
    nothing = -1 if name in ("texts", "shortcuts") else 0
    one, two = (told(types=(kind, 0), **{name: (value, nothing)}) for value in values)
    assert not torch.allclose(one, two, atol=1e-4)


def test_types_are_told_apart() -> None:
    rows = [told(types=(kind, 0)) for kind in range(5)]
    assert all(not torch.allclose(rows[i], rows[j], atol=1e-4) for i in range(5) for j in range(i))


def test_a_row_is_the_mean_of_the_slots_that_hold_something() -> None:
    click, scroll = {"click_buttons": (1, 0)}, {"scroll_amounts": (0, 3)}
    alone = told(types=(1, 0), **click)
    other = told(types=(0, 2), **scroll)
    assert torch.allclose(told(types=(1, 2), **click, **scroll), (alone + other) / 2, atol=1e-6)
    assert torch.allclose(alone, told(types=(0, 1), click_buttons=(0, 1)), atol=1e-6)


def test_the_order_of_the_tables_says_nothing() -> None:
    actions = windows(busy())
    turned = dataclasses.replace(
        actions,
        meta=actions.meta
        | {
            name: torch.where(actions.meta[name] < 0, -1, count - 1 - actions.meta[name])
            for name, count in (("texts", len(TEXTS)), ("shortcuts", len(SHORTCUTS)))
        },
        text_table=TEXTS[::-1],
        shortcut_table=SHORTCUTS[::-1],
    )
    with torch.no_grad():
        before, after = encoder()(actions, text_features()), encoder()(turned, text_features().flip(0))
    assert torch.equal(before.actions, after.actions)


@pytest.mark.parametrize(
    ("chord", "key", "held"),
    [
        ("ctrl+shift+t", "t", ("ctrl", "shift")),
        ("Return", "Return", ()),
        ("alt+super+Page_Up", "Prior", ("alt", "super")),
        ("ctrl+Hangul", "other", ("ctrl",)),
        ("Super_L", "Super_L", ()),
    ],
)
def test_a_chord_is_a_key_and_modifiers(chord: str, key: str, held: tuple[str, ...]) -> None:
    number, down = chord_parts(chord)
    assert KEYS[number].keysym == key
    assert number == key_number(key)
    assert [name for name, is_down in zip(("ctrl", "alt", "super", "shift"), down, strict=True) if is_down] == list(
        held
    )


def test_the_raw_view_tells_what_is_held() -> None:
    clip = idle(1)
    before = told("raw", clip)
    clip["held"][0, 7] = True
    assert not torch.allclose(before, told("raw", clip), atol=1e-4)


def test_examples_of_a_batch_know_nothing_of_each_other() -> None:
    both, alone = encode(windows(busy(), busy(1))), encode(windows(busy(1)))
    assert torch.allclose(both.rows[1:], alone.rows, atol=1e-5)


def test_typed_text_needs_its_features() -> None:
    with pytest.raises(TracekitError, match="2 typed texts"):
        encoder()(windows(busy()), None)
    with pytest.raises(TracekitError, match="2 typed texts"):
        encoder()(windows(busy()), text_features()[:1])
    assert encoder("raw")(windows(busy()), None).actions.any()


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("features", [None, torch.zeros(0, SHAPE.text_width)])
def test_all_weights_have_gradients_where_nothing_is_done(encoding: str, features: Tensor | None) -> None:
    """Ranks sum up gradients together: one that has none of a weight would keep the others waiting."""
    made = encoder(encoding)
    nothing = dataclasses.replace(windows(idle()), text_table=(), shortcut_table=())
    known = made(nothing, features)
    known.rows.sum().backward()
    assert all(weight.grad is not None for weight in made.parameters())
