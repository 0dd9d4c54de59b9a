"""Trained models as folders: written at the end of a run, and opened to go on from or to be scored.

final/config.yaml, model_index.json, transformer/, vae/, ...    as diffusers saves the pipeline
      heads.safetensors    the injection, and the heads of further losses
      lora/                of low-rank training, the updates alone; in transformer/ they are merged
"""

import shutil
from pathlib import Path
from typing import Any, NamedTuple

import diffusers
import transformers
import yaml
from safetensors.torch import load_file, save_file

from tracekit.core.errors import TracekitError
from tracekit.core.files import sync_folder
from tracekit.train import checkpoint
from tracekit.train.config import ModelSection, TrainConfig
from tracekit.train.config_file import load_config
from tracekit.train.learner import Learner, make_learner
from tracekit.train.lora import merged, save_lora
from tracekit.train.run_folder import RunFolder
from tracekit.train.seams import Backbone

HEADS = "heads.safetensors"
_TRANSFORMER = "denoiser.transformer."
_SAVED_BY = {"wan-tiny": "wan"}
"""Backbones that make their weights themselves, and which one reads what they saved."""


class Trained(NamedTuple):
    """A model of a run, on the CPU."""

    config: TrainConfig
    backbone: Backbone
    learner: Learner
    """Its ``denoiser`` makes clips."""


def open_trained(folder: Path) -> Trained:
    """Open a run's folder, at its newest checkpoint, or the ``final`` folder of one.

    Raises:
        TracekitError: it is neither, has no checkpoint, or is damaged.
    """
    run = RunFolder(folder)
    if not run.config.exists():
        raise TracekitError("not the folder of a run", place=str(folder), remedy="name what `tracekit train` wrote")
    config = load_config(run.config)
    backbone, learner = start(config)
    if not (folder / "model_index.json").exists():
        newest = checkpoint.saved(run.checkpoints)
        if not newest:
            raise TracekitError("the run has no checkpoint yet", place=str(run.checkpoints))
        checkpoint.load_weights(newest[-1], learner)
    return Trained(config, backbone, learner.eval())


def start(config: TrainConfig) -> tuple[Backbone, Learner]:
    """A model to train: where ``weights`` names a ``final`` folder, with its injection and heads as they were learned.

    Raises:
        TracekitError: a part of it is missing, damaged or of another model.
    """
    _quieten()
    backbone, learner = make_learner(config.model, config.run.seed)
    heads = Path(config.model.weights or "") / HEADS
    if config.model.weights and heads.exists():
        found = load_file(heads)
        wanted = {name for name in learner.state_dict() if not name.startswith(_TRANSFORMER)}
        if other := wanted ^ found.keys():
            raise TracekitError(
                f"the injection or the losses are others than these were trained with: {min(other)}",
                place=str(heads),
                remedy="set model.actions and model.contrast as that run had them, or delete the file to train anew",
            )
        learner.load_state_dict(found, strict=False)
    return backbone, learner


def has_final(run: RunFolder, config: TrainConfig) -> bool:
    """Whether the ``final`` folder of a run is there, and not that of fewer steps."""
    written = run.final / run.config.name
    return written.exists() and load_config(written).run.steps == config.run.steps


def write_final(run: RunFolder, config: TrainConfig) -> None:
    """Write the ``final`` folder of a run from its newest checkpoint, in place of one there is.

    Raises:
        TracekitError: there is no checkpoint, or it is damaged.
    """
    _, backbone, learner = open_trained(run.path)
    temporary = run.path / ".tmp-final"
    shutil.rmtree(temporary, ignore_errors=True)
    transformer: Any = learner.denoiser.transformer
    if config.model.lora:
        save_lora(str(temporary / "lora"), transformer)
        transformer = merged(transformer)
    backbone.save(str(temporary), transformer)
    heads = {name: part for name, part in learner.state_dict().items() if not name.startswith(_TRANSFORMER)}
    if heads:
        save_file({name: part.contiguous() for name, part in heads.items()}, temporary / HEADS)
    text = yaml.safe_dump(_as_saved(config).model_dump(mode="json"), sort_keys=False, allow_unicode=True)
    (temporary / run.config.name).write_text(text, "utf-8")
    if run.final.exists():
        shutil.rmtree(run.final)
    temporary.rename(run.final)
    sync_folder(run.path)


def _as_saved(config: TrainConfig) -> TrainConfig:
    """The configuration by which the final folder is opened: its weights are beside it."""
    backbone = _SAVED_BY.get(config.model.backbone, config.model.backbone)
    model: ModelSection = config.model.model_copy(update={"backbone": backbone, "weights": ".", "lora": None})
    return config.model_copy(update={"model": model})


def _quieten() -> None:
    """No bars and warnings of libraries among our own lines."""
    for library in (diffusers, transformers):
        library.utils.logging.set_verbosity_error()
        library.utils.logging.disable_progress_bar()
