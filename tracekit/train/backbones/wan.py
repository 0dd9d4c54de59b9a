"""Wan2.1 with real weights, from a folder as diffusers saves its pipelines."""

from pathlib import Path
from typing import Any

from diffusers import (
    AutoencoderKLWan,
    FlowMatchEulerDiscreteScheduler,
    WanImageToVideoPipeline,
    WanTransformer3DModel,
)
from safetensors import SafetensorError
from transformers import AutoTokenizer, CLIPImageProcessorPil, CLIPVisionModel, UMT5EncoderModel

from tracekit.core.errors import TracekitError
from tracekit.train.backbones.pipeline import PipelineBackbone
from tracekit.train.backbones.widen import with_image
from tracekit.train.config import ModelSection

_REMEDY = (
    "name a folder with Wan2.1's image-to-video model as diffusers saves it, "
    "such as `hf download Wan-AI/Wan2.1-I2V-14B-480P-Diffusers --local-dir FOLDER` makes"
)


def wan(section: ModelSection) -> PipelineBackbone:
    """Wan2.1 from the folder that ``weights`` names.

    The folder may hold a text-to-video model too, such as Wan2.1-T2V-1.3B, once the parts ``image_encoder`` and
    ``image_processor`` of an image-to-video model are put beside its own: its transformer then gets inputs for
    images, which change nothing before they are trained.

    Raises:
        TracekitError: no folder is named, or a part of it is missing or damaged.
    """
    if section.weights is None:
        raise TracekitError("the backbone wan needs weights", place="model.weights", remedy=_REMEDY)
    folder = Path(section.weights)
    if not folder.is_dir():
        raise TracekitError("there is no such folder", place=str(folder), remedy=_REMEDY)
    vae = _model(AutoencoderKLWan, folder, "vae")
    image_encoder = _model(CLIPVisionModel, folder, "image_encoder")
    transformer = _model(WanTransformer3DModel, folder, "transformer").float()
    if transformer.config.image_dim is None:
        condition = vae.config.scale_factor_temporal + vae.config.z_dim
        transformer = with_image(transformer, condition, image_encoder.config.hidden_size)
    pipeline = WanImageToVideoPipeline(
        tokenizer=_part(AutoTokenizer, folder, "tokenizer"),
        text_encoder=_model(UMT5EncoderModel, folder, "text_encoder"),
        vae=vae,
        scheduler=FlowMatchEulerDiscreteScheduler(shift=section.shift),
        image_processor=_part(CLIPImageProcessorPil, folder, "image_processor"),
        image_encoder=image_encoder,
        transformer=transformer,
    )
    return PipelineBackbone(pipeline, section)


def _model(kind: Any, folder: Path, name: str) -> Any:
    """A part with weights: one whose weights are not all there would be filled up with random ones."""
    model, told = _part(kind, folder, name, output_loading_info=True)
    if missing := sorted(told["missing_keys"]):
        message = f"{len(missing)} weights are missing, such as {missing[0]}"
        raise TracekitError(message, place=str(folder / name), remedy=_REMEDY)
    return model


def _part(kind: Any, folder: Path, name: str, **options: Any) -> Any:
    if not (folder / name).is_dir():
        raise TracekitError(f"the part {name} is missing", place=str(folder), remedy=_REMEDY)
    try:
        return kind.from_pretrained(folder, subfolder=name, local_files_only=True, **options)
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise TracekitError(f"the part can't be read: {reason}", place=str(folder / name), remedy=_REMEDY) from error
