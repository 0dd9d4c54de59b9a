"""JSON schemas as tables of Markdown, a row a key: how the documentation shows what a model takes."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

Schema = Mapping[str, Any]

_BOUNDS = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}


class Row(NamedTuple):
    """A key, in Markdown."""

    key: str
    """With dots between the keys that lead to it, and ``[]`` after one that holds a list."""
    value: str
    """What it takes: type, choices, range."""
    default: str
    meaning: str


def rows(schema: Schema) -> Iterator[Row]:
    """The keys of a model's JSON schema, those of the models in it included."""
    yield from _rows(schema, schema, "")


def section(part: Schema, schema: Schema) -> dict[str, Any] | None:
    """The schema of a model within a schema, or None where ``part`` is a plain value."""
    if "anyOf" in part:
        return next(filter(None, (section(one, schema) for one in part["anyOf"])), None)
    if "$ref" not in part:
        return None
    return {**schema["$defs"][part["$ref"].rpartition("/")[2]], "$defs": schema["$defs"]}


def table(head: Sequence[str], body: Iterable[Sequence[str]]) -> str:
    """A table; what is in its cells is Markdown already."""
    lines = [" | ".join(head), "|".join("---" for _ in head)]
    lines += [" | ".join(cell.replace("|", "\\|") for cell in row) for row in body]
    return "\n".join(f"| {line} |" if "---|" not in line else f"|{line}|" for line in lines)


def code(text: str) -> str:
    """Text as it is typed."""
    return f"`{text}`"


def plain(docstring: str) -> str:
    """A docstring as Markdown: its paragraphs on lines of their own, code in single backticks."""
    paragraphs = (" ".join(part.split()) for part in docstring.split("\n\n"))
    return re.sub("``(.+?)``", r"`\1`", "\n\n".join(paragraphs))


def _rows(part: Schema, schema: Schema, prefix: str) -> Iterator[Row]:
    required = part.get("required", ())
    for name, field in part.get("properties", {}).items():
        default = "must be given" if name in required else _default(field)
        inner = section(field, schema)
        items = section(field.get("items", {}), schema)
        key = f"{prefix}{name}"
        if inner is None or "anyOf" in field:
            yield Row(code(key), _value(field, schema), default, field.get("description", ""))
        if inner or items:
            yield from _rows(inner or items or {}, schema, f"{key}{'[]' if items else ''}.")


def _default(field: Schema) -> str:
    if "default" in field:
        return code(json.dumps(field["default"], ensure_ascii=False))
    return {"array": code("[]"), "object": code("{}")}.get(field.get("type", ""), "")


def _value(field: Schema, schema: Schema) -> str:
    """What a key takes, in words."""
    match field:
        case {"anyOf": kinds}:
            return " or ".join(_value(kind, schema) for kind in kinds)
        case {"$ref": _}:
            return "a section, below"
        case {"const": value}:
            return code(json.dumps(value))
        case {"enum": values}:
            return "one of " + ", ".join(map(code, values))
        case {"type": "array", "prefixItems": kinds}:
            return f"{len(kinds)} of {_value(kinds[0], schema)}"
        case {"type": "array", "items": kind}:
            return f"list of {_value(kind, schema)}" if "$ref" not in kind else "list of sections, below"
        case {"type": "object", "additionalProperties": dict(kind)}:
            return f"{_value(kind, schema)} by name"
        case {"type": "object"}:
            return "mapping"
        case {"type": "string", "pattern": pattern}:
            return f"string {code(pattern)}"
    bounds = [f"{sign} {field[name]:,}" for name, sign in _BOUNDS.items() if name in field]
    return ", ".join([str(field["type"]), *bounds])
