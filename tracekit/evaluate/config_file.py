"""Reading what an evaluation is: YAML, and settings of the command line over it."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tracekit.core.check import Place, checked
from tracekit.core.yaml_file import absolute, read_setting, read_yaml, replaced
from tracekit.evaluate.config import EvaluateConfig

PATHS = (
    ("pairs", "truth"), ("pairs", "predicted"), ("model", "run"), ("data", "shards"), ("scores", "fvd", "weights"),
    ("scores", "lpips", "backbone"), ("scores", "lpips", "linear"),
)  # fmt: skip


def load_config(path: str | os.PathLike[str] | None, settings: Sequence[str] = ()) -> EvaluateConfig:
    """Read the configuration of an evaluation.

    Paths in it are relative to its folder; paths in ``settings`` to the working directory.

    Args:
        path: of the YAML file; None: there are settings alone.
        settings: ``a.b=value`` each, applied in order over what the file says; the value is YAML.

    Raises:
        TracekitError: not YAML, an unknown key (the nearest known one is named), or a value out of its range.
    """
    data, place = read_yaml(Path(path), "configuration") if path else ({}, Place("--set"))
    data = _anchored(data, Path(path).parent if path else Path.cwd())
    for setting in settings:
        data = _anchored(replaced(data, *read_setting(setting)), Path.cwd())
    return checked(EvaluateConfig, data, place)


def _anchored(data: dict[str, Any], folder: Path) -> dict[str, Any]:
    for keys in PATHS:
        inner: Any = data
        for key in keys:
            inner = inner.get(key) if isinstance(inner, dict) else None
        if inner is not None:
            data = replaced(data, keys, absolute(inner, folder))
    return data
