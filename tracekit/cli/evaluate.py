"""`tracekit evaluate`: how good predicted videos are."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

from tracekit.cli import say
from tracekit.core.files import Folder

if TYPE_CHECKING:
    from tracekit.evaluate.results import Scores

Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="A.B=VALUE", help="Change a key of the configuration; may be given more than once."),
]


def evaluate_command(
    config: Annotated[
        Path | None, typer.Argument(metavar="[CONFIG.yaml]", help="What to evaluate, and by which scores.")
    ] = None,
    out: Annotated[
        str, typer.Option("--out", metavar="DIR", help="Where to: a path, or a URL that fsspec knows.")
    ] = "evaluation",
    truth: Annotated[
        str | None, typer.Option("--truth", metavar="A", help="A true video, a folder of them, or a data set.")
    ] = None,
    predicted: Annotated[
        str | None, typer.Option("--predicted", metavar="B", help="A predicted video, or a folder of them.")
    ] = None,
    scores: Annotated[
        str | None, typer.Option("--scores", metavar="NAMES", help="With commas between them, or all (the default).")
    ] = None,
    compare: Annotated[
        tuple[str, str] | None,
        typer.Option("--compare", metavar="OUT1 OUT2", help="Hold two finished evaluations against each other."),
    ] = None,
    settings: Set = None,
    as_json: say.Json = False,
) -> None:
    """Score pairs of videos, or a model: scores.json and report.html in the folder of --out.

    Two videos, or two folders whose files have the same names, or a data set and a folder of KEY.mp4, are given with
    --truth and --predicted. A model's rollouts are made first, from the recorded first frame, caption and actions;
    stopped at any time, the same command goes on. Exits with 1 if a pair was not scored; the reason is recorded.

    Example: tracekit evaluate --truth true.mp4 --predicted made.mp4 --scores psnr,ssim

    Example: tracekit evaluate --truth general/ --predicted rollouts/ --out scores/

    Example: tracekit evaluate recipes/evaluate/cligen.yaml --set model.run=run/ --out scores/

    Example: tracekit evaluate --compare scores/ scores-after/ --out difference/
    """
    given = sum(map(bool, (config, truth or predicted, compare)))
    if given != 1 or bool(truth) != bool(predicted):
        raise typer.BadParameter("give a CONFIG.yaml, or --truth and --predicted, or --compare: one of them")
    if compare:
        _compare(compare, out, as_json)
        return
    from tracekit.evaluate.config_file import load_config
    from tracekit.evaluate.run import evaluate

    pairs = [f"pairs.truth={json.dumps(truth)}", f"pairs.predicted={json.dumps(predicted)}"] if truth else []
    asked = [f"scores=[{scores}]" if scores != "all" else "scores=all"] if scores else []
    made = load_config(config, [*pairs, *asked, *(settings or ())])
    columns = "[progress.description]{task.description}", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=say.console, transient=True, disable=not say.console.is_terminal) as shown:
        tasks = {}

        def progress(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = shown.add_task(what, total=total)
            shown.update(tasks[what], completed=done, total=total)

        found = evaluate(made, Folder(out), progress)
    if as_json:
        say.result({**found.model_dump(mode="json", exclude={"clips"}), "clips": len(found.clips)})
    else:
        _print(found, out)
    raise typer.Exit(1 if found.rejected else 0)


def _print(found: "Scores", out: str) -> None:
    from tracekit.evaluate.measures import MEASURES
    from tracekit.evaluate.report import remarks, side_of
    from tracekit.evaluate.results import own

    for name in own(found.summary):
        measure, one = MEASURES[name], found.summary[name]
        line = f"{measure.title}: {measure.text(one.value)} {measure.unit}".rstrip()
        if one.low is not None:
            line += f" ({measure.text(one.low)} to {measure.text(one.high)})"
        for role in ("ceiling", "first frame"):
            if side := side_of(name, role, found.summary):
                line += f"; {role} {side}"
        typer.echo("; ".join([line, f"{one.clips} clips", *remarks(name, found.summary)]))
    for note in found.notes:
        typer.echo(note)
    for name, why in found.not_run.items():
        typer.echo(f"not run: {name}: {why}")
    for rejection in found.rejected:
        typer.echo(f"not scored: {rejection.key}: {rejection.message}")
    typer.echo(f"{len(found.clips)} of {found.asked} pairs scored; {Folder(out).path('report.html')}")


def _compare(folders: tuple[str, str], out: str, as_json: bool) -> None:
    from tracekit.evaluate.compare import compare
    from tracekit.evaluate.measures import MEASURES

    found = compare(Folder(folders[0]), Folder(folders[1]), Folder(out))
    if as_json:
        say.result(found.model_dump(mode="json", exclude={"clips"}))
        return
    for name, one in found.summary.items():
        measure = MEASURES[name]
        interval = "" if one.low is None else f" ({one.low:+.3g} to {one.high:+.3g})"
        change = "" if one.difference is None else f", {one.difference:+.3g}{interval}"
        typer.echo(
            f"{measure.title}: {measure.text(one.first)} and {measure.text(one.second)}{change}; {one.clips} clips"
        )
    typer.echo(f"{len(found.clips)} clips in both; {Folder(out).path('report.html')}")
