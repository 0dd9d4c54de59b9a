"""Reading what a training run is: YAML, and settings of the command line over it."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tracekit.core.check import checked
from tracekit.core.yaml_file import absolute, read_setting, read_yaml, replaced
from tracekit.train.config import TrainConfig

PATHS = (("data", "shards"), ("data", "latent_cache"), ("model", "weights"))


def load_config(path: str | os.PathLike[str], settings: Sequence[str] = ()) -> TrainConfig:
    """Read the configuration of a run.

    Paths in it are relative to its folder; paths in ``settings`` to the working directory.

    Args:
        path: of the YAML file.
        settings: ``a.b=value`` each, applied in order over what the file says; the value is YAML.

    Raises:
        TracekitError: not YAML, an unknown key (the nearest known one is named), or a value out of its range.
    """
    path = Path(path)
    data, place = read_yaml(path, "configuration")
    data = _anchored(data, path.parent)
    for setting in settings:
        data = _anchored(replaced(data, *read_setting(setting)), Path.cwd())
    return checked(TrainConfig, data, place)


def _anchored(data: dict[str, Any], folder: Path) -> dict[str, Any]:
    for name, key in PATHS:
        section = data.get(name)
        if isinstance(section, dict) and key in section:
            data = replaced(data, (name, key), absolute(section[key], folder))
    return data
