"""A tiny model of Wan's classes, and clips for it. To import this skips a file of tests where torch is not here."""

import importlib.util
import os
from functools import cache

import pytest

if not all(map(importlib.util.find_spec, ("torch", "diffusers", "transformers", "peft"))) and (
    "torch" not in os.environ.get("TRACEKIT_REQUIRE", "").split(",")
):
    pytest.skip("what trains is not here: pip install 'tracekit[train]'", allow_module_level=True)

import torch

from tracekit.train.backbones.pipeline import PipelineBackbone
from tracekit.train.backbones.tiny import wan_tiny
from tracekit.train.config import CursorSection, ModelSection
from tracekit.train.tensors import Conditions, Encoded, Tensor

torch.set_num_threads(1)

FRAMES, HEIGHT_PX, WIDTH_PX = 17, 32, 48
LATENTS = 5
CAPTIONS = ("ls -la", "echo hello")


def tiny(*, checkpointing: bool = False, cursor: bool = False) -> PipelineBackbone:
    """A new one, whose weights a test may change."""
    return wan_tiny(
        ModelSection(
            backbone="wan-tiny",
            gradient_checkpointing=checkpointing,
            cursor=CursorSection() if cursor else None,
        )
    )


@cache
def unchanged() -> PipelineBackbone:
    """One for all tests that change nothing of it."""
    return tiny()


def typing(clips: int = 2) -> Tensor:
    """Clips in which lines of characters appear, uint8 (clips, 17, 32, 48, 3)."""
    generator = torch.Generator().manual_seed(3)
    glyphs = torch.rand(clips, HEIGHT_PX, WIDTH_PX, generator=generator) < 0.4
    column = torch.arange(WIDTH_PX) // 8 + WIDTH_PX // 8 * (torch.arange(HEIGHT_PX)[:, None] // 8)
    typed = column < 2 * torch.arange(1, FRAMES + 1)[:, None, None]
    video = (glyphs[:, None] & typed) * 215 + 20
    return video.to(torch.uint8)[..., None].expand(-1, -1, -1, -1, 3).contiguous()


@cache
def encoded() -> Encoded:
    """Two clips as the loss takes them."""
    backbone, video = unchanged(), typing()
    return Encoded(
        keys=("a", "b"),
        latents=backbone.encode_video(video),
        weights=torch.ones(len(video), LATENTS),
        conditions=Conditions(
            first=backbone.encode_first(video[:, 0], FRAMES),
            image=backbone.encode_image(video[:, 0]),
            text=backbone.encode_text(CAPTIONS),
        ),
    )
