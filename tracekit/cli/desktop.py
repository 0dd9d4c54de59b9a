"""`tracekit desktop`: record desktops, check what was recorded, look at it."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from tracekit.cli import say
from tracekit.cli.desktop_record import record_command

app = typer.Typer(help="Record desktops on one clock, and check and show recordings.", no_args_is_help=True)
app.command("record")(record_command)

_FACTS = ("frames", "events", "px_per_frame", "actions_per_s", "cursor_agreement")


@app.command()
def check(
    traces: Annotated[list[Path], typer.Argument(metavar="TRACE...", help="Traces, or folders of traces.")],
    against: Annotated[
        Path | None, typer.Option(metavar="TRACE", help="Tell how far the frames agree with those of this trace.")
    ] = None,
    as_json: say.Json = False,
) -> None:
    """Recompute from its files what a trace says: hashes, frames, times of events, held keys, the cursor's place.

    Exits with 1 if any trace is not what it says, or failed.
    """
    from tracekit.desktop.agreement import agreement
    from tracekit.desktop.check import check_trace

    good = True
    for folder in _traces(traces):
        found = check_trace(folder)
        good &= found.ok
        facts: dict[str, Any] = {"trace": str(folder), "ok": found.ok, "problems": list(found.problems), **found.facts}
        if against is not None:
            agrees = agreement(against, folder)
            facts["agreement"] = {**asdict(agrees), "same_share": agrees.same_share, "near_share": agrees.near_share}
        if as_json:
            say.result(facts)
        else:
            typer.echo("\n".join(_lines(facts)))
    if not good:
        raise typer.Exit(1)


@app.command("overlay")
def overlay_command(
    trace: Annotated[Path, typer.Argument(metavar="TRACE", help="Folder of a trace, whole or partial.")],
    out: Annotated[Path, typer.Argument(metavar="OUT.mp4", help="The video; a file of that name is replaced.")],
) -> None:
    """Draw keys, clicks and the logged cursor over the frames, for people to see whether they agree."""
    from tracekit.desktop.overlay import overlay

    overlay(trace, out)
    typer.echo(str(out))


@app.command("import")
def import_command(
    video: Annotated[Path, typer.Argument(metavar="VIDEO", help="At any rate; frames are held, never made up.")],
    events: Annotated[
        Path, typer.Argument(metavar="EVENTS", help="events.jsonl, the released recorder's CSV, or a JSON of actions.")
    ],
    out: Annotated[Path, typer.Argument(metavar="OUT_DIR", help="Folder of traces; made if it is not there.")],
    key: Annotated[str | None, typer.Option(help="The trace's name.", show_default="the video's")] = None,
    offset: Annotated[
        str,
        typer.Option(metavar="S|measured", help="Seconds to add to the events' times, or measure it by the cursor."),
    ] = "0",
    instruction: Annotated[str | None, typer.Option(help="What was to be done.")] = None,
    as_json: say.Json = False,
) -> None:
    """Make a trace of a recording made elsewhere: a video, and a log of what was done.

    What of the log can't be used is counted and named in the trace. How far the cursor in the picture is from the log
    in time is measured where the picture shows one.

    Example: tracekit desktop import record_1.mp4 record_1.csv traces/ --offset measured
    """
    from tracekit.desktop.importing import import_recording

    name = key or "".join(char if char.isalnum() and char.isascii() else "-" for char in video.stem.lower())[:100]
    trace = import_recording(video, events, out, key=name, offset_s=_offset(offset), instruction=instruction)
    if as_json:
        say.result({"trace": str(out / trace.key), **trace.model_dump(mode="json")})
        return
    typer.echo(f"{out / trace.key}: {trace.frames:,} frames, {trace.events:,} events")
    for problem in trace.problems:
        say.console.print(f"  {problem}", markup=False)


def _offset(text: str) -> Any:
    if text == "measured":
        return text
    try:
        return float(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is neither a number of seconds nor 'measured'") from None


def _traces(paths: Iterable[Path]) -> Iterator[Path]:
    """The traces that paths stand for, partial ones too where they are named themselves."""
    from tracekit.desktop.source import trace_folders

    for path in paths:
        if path.suffix == ".partial" or not path.is_dir():
            yield path
        else:
            yield from trace_folders([path])


def _lines(facts: dict[str, Any]) -> Iterator[str]:
    told = ", ".join(
        f"{name.replace('_', ' ')} {facts[name]:,.4g}" if isinstance(facts[name], float) else f"{name} {facts[name]:,}"
        for name in _FACTS
        if facts.get(name) is not None
    )
    yield f"{facts['trace']}: {'ok' if facts['ok'] else 'not ok'}: {told}"
    for problem in facts["problems"]:
        yield f"  {problem}"
    if agrees := facts.get("agreement"):
        yield f"  same frames {agrees['same_share']:.1%}, within two frames {agrees['near_share']:.1%}"
