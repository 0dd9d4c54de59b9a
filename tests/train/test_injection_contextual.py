"""The contextual injection: its mask is the paper's, and is what each block attends by."""

from made_actions import LATENTS, SHAPE, busy, idle, new_transformer, run, text_features, windows  # isort: skip

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tracekit.train.config import ActionSection
from tracekit.train.injections.contextual import Contextual, contextual_mask
from tracekit.train.tensors import Tensor

PLACES = 6
"""Tokens of a frame of `run`."""


@settings(max_examples=40)
@given(latents=st.integers(1, 6), tokens=st.integers(1, 3), band=st.integers(0, 7), lag=st.integers(0, 7))
def test_the_mask_is_the_papers(latents: int, tokens: int, band: int, lag: int) -> None:
    mask = contextual_mask(latents, tokens, band, lag)
    frame_of = [frame for frame in range(latents) for _ in range(tokens)]
    video, last = len(frame_of), latents - 1
    assert mask.shape == (video + latents, video + latents)
    for query, i in enumerate(frame_of):
        assert mask[query, :video].tolist() == [abs(i - frame) <= band for frame in frame_of]
        assert mask[query, video:].tolist() == [max(0, i - lag) <= j <= min(i, last) for j in range(latents)]
    for j in range(latents):
        assert mask[video + j, :video].tolist() == [frame >= min(j + lag, last) for frame in frame_of]
        assert mask[video + j, video:].tolist() == [other == j for other in range(latents)]


def contextual(blocks: int, band: int, lag: int) -> tuple[Contextual, torch.nn.Module]:
    transformer = new_transformer(blocks)
    section = ActionSection(injection="contextual", options={"band_latents": band, "lag_latents": lag})
    torch.manual_seed(0)
    injection = Contextual(section, SHAPE._replace(blocks=blocks))
    injection.attach(transformer)
    return injection, transformer


def made(injection: Contextual, transformer: torch.nn.Module, click: int | None = None) -> Tensor:
    """With a click in one frame; windows are one latent long."""
    clip = idle()
    if click is not None:
        clip["types"][click, 0] = clip["click_buttons"][click, 0] = 1
    injection.give(windows(clip, section=ActionSection(window_latents=1)), text_features())
    with torch.no_grad():
        return run(transformer)


def differ(one: Tensor, two: Tensor) -> list[int]:
    return (one != two).any(dim=1).flatten(2).any(dim=2)[0].nonzero().flatten().tolist()


@pytest.mark.parametrize("lag", [0, 1, 2])
def test_one_block_tells_an_action_to_the_frames_of_its_lag(lag: int) -> None:
    injection, transformer = contextual(1, LATENTS, lag)
    quiet = made(injection, transformer)
    for latent in range(LATENTS):
        after = made(injection, transformer, click=4 * latent)
        assert differ(quiet, after) == [frame for frame in range(LATENTS) if latent <= frame <= latent + lag]


def test_over_blocks_an_action_reaches_as_far_as_frames_see_each_other() -> None:
    injection, transformer = contextual(2, 1, 0)
    assert differ(made(injection, transformer), made(injection, transformer, click=16)) == [3, 4]


def test_tokens_of_actions_are_placed_at_their_latents_and_taken_out_again() -> None:
    injection, transformer = contextual(2, LATENTS, 0)
    positions: list[tuple[Tensor, ...]] = []
    last: list[Tensor] = []
    transformer.rope.register_forward_hook(lambda _module, _args, found: positions.append(found))
    transformer.norm_out.register_forward_pre_hook(lambda _module, args: last.append(args[0]))
    made(injection, transformer)
    for part in positions[0]:
        assert torch.equal(part[:, LATENTS * PLACES :], part[:, : LATENTS * PLACES : PLACES])
    assert last[0].shape[1] == LATENTS * PLACES


def test_hooks_that_were_there_before_see_the_videos_tokens_alone() -> None:
    transformer = new_transformer()
    seen: list[int] = []
    transformer.blocks[-1].register_forward_hook(lambda _module, _args, found: seen.append(found.shape[1]))
    injection = Contextual(ActionSection(injection="contextual"), SHAPE)
    injection.attach(transformer)
    injection.give(windows(busy()), text_features())
    run(transformer)
    assert seen == [LATENTS * PLACES]


@pytest.mark.parametrize(("lag_frames", "lag_latents"), [(0, 0), (1, 1), (4, 1), (5, 2)])
def test_band_and_lag_are_those_of_the_windows_unless_told(lag_frames: int, lag_latents: int) -> None:
    section = ActionSection(injection="contextual", window_latents=2, lag_frames=lag_frames)
    injection = Contextual(section, SHAPE)
    assert (injection.band_latents, injection.lag_latents) == (2, lag_latents)
