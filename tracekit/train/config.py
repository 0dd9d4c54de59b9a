"""What a training run may say: the one model that validates its YAML file, documents it, and gives its JSON schema."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from tracekit.actions.latents import Convention

Tier = Literal["semantic", "regular", "detailed", "script", "instruction", "chosen"]


class Section(BaseModel):
    """A part of the file: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class DataSection(Section):
    """Which samples, and as what."""

    shards: str = Field(description="The folder of a data set: a path, or any URL that fsspec knows")
    split: Literal["train", "validation"] = "train"
    tier: Tier = Field("detailed", description="The caption that the model is given")
    frames: int = Field(77, ge=5, description="Of a clip as trained with, n * 4 + 1: shorter ones repeat their last")
    width_px: int = Field(832, ge=16, multiple_of=16)
    height_px: int = Field(480, ge=16, multiple_of=16)
    workers: int = Field(2, ge=0, description="Processes that read and decode, for each rank")
    max_corrupt: int = Field(10, ge=0, description="Samples that can't be read are passed over, at most so many a rank")
    latent_cache: str | None = Field(None, description="A folder that keeps what the frozen encoders make of a clip")


class LoraSection(Section):
    """Train low-rank updates of the attention's projections instead of all weights."""

    rank: int = Field(32, ge=1)
    alpha: int = Field(32, ge=1)
    targets: tuple[str, ...] = Field(("to_q", "to_k", "to_v", "to_out.0"), description="Names of modules")


class ActionSection(Section):
    """How actions reach the model (Neural Computers, section 3.2 and appendix D.3)."""

    injection: str = Field("internal", description="A plug-in of the kind injections")
    encoding: Literal["raw", "meta"] = Field("meta", description="The view of actions that is embedded")
    window_latents: int = Field(3, ge=1, description="How many latent frames' worth of actions each latent is given")
    lag_frames: int = Field(0, ge=0, description="How much earlier than its latent a window ends")
    convention: Convention = Field("shown", description="Whether an action's row is the first frame that shows it")
    fourier_features: int = Field(64, ge=1, description="Sines and cosines of the cursor's position")
    options: dict[str, Any] = Field(default_factory=dict, description="The injection's own")


class CursorSection(Section):
    """Supervision of the cursor: its rendering as a further input, and a loss where it is."""

    look: Literal["recorded", "arrow"] = Field("arrow", description="The recorded pictures, or one arrow for all")
    loss_weight: float = Field(0.1, ge=0)


class ContrastSection(Section):
    """The temporal contrastive loss between actions and what they do."""

    weight: float = Field(0.05, ge=0)
    temperature: float = Field(0.1, gt=0)
    lag_latents: int = Field(0, ge=0, description="How many latent frames later an action shows")
    predict_weight: float = Field(0.0, ge=0, description="Of a head that predicts the next latent frame's features")


class ModelSection(Section):
    """What is trained."""

    backbone: str = Field("wan", description="A plug-in of the kind backbones: wan, or wan-tiny for machines without")
    weights: str | None = Field(None, description="A folder as diffusers saves Wan's image-to-video pipeline")
    lora: LoraSection | None = None
    actions: ActionSection | None = None
    cursor: CursorSection | None = None
    contrast: ContrastSection | None = None
    gradient_checkpointing: bool = True
    dropout: float = Field(0.1, ge=0, lt=1, description="Of each example's text, CLIP and first-frame paths, apart")
    shift: float = Field(3.0, gt=0, description="Of the flow's times towards noise; diffusers' value for 480p")

    @field_validator("contrast")
    @classmethod
    def _has_actions(cls, contrast: ContrastSection | None, given: ValidationInfo) -> ContrastSection | None:
        if contrast and not given.data.get("actions"):
            raise ValueError("it compares frames with actions: set model.actions too, or leave it out")
        return contrast


class OptimiserSection(Section):
    """AdamW, as the paper has it."""

    learning_rate: float = Field(5e-5, gt=0)
    weight_decay: float = Field(1e-2, ge=0)
    betas: tuple[float, float] = (0.9, 0.999)
    clip_norm: float = Field(1.0, gt=0, description="Gradients are scaled down to this norm")
    warmup_steps: int = Field(0, ge=0, description="In which the learning rate rises from 0")


class RunSection(Section):
    """How it is run."""

    steps: int = Field(1000, ge=1)
    batch_size: int = Field(1, ge=1, description="Of each rank")
    accumulate: int = Field(1, ge=1, description="Batches to a step")
    precision: Literal["fp32", "bf16"] = "bf16"
    strategy: Literal["ddp", "fsdp2"] = Field("ddp", description="How several ranks share the work")
    seed: int = Field(0, ge=0, description="Of the order, the noise and new weights")
    threads: int | None = Field(None, ge=1, description="Of torch, on a CPU; None: as torch chooses")
    log_every: int = Field(10, ge=1, description="Steps")
    checkpoint_every: int = Field(500, ge=1, description="Steps")
    keep: int = Field(3, ge=1, description="Of the checkpoints, the newest so many stay")
    sample_every: int = Field(0, ge=0, description="Steps between videos of what the model makes; 0: none")
    sample_steps: int = Field(30, ge=1, description="Of denoising, in those")
    guidance: float = Field(5.0, ge=1, description="Of the caption, in those")
    held_clips: int = Field(2, ge=0, description="Training clips whose loss is shown under noise that stays the same")
    held_every: int = Field(100, ge=1, description="Steps between those")


class TrainConfig(Section):
    """A training run."""

    data: DataSection
    model: ModelSection = ModelSection()
    optimiser: OptimiserSection = OptimiserSection()
    run: RunSection = RunSection()
