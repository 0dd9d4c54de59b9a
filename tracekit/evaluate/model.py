"""The model of a training run, opened to make videos with."""

import hashlib
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from tracekit.core.errors import TracekitError
from tracekit.core.files import measure
from tracekit.evaluate.config import ModelSection
from tracekit.metrics.frames import Video
from tracekit.train import checkpoint
from tracekit.train.config import TrainConfig
from tracekit.train.config_file import load_config
from tracekit.train.encode import Encoder
from tracekit.train.faults import told
from tracekit.train.generate import generate
from tracekit.train.run_folder import RunFolder
from tracekit.train.seams import Backbone
from tracekit.train.tensors import Examples, Tensor
from tracekit.train.trained import Trained, open_trained, start

FINAL, NEWEST = "final", "newest"
_LESS_MEMORY = (
    "clips are made one at a time: take a run of fewer data.frames, of a smaller data.width_px and height_px or of "
    "run.precision: bf16, or a machine with more memory; the same command goes on with the clip that it stopped at"
)


class Source(NamedTuple):
    """What a model is made of."""

    config: TrainConfig
    folder: Path | None
    """Of its weights: ``final``, or a checkpoint's; None of a model before any training."""

    @property
    def name(self) -> str:
        """The folder's, or ``untrained``."""
        return self.folder.name if self.folder else "untrained"

    def sha256(self) -> str:
        """Over the configuration of the model and the files of its weights: another model, another value."""
        of = hashlib.sha256(self.config.model.model_dump_json().encode() + str(self.config.run.seed).encode())
        for path in sorted(self.folder.rglob("*.safetensors")) if self.folder else ():
            of.update(f"{path.name} {measure(path).sha256}".encode())
        return of.hexdigest()


def find_model(section: ModelSection) -> Source:
    """The weights that a section names.

    Raises:
        TracekitError: they are not there.
    """
    path = Path(section.run)
    if path.is_file():
        return Source(load_config(path), None)
    run = RunFolder(path)
    if not run.config.exists():
        raise TracekitError(
            "neither the folder of a run nor the YAML of one",
            place=section.run,
            remedy="name what `tracekit train` wrote, or what it reads",
        )
    config = load_config(run.config)
    if section.checkpoint == FINAL:
        folder = run.final
    elif section.checkpoint == NEWEST:
        folder = next(iter(checkpoint.saved(run.checkpoints)[::-1]), run.checkpoints / NEWEST)
    else:
        folder = run.checkpoints / section.checkpoint
    if not folder.is_dir():
        there = [*(one.name for one in checkpoint.saved(run.checkpoints)), *([FINAL] if run.final.is_dir() else [])]
        raise TracekitError(
            "there is no such checkpoint", place=str(folder), remedy=f"there: {', '.join(there) or 'none'}"
        )
    return Source(config, folder)


class Asked:
    """A model that an evaluation asks for: found at once, and opened when it is first needed, for all that needs it.

    Args:
        section: that names it.

    Raises:
        TracekitError: there is none.
    """

    def __init__(self, section: ModelSection) -> None:
        self.source = find_model(section)

    @cached_property
    def model(self) -> "Model":
        """The model.

        Raises:
            TracekitError: its weights are damaged, or of another model, or memory does not hold them.
        """
        with told(_LESS_MEMORY):
            return Model(self.source)


class Model:
    """Makes videos of clips, open loop.

    Args:
        source: what it is made of.

    Raises:
        TracekitError: its weights are damaged, or of another model.
    """

    def __init__(self, source: Source) -> None:
        self.config, backbone, learner = _opened(source)
        self.backbone: Backbone = backbone
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self._half = self.config.run.precision == "bf16"
        backbone.to(self.device, torch.bfloat16 if self._half and self.device.type == "cuda" else torch.float32)
        self._denoiser = learner.eval().to(self.device).denoiser
        self._encoder = Encoder(backbone, None, self.device)

    def rollout(self, examples: Examples, section: ModelSection, seeds: list[int]) -> Tensor:
        """Make the videos of a batch: uint8 (b, f, h, w, 3), on the CPU.

        Args:
            examples: of which the first frames, the captions and the actions are used.
            section: how.
            seeds: of the noise of each.

        Raises:
            TracekitError: memory does not do.
        """
        assert examples.video is not None  # there is no cache here
        with told(_LESS_MEMORY), torch.no_grad(), torch.autocast(self.device.type, torch.bfloat16, enabled=self._half):
            made = generate(
                self._denoiser,
                self.backbone,
                self._encoder(examples).conditions,
                seeds=seeds,
                frames=examples.video.shape[1],
                steps=section.steps,
                guidance=section.guidance,
                shift=self.config.model.shift,
            )
        return made.cpu()

    def recoded(self, video: Video) -> Video:
        """A video through the autoencoder and back: uint8 (n * 4 + 1, h, w, 3), both of multiples of 16.

        Raises:
            TracekitError: memory does not do.
        """
        with told(_LESS_MEMORY), torch.no_grad():
            latents = self.backbone.encode_video(torch.from_numpy(np.ascontiguousarray(video))[None])
            return np.asarray(self.backbone.decode_video(latents)[0].cpu().numpy(), np.uint8)


def _opened(source: Source) -> Trained:
    if source.folder is None:
        return Trained(source.config, *start(source.config))
    if source.folder.name == FINAL:
        return open_trained(source.folder)
    backbone, learner = start(source.config)
    checkpoint.load_weights(source.folder, learner)
    return Trained(source.config, backbone, learner)
