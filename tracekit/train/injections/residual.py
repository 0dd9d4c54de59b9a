"""Residual: a branch beside some of the blocks, whose update is added to what the block gives.

Neural Computers, section 3.2.2 and appendix D.2, after ControlNet (Zhang et al. 2023). The paper: "at selected layers,
an auxiliary action module takes block hidden states together with local action/mouse features and outputs a residual
update". It does not say which layers, nor what the module is made of.

Ours: each second block; the module is a bottleneck whose hidden values are scaled and shifted by the means of the
latent's window (figure 7: "residual-style modulation branches"), and whose last projection begins with 0.
"""

from functools import partial
from typing import Any

import torch
from pydantic import Field
from torch import nn
from torch.nn import functional

from tracekit.train.config import ActionSection, Section
from tracekit.train.injections.base import ActionInjection, blocks_of, by_latent, options, zeroed
from tracekit.train.seams import Shape
from tracekit.train.tensors import Tensor


class ResidualOptions(Section):
    """Options of the injection residual."""

    every: int = Field(2, ge=1, description="One block in so many has a branch, beginning with the first")
    narrowing: int = Field(4, ge=1, description="How many times narrower than a token the branch is")


class Residual(ActionInjection):
    """The injection residual.

    Raises:
        TracekitError: an option is wrong.
    """

    def __init__(self, section: ActionSection, shape: Shape) -> None:
        super().__init__(section, shape)
        chosen = options(section, ResidualOptions)
        self.every = chosen.every
        hidden = max(shape.width // chosen.narrowing, 1)
        self.branches = nn.ModuleList(Branch(shape.width, hidden) for _ in range(0, shape.blocks, self.every))

    def attach(self, transformer: nn.Module) -> None:
        """Put a hook on each chosen block.

        Raises:
            TracekitError: there are no blocks.
        """
        super().attach(transformer)
        for block, branch in zip(blocks_of(transformer)[:: self.every], self.branches, strict=True):
            block.register_forward_hook(partial(self._add, branch))

    def _add(self, branch: nn.Module, module: nn.Module, args: Any, found: Tensor) -> Tensor:
        if self.given is None:
            return found
        done, pointer = self.given.streams
        changed: Tensor = branch(found, torch.cat([done.values, pointer.values], dim=-1))
        return changed


class Branch(nn.Module):
    """The update of one block, added to what it gives."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.down = nn.Linear(width, hidden)
        self.modulation = nn.Linear(2 * width, 2 * hidden)
        self.up = zeroed(nn.Linear(hidden, width))

    def forward(self, tokens: Tensor, known: Tensor) -> Tensor:
        """Tokens, (b, t * n, width), and what is known of each latent, (b, t, 2 * width), to changed tokens."""
        scale, shift = self.modulation(known).unsqueeze(2).chunk(2, dim=-1)
        hidden = self.down(by_latent(self.norm(tokens), known.shape[1]))
        update: Tensor = self.up(functional.silu(hidden * (1 + scale) + shift))
        return tokens + update.flatten(1, 2).to(tokens.dtype)
