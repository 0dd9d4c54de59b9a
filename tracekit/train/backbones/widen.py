"""A transformer that takes more: channels beside its own, and image features, without a change in what it makes."""

import torch
from diffusers import WanTransformer3DModel
from torch import nn

_SEED = 0
"""Of weights that are new: they are the same each time, as what is frozen is in no checkpoint."""


def widen_input(transformer: WanTransformer3DModel, channels: int) -> None:
    """Let a transformer take further input channels, after those it takes, in place.

    Their weights are 0, so that it makes the same whatever they hold: the zero-initialised projection of conditions
    (Neural Computers, section 3.1.2; as Wan went from text to images, arXiv 2503.20314). The configuration follows, so
    that what is saved is loaded as wide.

    Args:
        channels: how many more.
    """
    old = transformer.patch_embedding
    new = nn.Conv3d(
        old.in_channels + channels, old.out_channels, kernel_size=old.kernel_size, stride=old.stride,
        device=old.weight.device, dtype=old.weight.dtype,
    )  # fmt: skip
    with torch.no_grad():
        new.weight.zero_()
        new.weight[:, : old.in_channels] = old.weight
    new.bias = old.bias
    transformer.patch_embedding = new
    transformer.register_to_config(in_channels=new.in_channels)


def with_image(transformer: WanTransformer3DModel, condition_channels: int, image_width: int) -> WanTransformer3DModel:
    """A text-to-video transformer made one of images and text, which makes the same as before of any image.

    The condition's channels have weights of 0, and so have the values that image features give to cross-attention.

    Args:
        transformer: without image features.
        condition_channels: of the mask of known frames and the first frame's latents.
        image_width: of the image encoder's features.
    """
    config = dict(transformer.config)
    width = config["num_attention_heads"] * config["attention_head_dim"]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(_SEED)
        wide = WanTransformer3DModel.from_config({**config, "image_dim": image_width, "added_kv_proj_dim": width})
    wide.load_state_dict(transformer.state_dict(), strict=False)
    for block in wide.blocks:
        nn.init.zeros_(block.attn2.add_v_proj.weight)
        nn.init.zeros_(block.attn2.add_v_proj.bias)
    widen_input(wide, condition_channels)
    return wide
