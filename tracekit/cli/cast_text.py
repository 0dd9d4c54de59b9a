"""`tracekit cast text`: the screen of a recording as text."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Annotated

import typer

from tracekit.casts.read import open_cast
from tracekit.casts.scrub import scrub
from tracekit.cli import say
from tracekit.clips.instants import play
from tracekit.clips.screen import MOST_SECRETS, Screen, SecretSeen
from tracekit.core.clock import seconds, to_ns
from tracekit.core.errors import Rejected
from tracekit.core.events import Event
from tracekit.terminal.engine import Shown, open_engine
from tracekit.terminal.text import screen_json, screen_lines

_END_OF_TIME_NS = 1 << 63


def text(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A path, or a URL that fsspec knows.")],
    at: Annotated[
        float | None, typer.Option(min=0, metavar="S", help="Show the screen at S seconds of the recording's own time.")
    ] = None,
    every: Annotated[
        float | None, typer.Option(metavar="S", help="Show it at S, 2 S, 3 S ... seconds and at the end.")
    ] = None,
    cells: Annotated[bool, typer.Option("--cells", help="With --json: add colours and attributes, as runs.")] = False,
    engine: Annotated[str, typer.Option(help="The terminal to play it on: pyte or ghostty.")] = "pyte",
    scrubbed: Annotated[bool, typer.Option("--scrub", help="Replace secrets, as builds do.")] = False,
    as_json: say.Json = False,
) -> None:
    """Print what the screen of a recording shows, at its end if nothing else is asked for.

    An instant shows every event up to it and none later. With --json, an object an instant, one a line.
    """
    if at is not None and every is not None:
        raise typer.BadParameter("--at and --every exclude each other")
    if cells and not as_json:
        raise typer.BadParameter("--cells needs --json")
    instants_ns = _instants(at, every)
    with open_cast(file) as reader:
        header, guard = reader.header, None
        events: Iterable[Event] = reader
        if scrubbed:
            clean = scrub(header, list(reader))
            header, events, guard = clean.header, clean.events, clean.guard

        def start() -> Screen:
            return Screen(open_engine(engine, header.columns, header.rows), guard)

        if scrubbed:
            _rehearse(file, start, events, instants_ns)
        screen = start()
        for time_ns in play(screen, events, instants_ns):
            _show(screen, time_ns if at is None else to_ns(at), as_json, cells, heading=every is not None)
            if at is not None:
                break


def _instants(at: float | None, every: float | None) -> Sequence[int]:
    try:
        if every is None:
            return () if at is None else (to_ns(at),)
        step_ns = to_ns(every)
        return range(step_ns, _END_OF_TIME_NS, step_ns if step_ns > 0 else 0)  # which refuses a step of 0
    except ValueError:
        raise typer.BadParameter("not a usable time in seconds") from None


def _rehearse(file: str, start: Callable[[], Screen], events: Iterable[Event], instants_ns: Sequence[int]) -> None:
    """Play a recording until the guard has learnt what only the screen gives away, before a line of it is printed."""
    for _ in range(MOST_SECRETS):
        with suppress(SecretSeen):
            for _ in play(start(), events, instants_ns):
                pass
            return
    raise Rejected("secrets", f"its screen shows over {MOST_SECRETS} secrets", place=file)


def _show(screen: Shown, time_ns: int, as_json: bool, cells: bool, heading: bool) -> None:
    if as_json:
        say.result(screen_json(screen, seconds(time_ns), cells))
        return
    if heading:
        typer.echo(f"--- {seconds(time_ns):g} s")
    typer.echo("\n".join(screen_lines(screen)))
