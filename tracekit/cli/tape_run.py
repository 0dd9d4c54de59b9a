"""`tracekit tape run`: a tape becomes a trace."""

from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import IO, Annotated, Any, BinaryIO, Literal, cast

import typer

from tracekit.casts.write import write_cast
from tracekit.cli import say
from tracekit.core.clock import seconds
from tracekit.core.errors import TracekitError
from tracekit.core.files import Folder
from tracekit.sandbox.base import Limits, open_sandbox
from tracekit.tapes.driver.drive import Run, run_tape
from tracekit.tapes.driver.vhs import MOST_STRETCH, Film, film_tape
from tracekit.tapes.language.parser import load_tape
from tracekit.tapes.language.program import Program


def run_command(
    file: Annotated[Path, typer.Argument(metavar="FILE.tape", help="A script for vhs.")],
    out: Annotated[Path, typer.Argument(metavar="OUT.cast", help="Compressed if it ends in .gz or .zst.")],
    driver: Annotated[
        Literal["pty", "vhs"], typer.Option(help="Ours, or the real vhs, which leaves its video beside OUT.cast.")
    ] = "pty",
    sandbox: Annotated[Literal["docker", "bwrap"], typer.Option(help="Where pty runs the shell.")] = "docker",
    clock: Annotated[
        Literal["virtual", "real"], typer.Option(help="Of pty: virtual is exact and waits for nothing.")
    ] = "virtual",
    seed: Annotated[int, typer.Option(min=0, help="What is random in the sandbox, and the date there.")] = 0,
    engine: Annotated[str, typer.Option(help="The terminal that Wait looks at: pyte or ghostty.")] = "pyte",
    time_limit: Annotated[float, typer.Option(min=1, metavar="S", help="Of pty: real seconds for the session.")] = 120,
    vhs_image: Annotated[
        str | None, typer.Option(metavar="IMAGE", help="Run vhs in a container; without it, vhs runs unconfined.")
    ] = None,
    most_stretch: Annotated[float, typer.Option(min=1, help="Reject a video of vhs that is longer.")] = MOST_STRETCH,
    as_json: say.Json = False,
) -> None:
    """Run a tape and write what it gave as a cast: output, every key, and markers.

    Exits with 1 if the tape could not be run to its end; the cast then holds what came before.

    Example: tracekit tape run demo.tape demo.cast --sandbox bwrap
    """
    program = load_tape(file)
    if driver == "vhs":
        facts = _film(program, file, out, vhs_image, most_stretch)
    else:
        with closing(open_sandbox(sandbox)) as opened:
            limits = Limits(wall_s=time_limit)
            run = run_tape(program, opened, clock=clock, seed=seed, engine=engine, limits=limits, title=file.stem)
        facts = _written(run, file, out)
    if as_json:
        say.result(facts)
    else:
        counts = ", ".join(f"{facts[name]:,} {name}" for name in ("keys", "outputs", "frames") if name in facts)
        noted = "".join(f"; {name} {facts[name]:.4f}" for name in ("stretch",) if name in facts)
        noted += "".join(f"; {flag}" for flag in facts.get("flags", ()))
        typer.echo(f"{out}: {facts['duration_s']:.3f} s, {counts}{noted}")
    if problem := facts.get("problem"):
        say.error(TracekitError(problem["message"], place=f"{file}: {problem['reason']}", remedy=problem["remedy"]))
        raise typer.Exit(1)


def _written(run: Run, file: Path, out: Path) -> dict[str, Any]:
    write_cast(out, run.header, run.events)
    codes = Counter(event.code for event in run.events if event.data)
    facts = {
        "file": str(file),
        "cast": str(out),
        "columns": run.header.columns,
        "rows": run.header.rows,
        "duration_s": seconds(run.duration_ns),
        "keys": codes["i"],
        "outputs": codes["o"],
        "statuses": [{"t": seconds(time_ns), "status": status} for time_ns, status in run.statuses],
        "flags": list(run.flags),
        "problem": None,
    }
    if run.problem:
        told = {"reason": run.problem.reason, "message": run.problem.message, "remedy": run.problem.remedy}
        facts["problem"] = told
    return facts


def _film(program: Program, file: Path, out: Path, image: str | None, most_stretch: float) -> dict[str, Any]:
    if image is None:
        say.console.print("vhs runs the tape's commands on this machine, in no sandbox (--vhs-image runs it in one)")
    name = out.name.removesuffix(".gz").removesuffix(".zst").removesuffix(".cast") + ".mp4"
    films: list[Film] = []

    def write(target: IO[bytes]) -> None:
        films.append(
            film_tape(program, cast(BinaryIO, target), image=image, most_stretch=most_stretch, title=file.stem)
        )

    Folder(out.resolve().parent).write(name, write)
    (film,) = films
    write_cast(out, film.header, film.events)
    return {
        "file": str(file),
        "cast": str(out),
        "video": str(out.with_name(name)),
        "duration_s": seconds(film.duration_ns),
        "keys": sum(event.code == "i" for event in film.events),
        "frames": film.frames,
        "stretch": film.stretch,
    }
