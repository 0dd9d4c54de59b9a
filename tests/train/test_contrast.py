"""The temporal contrastive loss: each frame with the actions before it by the lag, and with no other time's."""

from made_actions import LATENTS, SHAPE, busy, text_features, windows  # isort: skip

import math
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from tracekit.train.action_encoder import ActionEncoder
from tracekit.train.config import ActionSection, ContrastSection
from tracekit.train.contrast import TemporalContrast, lagged_infonce
from tracekit.train.seams import Stream
from tracekit.train.tensors import Tensor

TIMES = 6


def unit(*shape: int, seed: int = 0) -> Tensor:
    return functional.normalize(torch.randn(*shape, generator=torch.Generator().manual_seed(seed)), dim=-1)


def flags(seed: int) -> Tensor:
    return torch.rand(2, TIMES, generator=torch.Generator().manual_seed(seed)) < 0.7


def everything() -> Tensor:
    return torch.ones(2, TIMES, dtype=torch.bool)


@settings(max_examples=40)
@given(seed=st.integers(0, 1000), lag=st.integers(0, TIMES + 1), temperature=st.floats(0.05, 2))
def test_it_is_infonce_within_each_sequence_both_ways(seed: int, lag: int, temperature: float) -> None:
    frames, actions = unit(2, TIMES, 4, seed=seed), unit(2, TIMES, 4, seed=seed + 1)
    shown, present = flags(seed + 2), flags(seed + 3)
    terms = []
    for b in range(2):
        pairs = [t for t in range(lag, TIMES) if shown[b, t] and present[b, t - lag]]
        to_frames = [t for t in range(lag, TIMES) if shown[b, t]]
        to_actions = [t - lag for t in range(lag, TIMES) if present[b, t - lag]]
        for t in pairs:
            like = [math.exp(float(frames[b, t] @ actions[b, u]) / temperature) for u in to_actions]
            back = [math.exp(float(frames[b, u] @ actions[b, t - lag]) / temperature) for u in to_frames]
            own = float(frames[b, t] @ actions[b, t - lag]) / temperature
            terms.append((math.log(sum(like)) + math.log(sum(back))) / 2 - own)
    wanted = sum(terms) / len(terms) if terms else 0.0
    assert float(lagged_infonce(frames, actions, shown, present, lag, temperature)) == pytest.approx(wanted, abs=1e-4)


@pytest.mark.parametrize("lag", [0, 2])
def test_it_is_least_for_actions_that_are_earlier_by_the_lag(lag: int) -> None:
    frames = torch.eye(TIMES).expand(2, -1, -1)
    losses = [
        float(lagged_infonce(frames, frames.roll(-earlier, dims=1), everything(), everything(), lag, 0.1))
        for earlier in range(4)
    ]
    assert losses.index(min(losses)) == lag
    assert losses[lag] < 0.01


def test_positions_that_do_not_count_change_nothing() -> None:
    frames, actions, shown, present = unit(2, TIMES, 4), unit(2, TIMES, 4, seed=1), flags(2), flags(3)
    others = unit(2, TIMES, 4, seed=9)
    assert not shown.all()
    assert not present.all()
    before = lagged_infonce(frames, actions, shown, present, 1, 0.1)
    frames = torch.where(shown[..., None], frames, others)
    actions = torch.where(present[..., None], actions, others)
    assert torch.equal(before, lagged_infonce(frames, actions, shown, present, 1, 0.1))


def contrast(streams: int = 2, **options: Any) -> TemporalContrast:
    torch.manual_seed(0)
    return TemporalContrast(ContrastSection(**options), 4, streams)


def stream(seed: int, present: Tensor | None = None) -> Stream:
    return Stream(unit(2, TIMES, 4, seed=seed), everything() if present is None else present)


