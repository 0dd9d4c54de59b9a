"""Reading recipes: YAML, and settings of the command line over it."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from tracekit.build.recipe import CaptionSection, Recipe
from tracekit.build.sections import captioner_of, filters_of, source_config
from tracekit.core import plugins
from tracekit.core.check import checked, model_at, takes_list
from tracekit.core.yaml_file import absolute, read_setting, read_yaml, replaced


def load_recipe(path: str | os.PathLike[str], settings: Sequence[str] = ()) -> Recipe:
    """Read a recipe.

    Paths in it are relative to its folder; paths in ``settings`` to the working directory.

    Args:
        path: of the YAML file.
        settings: ``a.b=value`` each, applied in order over what the file says; the value is YAML, and where a list is
            wanted, names with commas between them.

    Raises:
        TracekitError: not YAML, an unknown key (the nearest known one is named), a value out of its range, or a plug-in
            that is not there.
    """
    path = Path(path)
    data, place = read_yaml(path)
    data = with_settings(_anchored(data, path.parent), settings)
    recipe = checked(Recipe, data, place)
    source_config(recipe, place)
    captioner_of(recipe, place)
    filters_of(recipe, place)
    return recipe


def with_settings(data: dict[str, Any], settings: Sequence[str]) -> dict[str, Any]:
    """A recipe in plain values with settings applied over it.

    Raises:
        TracekitError: a setting that is not ``a.b=value``.
    """
    for setting in settings:
        keys, value = read_setting(setting)
        if isinstance(value, str) and takes_list(_model_of(data, keys[:-1]), keys[-1]):
            value = [part.strip() for part in value.split(",")]
        if keys == ["captions", "by"]:
            data = _without_options(data, value)
        data = _anchored(replaced(data, keys, value), Path.cwd())
    return data


def _without_options(data: dict[str, Any], by: Any) -> dict[str, Any]:
    """The recipe without the options of its captioner, if another one is to follow: they are none of that one's."""
    section = data.get("captions")
    if not isinstance(section, dict) or section.get("by", CaptionSection.model_fields["by"].default) == by:
        return data
    return {**data, "captions": {name: value for name, value in section.items() if name == "tier"}}


def _model_of(data: Mapping[str, Any], keys: Sequence[str]) -> Any:
    """The model of the section that ``keys`` lead to: the recipe's own, or a plug-in's."""
    match keys:
        case ["source", *rest]:
            return model_at(_source_model(data), rest)
        case ["captions", *rest]:
            return model_at(captioner, rest) if (captioner := _captioner_model(data)) else None
        case ["filters", name, *rest]:
            return model_at(plugins.load("filters", name), rest)
        case _:
            return model_at(Recipe, keys)


def _captioner_model(data: Mapping[str, Any]) -> Any:
    """Of a captioner's options; None for one that takes plain keyword arguments."""
    section = data.get("captions")
    by = section.get("by") if isinstance(section, dict) else None
    captioner = plugins.load("captioners", str(by or CaptionSection.model_fields["by"].default))
    return captioner if isinstance(captioner, type) and issubclass(captioner, BaseModel) else None


def _source_model(data: Mapping[str, Any]) -> Any:
    section = data.get("source")
    kind = section.get("kind", "casts") if isinstance(section, dict) else "casts"
    return plugins.load("sources", str(kind)).Config


def _anchored(data: dict[str, Any], folder: Path) -> dict[str, Any]:
    """The recipe with the paths of its source and its filters, the fields kept out of their dumps, made absolute."""
    filters = data.get("filters")
    if isinstance(filters, dict):
        given = {name: options for name, options in filters.items() if isinstance(options, dict)}
        made = {name: _with_paths(options, plugins.load("filters", name), folder) for name, options in given.items()}
        data = {**data, "filters": {**filters, **made}}
    section = data.get("source")
    return {**data, "source": _with_paths(section, _source_model(data), folder)} if isinstance(section, dict) else data


def _with_paths(section: dict[str, Any], model: type[BaseModel], folder: Path) -> dict[str, Any]:
    paths = {
        name: [absolute(one, folder) for one in value] if isinstance(value, list) else absolute(value, folder)
        for name, field in model.model_fields.items()
        if field.exclude and (value := section.get(name)) is not None
    }
    return {**section, **paths}
