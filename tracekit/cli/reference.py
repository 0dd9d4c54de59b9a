"""Write the parts of ``docs/`` that say what the code says: commands, keys of a recipe, columns of the index.

    python -m tracekit.cli.reference [--check] [FOLDER]

Each stands between a pair of marker comments, ``<!-- made by make docs: NAME -->`` and ``<!-- end of NAME -->``; what
is around them is written by hand. ``--check`` writes nothing, and exits 1 if a part is not what would be written.
"""

import argparse
import inspect
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import typer
from pydantic import BaseModel

from tracekit.actions import classes
from tracekit.actions.events import InputLine
from tracekit.actions.windows import WindowsLine
from tracekit.build.recipe import Recipe
from tracekit.cli.main import app
from tracekit.cli.tables import Schema, code, plain, rows, section, table
from tracekit.evaluate.config import EvaluateConfig
from tracekit.evaluate.measures import MEASURES
from tracekit.shards.events import EventLine
from tracekit.shards.index import SCHEMA
from tracekit.shards.sample import Sample
from tracekit.train.config import TrainConfig

FOLDER = Path(__file__).parents[2] / "docs"
_PART = re.compile(r"(<!-- made by make docs: ([a-z]+) -->\n).*?(<!-- end of \2 -->)", re.DOTALL)
_EXAMPLE = "Example: "


def commands() -> Iterator[str]:
    """Every command: how it is called, what it does, its arguments and its options, as ``--help`` has them."""
    root = typer.main.get_command(app)
    for command, context in _leaves(root, root.context_class(root, info_name="tracekit")):
        # Typer brings click, or carries one inside: parameters are told by what they have, not by their class.
        arguments = [param for param in command.params if param.param_type_name == "argument"]
        options = [param for param in command.params if param.param_type_name == "option"]
        yield f"## {context.command_path}"
        yield f"```\n{' '.join([context.command_path, '[OPTIONS]', *(str(one.metavar) for one in arguments)])}\n```"
        for paragraph in plain(inspect.cleandoc(command.help)).split("\n\n"):
            example = paragraph.startswith(_EXAMPLE)
            yield f"```console\n$ {paragraph.removeprefix(_EXAMPLE)}\n```" if example else paragraph
        if arguments:
            yield table(("argument", "meaning"), ((code(one.metavar), one.help) for one in arguments))
        yield table(("option", "meaning", ""), (_option(*one.get_help_record(context)) for one in options))


def recipe() -> Iterator[str]:
    """Every key of a recipe, section by section, those of tracekit's own plug-ins included."""
    schema = Recipe.model_json_schema()
    fields = schema["properties"]
    sections = {name: found for name, field in fields.items() if (found := section(field, schema))}
    yield "### At the top"
    yield _keys({**schema, "properties": {name: field for name, field in fields.items() if name not in sections}})
    for name, found in sections.items():
        yield f"### {name}"
        yield found["description"]
        yield _keys(found)
        if name == "source":
            for kind, source in _own("sources"):
                yield f"With `kind: {kind}` also:"
                yield _keys(source.Config.model_json_schema())
        if name == "captions":
            for by, captioner in _own("captioners"):
                if issubclass(captioner, BaseModel):
                    yield f"With `by: {by}` also:"
                    yield _keys(captioner.model_json_schema())
    yield "### filters"
    yield "By name, in the order in which they are asked. An empty entry takes the defaults; `false` leaves it out."
    for name, options in _own("filters"):
        yield f"#### filters.{name}"
        yield plain(inspect.getdoc(options) or "")
        yield _keys(options.model_json_schema())


def sample() -> Iterator[str]:
    """Every key of ``KEY.json``."""
    yield _members(Sample)


def events() -> Iterator[str]:
    """Every key of a line of ``KEY.events.jsonl``."""
    yield _members(EventLine)


def inputs() -> Iterator[str]:
    """Every key of a line of a desktop's ``KEY.events.jsonl``."""
    yield _members(InputLine)