def test_streams_weigh_the_same() -> None:
    frames, weights = unit(2, TIMES, 4), torch.ones(2, TIMES)
    one, two = contrast(), contrast()
    two.actions[1].load_state_dict(two.actions[0].state_dict())
    both = one(frames, (stream(1), stream(2)), weights).contrast
    turned = contrast()
    turned.actions[0].load_state_dict(one.actions[1].state_dict())
    turned.actions[1].load_state_dict(one.actions[0].state_dict())
    assert torch.allclose(both, turned(frames, (stream(2), stream(1)), weights).contrast)
    alone = contrast(streams=1)
    alone.load_state_dict({name: two.state_dict()[name] for name in alone.state_dict()})
    assert torch.allclose(
        two(frames, (stream(1), stream(1)), weights).contrast, alone(frames, (stream(1),), weights).contrast
    )


@pytest.mark.parametrize("streams", [(), (stream(1, ~everything()), stream(2, ~everything()))])
def test_where_nothing_is_done_it_is_0_and_so_are_its_gradients(streams: tuple[Stream, ...]) -> None:
    module, frames = contrast(predict_weight=1), unit(2, TIMES, 4).requires_grad_()
    losses = module(frames, streams, torch.ones(2, TIMES))
    sum(losses).backward()
    assert [loss.item() for loss in losses] == [0, 0]
    assert not frames.grad.any()
    assert not any(parameter.grad.any() for parameter in module.parameters() if parameter.grad is not None)


def test_frames_of_padding_alone_are_passed_over() -> None:
    module, streams = contrast(predict_weight=1), (stream(1), stream(2))
    frames, weights = unit(2, TIMES, 4), torch.tensor([1, 1, 1, 0.5, 0.5, 0]).expand(2, -1)
    changed = frames.clone()
    changed[:, -1] = 1
    before, after = module(frames, streams, weights), module(changed, streams, weights)
    assert [loss.item() for loss in before] == [loss.item() for loss in after]
    changed[:, -2] = 1
    assert all(one != two for one, two in zip(before, module(changed, streams, weights), strict=True))


@pytest.mark.parametrize(("lag", "ahead"), [(0, 1), (1, 1), (2, 2)])
def test_the_head_predicts_the_frame_that_is_later_by_the_lag_and_at_least_the_next(lag: int, ahead: int) -> None:
    module = contrast(1, predict_weight=1, lag_latents=lag)
    frames, given = unit(2, TIMES, 4), stream(1, flags(2))
    target = functional.normalize(module.frames(frames), dim=-1)
    predicted = module.heads[0](given.values)
    errors = [
        (predicted[b, t] - target[b, t + ahead]).square().sum()
        for b in range(2)
        for t in range(TIMES - ahead)
        if given.present[b, t]
    ]
    found = module(frames, (given,), torch.ones(2, TIMES)).prediction
    assert torch.allclose(found, torch.stack(errors).mean())


def test_the_head_does_not_move_what_it_predicts() -> None:
    module, frames = contrast(predict_weight=1), unit(2, TIMES, 4).requires_grad_()
    module(frames, (stream(1), stream(2)), torch.ones(2, TIMES)).prediction.backward()
    assert frames.grad is None or not frames.grad.any()
    assert module.heads[0][0].weight.grad.any()
    assert not contrast().heads


def test_actions_learn_to_tell_the_times_of_a_clip_apart() -> None:
    torch.manual_seed(0)
    encoder = ActionEncoder(ActionSection(), SHAPE)
    module = TemporalContrast(ContrastSection(), SHAPE.width, 2)
    frames = unit(2, LATENTS, SHAPE.width)
    parameters = [*encoder.parameters(), *module.parameters()]
    optimiser = torch.optim.AdamW(parameters, lr=1e-3)
    losses = []
    for _ in range(25):
        streams = encoder(windows(busy(0), busy(1)), text_features()).streams
        losses.append(module(frames, streams, torch.ones(2, LATENTS)).contrast)
        optimiser.zero_grad()
        losses[-1].backward()
        optimiser.step()
    assert losses[-1] < 0.5 * losses[0]
    assert all(parameter.grad is not None for parameter in parameters)
