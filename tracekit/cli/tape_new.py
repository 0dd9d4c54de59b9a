"""`tracekit tape new`: tapes by the thousand, from a seed."""

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import track

from tracekit.cli import say
from tracekit.core import plugins
from tracekit.core.errors import TracekitError
from tracekit.tapes.caption_script import script_caption
from tracekit.tapes.distinct import Distinct
from tracekit.tapes.generate import tapes
from tracekit.tapes.language.writer import write
from tracekit.tapes.meta import meta_of

_A_FOLDER = 1000
"""Tapes in a folder, so that no folder is too large to look into."""


def new_command(
    out: Annotated[Path, typer.Argument(metavar="OUT_DIR", help="Folder for the tapes; made if it is not there.")],
    family: Annotated[
        str, typer.Option(metavar="F[,F2...]", help="Families of tapes, with like shares; `all` for every one.")
    ] = "all",
    count: Annotated[int, typer.Option(min=1, max=100_000_000, help="How many tapes.")] = 10,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same tapes.")] = 0,
    level: Annotated[
        int | None, typer.Option(min=1, max=3, show_default="all three", help="1: a command, 2: a few, 3: a story.")
    ] = None,
    as_json: say.Json = False,
) -> None:
    """Compose tapes: scripts that vhs and `tracekit tape run` run, each with a world of its own.

    From a thousand on they go into folders of a thousand.

    Example: tracekit tape new tapes/ --family git,logs --count 100 --seed 7
    """
    names = plugins.names("families") if family == "all" else tuple(dict.fromkeys(family.split(",")))
    made: Counter[str] = Counter()
    bodies, instructions = Distinct(), Distinct()
    drawn = tapes(dict.fromkeys(names, 1.0), count, seed, level=level)
    try:
        for number, tape in enumerate(
            track(drawn, "composing", count, console=say.console, disable=not say.console.is_terminal)
        ):
            folder = out / f"{number // _A_FOLDER:03d}" if count > _A_FOLDER else out
            if number % _A_FOLDER == 0:
                folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{tape.id}.tape").write_text(write(tape.program), encoding="utf-8")
            made[tape.family] += 1
            bodies.add(script_caption(tape.program, pauses=False))
            if meta := meta_of(tape.program):
                instructions.add(meta.instruction)
    except OSError as error:
        raise TracekitError(
            error.strerror or "it can't be written", place=str(error.filename or out), remedy="choose another folder"
        ) from error
    if as_json:
        say.result(
            {
                "folder": str(out),
                "tapes": count,
                "families": dict(sorted(made.items())),
                "distinct_bodies": bodies.different,
                "distinct_instructions": instructions.different,
            }
        )
        return
    typer.echo(
        f"{out}: {count:,} tapes; {bodies.different:,} distinct sessions, {instructions.different:,} instructions"
    )
    for name, share in sorted(made.items()):
        typer.echo(f"  {name:12} {share:,}")
