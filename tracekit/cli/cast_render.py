"""`tracekit cast render`: a recording as a video or a picture."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Annotated, BinaryIO, cast

import typer
from PIL import Image
from pydantic import ValidationError
from rich.progress import BarColumn, Progress, TaskProgressColumn, TimeRemainingColumn

from tracekit.casts.read import read_cast
from tracekit.casts.scrub import scrub
from tracekit.cli import say
from tracekit.clips import render
from tracekit.clips.recording import largest_size
from tracekit.clips.screen import MOST_SECRETS, Screen, SecretSeen
from tracekit.clips.settings import LookSettings, VideoSettings
from tracekit.clips.studio import OWN_THEME, Studio
from tracekit.clips.timeline import limit_idle
from tracekit.core.clock import frames_for, seconds, to_ns
from tracekit.core.errors import Rejected
from tracekit.core.files import Folder
from tracekit.terminal.engine import open_engine
from tracekit.terminal.painter import Painter
from tracekit.terminal.themes import THEMES
from tracekit.video.gif import write_gif

_SUFFIXES = (".mp4", ".gif", ".png")
_MOST_S = 86_400


def render_command(
    file: Annotated[str, typer.Argument(metavar="FILE.cast", help="A path, or a URL that fsspec knows.")],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Ends in .mp4 (H.264, 15 FPS), .gif or .png.")],
    at: Annotated[
        float | None, typer.Option(min=0, metavar="S", help="Of a .png: the recording's own second; default: the end.")
    ] = None,
    theme: Annotated[str, typer.Option(help="A theme by name; recording: its own, if it has one.")] = "recording",
    font_size: Annotated[int, typer.Option(min=6, max=40, metavar="PX", help="Height of the font.")] = 13,
    canvas: Annotated[
        str | None, typer.Option(metavar="WxH", help="Size of the picture; default: that of the terminal.")
    ] = None,
    fit: Annotated[str, typer.Option(help="Into the canvas: pad, scale, shrink-font or crop.")] = "pad",
    idle_limit: Annotated[
        str, typer.Option(metavar="S", help="Longest pause: seconds, none, or header (what the recording asks for).")
    ] = "header",
    pix_fmt: Annotated[str, typer.Option(help="Of an .mp4: yuv420p, or yuv444p for exact colours.")] = "yuv420p",
    qp: Annotated[int, typer.Option(min=0, max=51, help="Of an .mp4: quantiser; 0 is lossless.")] = 19,
    engine: Annotated[str, typer.Option(help="The terminal to play it on: pyte or ghostty.")] = "pyte",
    scrubbed: Annotated[bool, typer.Option("--scrub", help="Replace secrets before drawing, as builds do.")] = False,
    as_json: say.Json = False,
) -> None:
    """Draw a recording straight into a video, an animation or a picture.

    Example: tracekit cast render demo.cast demo.mp4 --canvas 832x480 --fit scale
    """
    kind = out.suffix.lower()
    if kind not in _SUFFIXES:
        raise typer.BadParameter(f"{out} does not end in {', '.join(_SUFFIXES)}")
    if at is not None and kind != ".png":
        raise typer.BadParameter("--at is for .png")
    if at is not None and not at <= _MOST_S:
        raise typer.BadParameter(f"--at {at} is not a time up to {_MOST_S:,} seconds")
    if theme not in (OWN_THEME, *THEMES):
        raise typer.BadParameter(f"--theme {theme!r} is none of {', '.join((OWN_THEME, *THEMES))}")
    size = None
    if canvas is not None:
        width, _, height = canvas.partition("x")
        size = {"width_px": width, "height_px": height}
    try:
        look = LookSettings.model_validate(
            {"engine": engine, "theme": theme, "font_size_px": font_size, "canvas": size, "fit": fit}
        )
        video = VideoSettings.model_validate({"pix_fmt": pix_fmt, "qp": qp})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise typer.BadParameter(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None

    header, events, _ = read_cast(file)
    guard = None
    if scrubbed:
        clean = scrub(header, events)
        header, events, guard = clean.header, clean.events, clean.guard
    studio = Studio(look, video)
    columns, rows = largest_size(header, events)
    own = studio.look(header.theme)
    place = studio.place(own, columns, rows)
    if kind != ".png":
        events = limit_idle(events, _idle_limit_ns(idle_limit, header.idle_time_limit_s)).events
    elif at is not None:
        events = [event for event in events if event.time_ns <= to_ns(at)]
    duration_ns = events[-1].time_ns if events else 0

    def draw(target: BinaryIO) -> None:
        screen = Screen(open_engine(engine, header.columns, header.rows), guard)
        with _progress(out.name, frames_for(duration_ns)) as progress:
            if kind == ".mp4":
                render.render_mp4(events, screen, studio.camera(own, columns, rows), target, progress)
                return
            painter = Painter(own, columns, rows, studio.fit, "rgb")
            if kind == ".gif":
                write_gif(target, render.pictures(events, screen, painter, progress))
            else:
                Image.fromarray(render.picture(events, screen, painter)).save(target, "png")

    def write(target: IO[bytes]) -> None:
        for _ in range(MOST_SECRETS):
            with suppress(SecretSeen):
                draw(cast(BinaryIO, target))
                return
            target.seek(0)
            target.truncate()
        raise Rejected("secrets", f"its screen shows over {MOST_SECRETS} secrets", place=file)

    content = Folder(out.resolve().parent).write(out.name, write)
    facts = {"file": str(out), "width_px": place.width_px, "height_px": place.height_px, "bytes": content.bytes}
    if kind != ".png":
        facts |= {"frames": frames_for(duration_ns), "duration_s": seconds(duration_ns)}
    if as_json:
        say.result(facts)
    else:
        length = "" if kind == ".png" else f", {facts['frames']} frames, {facts['duration_s']:.1f} s"
        typer.echo(f"{out}: {place.width_px}x{place.height_px}{length}, {content.bytes:,} bytes")


def _idle_limit_ns(asked: str, header_s: float | None) -> int | None:
    if asked == "none":
        return None
    if asked == "header":
        return None if header_s is None else to_ns(min(header_s, _MOST_S))
    try:
        limit_ns = to_ns(float(asked))
    except ValueError:
        limit_ns = 0
    if limit_ns <= 0:
        raise typer.BadParameter(f"--idle-limit {asked!r} is neither seconds, none nor header")
    return limit_ns


@contextmanager
def _progress(name: str, total: int) -> Iterator[render.Progress]:
    """A bar of frames on a terminal; nothing elsewhere."""
    columns = "[progress.description]{task.description}", BarColumn(), TaskProgressColumn(), TimeRemainingColumn()
    with Progress(*columns, console=say.console, transient=True, disable=not say.console.is_terminal) as bar:
        task = bar.add_task(name, total=total)
        yield lambda done, total: bar.update(task, completed=done, total=total)
