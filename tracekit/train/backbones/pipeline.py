"""The parts of Wan's image-to-video pipeline as a backbone: its encoders frozen, its conditions as at inference."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property

import torch
from diffusers import WanImageToVideoPipeline, WanTransformer3DModel
from torch import nn

from tracekit.core.errors import TracekitError
from tracekit.core.files import digest
from tracekit.train.backbones.widen import widen_input
from tracekit.train.config import ModelSection
from tracekit.train.seams import Shape
from tracekit.train.tensors import TEXT_TOKENS, Tensor


class PipelineBackbone:
    """A backbone out of diffusers' ``WanImageToVideoPipeline``, real or tiny.

    Clips, pictures and captions are encoded one by one: what is made of one does not depend on its neighbours in the
    batch, so that it may be cached under its own name.

    Args:
        pipeline: all its parts. The encoders are frozen.
        section: whether the transformer takes a cursor, and keeps its activations.

    Raises:
        TracekitError: the transformer takes other channels.
    """

    def __init__(self, pipeline: WanImageToVideoPipeline, section: ModelSection) -> None:
        self.pipeline = pipeline
        self.transformer: nn.Module = pipeline.transformer
        self.encoders = nn.ModuleList([pipeline.vae, pipeline.text_encoder, pipeline.image_encoder])
        self.encoders.requires_grad_(False).eval()
        pipeline.vae.enable_slicing()
        config, vae = pipeline.transformer.config, pipeline.vae.config
        self.shape = Shape(
            width=config.num_attention_heads * config.attention_head_dim,
            blocks=config.num_layers,
            heads=config.num_attention_heads,
            channels=vae.z_dim,
            patch=tuple(config.patch_size),
            text_width=config.text_dim,
        )
        self._stride = vae.scale_factor_temporal
        self._mean = torch.tensor(vae.latents_mean).view(1, -1, 1, 1, 1)
        self._scale = 1 / torch.tensor(vae.latents_std).view(1, -1, 1, 1, 1)  # as the pipeline has it, to the bit
        _fit_input(pipeline.transformer, vae.z_dim, self._stride + vae.z_dim, section.cursor is not None)
        if section.gradient_checkpointing:
            pipeline.transformer.enable_gradient_checkpointing()

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the encoders' weights as they are used, and what goes before them."""
        vae, processor, tokenizer = self.pipeline.vae, self.pipeline.image_processor, self.pipeline.tokenizer
        settings = {name: value for name, value in vae.config.items() if not name.startswith("_")}
        before = digest([settings, processor.to_dict(), tokenizer.get_vocab()])
        sha256 = hashlib.sha256(before.encode())
        for name, tensor in self.encoders.state_dict().items():
            sha256.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
            sha256.update(tensor.reshape(-1).view(torch.uint8).cpu().numpy().data)
        return sha256.hexdigest()

    def to(self, device: torch.device, dtype: torch.dtype) -> None:
        """Put the encoders there. Only the text encoder takes the dtype: diffusers runs the two of pictures in float32.

        Args:
            device: also of what they make.
            dtype: of the text encoder.
        """
        self.pipeline.vae.to(device, torch.float32)
        self.pipeline.image_encoder.to(device, torch.float32)
        self.pipeline.text_encoder.to(device, dtype)
        self._mean, self._scale = self._mean.to(device), self._scale.to(device)
        vars(self).pop("digest", None)  # it was of what they were before

    def encode_video(self, video: Tensor) -> Tensor:
        """Clips to the modes of their latents.

        Args:
            video: uint8 (b, f, h, w, 3), f being n * 4 + 1, h and w multiples of 16.

        Returns:
            float32 (b, 16, t, H, W), normalised as Wan's transformer takes them.
        """
        return self._encode(self._pixels(video))

    def decode_video(self, latents: Tensor) -> Tensor:
        """Normalised latents (b, 16, t, H, W) to clips, uint8 (b, f, h, w, 3)."""
        with self._as_they_are():
            pixels: Tensor = self.pipeline.vae.decode(latents.float() / self._scale + self._mean, return_dict=False)[0]
        return ((pixels / 2 + 0.5).clamp(0, 1) * 255).round().to(torch.uint8).permute(0, 2, 3, 4, 1).contiguous()

    def encode_first(self, frames: Tensor, length: int) -> Tensor:
        """The condition that Wan's pipeline makes of a first frame: a mask that knows it alone, and grey after it.

        Args:
            frames: uint8 (b, h, w, 3).
            length: of the clip in frames, n * 4 + 1.

        Returns:
            float32 (b, 4 + 16, t, H, W).
        """
        first = self._pixels(frames[:, None])
        grey = first.new_zeros(()).expand(*first.shape[:2], length - 1, *first.shape[3:])
        latents = self._encode(torch.cat([first, grey], dim=2))
        mask = latents.new_zeros(len(latents), self._stride, *latents.shape[2:])
        mask[:, :, 0] = 1
        return torch.cat([mask, latents], dim=1)

    def encode_image(self, frames: Tensor) -> Tensor:
        """Pictures, uint8 (b, h, w, 3), to CLIP's last features but one, float32 (b, n, d)."""
        device = self._mean.device
        with self._as_they_are():
            features = [self.pipeline.encode_image(picture, device) for picture in frames.cpu().numpy()]
        return torch.cat(features).float()

    def encode_text(self, captions: tuple[str, ...]) -> Tensor:
        """Captions to umT5's features, float32 (b, 512, d), 0 after their end; what is over 512 tokens is cut off.

        The pipeline's own cleaning comes first: runs of white space become one space, HTML entities characters.
        """
        options = {"do_classifier_free_guidance": False, "max_sequence_length": TEXT_TOKENS}
        device = self._mean.device
        with self._as_they_are():
            features = [self.pipeline.encode_prompt(text, device=device, **options)[0] for text in captions]
        return torch.cat(features).float()

    def save(self, folder: str, transformer: nn.Module) -> None:
        """Write a folder as diffusers saves the pipeline, with this transformer.

        Args:
            folder: made where it is not there; files of the same names are replaced.
            transformer: of diffusers' class, without low-rank updates (`tracekit.train.lora.merged`).
        """
        WanImageToVideoPipeline(**{**self.pipeline.components, "transformer": transformer}).save_pretrained(folder)

    @contextmanager
    def _as_they_are(self) -> Iterator[None]:
        """Encoders are run in their own precision, also where the transformer's is lowered around them."""
        with torch.no_grad(), torch.autocast(self._mean.device.type, enabled=False):
            yield

    def _pixels(self, video: Tensor) -> Tensor:
        """uint8 (b, f, h, w, 3) to float32 (b, 3, f, h, w), -1 to 1."""
        return video.to(self._mean.device).permute(0, 4, 1, 2, 3).float() / 255 * 2 - 1

    def _encode(self, pixels: Tensor) -> Tensor:
        with self._as_they_are():
            latents: Tensor = self.pipeline.vae.encode(pixels).latent_dist.mode()
        return (latents - self._mean) * self._scale


def _fit_input(transformer: WanTransformer3DModel, latent: int, condition: int, cursor: bool) -> None:
    """Let a transformer that takes latents and a condition take a cursor too, if one is given to it.

    Raises:
        TracekitError: it takes other channels than what it will be given.
    """
    if cursor and transformer.config.in_channels == latent + condition:
        widen_input(transformer, condition)
    taken, given = transformer.config.in_channels, latent + condition * (2 if cursor else 1)
    if taken != given:
        raise TracekitError(
            f"the transformer takes {taken} channels, not {given}",
            place="model.weights",
            remedy="set model.cursor if it was trained with one, and leave it out if it was not",
        )
