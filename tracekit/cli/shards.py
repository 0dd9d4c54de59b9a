"""`tracekit shards`: verify and count a finished data set, and take samples out of it."""

import os
from dataclasses import asdict
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

from tracekit.cli import say
from tracekit.cli.select import Deny, deny_list
from tracekit.select.remove import remove
from tracekit.shards.stats import Stats, stats
from tracekit.shards.verify import Report, verify

app = typer.Typer(help="Look into a finished data set, or take samples out of it.", no_args_is_help=True)

Dataset = Annotated[str, typer.Argument(metavar="DIR", help="The folder of a data set, or its URL.")]


@app.command("verify")
def verify_command(
    folder: Dataset,
    quick: Annotated[bool, typer.Option("--quick", help="Compare hashes, but decode no video.")] = False,
    workers: Annotated[
        int, typer.Option(min=1, show_default="all cores", help="Shards that are checked at the same time.")
    ] = os.cpu_count() or 1,
    as_json: say.Json = False,
) -> None:
    """Check every sample: hashes, video, events, text, captions, index, splits. Exits with 1 if anything is wrong."""
    columns = "[progress.description]{task.description}", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=say.console, transient=True, disable=not say.console.is_terminal) as progress:
        task = progress.add_task("shards", total=None)
        report = verify(
            folder,
            video=not quick,
            workers=workers,
            progress=lambda done, total: progress.update(task, completed=done, total=total),
        )
    if as_json:
        problems = [problem._asdict() for problem in report.problems]
        say.result({"ok": report.ok, **asdict(report), "problems": problems, "video_decoded": not quick})
    else:
        _print_report(report)
    raise typer.Exit(0 if report.ok else 1)


def _print_report(report: Report) -> None:
    for problem in report.problems:
        typer.echo(f"{problem.place}: {problem.message}")
    if report.problem_count > len(report.problems):
        typer.echo(f"... and {report.problem_count - len(report.problems)} more")
    typer.echo(
        f"{report.shards} shards, {report.samples} samples; inputs: {report.inputs_kept} kept, "
        f"{report.inputs_rejected} rejected; clips rejected: {report.clips_rejected}; "
        + ("all is well" if report.ok else f"problems: {report.problem_count}")
    )


@app.command("stats")
def stats_command(folder: Dataset, as_json: say.Json = False) -> None:
    """Count samples, hours, recordings, licences, caption words and rejections, from the index."""
    found = stats(folder)
    if as_json:
        say.result(asdict(found))
    else:
        _print_stats(found)


def _print_stats(found: Stats) -> None:
    for name, split in found.splits.items():
        typer.echo(
            f"{name}: {split.samples} samples, {split.hours:.3f} h, {split.recordings} recordings, {split.bytes} bytes"
        )
    typer.echo(f"inputs: {found.inputs}")
    counts = {
        "inputs rejected": found.inputs_rejected,
        "clips rejected": found.clips_rejected,
        "licences": found.licences,
        "video sizes": found.sizes,
        "terminal sizes": found.terminals,
        "policies of desktops": found.policies,
    }
    for title, values in counts.items():
        typer.echo(f"{title}: " + (", ".join(f"{name} {count}" for name, count in values.items()) or "none"))
    for title, means in {"caption words": found.caption_words, "means": found.means}.items():
        typer.echo(f"{title}: " + (", ".join(f"{name} {mean:.3g}" for name, mean in means.items()) or "none"))


@app.command("remove")
def remove_command(
    folder: Dataset,
    deny: Deny,
    drop_parts: Annotated[
        bool,
        typer.Option("--drop-parts", help="Of a build, delete also what captions and filters are made again from."),
    ] = False,
    as_json: say.Json = False,
) -> None:
    """Take out of a finished data set what a list names: who opted out, say.

    Shards that lose samples are written anew, the index and the manifest exchanged, and everything else that holds or
    names what was removed is deleted. Stopped at any time, the data set is as before or as after; run it again.
    """
    done = remove(folder, deny_list(deny), drop_parts=drop_parts)
    if as_json:
        say.result(asdict(done))
    else:
        typer.echo(
            f"{done.samples} samples removed from {done.shards} shards, and {done.rows} rows from the index; "
            f"{done.left} samples left"
        )
