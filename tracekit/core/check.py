"""Validation whose errors a person can act on: the file, the line, and the nearest key there is."""

import difflib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeVar, get_args

import yaml
from pydantic import BaseModel, ValidationError

from tracekit.core.errors import TracekitError

Model = TypeVar("Model", bound=BaseModel)


class Place(NamedTuple):
    """Where values are from."""

    file: str
    tree: yaml.Node | None = None
    """The YAML of the file, for line numbers."""

    def of(self, keys: Sequence[str]) -> str:
        """The file, and the line of a key or of the nearest one around it."""
        line, node = 0, self.tree
        for key in keys:
            pairs = node.value if isinstance(node, yaml.MappingNode) else []
            found = [(name, value) for name, value in pairs if name.value == key]
            if not found:
                break
            line, node = found[0][0].start_mark.line + 1, found[0][1]
        return f"{self.file}:{line}" if line else self.file


def checked(model: type[Model], data: Mapping[str, Any], place: Place, within: tuple[str, ...] = ()) -> Model:
    """Validate values.

    Args:
        model: what to validate by.
        data: the values.
        place: where they are from.
        within: the keys under which they stand there.

    Raises:
        TracekitError: names the first thing wrong, its line, and of an unknown key the nearest known one.
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        problems = error.errors(include_url=False)
        first = problems[0]
        keys = tuple(map(str, first["loc"]))
        name = ".".join((*within, *keys))
        more = f", and {len(problems) - 1} more" if len(problems) > 1 else ""
        where = place.of((*within, *keys))
        if first["type"] == "extra_forbidden":
            found = model_at(model, keys[:-1])
            near = difflib.get_close_matches(keys[-1], found.model_fields if found else (), n=1, cutoff=0.0)
            remedy = f"the nearest known key is {near[0]!r}" if near else "no key is known there"
            raise TracekitError(f"unknown key {name!r}{more}", place=where, remedy=remedy) from None
        given = "" if first["type"] == "missing" else f", not {first['input']!r}"[:80]
        raise TracekitError(f"{name}: {first['msg']}{given}{more}", place=where) from None


def model_at(model: type[BaseModel], keys: Sequence[str]) -> type[BaseModel] | None:
    """The model of a section within a model, or None if there is none."""
    for key in keys:
        field = model.model_fields.get(key)
        kinds = (field.annotation, *get_args(field.annotation)) if field else ()
        found = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)]
        if not found:
            return None
        model = found[0]
    return model


def takes_list(model: type[BaseModel] | None, key: str) -> bool:
    """Whether a field of a model holds a list."""
    field = model.model_fields.get(key) if model else None
    return field is not None and _is_list(field.annotation)


def _is_list(annotation: Any) -> bool:
    return getattr(annotation, "__origin__", annotation) is list or any(map(_is_list, get_args(annotation)))
