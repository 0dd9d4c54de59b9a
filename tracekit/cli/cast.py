"""`tracekit cast`: recordings of terminals."""

import signal
import sys
from pathlib import Path
from typing import Annotated, Literal, cast

import typer

from tracekit.casts.check import Verdict, check_cast
from tracekit.casts.record import record_cast
from tracekit.cli import cast_render, cast_text, say
from tracekit.core.clock import seconds

app = typer.Typer(help="Check, record and draw recordings of terminals (asciicast 1, 2, 3).", no_args_is_help=True)
app.command()(cast_text.text)
app.command("render")(cast_render.render_command)


@app.command()
def check(
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="Paths, or URLs that fsspec knows.")],
    as_json: say.Json = False,
) -> None:
    """Tell of each file whether it is a cast, what had to be repaired and at which line, or why it can't be used.

    Exits with 1 if any file is beyond repair.
    """
    beyond_repair = False
    for file in files:
        verdict = check_cast(file)
        beyond_repair |= not verdict.ok
        if as_json:
            problems = [problem._asdict() for problem in verdict.problems]
            say.result(vars(verdict) | {"problems": problems})
        else:
            typer.echo(_line(verdict))
    if beyond_repair:
        raise typer.Exit(1)


@app.command()
def record(
    out: Annotated[Path, typer.Argument(metavar="OUT.cast", help="Compressed if it ends in .gz or .zst.")],
    command: Annotated[list[str] | None, typer.Argument(metavar="[-- CMD...]", help="The shell if not given.")] = None,
    version: Annotated[int, typer.Option(min=1, max=3, help="Of the asciicast format.")] = 2,
    columns: Annotated[
        int | None, typer.Option(min=1, max=1000, help="Width; the terminal's own if not given.")
    ] = None,
    rows: Annotated[int | None, typer.Option(min=1, max=500, help="Height; the terminal's own if not given.")] = None,
    title: Annotated[str | None, typer.Option(help="For the header.")] = None,
    idle_limit: Annotated[float | None, typer.Option(min=0.01, help="Seconds that players cut pauses to.")] = None,
    stdin: Annotated[bool, typer.Option("--stdin", help="Record keystrokes too, passwords included.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace OUT.cast if it is there.")] = False,
    keep_identity: Annotated[
        bool, typer.Option("--keep-identity", help="Record under your own user and host name.")
    ] = False,
    as_json: say.Json = False,
) -> None:
    """Record a program, or the shell, with asciinema, without your user and host name in it."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # so that the recorder is ended too
    if sys.stdin.isatty():
        say.console.print("recording; it ends when the program does (the shell: Ctrl-D or exit)")
    made = record_cast(
        out,
        command or (),
        version=cast(Literal[1, 2, 3], version),
        columns=columns,
        rows=rows,
        title=title,
        idle_limit_s=idle_limit,
        keystrokes=stdin,
        overwrite=overwrite,
        keep_identity=keep_identity,
    )
    duration_s = seconds(made.duration_ns)
    if not keep_identity and not made.isolated:
        say.console.print(
            "user namespaces don't work here: programs saw the real user and host name; they were replaced in the text"
        )
    if as_json:
        facts = {"file": str(made.path), "version": version, "duration_s": duration_s, "events": made.events}
        say.result(facts | {"isolated": made.isolated})
    else:
        typer.echo(f"{made.path}: {duration_s:.1f} s, {made.events:,} events")


def _line(verdict: Verdict) -> str:
    """A verdict for people: one line."""
    if not verdict.ok:
        fatal = verdict.problems[-1]
        remedy = f" ({verdict.remedy})" if verdict.remedy else ""
        return f"{verdict.file}:{fatal.line}: rejected: {verdict.reason}: {fatal.message}{remedy}"
    facts = f"version {verdict.version}, {verdict.columns}x{verdict.rows}, {verdict.duration_s:.1f} s"
    facts += f", {verdict.events:,} events"
    repairs = []
    for problem in {problem.code: problem for problem in reversed(verdict.problems)}.values():
        times = verdict.problem_counts[problem.code]
        repairs.append(f"line {problem.line}: {problem.message}" + (f" ({times:,} times)" if times > 1 else ""))
    return f"{verdict.file}: " + (f"repaired: {facts}; {'; '.join(reversed(repairs))}" if repairs else f"ok: {facts}")
