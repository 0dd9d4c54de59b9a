"""The model and what it learns by, as one module: what is wrapped, optimised and saved."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import torch
from torch import nn

from tracekit.core import plugins
from tracekit.train.config import ModelSection
from tracekit.train.contrast import TemporalContrast
from tracekit.train.cursor_stream import cursor_loss
from tracekit.train.denoiser import Denoiser
from tracekit.train.flow import draw, drop, flow_loss
from tracekit.train.lora import add_lora
from tracekit.train.seams import Backbone, Injection
from tracekit.train.tensors import Encoded, Tensor

T = TypeVar("T")


class Learner(nn.Module):
    """A denoiser with the heads of its further losses.

    Args:
        denoiser: that is trained.
        section: which losses there are, and what they weigh.
        backbone: whose transformer it is.
    """

    def __init__(self, denoiser: Denoiser, section: ModelSection, backbone: Backbone) -> None:
        super().__init__()
        self.denoiser = denoiser
        self.section = section
        self.contrast = None
        if section.contrast and denoiser.injection is not None:
            streams = cast(Injection, denoiser.injection).streams
            self.contrast = TemporalContrast(section.contrast, backbone.shape.width, streams)

    def forward(self, work: Callable[["Learner"], T]) -> T:
        """Do any work with the model inside of what is wrapped around it, which has to see every use of it."""
        return work(self)

    def losses(self, encoded: Encoded, empty_text: Tensor, generator: torch.Generator) -> dict[str, Tensor]:
        """The losses of a batch.

        Args:
            encoded: the batch.
            empty_text: (1, 512, d): umT5's features of '', for captions that are dropped.
            generator: of the CPU: all that is drawn is drawn from it.

        Returns:
            Scalars: ``loss``, the weighted sum, and before the weights ``flow`` and, where asked for, ``contrast``,
            ``predict`` and ``cursor``.
        """
        section = self.section
        point = draw(encoded.latents, section.shift, generator)
        conditions = drop(encoded.conditions, empty_text, section.dropout, generator)
        velocity = self.denoiser(point.noisy, point.times, conditions)
        losses = {"flow": flow_loss(velocity, point.velocity, encoded.weights)}
        loss = losses["flow"]
        if section.cursor and conditions.cursor_mask is not None:
            clean = point.clean(velocity)
            losses["cursor"] = cursor_loss(clean, encoded.latents, conditions.cursor_mask, encoded.weights)
            loss = loss + section.cursor.loss_weight * losses["cursor"]
        if section.contrast and self.contrast is not None:
            streams = cast(Injection, self.denoiser.injection).features()
            terms = self.contrast(self.denoiser.visual_features, streams, encoded.weights)
            losses |= {"contrast": terms.contrast, "predict": terms.prediction}
            loss = loss + section.contrast.weight * terms.contrast + section.contrast.predict_weight * terms.prediction
        return {"loss": loss, **losses}


def make_learner(section: ModelSection, seed: int) -> tuple[Backbone, Learner]:
    """A backbone, and what is trained of it.

    Args:
        section: of the configuration.
        seed: of all weights that are new.

    Raises:
        TracekitError: a plug-in is not there, or refuses its part of the section.
    """
    backbone: Backbone = plugins.load("backbones", section.backbone)(section)
    torch.manual_seed(seed)
    if section.lora:
        add_lora(cast(Any, backbone.transformer), section.lora, seed)
    injection = None
    if section.actions:
        injection = plugins.load("injections", section.actions.injection)(section.actions, backbone.shape)
    return backbone, Learner(Denoiser(backbone, injection), section, backbone)
