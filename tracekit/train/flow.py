"""What is learned: the velocity of a rectified flow from clips to noise, as Wan2.1's scheduler steps along it.

At time s, 0 to 1, the flow is at ``(1 - s) * latents + s * noise``, as diffusers' ``FlowMatchEulerDiscreteScheduler``
has it; the model is given ``1000 * s`` and learns ``noise - latents``, which that scheduler steps along. All draws are
from generators of the CPU that are given: they are the same on every device.
"""

from dataclasses import replace
from typing import NamedTuple

import torch

from tracekit.train.denoiser import Denoiser
from tracekit.train.tensors import Conditions, Encoded, Tensor

TIMES = 1000
"""Of the model, for 1 of the flow."""


class Point(NamedTuple):
    """Where on the flow each example is."""

    noisy: Tensor
    """float32 (b, 16, t, H, W)."""
    times: Tensor
    """float32 (b,), 0 to 1000."""
    velocity: Tensor
    """float32 (b, 16, t, H, W): what is to be predicted."""

    def clean(self, velocity: Tensor) -> Tensor:
        """The latents, (b, 16, t, H, W), that a predicted velocity leads back to."""
        return self.noisy - _wide(self.times / TIMES) * velocity


def shifted(times: Tensor, shift: float) -> Tensor:
    """Times, 0 to 1, moved towards noise as the scheduler's ``shift`` moves them (arXiv 2403.03206)."""
    return shift * times / (1 + (shift - 1) * times)


def draw(latents: Tensor, shift: float, generator: torch.Generator) -> Point:
    """Noise and a time for each example: uniform, then shifted.

    Args:
        latents: float32 (b, 16, t, H, W), normalised.
        shift: 1 leaves times uniform; more has more noise.
        generator: of the CPU.
    """
    times = shifted(torch.rand(len(latents), generator=generator), shift)
    return at(latents, times, torch.randn(latents.shape, generator=generator))


def at(latents: Tensor, times: Tensor, noise: Tensor) -> Point:
    """The point at given times, (b,) in 0 to 1, on the way to given noise, of the latents' shape."""
    times, noise = times.to(latents), noise.to(latents)
    return Point(torch.lerp(latents, noise, _wide(times)), times * TIMES, noise - latents)


def flow_loss(predicted: Tensor, velocity: Tensor, weights: Tensor) -> Tensor:
    """The mean square error of a velocity, each latent frame weighing what it holds of the clip.

    Args:
        predicted: float32 (b, 16, t, H, W).
        velocity: the same, as it should be.
        weights: float32 (b, t), above 0 to 1.

    Returns:
        float32 (): the weighted mean over all latent frames of the batch.
    """
    errors = (predicted - velocity).square().mean(dim=(1, 3, 4))
    return (errors * weights).sum() / weights.sum()


def drop(conditions: Conditions, empty_text: Tensor, share: float, generator: torch.Generator) -> Conditions:
    """Take the caption, CLIP's features and the first frame away from examples, each apart, with probability ``share``.

    A caption is replaced by the empty one, which guidance compares with; CLIP's features and the first frame's mask and
    latents by 0, so that the mask says that no frame is known. The paper (section 3.1.3) has dropout of 0.1 on "the
    prompt encoder, CLIP, and VAE modules"; that whole paths are dropped is our reading, after classifier-free guidance
    (arXiv 2207.12598).

    Args:
        conditions: of a batch.
        empty_text: (512, d) or (1, 512, d): umT5's features of ''.
        share: 0 to 1.
        generator: of the CPU.
    """
    kept = (torch.rand(3, len(conditions.text), generator=generator) >= share).to(conditions.text.device)
    return replace(
        conditions,
        text=torch.where(kept[0, :, None, None], conditions.text, empty_text.to(conditions.text)),
        image=conditions.image * kept[1, :, None, None],
        first=conditions.first * _wide(kept[2]),
    )


@torch.no_grad()
def held_loss(denoiser: Denoiser, encoded: Encoded, shift: float, seed: int, draws: int = 4) -> float:
    """The loss on clips under noise and times that are the same each time: a curve of it shows the learning alone.

    Args:
        denoiser: put into evaluation mode for this.
        encoded: the clips.
        shift: of the times, as in training.
        seed: of the noise.
        draws: points for each clip; their times lie evenly, then shifted.
    """
    generator = torch.Generator().manual_seed(seed)
    training = denoiser.training
    denoiser.eval()
    losses = []
    for time in (torch.arange(draws) + 0.5) / draws:
        times = shifted(time, shift).expand(len(encoded.latents))
        point = at(encoded.latents, times, torch.randn(encoded.latents.shape, generator=generator))
        predicted = denoiser(point.noisy, point.times, encoded.conditions)
        losses.append(flow_loss(predicted, point.velocity, encoded.weights))
    denoiser.train(training)
    return float(torch.stack(losses).mean())


def _wide(values: Tensor) -> Tensor:
    """(b,) to (b, 1, 1, 1, 1)."""
    return values.view(-1, 1, 1, 1, 1)
