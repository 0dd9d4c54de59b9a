"""The temporal contrastive loss between frames and actions (Neural Computers, appendix D.5).

The paper: features of each frame and of each latent's actions are projected linearly into one space and normalised; an
InfoNCE objective pulls frame t to the action features of t - lag, and pushes them from those of the other times of the
same sequence; positions without actions are passed over. An optional head predicts the feature of frame t + lag from
the actions of t, by mean squared error.

Ours: of its two variants the symmetric one; features of frames are the transformer's, the mean over a frame's tokens;
the head's target is held fixed, or both sides could agree on a constant; it looks at least one latent ahead.
"""

from typing import Final, NamedTuple

import torch
from torch import nn
from torch.nn import functional

from tracekit.train.config import ContrastSection
from tracekit.train.seams import Stream
from tracekit.train.tensors import Tensor

SPACE: Final = 256
"""Dimensions in which frames and actions are compared."""


class ContrastLoss(NamedTuple):
    """Both terms, scalars, not weighted yet."""

    contrast: Tensor
    prediction: Tensor
    """0 where there is no head."""


class TemporalContrast(nn.Module):
    """The loss, with its projections.

    Args:
        section: its temperature and lag; there is a head where ``predict_weight`` is above 0.
        width: of the features of frames and of actions.
        streams: how many the injection has.
    """

    def __init__(self, section: ContrastSection, width: int, streams: int) -> None:
        super().__init__()
        self.temperature = section.temperature
        self.lag_latents = section.lag_latents
        self.frames = nn.Linear(width, SPACE)
        self.actions = nn.ModuleList(nn.Linear(width, SPACE) for _ in range(streams))
        ahead = section.predict_weight > 0
        self.heads = nn.ModuleList(_head(width) for _ in range(streams if ahead else 0))

    def forward(self, frames: Tensor, streams: tuple[Stream, ...], weights: Tensor) -> ContrastLoss:
        """Both terms, each the mean over the streams.

        Args:
            frames: (b, t, width), the features of frames.
            streams: as `tracekit.train.seams.Injection.features` gives them; without any, both terms are 0.
            weights: (b, t); where it is 0, the frame is passed over.
        """
        projected = functional.normalize(self.frames(frames).float(), dim=-1)
        contrast = prediction = 0 * projected.sum()
        for project, stream in zip(self.actions, streams, strict=bool(streams)):
            values = functional.normalize(project(stream.values).float(), dim=-1)
            term = lagged_infonce(projected, values, weights > 0, stream.present, self.lag_latents, self.temperature)
            contrast = contrast + term / len(streams)
        for head, stream in zip(self.heads, streams, strict=False):
            term = self._ahead(head(stream.values).float(), projected.detach(), weights > 0, stream.present)
            prediction = prediction + term / len(streams)
        return ContrastLoss(contrast, prediction)

    def _ahead(self, predicted: Tensor, frames: Tensor, shown: Tensor, present: Tensor) -> Tensor:
        steps = max(self.lag_latents, 1)
        told = shown[:, steps:] & present[:, :-steps]
        errors = (predicted[:, :-steps] - frames[:, steps:]).square().sum(dim=-1)
        return _mean(errors, told)


def lagged_infonce(
    frames: Tensor, actions: Tensor, shown: Tensor, present: Tensor, lag_latents: int, temperature: float
) -> Tensor:
    """InfoNCE of each frame t with the actions of t - lag, both ways, against the other times of its sequence.

    Args:
        frames: (b, t, d), of length 1.
        actions: (b, t, d), of length 1.
        shown: bool (b, t), whether the frame counts.
        present: bool (b, t), whether the actions count.
        lag_latents: how many latents later actions show.
        temperature: that similarities are divided by.

    Returns:
        A scalar, mean over all pairs; 0 where there is none.
    """
    steps = frames.shape[1] - min(lag_latents, frames.shape[1])
    frames, shown = frames[:, frames.shape[1] - steps :], shown[:, shown.shape[1] - steps :]
    actions, present = actions[:, :steps], present[:, :steps]
    # Not a product of matrices: autocast would make bfloat16 of it, too coarse to be divided by a small temperature.
    similar = (frames[:, :, None] * actions[:, None]).sum(dim=-1) / temperature
    pairs = shown & present
    # Where a row has no candidate, its pair does not count either: any finite value does.
    nothing = torch.finfo(similar.dtype).min
    to_actions = similar.masked_fill(~present[:, None, :], nothing).log_softmax(dim=2)
    to_frames = similar.masked_fill(~shown[:, :, None], nothing).log_softmax(dim=1)
    both = to_actions.diagonal(dim1=1, dim2=2) + to_frames.diagonal(dim1=1, dim2=2)
    return -_mean(both / 2, pairs)


def _mean(values: Tensor, counted: Tensor) -> Tensor:
    """Mean of the values that are counted, 0 where there are none."""
    return values.masked_fill(~counted, 0).sum() / counted.sum().clamp(min=1)


def _head(width: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(width, SPACE), nn.SiLU(), nn.Linear(SPACE, SPACE))
