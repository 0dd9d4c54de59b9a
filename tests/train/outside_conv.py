"""A backbone and an injection that tracekit does not bring: what another distribution may hold (test_plugin_seam)."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from tracekit.train.config import ActionSection, ModelSection
from tracekit.train.seams import Shape, Stream
from tracekit.train.tensors import Actions, Tensor

CHANNELS, WIDTH, TEXT_WIDTH = 16, 8, 4


class ThreeConvolutions(nn.Module):
    """In place of a transformer."""

    def __init__(self) -> None:
        super().__init__()
        self.into = nn.Conv3d(CHANNELS + 4 + CHANNELS, WIDTH, 1)
        self.conditions = nn.Linear(1 + 2 * TEXT_WIDTH, WIDTH)
        self.mix = nn.Conv3d(WIDTH, WIDTH, 3, padding=1)
        self.norm_out = nn.LayerNorm(WIDTH)
        self.out = nn.Conv3d(WIDTH, CHANNELS, 1)

    def forward(
        self,
        hidden_states: Tensor,
        timestep: Tensor,
        encoder_hidden_states: Tensor,
        encoder_hidden_states_image: Tensor,
        return_dict: bool = True,
    ) -> Any:
        context = [(timestep / 1000)[:, None], encoder_hidden_states.mean(1), encoder_hidden_states_image.mean(1)]
        known = self.conditions(torch.cat(context, dim=1))[:, :, None, None, None]
        hidden = functional.silu(self.into(hidden_states) + known)
        hidden = functional.silu(self.mix(hidden))
        tokens = self.norm_out(hidden.flatten(2).transpose(1, 2))
        made = self.out(tokens.transpose(1, 2).reshape(hidden.shape))
        return SimpleNamespace(sample=made) if return_dict else (made,)


class Means:
    """A backbone whose latents are mean colours."""

    digest = "means"

    def __init__(self, section: ModelSection) -> None:
        self.transformer: nn.Module = ThreeConvolutions()
        self.shape = Shape(WIDTH, 1, 1, CHANNELS, (1, 1, 1), TEXT_WIDTH)

    def to(self, device: torch.device, dtype: torch.dtype) -> None:
        pass

    def encode_video(self, video: Tensor) -> Tensor:
        frames = video[:, ::4].permute(0, 4, 1, 2, 3).float() / 127.5 - 1
        return functional.avg_pool3d(frames, (1, 8, 8)).repeat(1, 6, 1, 1, 1)[:, :CHANNELS]

    def decode_video(self, latents: Tensor) -> Tensor:
        frames = functional.interpolate(latents[:, :3], scale_factor=(1, 8, 8))
        pixels = ((frames + 1) * 127.5).clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 4, 1)
        return torch.cat([pixels[:, :1], pixels[:, 1:].repeat_interleave(4, dim=1)], dim=1)

    def encode_first(self, frames: Tensor, length: int) -> Tensor:
        first = self.encode_video(frames[:, None])
        known = torch.cat([torch.ones_like(first[:, :4]), first], dim=1)
        return functional.pad(known, (0, 0, 0, 0, 0, (length - 1) // 4))

    def encode_image(self, frames: Tensor) -> Tensor:
        return functional.pad(frames.float().mean(dim=(1, 2)) / 255, (0, 1))[:, None]

    def encode_text(self, captions: tuple[str, ...]) -> Tensor:
        lengths = torch.tensor([float(len(caption)) for caption in captions])
        return lengths[:, None, None].log1p().expand(-1, 512, TEXT_WIDTH).contiguous()

    def save(self, folder: str, transformer: nn.Module) -> None:
        Path(folder).mkdir(parents=True, exist_ok=True)
        torch.save(transformer.state_dict(), Path(folder) / "convolutions.pt")


class Shift(nn.Module):
    """An injection that shifts the first layer's values by how many classes of actions there are."""

    streams = 1

    def __init__(self, section: ActionSection, shape: Shape) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.zeros(shape.width))
        self.given: Stream | None = None

    def attach(self, transformer: nn.Module) -> None:
        transformer.get_submodule("into").register_forward_hook(self._shift)

    def give(self, actions: Actions | None, text_features: Tensor | None) -> None:
        self.given = None
        if actions is not None:
            counts = actions.raw.float().sum(dim=(2, 3))
            self.given = Stream(counts[..., None] + torch.zeros_like(self.scale), counts > 0)

    def features(self) -> tuple[Stream, ...]:
        return () if self.given is None else (self.given,)

    def _shift(self, module: nn.Module, args: Any, found: Tensor) -> Tensor:
        if self.given is None:
            return found
        return found + (self.given.values * self.scale).transpose(1, 2)[..., None, None]
