"""Clips out of a trained model: the flow followed from noise, as diffusers' pipeline for Wan does."""

from collections.abc import Sequence
from dataclasses import replace

import torch
from diffusers import FlowMatchEulerDiscreteScheduler

from tracekit.train.denoiser import Denoiser
from tracekit.train.seams import Backbone
from tracekit.train.tensors import Conditions, Tensor


def noise_of(seeds: Sequence[int], shape: Sequence[int]) -> Tensor:
    """Noise for each example by its own seed, whatever the batch and the device: float32 (b, *shape), on the CPU."""
    return torch.stack([torch.randn(*shape, generator=torch.Generator().manual_seed(seed)) for seed in seeds])


@torch.no_grad()
def rollout(
    denoiser: Denoiser,
    conditions: Conditions,
    empty_text: Tensor,
    noise: Tensor,
    *,
    steps: int = 30,
    guidance: float = 5.0,
    shift: float = 3.0,
) -> Tensor:
    """Follow the flow from noise to latents.

    All latent frames are made together, with the recorded actions of the whole clip: open-loop, as in the paper
    (section 3).

    Args:
        denoiser: put into evaluation mode for this.
        conditions: of a batch, on the denoiser's device.
        empty_text: (512, d) or (1, 512, d): umT5's features of '', which guidance compares with.
        noise: float32 (b, 16, t, H, W).
        steps: of Euler's method.
        guidance: how far beyond the prediction without the caption to go (arXiv 2207.12598); 1: no comparison, and
            half the work.
        shift: of the flow's times, as in training.

    Returns:
        float32 (b, 16, t, H, W), normalised, on the device of the conditions.
    """
    scheduler = FlowMatchEulerDiscreteScheduler(shift=shift)
    scheduler.set_timesteps(steps, device=conditions.first.device)
    without = replace(conditions, text=empty_text.to(conditions.text).expand_as(conditions.text))
    latents = noise.to(conditions.first.device)
    training = denoiser.training
    denoiser.eval()
    for time in scheduler.timesteps:
        times = time.expand(len(latents))
        velocity = denoiser(latents, times, conditions)
        if guidance > 1:
            other = denoiser(latents, times, without)
            velocity = other + guidance * (velocity - other)
        latents = scheduler.step(velocity, time, latents, return_dict=False)[0]
    denoiser.train(training)
    return latents


def generate(
    denoiser: Denoiser,
    backbone: Backbone,
    conditions: Conditions,
    *,
    seeds: Sequence[int],
    frames: int,
    steps: int = 30,
    guidance: float = 5.0,
    shift: float = 3.0,
) -> Tensor:
    """Make clips from first frames, captions and actions.

    Args:
        denoiser: the trained model.
        backbone: whose encoders made the conditions; it also decodes.
        conditions: of a batch, on the denoiser's device.
        seeds: of the noise, one for each example: a clip's noise does not depend on its neighbours.
        frames: of the clip: what was added to lengthen it to n * 4 + 1 is cut off again.
        steps: of denoising.
        guidance: of the caption.
        shift: of the flow's times, as in training.

    Returns:
        uint8 (b, frames, h, w, 3), RGB.
    """
    noise = noise_of(seeds, (backbone.shape.channels, *conditions.first.shape[2:]))
    empty_text = backbone.encode_text(("",))
    latents = rollout(denoiser, conditions, empty_text, noise, steps=steps, guidance=guidance, shift=shift)
    return backbone.decode_video(latents)[:, :frames]
