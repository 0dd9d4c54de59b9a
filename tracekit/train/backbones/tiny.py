"""Wan's own classes, tiny and with random weights: everything runs with them on a CPU, and no picture is any good."""

import string

import torch
from diffusers import (
    AutoencoderKLWan,
    FlowMatchEulerDiscreteScheduler,
    WanImageToVideoPipeline,
    WanTransformer3DModel,
)
from transformers import (
    CLIPImageProcessorPil,
    CLIPVisionConfig,
    CLIPVisionModel,
    T5Tokenizer,
    UMT5Config,
    UMT5EncoderModel,
)

from tracekit.core.errors import TracekitError
from tracekit.train.backbones.pipeline import PipelineBackbone
from tracekit.train.config import ModelSection

SEED = 0
_HEADS, _HEAD_WIDTH, _ENCODER_WIDTH, _CHANNELS = 2, 32, 32, 16
_PIECES = [
    ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -1.0),
    *((character, -2.0) for character in string.digits + string.ascii_letters + string.punctuation),
]  # fmt: skip
"""Of the tokeniser: a token a character."""


def wan_tiny(section: ModelSection) -> PipelineBackbone:
    """Wan's image-to-video model with a transformer of 0.2 million weights, the same each time.

    Raises:
        TracekitError: weights are named, of which it has none.
    """
    if section.weights is not None:
        raise TracekitError(
            "wan-tiny makes its weights itself", place="model.weights", remedy="leave it out, or use backbone: wan"
        )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(SEED)
        return PipelineBackbone(_pipeline(section), section)


def _pipeline(section: ModelSection) -> WanImageToVideoPipeline:
    vae = _autoencoder()
    tokenizer = T5Tokenizer(vocab=_PIECES, extra_ids=0)
    text_encoder = UMT5EncoderModel(
        UMT5Config(
            vocab_size=len(_PIECES), d_model=_ENCODER_WIDTH, d_kv=16, d_ff=64, num_layers=2, num_heads=2,
            dropout_rate=0.0,
        )
    )  # fmt: skip
    image_encoder = CLIPVisionModel(
        CLIPVisionConfig(
            hidden_size=_ENCODER_WIDTH, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2,
            image_size=56, patch_size=14,
        )
    )  # fmt: skip
    transformer = WanTransformer3DModel(
        num_attention_heads=_HEADS, attention_head_dim=_HEAD_WIDTH, num_layers=2, ffn_dim=256, freq_dim=64,
        in_channels=_CHANNELS + 4 + _CHANNELS, out_channels=_CHANNELS, text_dim=_ENCODER_WIDTH,
        image_dim=_ENCODER_WIDTH, added_kv_proj_dim=_HEADS * _HEAD_WIDTH, rope_max_seq_len=128,
    )  # fmt: skip
    return WanImageToVideoPipeline(
        tokenizer=tokenizer,
        text_encoder=text_encoder,
        vae=vae,
        scheduler=FlowMatchEulerDiscreteScheduler(shift=section.shift),
        image_processor=CLIPImageProcessorPil(size={"shortest_edge": 56}, crop_size={"height": 56, "width": 56}),
        image_encoder=image_encoder,
        transformer=transformer,
    )


def _autoencoder() -> AutoencoderKLWan:
    """Its latents' mean and deviation are those of made-up screens: panels of random colours that stand still."""
    vae = AutoencoderKLWan(
        base_dim=8, z_dim=_CHANNELS, dim_mult=[1, 2, 4, 4], num_res_blocks=1, temperal_downsample=[False, True, True]
    ).eval()
    panels = torch.rand(2, 3, 1, 4, 6) * 2 - 1
    screens = panels.expand(-1, -1, 17, -1, -1).repeat_interleave(16, dim=3).repeat_interleave(16, dim=4)
    with torch.no_grad():
        latents = vae.encode(screens).latent_dist.mode()
    # Rounded, so that they don't hang on the order in which a machine adds.
    statistics = (latents.mean(dim=(0, 2, 3, 4)), latents.std(dim=(0, 2, 3, 4)))
    mean, std = ([round(value, 3) for value in values.tolist()] for values in statistics)
    vae.register_to_config(latents_mean=mean, latents_std=std)
    return vae
