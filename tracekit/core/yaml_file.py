"""YAML files that people write, and settings of the command line over them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from tracekit.core.check import Place
from tracekit.core.errors import TracekitError

SETTINGS = Place("--set")


def read_yaml(path: Path, kind: str = "recipe") -> tuple[dict[str, Any], Place]:
    """A file in plain values, and where they stand.

    Args:
        path: of the file.
        kind: what errors call it.

    Raises:
        TracekitError: there is no such file, or it is not a mapping in YAML.
    """
    try:
        text = path.read_text("utf-8")
        place, data = Place(str(path), yaml.compose(text, yaml.SafeLoader)), yaml.safe_load(text)
    except FileNotFoundError:
        raise TracekitError(f"there is no such {kind}", place=str(path)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise TracekitError(f"the {kind} can't be read: {error}", place=str(path)) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise TracekitError("not YAML: " + " ".join(str(error).split()), place=str(path)) from error
    if not isinstance(data, dict):
        raise TracekitError(f"a {kind} is a mapping of keys to values", place=str(path))
    return data, place


def read_setting(setting: str) -> tuple[list[str], Any]:
    """The keys and the value of ``a.b=value``, whose value is YAML.

    Raises:
        TracekitError: it is not that.
    """
    name, equals, text = setting.partition("=")
    keys = name.strip().split(".")
    if not equals or not all(keys):
        raise TracekitError(f"{setting!r} is not a setting", place=SETTINGS.file, remedy="write a.b=value")
    try:
        return keys, yaml.safe_load(text)
    except yaml.YAMLError as error:
        remedy = "put quotes around it"
        raise TracekitError(f"the value of {name} is not YAML", place=SETTINGS.file, remedy=remedy) from error


def replaced(data: Mapping[str, Any], keys: Sequence[str], value: Any) -> dict[str, Any]:
    """The values with another one at ``keys``; sections on the way are made."""
    inner = data.get(keys[0])
    if len(keys) > 1:
        value = replaced(inner if isinstance(inner, dict) else {}, keys[1:], value)
    return {**data, keys[0]: value}


def absolute(path: Any, folder: Path) -> Any:
    """A path that is relative to a folder as an absolute one; URLs and what is no text stay."""
    if not isinstance(path, str) or "://" in path:
        return path
    return str((folder / Path(path).expanduser()).absolute())
