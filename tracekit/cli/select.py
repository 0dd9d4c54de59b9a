"""`tracekit select`: a data set out of finished ones."""

import os
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

from tracekit.cli import say
from tracekit.core.check import Place, checked
from tracekit.core.errors import TracekitError
from tracekit.core.yaml_file import read_yaml
from tracekit.filters.deny_list import DenyList, parse_deny_list
from tracekit.select.mix import Mix
from tracekit.select.run import select
from tracekit.select.summary import Summary

Deny = Annotated[
    Path,
    typer.Option("--deny", metavar="LIST", help="What must go: lines of uri:, sha256:, recording: or key: and a name."),
]


def select_command(
    folders: Annotated[list[str], typer.Argument(metavar="DIR...", help="Folders of finished data sets, or URLs.")],
    out: Annotated[str, typer.Option("--out", metavar="DIR", help="Where to: a path, or a URL that fsspec knows.")],
    where: Annotated[
        str | None, typer.Option("--where", metavar="SQL", help="Only samples of which this holds, by the index.")
    ] = None,
    mix: Annotated[
        Path | None, typer.Option("--mix", metavar="MIX.yaml", help="How many samples, and in which shares.")
    ] = None,
    deny: Annotated[Path | None, typer.Option("--deny", metavar="LIST", help="None of what this list names.")] = None,
    same_key: Annotated[
        str | None,
        typer.Option(help="Where data sets have samples of one key: refuse (the default), first, or all."),
    ] = None,
    workers: Annotated[
        int, typer.Option("--workers", "-w", min=1, max=1024, show_default="all cores", help="Processes that copy.")
    ] = len(os.sched_getaffinity(0)),
    as_json: say.Json = False,
) -> None:
    """Make a data set of samples of finished ones, decoding no video.

    Example: tracekit select general/ clean/ --where "text_density > 0.02" --mix recipes/mix.yaml --out mixed/
    """
    made = load_mix(mix, same_key)
    columns = "[progress.description]{task.description}", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=say.console, transient=True, disable=not say.console.is_terminal) as progress:
        task = progress.add_task("samples", total=None)
        summary = select(
            folders,
            out,
            made,
            where=where,
            deny=deny_list(deny) if deny else None,
            workers=workers,
            progress=lambda done, total: progress.update(task, completed=done, total=total),
        )
    if as_json:
        say.result(summary.to_dict())
    else:
        _print(summary, out)


def load_mix(path: Path | None, same_key: str | None = None) -> Mix:
    """Read a mix recipe; without one it takes everything."""
    data, place = read_yaml(path) if path else ({}, Place("--same-key"))
    return checked(Mix, {**data, **({"same_key": same_key} if same_key else {})}, place)


def deny_list(path: Path) -> DenyList:
    """Read a list of what must not be in a data set."""
    try:
        return parse_deny_list(path.read_bytes(), str(path))
    except OSError as error:
        raise TracekitError(f"the list can't be read: {error.strerror}", place=str(path)) from error


def _print(summary: Summary, out: str) -> None:
    samples = ", ".join(f"{count} {split}" for split, count in summary.samples.items()) or "none"
    typer.echo(f"samples: {samples}; {summary.shards} shards, {summary.shard_bytes / 1e6:.1f} MB, in {out}")
    left_out = summary.candidates - summary.chosen
    typer.echo(f"of {summary.candidates}: {summary.chosen} chosen + {left_out} left out; {summary.repeats} repeats")
    for reason, count in summary.left_out.items():
        typer.echo(f"         {count} {reason}")
    for name, group in summary.groups.items():
        short = f", of {group.wanted} wanted" if name in summary.short else ""
        typer.echo(f"group {name}: {group.samples} samples{short}, {group.hours:.2f} h")
