"""Which commands there are, and in which module each is written: nobody waits for the imports of another's."""

from collections import UserDict
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

COMMANDS = {
    "doctor": "doctor:doctor",
    "build": "build:build_command",
    "filter": "build:filter_command",
    "caption": "build:caption_command",
    "select": "select:select_command",
    "train": "train:train_command",
    "evaluate": "evaluate:evaluate_command",
    "cast": "cast:app",
    "tape": "tape:app",
    "desktop": "desktop:app",
    "shards": "shards:app",
}
"""By name, in the order of ``--help``: a module of this folder, and in it a function or a Typer of several commands."""


class Commands(TyperGroup):
    """The group of them all."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.commands = _Imported(COMMANDS)

    def list_commands(self, ctx: Any) -> list[str]:
        """Their names."""
        return list(self.commands)


class _Imported(UserDict[str, Any]):
    """Commands by name, imported when they are looked up."""

    def __getitem__(self, name: str) -> Any:
        if isinstance(self.data[name], str):
            module, _, attribute = self.data[name].partition(":")
            self.data[name] = _command(name, getattr(import_module(f"tracekit.cli.{module}"), attribute))
        return self.data[name]


def _command(name: str, written: Any) -> Any:
    """What typer makes of a function or of a Typer."""
    if isinstance(written, typer.Typer):
        command: Any = typer.main.get_group(written)
    else:
        alone = typer.Typer(add_completion=False)
        alone.command()(written)
        command = typer.main.get_command(alone)
    command.name = name
    return command
