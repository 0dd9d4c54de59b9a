"""The flow that is learned: the scheduler's own, weighed by what is of the clip, and the same from the same draws."""

from tiny_wan import CAPTIONS, LATENTS, encoded, tiny, unchanged  # isort: skip

from dataclasses import replace
from functools import cache

import pytest
import torch
from diffusers import FlowMatchEulerDiscreteScheduler
from hypothesis import given
from hypothesis import strategies as st

from tracekit.train.denoiser import Denoiser
from tracekit.train.flow import TIMES, at, draw, drop, flow_loss, held_loss, shifted
from tracekit.train.tensors import Tensor

SHIFT = 3.0


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@cache
def empty_text() -> Tensor:
    return unchanged().encode_text(("",))


def test_the_flow_goes_from_the_clip_to_noise() -> None:
    latents = encoded().latents
    noise = torch.randn(latents.shape, generator=generator())
    point = at(latents, torch.tensor([0.0, 1.0]), noise)
    assert point.noisy[0].equal(latents[0])
    assert point.noisy[1].equal(noise[1])
    assert point.times.tolist() == [0, TIMES]


@given(st.floats(0, 1), st.integers(0, 99))
def test_the_true_velocity_leads_back_to_the_clip(time: float, seed: int) -> None:
    latents = torch.randn(1, 2, 3, 2, 2, generator=generator(seed))
    point = at(latents, torch.tensor([time]), torch.randn(latents.shape, generator=generator(seed + 100)))
    assert point.clean(point.velocity).allclose(latents, atol=1e-5)


def test_points_are_those_of_the_scheduler_and_the_true_velocity_is_its_step() -> None:
    scheduler = FlowMatchEulerDiscreteScheduler(shift=SHIFT)
    latents = encoded().latents
    noise = torch.randn(latents.shape, generator=generator())
    times = scheduler.timesteps[[100, 700]]
    point = at(latents, times / TIMES, noise)
    assert point.noisy.allclose(scheduler.scale_noise(latents, times, noise), atol=1e-6)
    scheduler.set_timesteps(1)
    assert scheduler.step(point.velocity, scheduler.timesteps[0], noise).prev_sample.allclose(latents, atol=1e-5)


def test_times_are_shifted_as_the_scheduler_shifts_them() -> None:
    even = torch.arange(1000, 0, -1) / 1000
    assert shifted(even, SHIFT).allclose(FlowMatchEulerDiscreteScheduler(shift=SHIFT).sigmas)


@given(st.floats(0, 1), st.floats(1, 20))
def test_a_shift_moves_towards_noise_and_1_leaves_times_alone(time: float, shift: float) -> None:
    given_time = torch.tensor(time, dtype=torch.float64)
    assert float(shifted(given_time, 1)) == time
    assert time <= float(shifted(given_time, shift)) + 1e-12 <= 1 + 1e-9


def test_draws_depend_on_their_generator_alone() -> None:
    latents = encoded().latents
    torch.manual_seed(1)
    one = draw(latents, SHIFT, generator())
    torch.manual_seed(2)
    other = draw(latents, SHIFT, generator())
    assert all(ours.equal(theirs) for ours, theirs in zip(one, other, strict=True))
    assert not draw(latents, SHIFT, generator(1)).noisy.equal(one.noisy)
    assert one.times[0] != one.times[1]


def test_the_loss_is_the_mean_over_what_is_of_the_clip() -> None:
    velocity, predicted = torch.zeros(2, 16, LATENTS, 4, 6), torch.zeros(2, 16, LATENTS, 4, 6)
    predicted[:, :, -1] = 2
    weights = torch.ones(2, LATENTS)
    assert float(flow_loss(predicted, velocity, weights)) == pytest.approx(4 / LATENTS)
    weights[:, -1] = 0.5
    assert float(flow_loss(predicted, velocity, weights)) == pytest.approx(4 * 0.5 / (LATENTS - 0.5))


@given(st.lists(st.floats(0.25, 1), min_size=6, max_size=6), st.floats(0.1, 10))
def test_an_error_of_the_same_size_everywhere_is_the_loss_whatever_the_weights(weights: list[float], by: float) -> None:
    velocity = torch.randn(2, 4, 3, 2, 2, generator=generator())
    loss = flow_loss(velocity + by, velocity, torch.tensor(weights).view(2, 3))
    assert float(loss) == pytest.approx(by**2, rel=1e-4)


def test_nothing_is_dropped_with_a_share_of_0_and_all_with_1() -> None:
    conditions = encoded().conditions
    kept = drop(conditions, empty_text(), 0, generator())
    assert kept.text.equal(conditions.text)
    assert kept.image.equal(conditions.image)
    assert kept.first.equal(conditions.first)
    dropped = drop(conditions, empty_text(), 1, generator())
    assert dropped.text.equal(empty_text().expand(len(CAPTIONS), -1, -1))
    assert not dropped.image.any()
    assert not dropped.first.any()


def test_the_three_paths_of_each_example_are_dropped_apart() -> None:
    conditions, seen = encoded().conditions, set()
    for seed in range(60):
        dropped = drop(conditions, empty_text(), 0.5, generator(seed))
        seen |= {
            (
                dropped.text[example].equal(conditions.text[example]),
                dropped.image[example].equal(conditions.image[example]),
                dropped.first[example].equal(conditions.first[example]),
            )
            for example in range(len(CAPTIONS))
        }
    assert len(seen) == 2**3


def test_the_held_loss_is_the_same_each_time_and_leaves_no_trace() -> None:
    denoiser, before = Denoiser(unchanged()).train(), torch.random.get_rng_state()
    first = held_loss(denoiser, encoded(), SHIFT, seed=0)
    assert held_loss(denoiser, encoded(), SHIFT, seed=0) == first
    assert held_loss(denoiser, encoded(), SHIFT, seed=1) != first
    assert denoiser.training
    assert torch.random.get_rng_state().equal(before)


def test_what_is_padding_does_not_count_in_the_held_loss() -> None:
    denoiser = Denoiser(unchanged())
    only_first = torch.zeros(2, LATENTS)
    only_first[:, 0] = 1
    assert held_loss(denoiser, replace(encoded(), weights=only_first), SHIFT, 0) != held_loss(
        denoiser, encoded(), SHIFT, 0
    )


def test_the_loss_on_held_clips_falls_and_the_encoders_stay_as_they_are() -> None:
    backbone = tiny()
    denoiser = Denoiser(backbone)
    encoders = {name: tensor.clone() for name, tensor in backbone.encoders.state_dict().items()}
    optimiser = torch.optim.AdamW(denoiser.parameters(), lr=2e-3)
    before = held_loss(denoiser, encoded(), SHIFT, 0)
    for step in range(100):
        draws = generator(step)
        point = draw(encoded().latents, SHIFT, draws)
        conditions = drop(encoded().conditions, empty_text(), 0.1, draws)
        loss = flow_loss(denoiser(point.noisy, point.times, conditions), point.velocity, encoded().weights)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(denoiser.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad()
    assert held_loss(denoiser, encoded(), SHIFT, 0) < before / 3
    assert all(tensor.equal(encoders[name]) for name, tensor in backbone.encoders.state_dict().items())
    assert all(weight.grad is None and not weight.requires_grad for weight in backbone.encoders.parameters())
