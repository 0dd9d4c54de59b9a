"""The `tracekit` command."""

import io
import sys
from typing import Any

import typer

import tracekit
from tracekit.cli import say
from tracekit.cli.commands import Commands
from tracekit.core.errors import TracekitError

app = typer.Typer(
    cls=Commands,
    name="tracekit",
    help="Traces of computers being used, turned into training data for Neural Computers.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

# BadParameter, UsageError, ClickException: of click, or of the click that newer versions of typer carry inside.
_USAGE_ERROR: Any = typer.BadParameter.__mro__[2]


@app.callback(invoke_without_command=True)
def _version(version: bool = typer.Option(False, "--version", help="Print the version and stop.")) -> None:
    if version:
        typer.echo(f"tracekit {tracekit.__version__}")
        raise typer.Exit


def main() -> None:
    """Run the command line: exit 0 done, 1 the work found something wrong, 2 usage, 130 interrupted."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # file names need not be UTF-8
    try:
        try:
            app(prog_name="tracekit")
        finally:
            sys.stdout.flush()
    except TracekitError as error:
        say.error(error)
        sys.exit(1)
    except OSError as error:
        # Nobody takes our output any more (`| head`, a full disk); Python would try once more when it exits.
        sys.stdout = None
        if not isinstance(error, BrokenPipeError):
            say.error(TracekitError(error.strerror or str(error), place=error.filename or ""))
        sys.exit(1)
