"""`tracekit desktop record`: traces of desktops that policies drive, or of a display that a person uses."""

import re
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
import yaml

from tracekit.cli import say
from tracekit.core import plugins
from tracekit.core.check import Place, checked
from tracekit.core.errors import TracekitError


def record_command(
    out: Annotated[Path, typer.Argument(metavar="OUT_DIR", help="Folder of traces; made if it is not there.")],
    policy: Annotated[
        str, typer.Option(metavar="P", help="Who drives: random-slow, random-fast, tasks, agent, replay, person.")
    ] = "random-slow",
    seconds: Annotated[
        float, typer.Option(min=1, max=86_400, help="Length of a trace; tasks and agents end when they are done.")
    ] = 60,
    count: Annotated[
        int, typer.Option(min=1, max=1_000_000, help="How many traces, with one seed after the other.")
    ] = 1,
    parallel: Annotated[int, typer.Option(min=1, max=256, help="How many at a time; four a core is a good start.")] = 1,
    seed: Annotated[int, typer.Option(min=0, help="Of the first trace: the same seed gives the same plan.")] = 0,
    options: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="An option of the policy; may be given more than once."),
    ] = None,
    size: Annotated[str, typer.Option(metavar="WxH", help="Of the screen, in pixels.")] = "1024x768",
    cursor: Annotated[
        Literal["with", "without", "both"], typer.Option(help="In screen.mp4; both: clean.mp4 is without.")
    ] = "with",
    browser: Annotated[
        Literal["none", "firefox-esr", "chromium"], typer.Option(help="Each in an image of its own.")
    ] = "none",
    view: Annotated[
        bool, typer.Option("--view", help="Serve a live view, on this machine only, with a password.")
    ] = False,
    display: Annotated[
        str | None,
        typer.Option(metavar=":0", help="Record a display of this machine and the person at it, in place of a policy."),
    ] = None,
    keys: Annotated[
        Literal["all", "names-only", "none"],
        typer.Option(
            help="With --display: what to keep of keys. Passwords that are typed are in the trace with `all`."
        ),
    ] = "all",
    as_json: say.Json = False,
) -> None:
    """Record desktops: frames at 15 FPS, the cursor beside them, and every input event, on one clock.

    Each trace comes from a container of its own that is removed afterwards, and is a folder OUT_DIR/POLICY-SEED. Traces
    that are there already are left as they are, so a command that was stopped goes on when it is given again. Ctrl-C
    ends cleanly. Exits with 1 if a trace failed; it is kept all the same, and says why.

    Example: tracekit desktop record traces/ --policy random-fast --seconds 60 --count 20 --parallel 8
    """
    from tracekit.desktop.record import Job
    from tracekit.desktop.record_many import Task, record_many
    from tracekit.desktop.session import DesktopConfig

    if display is not None:
        _record_display(display, out, seconds, keys, as_json)
        return
    width_px, height_px = _size(size)
    config = checked(
        DesktopConfig, {"width_px": width_px, "height_px": height_px, "browser": browser, "view": view}, Place("--size")
    )
    given = _options(options or [])
    checked(plugins.load("policies", policy).Config, given, Place("--set"))  # now, and not in every trace
    tasks = [
        Task(
            config,
            Job(f"{policy}-{number:06d}", seconds, cursor, policy, given, number, keep_interrupted=policy == "person"),
        )
        for number in range(seed, seed + count)
    ]
    traces = record_many(tasks, out, parallel=min(parallel, count), progress=_tell)
    for trace in traces:
        if as_json:
            say.result({"trace": str(out / trace.key), **trace.model_dump(mode="json")})
        else:
            typer.echo(_line(out, trace))
    if any(trace.status == "failed" for trace in traces):
        raise typer.Exit(1)


def _record_display(display: str, out: Path, seconds: float, keys: Any, as_json: bool) -> None:
    from tracekit.desktop.display import record_display

    taken = [int(found[1]) for path in out.glob("display-*") if (found := re.match(r"display-(\d{6})", path.name))]
    trace = record_display(display, out, key=f"display-{max(taken, default=-1) + 1:06d}", seconds=seconds, keys=keys)
    if as_json:
        say.result({"trace": str(out / trace.key), **trace.model_dump(mode="json")})
    else:
        typer.echo(_line(out, trace))
    if trace.status == "failed":
        raise typer.Exit(1)


def _tell(line: str) -> None:
    say.console.print(line, markup=False)


def _line(out: Path, trace: Any) -> str:
    timing = trace.timing
    if trace.status == "failed":
        return f"{out / trace.key}: failed: {trace.problem}"
    done = "" if trace.success is None else ", done" if trace.success else ", not done"
    return (
        f"{out / trace.key}: {trace.frames:,} frames, {trace.events:,} events{done}; missed {timing.missed_frames}, "
        f"lateness p99 {timing.lateness_p99_ns / 1e6:.2f} ms, event error p99 {timing.event_error_p99_ns / 1e6:.2f} ms"
    )


def _size(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d{3,4})x(\d{3,4})", text)
    if not found:
        raise typer.BadParameter(f"{text!r} is no size: write WxH, 1024x768 say")
    return int(found[1]), int(found[2])


def _options(settings: list[str]) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for setting in settings:
        name, equals, text = setting.partition("=")
        if not equals or not name:
            raise TracekitError(f"{setting!r} is not a setting", place="--set", remedy="write key=value")
        try:
            given[name] = yaml.safe_load(text)
        except yaml.YAMLError as error:
            raise TracekitError(
                f"the value of {name} is not YAML", place="--set", remedy="put quotes around it"
            ) from error
    return given
