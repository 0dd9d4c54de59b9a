"""Contextual: a token of actions for each latent frame, in one sequence with the video's tokens.

Neural Computers, section 3.2.2, appendix D.3 and figure 12. The paper: "Each transformer block applies self-attention
over this combined sequence using a structured temporal mask." `contextual_mask` is that mask.

Ours: an action's token has the rotary position of its latent, row and column 0, and goes through the rest of each block
as the others do; it is left out after the last block. The paper publishes neither w nor the lag: w is by default as
wide as the windows of actions, the lag theirs in whole latents.

The mask is there from the first step on, and actions take part in the softmax: this injection alone does not begin with
the transformer as it was. That an action attends to frames after it "does not expose future frame information to frame
prediction" (D.3) holds within a block; over several, frames see later ones through it, as they do through each other.
"""

from typing import Any

import torch
from pydantic import Field
from torch import nn

from tracekit.actions.latents import WAN_STRIDE
from tracekit.train.config import ActionSection, Section
from tracekit.train.injections.base import ActionInjection, blocks_of, options, video_of
from tracekit.train.seams import Shape
from tracekit.train.tensors import Tensor


class ContextualOptions(Section):
    """Options of the injection contextual."""

    band_latents: int | None = Field(
        None, ge=0, description="How far frames see frames, each way; None: as far as the windows of actions reach"
    )
    lag_latents: int | None = Field(
        None, ge=0, description="How far back frames see actions, and actions skip frames; None: the windows' lag"
    )


class Contextual(ActionInjection):
    """The injection contextual.

    Raises:
        TracekitError: an option is wrong.
    """

    def __init__(self, section: ActionSection, shape: Shape) -> None:
        super().__init__(section, shape)
        chosen = options(section, ContextualOptions)
        lag = -(-section.lag_frames // WAN_STRIDE)
        self.band_latents = section.window_latents if chosen.band_latents is None else chosen.band_latents
        self.lag_latents = lag if chosen.lag_latents is None else chosen.lag_latents
        self.patch = shape.patch
        self.mask: Tensor | None = None

    def attach(self, transformer: nn.Module) -> None:
        """Put hooks where tokens come in and go out, where positions are made, and on each self-attention.

        Raises:
            TracekitError: the blocks have no self-attention of their own.
        """
        super().attach(transformer)
        blocks = blocks_of(transformer, "attn1")
        transformer.register_forward_pre_hook(self._prepare, with_kwargs=True)
        transformer.get_submodule("rope").register_forward_hook(self._place)
        blocks[0].register_forward_pre_hook(self._append)
        for block in blocks:
            block.get_submodule("attn1").register_forward_pre_hook(self._restrict)
        # Before all other hooks there, which are to see the video's tokens alone.
        blocks[-1].register_forward_hook(self._remove, prepend=True)

    def _prepare(self, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        if self.given is None:
            self.mask = None
            return
        _, _, latents, height, width = video_of(args, kwargs).shape
        tokens = (height // self.patch[1]) * (width // self.patch[2])
        device = self.given.mask.device
        self.mask = contextual_mask(latents, tokens, self.band_latents, self.lag_latents, device)

    def _place(self, module: nn.Module, args: Any, found: tuple[Tensor, Tensor]) -> tuple[Tensor, ...]:
        """Cosines and sines, (1, t * n, 1, d), with those of each frame's first token once more at the end."""
        if self.given is None:
            return found
        latents = self.given.mask.shape[1]
        return tuple(torch.cat([part, part[:, :: part.shape[1] // latents]], dim=1) for part in found)

    def _append(self, module: nn.Module, args: tuple[Any, ...]) -> tuple[Any, ...]:
        if self.given is None:
            return args
        return torch.cat([args[0], self.given.pooled.to(args[0].dtype)], dim=1), *args[1:]

    def _restrict(self, module: nn.Module, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """Wan's blocks call ``attn1(tokens, None, mask, rotary)``, where they have no mask of their own."""
        return args if self.mask is None else (*args[:2], self.mask, *args[3:])

    def _remove(self, module: nn.Module, args: Any, found: Tensor) -> Tensor:
        if self.given is None:
            return found
        return found[:, : -self.given.mask.shape[1]].clone()  # FSDP2 warns of views that leave a block


def contextual_mask(
    latents: int, tokens: int, band_latents: int, lag_latents: int, device: torch.device | str = "cpu"
) -> Tensor:
    """Which token may attend to which (Neural Computers, appendix D.3 and figure 12).

    With i and t latent frames, j actions, A their number, w the band and l the lag:

    - frame i to frame t where ``|i - t| <= w``;
    - frame i to action j where ``max(0, i - l) <= j <= min(i, A - 1)``;
    - action j to frame t where ``t >= j + l``; "with boundary clipping", read as: to the last frame at least;
    - action j to itself alone among actions.

    Args:
        latents: of frames, and of actions.
        tokens: of a frame.
        band_latents: w. As many as there are latents, or more: frames see all frames.
        lag_latents: l.
        device: where it is to be.

    Returns:
        bool (s, s), rows for queries and columns for keys, s = latents * tokens + latents: first the tokens of all
        frames, then the actions. For 20 latents of 1,560 tokens it takes a gigabyte, once for all blocks.
    """
    frame = torch.arange(latents, device=device)
    back = frame[:, None] - frame
    among_frames = back.abs() <= band_latents
    to_actions = (back >= 0) & (back <= lag_latents)
    to_frames = frame >= (frame[:, None] + lag_latents).clamp(max=latents - 1)
    among_actions = torch.eye(latents, dtype=torch.bool, device=device)
    by_frame = torch.cat([torch.cat([among_frames, to_actions], 1), torch.cat([to_frames, among_actions], 1)])
    which = torch.cat([frame.repeat_interleave(tokens), latents + frame])
    return by_frame[which][:, which]
