"""What a backbone and an injection are to the rest: another distribution may bring its own.

Plug-ins are registered as entry points: ``tracekit.backbones`` names a callable ``(ModelSection) -> Backbone``,
``tracekit.injections`` a callable ``(ActionSection, Shape) -> Injection``.
"""

from typing import NamedTuple, Protocol, runtime_checkable

import torch
from torch import nn

from tracekit.train.tensors import Actions, Tensor


class Shape(NamedTuple):
    """What an injection needs to know of the transformer that it goes into."""

    width: int
    """Of a token."""
    blocks: int
    heads: int
    channels: int
    """Of the latents."""
    patch: tuple[int, int, int]
    """Latent frames, rows and columns to a token."""
    text_width: int
    """Of the text encoder's features."""


@runtime_checkable
class Backbone(Protocol):
    """Frozen encoders, and the transformer that is trained."""

    transformer: nn.Module
    """Takes (noisy and conditions as one tensor, times, text, image) as diffusers' ``WanTransformer3DModel`` does."""
    shape: Shape

    @property
    def digest(self) -> str:
        """SHA-256 over what the frozen encoders are made of: part of the name of what they made."""

    def to(self, device: torch.device, dtype: torch.dtype) -> None:
        """Put the frozen encoders there."""

    def encode_video(self, video: Tensor) -> Tensor:
        """uint8 (b, f, h, w, 3) to normalised latents, float32 (b, 16, t, H, W)."""

    def decode_video(self, latents: Tensor) -> Tensor:
        """Normalised latents to uint8 (b, f, h, w, 3)."""

    def encode_first(self, frames: Tensor, length: int) -> Tensor:
        """First frames, uint8 (b, h, w, 3), of clips of ``length`` frames to float32 (b, 4 + 16, t, H, W)."""

    def encode_image(self, frames: Tensor) -> Tensor:
        """First frames, uint8 (b, h, w, 3), to CLIP's features, float32 (b, n, d)."""

    def encode_text(self, captions: tuple[str, ...]) -> Tensor:
        """Captions to umT5's features, float32 (b, 512, d), 0 after their end."""

    def save(self, folder: str, transformer: nn.Module) -> None:
        """Write all of it, with this transformer, so that ``weights`` can name the folder."""


class Stream(NamedTuple):
    """One kind of what was done, as the contrastive loss takes it."""

    values: Tensor
    """(b, t, width): a feature for each latent frame."""
    present: Tensor
    """bool (b, t): whether there is anything in the latent's window; the loss passes over the others."""


@runtime_checkable
class Injection(Protocol):
    """An ``nn.Module`` whose parameters are trained with the transformer's, which it changes by hooks alone."""

    streams: int
    """How many `features` gives."""

    def attach(self, transformer: nn.Module) -> None:
        """Put the hooks in; called once."""

    def give(self, actions: Actions | None, text_features: Tensor | None) -> None:
        """The actions of the next forward passes, on their device; None: the transformer works as without the hooks.

        With actions, every weight takes part, if only times 0: ranks sum up gradients together, and would wait for one
        that only some of them have.

        ``text_features``, float (n, d), are the text encoder's of ``actions.text_table``, mean over the tokens.
        """

    def features(self) -> tuple[Stream, ...]:
        """Of what was given last, for the contrastive loss; none where that was None."""