def windows() -> Iterator[str]:
    """Every key of a line of ``KEY.windows.jsonl``."""
    yield _members(WindowsLine)


def actions() -> Iterator[str]:
    """The classes of the raw view of actions."""
    columns = ((str(number), code(name), "") for number, name in enumerate(classes.MOUSE))
    keys = (
        (str(len(classes.MOUSE) + number), code(key.keysym), code(key.shifted) if key.shifted != key.keysym else "")
        for number, key in enumerate(classes.KEYS)
    )
    yield table(("class", "event or key", "with Shift"), (*columns, *keys))


def index() -> Iterator[str]:
    """Every column of ``index.parquet``."""
    columns = ((one.name, one.type, (one.metadata or {}).get(b"description", b"").decode()) for one in SCHEMA)
    yield table(
        ("column", "Arrow type", "meaning"),
        ((code(name), code(str(kind).replace(" not null", "")), meaning) for name, kind, meaning in columns),
    )


def evaluation() -> Iterator[str]:
    """Every key of the configuration of an evaluation."""
    yield _keys(EvaluateConfig.model_json_schema())


def training() -> Iterator[str]:
    """Every key of the configuration of a training run."""
    yield _keys(TrainConfig.model_json_schema())


def measures() -> Iterator[str]:
    """Every measure of an evaluation."""
    yield table(
        ("measure", "of the score", "what it is", "better"),
        (
            (code(name), code(one.score), f"{one.title}{f', {one.unit}' if one.unit else ''}", one.better)
            for name, one in MEASURES.items()
        ),
    )


PARTS: Mapping[str, Callable[[], Iterable[str]]] = {
    part.__name__: part
    for part in (commands, recipe, sample, events, inputs, windows, actions, index, evaluation, training, measures)
}
"""What makes each part, by the name in its markers."""


def renewed(text: str) -> str:
    """A document with its parts as they should be.

    Raises:
        KeyError: a marker names a part that there is not.
    """
    return _PART.sub(lambda found: "\n".join((found[1], "\n\n".join(PARTS[found[2]]()), "", found[3])), text)


def main(arguments: list[str] | None = None) -> int:
    """Write the parts or check them; return the exit status."""
    parser = argparse.ArgumentParser(description="The parts of docs/ that say what the code says")
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a part is out of date")
    options = parser.parse_args(arguments)
    stale = []
    for path in sorted(options.folder.glob("*.md")):
        text = path.read_text(encoding="utf-8")
        if (new := renewed(text)) == text:
            continue
        if options.check:
            stale.append(path.name)
        else:
            path.write_text(new, encoding="utf-8")
    if stale:
        print(f"out of date: {', '.join(stale)} (make docs)", file=sys.stderr)
    return 1 if stale else 0


def _leaves(command: Any, context: Any) -> Iterator[tuple[Any, Any]]:
    """The commands below a group, each in the context in which its help is printed."""
    if not hasattr(command, "commands"):
        yield command, context
        return
    for name, inner in command.commands.items():
        yield from _leaves(inner, inner.context_class(inner, info_name=name, parent=context))


def _option(names: str, text: str) -> tuple[str, str, str]:
    """An option's name and value, what it does, and its default and range."""
    meaning, _, limits = text.removesuffix("]").partition("  [")
    return code(names), meaning, limits


def _keys(schema: Schema) -> str:
    found = [*rows(schema)]
    return table(("key", "value", "default", "meaning"), found) if found else "No options."


def _members(model: type[BaseModel]) -> str:
    """What a file holds, for those who read it: defaults are of no use to them."""
    return table(
        ("key", "value", "meaning"), ((row.key, row.value, row.meaning) for row in rows(model.model_json_schema()))
    )


def _own(kind: str) -> Iterator[tuple[str, Any]]:
    """The plug-ins of a kind that tracekit brings itself, by name, whatever else is installed here."""
    for entry in sorted(distribution("tracekit").entry_points.select(group=f"tracekit.{kind}")):
        yield entry.name, entry.load()


if __name__ == "__main__":
    sys.exit(main())
