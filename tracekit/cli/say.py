"""How commands speak: people on a terminal, plain lines elsewhere, JSON for machines."""

import json
import sys
from typing import Annotated, Any

import typer
from rich.console import Console

from tracekit.core.errors import TracekitError

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object (or one a line) for machines.")]

console = Console(stderr=True, highlight=False, soft_wrap=True)
"""Where progress and remarks go; results go to standard output."""

out = Console(highlight=False, soft_wrap=True)
"""Where results for people go: standard output."""


def error(problem: TracekitError) -> None:
    """Print an error as one line, its remedy included; what a terminal would act on, in a file's name say, escaped."""
    line = "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in str(problem)
    )
    console.print("error:", style="bold red", end=" ")
    console.print(line, markup=False)


def result(value: Any) -> None:
    """Print a JSON value as one line on standard output."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, allow_nan=False) + "\n")
