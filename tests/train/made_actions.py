"""Actions of made-up clips, and a tiny transformer to give them to. Imported first, as `tiny_wan` is."""

from tiny_wan import FRAMES, LATENTS, unchanged  # isort: skip

from typing import Any

import numpy as np
import torch
from diffusers import WanTransformer3DModel
from numpy.typing import NDArray
from torch import nn

from tracekit.actions.latents import Alignment
from tracekit.train.config import ActionSection
from tracekit.train.tensors import Actions, Tensor

SHAPE = unchanged().shape
TEXTS, SHORTCUTS = ("ls", "pwd"), ("ctrl+c", "Return", "ctrl+shift+t")
_INDEXES = ("texts", "shortcuts")

Frames = dict[str, NDArray[Any]]
"""What `Actions` has, with a row a frame; the arrays of the meta view by their names."""


def idle(frames: int = FRAMES) -> Frames:
    """A clip in which nothing is done, and the pointer is in the middle."""
    slots = ("types", "click_buttons", "click_counts", "drags", "scroll_directions", "scroll_amounts")
    return {
        "raw": np.zeros((frames, 182), np.uint8),
        "held": np.zeros((frames, 169), bool),
        "positions": np.full((frames, 2), 0.5, np.float32),
        "on_screen": np.ones(frames, bool),
        **{name: np.zeros((frames, 2), np.int64) for name in slots},
        **{name: np.full((frames, 2), -1, np.int64) for name in _INDEXES},
    }


def busy(seed: int = 0, frames: int = FRAMES) -> Frames:
    """A clip in which something is done in each frame; slots hold what their types have, and nothing else."""
    draw = np.random.default_rng(seed)
    types = draw.integers(0, 5, (frames, 2))
    types[:, 0] = draw.integers(1, 5, frames)

    def where(kind: int, low: int, high: int, nothing: int = 0) -> NDArray[Any]:
        return np.where(types == kind, draw.integers(low, high, types.shape), nothing)

    return {
        "raw": (draw.random((frames, 182)) < 0.02).astype(np.uint8),
        "held": draw.random((frames, 169)) < 0.02,
        "positions": draw.random((frames, 2)).astype(np.float32),
        "on_screen": np.ones(frames, bool),
        "types": types,
        "click_buttons": where(1, 1, 6),
        "click_counts": where(1, 1, 4),
        "drags": where(1, 0, 2),
        "scroll_directions": where(2, 1, 5),
        "scroll_amounts": where(2, 1, 9),
        "texts": where(3, 0, len(TEXTS), -1),
        "shortcuts": where(4, 0, len(SHORTCUTS), -1),
    }


def windows(*clips: Frames, section: ActionSection | None = None) -> Actions:
    """A batch of clips, as the data gives them."""
    section = section or ActionSection()
    of_windows = {"window_latents": section.window_latents, "lag_frames": section.lag_frames}
    alignment = Alignment(len(clips[0]["raw"]), **of_windows, convention=section.convention)

    def batch(name: str) -> Tensor:
        fill = -1 if name in _INDEXES else 0
        return torch.from_numpy(np.stack([alignment.windows(clip[name], fill).values for clip in clips]))

    plain = ("raw", "held", "positions", "on_screen")
    mask = alignment.windows(clips[0]["raw"]).mask
    return Actions(
        **{name: batch(name) for name in plain},
        mask=torch.from_numpy(np.stack([mask] * len(clips))),
        meta={name: batch(name) for name in clips[0] if name not in plain},
        text_table=TEXTS,
        shortcut_table=SHORTCUTS,
    )


def text_features() -> Tensor:
    """Of TEXTS."""
    return torch.randn(len(TEXTS), SHAPE.text_width, generator=torch.Generator().manual_seed(1))


def new_transformer(blocks: int = SHAPE.blocks) -> WanTransformer3DModel:
    """The tiny model's transformer with so many blocks; the same each time, for a test to change."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        made: WanTransformer3DModel = WanTransformer3DModel.from_config(
            {**unchanged().transformer.config, "num_layers": blocks}
        )
    return made


def run(transformer: nn.Module, batch: int = 1, latents: int = LATENTS) -> Tensor:
    """What it makes of the same made-up video, (batch, 16, latents, 4, 6); all examples are the same."""
    draw = torch.Generator().manual_seed(2)
    video, text, image = (
        torch.randn(1, *shape, generator=draw).expand(batch, *shape)
        for shape in ((36, latents, 4, 6), (512, SHAPE.text_width), (3, 32))
    )
    made: Tensor = transformer(
        hidden_states=video,
        timestep=torch.full((batch,), 500.0),
        encoder_hidden_states=text,
        encoder_hidden_states_image=image,
        return_dict=False,
    )[0]
    return made


def shake(module: nn.Module) -> None:
    """Random values for the weights that begin with 0; the same each time."""
    draw = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for parameter in module.parameters():
            if not parameter.any():
                parameter.copy_(torch.randn(parameter.shape, generator=draw) / parameter.shape[-1] ** 0.5)
