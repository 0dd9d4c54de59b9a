"""External: actions change the latents before the transformer, which itself knows nothing of them.

Neural Computers, section 3.2.2 and appendix D.2. The paper: "an external action module applies a small stack of
temporal self-attention and action cross-attention layers. This produces a residual update" of the video's latents.

Ours: what the module is made of besides; it looks back only, so that the update of a latent depends on no later action;
the last projection begins with 0. The latents are the noisy ones, since those are what the transformer is given.
"""

from typing import Any

import torch
from pydantic import Field
from torch import nn

from tracekit.train.action_encoder import ActionFeatures
from tracekit.train.config import ActionSection, Section
from tracekit.train.injections.attention import RowAttention, TimeAttention
from tracekit.train.injections.base import ActionInjection, options, order, video_of, zeroed
from tracekit.train.seams import Shape
from tracekit.train.tensors import Tensor


class ExternalOptions(Section):
    """Options of the injection external."""

    layers: int = Field(2, ge=1, description="Of attention along time and to actions")
    narrowing: int = Field(4, ge=1, description="How many times narrower than a head of the transformer its heads are")


class External(ActionInjection):
    """The injection external.

    Raises:
        TracekitError: an option is wrong.
    """

    def __init__(self, section: ActionSection, shape: Shape) -> None:
        super().__init__(section, shape)
        chosen = options(section, ExternalOptions)
        width = shape.heads * max(shape.width // shape.heads // chosen.narrowing, 2)
        self.channels = shape.channels
        self.embed = nn.Conv3d(shape.channels, width, shape.patch, stride=shape.patch)
        self.layers = nn.ModuleList(Layer(width, shape.width, shape.heads) for _ in range(chosen.layers))
        self.project = zeroed(nn.ConvTranspose3d(width, shape.channels, shape.patch, stride=shape.patch))

    def attach(self, transformer: nn.Module) -> None:
        """Put a hook before the transformer."""
        super().attach(transformer)
        transformer.register_forward_pre_hook(self._change, with_kwargs=True)

    def update(self, latents: Tensor, given: ActionFeatures) -> Tensor:
        """What is added to latents, (b, channels, t, H, W), for given actions."""
        rows = given.rows
        rows = rows + order(rows.shape[2], rows)
        places: Tensor = self.embed(latents)
        tokens = places.flatten(3).permute(0, 2, 3, 1)
        tokens = tokens + order(tokens.shape[1], tokens)[:, None]
        for layer in self.layers:
            tokens = layer(tokens, rows, given.mask)
        update: Tensor = self.project(tokens.permute(0, 3, 1, 2).reshape(places.shape))
        return update.to(latents.dtype)

    def _change(self, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if self.given is None:
            return None
        whole = video_of(args, kwargs)
        latents, conditions = whole[:, : self.channels], whole[:, self.channels :]
        changed = torch.cat([latents + self.update(latents, self.given), conditions], dim=1)
        return ((changed, *args[1:]), kwargs) if args else (args, {**kwargs, "hidden_states": changed})


class Layer(nn.Module):
    """Attention along time, then to the rows of each latent's window."""

    def __init__(self, width: int, row_width: int, heads: int) -> None:
        super().__init__()
        self.along_time = TimeAttention(width, heads)
        self.to_rows = RowAttention(width, row_width, heads)

    def forward(self, tokens: Tensor, rows: Tensor, mask: Tensor) -> Tensor:
        """(b, t, n, width) to the same shape."""
        tokens = tokens + self.along_time(tokens)
        changed: Tensor = tokens + self.to_rows(tokens, rows, mask)
        return changed
