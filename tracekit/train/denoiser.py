"""What is trained, as one module: the transformer and, where there is one, the injection of actions into it."""

from typing import Any, cast

import torch
from torch import nn

from tracekit.core.errors import TracekitError
from tracekit.train.seams import Backbone, Injection
from tracekit.train.tensors import Conditions, Tensor


class Denoiser(nn.Module):
    """From noisy latents and conditions to the velocity of the flow.

    Both parts are its children, so that what wraps it (DDP, FSDP2, a checkpoint) sees all that is trained. The
    transformer stays diffusers' own; an injection changes it by hooks.

    Args:
        backbone: whose transformer it is.
        injection: an ``nn.Module``; attached here.
    """

    def __init__(self, backbone: Backbone, injection: Injection | None = None) -> None:
        super().__init__()
        self.transformer = backbone.transformer
        self.injection = cast(nn.Module | None, injection)
        self._frames_of_patch = backbone.shape.patch[0]
        self._frames = 0  # latent frames' worth of tokens in the forward pass that is under way
        self._features: Tensor | None = None
        if injection is not None:
            injection.attach(self.transformer)
        norm: nn.Module | None = getattr(self.transformer, "norm_out", None)
        if norm is not None:
            norm.register_forward_pre_hook(self._keep_features)

    def forward(self, noisy: Tensor, times: Tensor, conditions: Conditions) -> Tensor:
        """Predict the velocity.

        Args:
            noisy: float32 (b, 16, t, H, W): latents on the way to noise.
            times: float32 (b,): how far, 0 to 1000.
            conditions: what else is known; ``cursor`` is given just to a transformer that takes it.

        Returns:
            float32 (b, 16, t, H, W).
        """
        self._frames = noisy.shape[2] // self._frames_of_patch
        if self.injection is not None:
            cast(Injection, self.injection).give(conditions.actions, conditions.text_features)
        parts = [noisy, conditions.first] + ([] if conditions.cursor is None else [conditions.cursor])
        velocity: Tensor = self.transformer(
            hidden_states=torch.cat([part.to(noisy) for part in parts], dim=1),
            timestep=times,
            encoder_hidden_states=conditions.text.to(noisy),
            encoder_hidden_states_image=conditions.image.to(noisy),
            return_dict=False,
        )[0]
        self._frames = 0
        return velocity.float()

    @property
    def visual_features(self) -> Tensor:
        """What the last block of the last forward pass made: float32 (b, t, width), mean over the tokens of a frame.

        Raises:
            TracekitError: there was no forward pass, or the transformer has no ``norm_out`` after its blocks.
        """
        if self._features is None:
            raise TracekitError(
                "the transformer gave no features", remedy="it needs a module norm_out after its blocks"
            )
        return self._features

    def _keep_features(self, _module: nn.Module, inputs: tuple[Any, ...]) -> None:
        # Before norm_out rather than after the last block: that is outside of what gradient checkpointing runs again,
        # and injections have taken their own tokens out.
        if self._frames:  # and not where the transformer is called by others
            self._features = inputs[0].unflatten(1, (self._frames, -1)).mean(dim=2).float()
