"""The folder of a run: what it holds, and that it is of one configuration."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from tracekit.core.errors import TracekitError
from tracekit.core.files import Folder
from tracekit.train.config import TrainConfig
from tracekit.train.config_file import load_config

FREE = {
    "data.shards", "data.workers", "data.max_corrupt", "run.steps", "run.strategy", "run.log_every",
    "run.checkpoint_every", "run.keep", "run.sample_every", "run.sample_steps", "run.guidance", "run.held_clips",
    "run.held_every",
}  # fmt: skip
"""Keys that may change when a run is gone on with: they change where data lies, how it is run or what is shown, not
what is learned. That moved shards have the same samples, the data's own state says."""


class RunFolder:
    """``OUT/{config.yaml, log.jsonl, tensorboard/, checkpoints/step-000500/, samples/step-000500/, final/}``.

    Args:
        path: of the folder; it need not be there.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.config = self.path / "config.yaml"
        self.log = self.path / "log.jsonl"
        self.tensorboard = self.path / "tensorboard"
        self.checkpoints = self.path / "checkpoints"
        self.final = self.path / "final"

    def samples(self, step: int) -> Path:
        """The folder of the videos made after a step."""
        return self.path / "samples" / step_name(step)

    def claim(self, config: TrainConfig) -> None:
        """Write the configuration, or see that the one there is the same but for the keys that are `FREE`.

        One without any checkpoint has learned nothing, such as one that was refused: it is replaced.

        Raises:
            TracekitError: it is another one, named by the keys that differ; or the folder can't be written.
        """
        if self.config.exists() and any(self.checkpoints.glob("step-*")):
            there, asked = load_config(self.config).model_dump(mode="json"), config.model_dump(mode="json")
            differ = dict(_differences(there, asked))
            if found := [
                f"{key} is {was!r} there, not {now!r}" for key, (was, now) in differ.items() if key not in FREE
            ]:
                raise TracekitError(
                    f"another run is in this folder: {'; '.join(found)}",
                    place=str(self.path),
                    remedy="name another folder with --out, or set these keys back",
                )
            if not differ:
                return
        text = yaml.safe_dump(config.model_dump(mode="json"), sort_keys=False, allow_unicode=True)
        Folder(self.path).write(self.config.name, text.encode())


def step_name(step: int) -> str:
    """What a step's folder is called."""
    return f"step-{step:06d}"


def _differences(was: Any, now: Any, prefix: str = "") -> Iterator[tuple[str, tuple[Any, Any]]]:
    """The keys whose values differ, with both."""
    if isinstance(was, Mapping) and isinstance(now, Mapping):
        for key in (*was, *(name for name in now if name not in was)):
            yield from _differences(was.get(key), now.get(key), f"{prefix}.{key}".lstrip("."))
    elif was != now:
        yield prefix, (was, now)
