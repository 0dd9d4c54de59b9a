"""`tracekit tape`: scripts that type into a terminal."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from tracekit.casts.read import read_cast
from tracekit.casts.scrub import scrub
from tracekit.cli import say
from tracekit.cli.tape_new import new_command
from tracekit.cli.tape_run import run_command
from tracekit.core.clock import seconds
from tracekit.core.errors import TracekitError
from tracekit.core.files import Folder
from tracekit.tapes.from_cast import tape_of_cast
from tracekit.tapes.language.program import Comment
from tracekit.tapes.language.verdict import Verdict, check_tape
from tracekit.tapes.language.writer import write

app = typer.Typer(help="Check, make and run tapes: scripts of vhs that type into a terminal.", no_args_is_help=True)
app.command("new")(new_command)
app.command("run")(run_command)


@app.command()
def check(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Tapes, or folders that hold some.")],
    as_json: say.Json = False,
) -> None:
    """Tell of each tape whether vhs accepts it, or at which line and column it does not, and what could stand there.

    Sources are followed. Exits with 1 if any tape is refused.
    """
    refused = False
    for file in _tapes(files):
        verdict = check_tape(file)
        refused |= not verdict.ok
        if as_json:
            problems, remarks = ([one._asdict() for one in found] for found in (verdict.problems, verdict.remarks))
            say.result(asdict(verdict) | {"problems": problems, "remarks": remarks})
        else:
            typer.echo("\n".join(_lines(verdict)))
    if refused:
        raise typer.Exit(1)


@app.command("from-cast")
def from_cast_command(
    file: Annotated[str, typer.Argument(metavar="FILE.cast", help="A path, or a URL that fsspec knows.")],
    out: Annotated[Path, typer.Argument(metavar="OUT.tape", help="The tape; a file of that name is replaced.")],
    scrubbed: Annotated[bool, typer.Option("--scrub", help="Replace secrets, as builds do.")] = False,
    as_json: say.Json = False,
) -> None:
    """Make a tape that types what somebody typed in a recording with keystrokes, each key at its instant.

    What a tape can't say is left out and stands in a comment. Passwords that were typed are in the tape.
    """
    header, events, _ = read_cast(file)
    if scrubbed:
        clean = scrub(header, events)
        header, events = clean.header, clean.events
    program = tape_of_cast(header, events)
    content = Folder(out.resolve().parent).write(out.name, write(program).encode())
    left_out = sum(
        isinstance(command, Comment) and command.text.startswith(" left out") for command in program.commands
    )
    facts = {
        "file": str(out),
        "commands": len(program.commands),
        "left_out": left_out,
        "duration_s": seconds(events[-1].time_ns),
        "bytes": content.bytes,
    }
    if as_json:
        say.result(facts)
    else:
        left = f", {left_out} things left out (see its comments)" if left_out else ""
        typer.echo(f"{out}: {facts['commands']:,} commands, {facts['duration_s']:.1f} s{left}")


def _tapes(paths: Iterable[Path]) -> Iterator[Path]:
    """The tapes that are named, a folder standing for those in it and below."""
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        found = sorted(path.rglob("*.tape"))
        if not found:
            raise TracekitError("there are no tapes in this folder", place=str(path), remedy="tapes end in .tape")
        yield from found


def _lines(verdict: Verdict) -> Iterator[str]:
    """A verdict for people: a line, and one for each problem."""
    if verdict.ok:
        yield f"{verdict.file}: ok: {verdict.commands:,} commands, {verdict.columns}x{verdict.rows} cells"
    for problem in (*verdict.problems, *verdict.remarks):
        yield f"{verdict.file}:{problem}"
