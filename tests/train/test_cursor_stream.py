"""The cursor's stream: packed and encoded as the first frame is, and a loss where the cursor is and nowhere else."""

from tiny_wan import FRAMES, HEIGHT_PX, LATENTS, WIDTH_PX, encoded, tiny, typing, unchanged  # isort: skip

from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tracekit.train.cursor_stream import cursor_loss, encode_cursor, pack_mask
from tracekit.train.denoiser import Denoiser
from tracekit.train.flow import at
from tracekit.train.tensors import CursorReference, Tensor

HEIGHT, WIDTH = HEIGHT_PX // 8, WIDTH_PX // 8
HIDDEN = range(9, FRAMES)
"""Frames in which `reference` has no cursor."""


def reference() -> CursorReference:
    """A white square of 8 pixels, in a cell of the latents' own, that goes right by one each frame."""
    foreground = torch.zeros(1, FRAMES, HEIGHT_PX, WIDTH_PX, 3, dtype=torch.float16)
    mask = torch.zeros(1, FRAMES, HEIGHT_PX, WIDTH_PX, dtype=torch.float16)
    foreground[:, 0] = typing(1)[:, 0] / 127.5 - 1
    mask[:, 0] = 1
    for frame in range(1, HIDDEN.start):
        left = 8 * (frame % WIDTH)
        foreground[:, frame, 8:16, left : left + 8] = 1
        mask[:, frame, 8:16, left : left + 8] = 1
    return CursorReference(foreground, mask)


@settings(max_examples=25)
@given(frame=st.integers(0, FRAMES - 1), row=st.integers(0, HEIGHT - 1), column=st.integers(0, WIDTH - 1))
def test_each_frames_mask_has_its_own_channel_of_its_latent(frame: int, row: int, column: int) -> None:
    mask = torch.zeros(1, FRAMES, HEIGHT_PX, WIDTH_PX)
    mask[0, frame, 8 * row : 8 * row + 8, 8 * column : 8 * column + 2] = 1
    packed = pack_mask(mask, HEIGHT, WIDTH)
    wanted = torch.zeros(1, 4, LATENTS, HEIGHT, WIDTH)
    latent = -(-frame // 4)
    channels = slice(None) if frame == 0 else frame - (4 * latent - 3)
    wanted[0, channels, latent, row, column] = 0.25
    assert torch.equal(packed, wanted)


def test_masks_are_packed_as_wan_packs_that_of_the_first_frame() -> None:
    first = unchanged().encode_first(typing(1)[:, 0], FRAMES)
    mask = torch.zeros(1, FRAMES, HEIGHT_PX, WIDTH_PX)
    mask[:, 0] = 1
    assert torch.equal(pack_mask(mask, HEIGHT, WIDTH), first[:, :4])


def test_the_foreground_is_encoded_as_the_video_is() -> None:
    made = encode_cursor(reference(), unchanged())
    picture = torch.full((1, FRAMES, HEIGHT_PX, WIDTH_PX, 3), 128, dtype=torch.uint8)
    picture[:, 0] = typing(1)[:, 0]
    for frame in range(1, HIDDEN.start):
        left = 8 * (frame % WIDTH)
        picture[:, frame, 8:16, left : left + 8] = 255
    assert torch.equal(made.cursor[:, 4:], unchanged().encode_video(picture))
    assert torch.equal(made.cursor[:, :4], pack_mask(reference().mask, HEIGHT, WIDTH))


def test_the_loss_weighs_where_the_cursor_is_and_neither_the_whole_picture_nor_hidden_cursors() -> None:
    mask = encode_cursor(reference(), unchanged()).mask
    assert mask.shape == (1, LATENTS, HEIGHT, WIDTH)
    assert not mask[:, 0].any()
    assert mask[0, 1, 1].tolist() == [0, 0.25, 0.25, 0.25, 0.25, 0]  # frames 1 to 4
    assert mask[0, 2, 1].tolist() == [0.25, 0.25, 0.25, 0, 0, 0.25]  # frames 5 to 8
    assert not mask[:, 3:].any()
    assert not mask[:, :, [0, 2, 3]].any()


def draw(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def test_only_what_is_under_the_mask_is_compared() -> None:
    latents, clean = draw(1, 16, LATENTS, HEIGHT, WIDTH), draw(1, 16, LATENTS, HEIGHT, WIDTH, seed=1)
    mask = encode_cursor(reference(), unchanged()).mask
    weights = torch.ones(1, LATENTS)
    before = cursor_loss(clean, latents, mask, weights)
    errors = (clean - latents).square().mean(dim=1)[mask > 0]
    assert torch.allclose(before, errors.mean())  # all places weigh the same here
    elsewhere = torch.where(mask[:, None] > 0, clean, 100)
    assert torch.equal(before, cursor_loss(elsewhere, latents, mask, weights))
    assert cursor_loss(latents, latents, mask, weights) == 0


def test_latents_weigh_what_of_them_is_of_the_clip() -> None:
    latents, clean = torch.zeros(1, 16, 3, 1, 1), torch.zeros(1, 16, 3, 1, 1)
    clean[:, :, 1], clean[:, :, 2] = 1, 2
    mask = torch.tensor([0.0, 1, 1]).view(1, 3, 1, 1)
    assert cursor_loss(clean, latents, mask, torch.ones(1, 3)) == pytest.approx((1 + 4) / 2)
    assert cursor_loss(clean, latents, mask, torch.tensor([[1, 1, 0.5]])) == pytest.approx((1 + 0.5 * 4) / 1.5)


def test_without_any_cursor_it_is_0_and_so_is_its_gradient() -> None:
    clean = draw(1, 16, LATENTS, HEIGHT, WIDTH).requires_grad_()
    loss = cursor_loss(clean, torch.zeros_like(clean), torch.zeros(1, LATENTS, HEIGHT, WIDTH), torch.ones(1, LATENTS))
    loss.backward()
    assert loss == 0
    assert not clean.grad.any()


@pytest.mark.parametrize("time", [0.1, 0.9])
def test_the_right_velocity_leads_back_to_the_clip(time: float) -> None:
    latents, noise = draw(1, 16, LATENTS, HEIGHT, WIDTH), draw(1, 16, LATENTS, HEIGHT, WIDTH, seed=1)
    point = at(latents, torch.tensor([time]), noise)
    mask, weights = torch.ones(1, LATENTS, HEIGHT, WIDTH), torch.ones(1, LATENTS)
    assert cursor_loss(point.clean(point.velocity), latents, mask, weights) < 1e-10
    wrong = cursor_loss(point.clean(point.velocity + 1), latents, mask, weights)
    assert wrong == pytest.approx(time**2, rel=1e-4)


def test_a_transformer_that_takes_the_stream_begins_without_it_and_learns_from_it() -> None:
    backbone, clips = tiny(cursor=True), encoded()
    denoiser = Denoiser(backbone)
    streams = [encode_cursor(reference(), backbone).cursor.expand(2, -1, -1, -1, -1), torch.zeros(2, 20, 5, 4, 6)]
    noisy, times = draw(*clips.latents.shape), torch.full((2,), 500.0)
    made = [denoiser(noisy, times, replace(clips.conditions, cursor=cursor)) for cursor in streams]
    assert torch.equal(*made)
    made[0].square().mean().backward()
    new = backbone.transformer.patch_embedding.weight.grad[:, 36:]
    assert new.shape[1] == 20
    assert new.flatten(2).any(dim=2).any(dim=0).all()
