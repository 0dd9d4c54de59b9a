"""Clips that a model makes: those of Wan's own pipeline, each by its own seed."""

from tiny_wan import CAPTIONS, FRAMES, HEIGHT_PX, LATENTS, WIDTH_PX, encoded, typing, unchanged  # isort: skip

from typing import Any

import PIL.Image
import pytest
import torch

from tracekit.train.denoiser import Denoiser
from tracekit.train.generate import generate, noise_of, rollout
from tracekit.train.tensors import Conditions, Tensor

STEPS, SHIFT = 3, 3.0


def alone(example: int) -> Conditions:
    conditions = encoded().conditions
    one = slice(example, example + 1)
    return Conditions(first=conditions.first[one], image=conditions.image[one], text=conditions.text[one])


def noise(*seeds: int) -> Tensor:
    return noise_of(seeds, encoded().latents.shape[1:])


@pytest.mark.parametrize("guidance", [1.0, 5.0])
def test_a_rollout_is_wans_pipelines_own(guidance: float) -> None:
    backbone = unchanged()
    theirs = backbone.pipeline(
        image=PIL.Image.fromarray(typing()[0, 0].numpy()), prompt=CAPTIONS[0], latents=noise(7),
        height=HEIGHT_PX, width=WIDTH_PX, num_frames=FRAMES, num_inference_steps=STEPS, guidance_scale=guidance,
        output_type="latent",
    ).frames  # fmt: skip
    ours = rollout(
        Denoiser(backbone), alone(0), backbone.encode_text(("",)), noise(7), steps=STEPS, guidance=guidance, shift=SHIFT
    )
    assert ours.equal(theirs)


def test_the_pictures_are_wans_pipelines_own_up_to_the_clips_end() -> None:
    backbone = unchanged()
    theirs = backbone.pipeline(
        image=PIL.Image.fromarray(typing()[0, 0].numpy()), prompt=CAPTIONS[0], latents=noise(7),
        height=HEIGHT_PX, width=WIDTH_PX, num_frames=FRAMES, num_inference_steps=STEPS, output_type="np",
    ).frames  # fmt: skip
    ours = generate(Denoiser(backbone), backbone, alone(0), seeds=[7], frames=15, steps=STEPS, shift=SHIFT)
    assert ours.shape == (1, 15, HEIGHT_PX, WIDTH_PX, 3)
    assert ours.dtype == torch.uint8
    assert ours.equal(torch.from_numpy((theirs * 255).round().astype("uint8"))[:, :15])


def test_a_clip_is_the_same_by_itself_as_in_a_batch() -> None:
    backbone = unchanged()
    options: dict[str, Any] = {"frames": FRAMES, "steps": STEPS, "shift": SHIFT}
    both = generate(Denoiser(backbone), backbone, encoded().conditions, seeds=[1, 2], **options)
    one = generate(Denoiser(backbone), backbone, alone(1), seeds=[2], **options)
    assert (both[1].int() - one[0].int()).abs().max() <= 1


def test_noise_is_a_function_of_the_seed() -> None:
    before = torch.random.get_rng_state()
    assert noise(1, 2)[1].equal(noise(2)[0])
    assert not noise(1).equal(noise(2))
    assert torch.random.get_rng_state().equal(before)


def test_without_guidance_the_model_is_asked_once_a_step_and_its_mode_is_left_alone() -> None:
    denoiser, asked = Denoiser(unchanged()).train(), []
    denoiser.register_forward_hook(lambda *_: asked.append(1))
    for guidance, times in ((1.0, STEPS), (2.0, 2 * STEPS)):
        asked.clear()
        empty = unchanged().encode_text(("",))
        latents = rollout(denoiser, alone(0), empty, noise(1), steps=STEPS, guidance=guidance)
        assert len(asked) == times
        assert latents.shape[2] == LATENTS
        assert not latents.requires_grad
    assert denoiser.training
