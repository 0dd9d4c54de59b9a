"""What the four injections have in common: the encoder of actions, what was given last, and where hooks go.

Hooks, and not changes of the model, so that the transformer stays one of diffusers' own, which its pipeline loads and
runs. With gradient checkpointing a block runs again in the backward pass, its hooks with it: what was given stays until
something else is given.
"""

from typing import Any, Final, TypeVar

import torch
from pydantic import ValidationError
from torch import nn

from tracekit.core.errors import TracekitError
from tracekit.train.action_encoder import ActionEncoder, ActionFeatures
from tracekit.train.config import ActionSection, Section
from tracekit.train.seams import Shape, Stream
from tracekit.train.tensors import Actions, Tensor

_S = TypeVar("_S", bound=Section)

_LONGEST: Final = 10_000.0
"""Wavelength of `order`, in rows and over 2 pi, as of the sines in Vaswani et al. 2017."""


class ActionInjection(nn.Module):
    """An injection that encodes what it is given, and changes nothing yet.

    Args:
        section: how actions are encoded.
        shape: of the transformer.

    Raises:
        TracekitError: a token of the transformer is of several latent frames.
    """

    streams = 2
    """What is done, and where the pointer is."""
    _no_split_modules = ("RowAttention", "Layer", "Branch")
    """Classes of parts that shards of a model hold apart, as the transformer's attribute of this name has its blocks:
    there may be no room for all of them whole."""

    def __init__(self, section: ActionSection, shape: Shape) -> None:
        super().__init__()
        if shape.patch[0] != 1:
            raise TracekitError(
                f"a token of this transformer is of {shape.patch[0]} latent frames, and actions are told for each"
            )
        self.encoder = ActionEncoder(section, shape)
        self.given: ActionFeatures | None = None

    def attach(self, transformer: nn.Module) -> None:
        """Put a hook before the transformer that holds the video against the actions."""
        transformer.register_forward_pre_hook(self._check, with_kwargs=True)

    def give(self, actions: Actions | None, text_features: Tensor | None) -> None:
        """The actions of the next forward passes, as `tracekit.train.seams.Injection` has it."""
        self.given = None if actions is None else self.encoder(actions, text_features)

    def features(self) -> tuple[Stream, ...]:
        """The mean of each window: of what was done, and of where the pointer was."""
        return () if self.given is None else self.given.streams

    def _check(self, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        if self.given is None:
            return
        clips, _, latents, *_ = video_of(args, kwargs).shape
        told = self.given.acted.shape
        if told != (clips, latents):
            raise TracekitError(
                f"actions of {told[0]} clips of {told[1]} latent frames for a video of {clips} of {latents}"
            )


def video_of(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Tensor:
    """The first argument of a transformer: (b, channels, t, H, W), of which the first channels are noisy latents."""
    video: Tensor = args[0] if args else kwargs["hidden_states"]
    return video


def options(section: ActionSection, kind: type[_S]) -> _S:
    """An injection's own options.

    Raises:
        TracekitError: one is not known, or has no such value.
    """
    try:
        return kind.model_validate(section.options)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, ("model", "actions", "options", *first["loc"])))
        known = ", ".join(kind.model_fields) or "none"
        raise TracekitError(first["msg"], place=place, remedy=f"options of {section.injection}: {known}") from error


def blocks_of(transformer: nn.Module, *parts: str) -> list[nn.Module]:
    """The blocks of a transformer, each with parts of these names.

    Raises:
        TracekitError: it has no such blocks.
    """
    blocks = getattr(transformer, "blocks", None)
    if not isinstance(blocks, nn.ModuleList) or not all(hasattr(block, part) for block in blocks for part in parts):
        raise TracekitError(
            f"{type(transformer).__name__} has no blocks with {', '.join(parts) or 'anything'} to put hooks on",
            remedy="the injection external needs none",
        )
    return list(blocks)


def by_latent(tokens: Tensor, latents: int) -> Tensor:
    """(b, t * n, width) to (b, t, n, width)."""
    return tokens.reshape(len(tokens), latents, -1, tokens.shape[2])


def order(count: int, like: Tensor) -> Tensor:
    """Which comes when: sines and cosines, (count, width), of 0 for the last to count - 1 for the first.

    Args:
        count: of what is in order.
        like: (..., width), whose dtype and device it has.
    """
    width = like.shape[-1]
    ages = torch.arange(count - 1, -1, -1, device=like.device, dtype=torch.float32)
    angles = ages[:, None] * _LONGEST ** -torch.linspace(0, 1, (width + 1) // 2, device=like.device)
    return torch.cat([angles.sin(), angles.cos()], dim=-1)[:, :width].to(like.dtype)


def zeroed(layer: nn.Module) -> Any:
    """The layer with weights of 0, so that it adds nothing until it is trained (Zhang et al. 2023)."""
    for parameter in layer.parameters():
        nn.init.zeros_(parameter)
    return layer
