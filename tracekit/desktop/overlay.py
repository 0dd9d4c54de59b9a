"""A trace for people to look at: its video with keys, clicks and the logged cursor drawn over it.

Each event is drawn from the frame on that is to show its effect. A ring lies about the place where the log has the
pointer: where the cursor of the picture is not in its middle, log and picture do not agree.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter
from numpy.typing import NDArray
from PIL import Image

from tracekit.actions.events import InputEvent, load_inputs
from tracekit.core.clock import FPS, frame_of
from tracekit.core.errors import TracekitError
from tracekit.core.files import Folder
from tracekit.desktop.overlay_art import Artist
from tracekit.desktop.overlay_scene import scenes
from tracekit.desktop.trace import Trace, read_trace
from tracekit.video.decode import decode, to_rgb
from tracekit.video.encode import ClipEncoder
from tracekit.video.x264 import frame_planes

_QP = 18


def overlay(trace: Path, out: Path) -> None:
    """Draw a trace's events over its video.

    Args:
        trace: its folder; one that failed, or that was never finished, is drawn as far as it goes.
        out: the MP4 file; one of that name is replaced. The same trace gives the same bytes.

    Raises:
        TracekitError: there is no trace, or its video or events can't be read.
    """
    about = read_trace(trace) if (trace / "trace.json").exists() else None
    if not (trace / "screen.mp4").is_file():
        raise TracekitError("no trace here", place=str(trace), remedy="a trace is a folder with a screen.mp4")
    if out.resolve().is_relative_to(trace.resolve()):
        raise TracekitError("the overlay would lie in the trace", place=str(out), remedy="give a file elsewhere")
    told = scenes(_events(trace / "events.jsonl", whole=about is not None))
    titles = _titles(trace / "windows.jsonl")
    encoder: ClipEncoder | None = None
    reformatter = VideoReformatter()
    for number, frame in enumerate(_frames(trace / "screen.mp4", whole=about is not None)):
        if encoder is None:
            artist = Artist(frame.width, frame.height)
            encoder = ClipEncoder(artist.width_px, artist.height_px, qp=_QP, preset="veryfast")
        screen = to_rgb(frame, reformatter)
        picture = artist.draw(Image.fromarray(screen), next(told), _heading(about, titles, number), _clock(number))
        _put(np.asarray(picture), encoder)
    if encoder is None:
        raise TracekitError("the video has no frames", place=str(trace / "screen.mp4"))
    Folder(out.resolve().parent).write(out.name, encoder.finish())


def _put(picture: NDArray[np.uint8], encoder: ClipEncoder) -> None:
    frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(
        format="yuv420p", dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG
    )
    for target, source in zip(encoder.planes, frame_planes(frame), strict=True):
        target[:] = source
    encoder.frame(True)


def _frames(video: Path, *, whole: bool) -> Iterator[av.VideoFrame]:
    """The frames of a video; of one that was never finished, those that decode."""
    try:
        yield from decode(video)
    except TracekitError:
        if whole:
            raise


def _events(path: Path, *, whole: bool) -> list[InputEvent]:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise TracekitError(f"can't be read: {error.strerror}", place=str(path)) from error
    if not whole:
        data = data[: data.rfind(b"\n") + 1]  # a line may be half written
    return load_inputs(data, str(path))


def _titles(path: Path) -> list[tuple[int, str]]:
    """From which frame on which title the active window has."""
    try:
        lines = path.read_text("utf-8", "replace").splitlines()
    except OSError:
        return []
    titles = []
    for line in lines:
        try:
            told = json.loads(line)
            active = [window["title"] for window in told["windows"] if window.get("active")]
            titles.append((frame_of(int(told["t"])), str(active[-1]) if active else ""))
        except (ValueError, KeyError, TypeError, AttributeError):
            continue  # a title is a comfort: a trace is drawn without
    return titles


def _heading(about: Trace | None, titles: list[tuple[int, str]], number: int) -> str:
    """The task, and the title of the window in front."""
    title = next((title for since, title in reversed(titles) if since <= number), "")
    parts = [about.instruction if about and about.instruction else "", title]
    return "  ·  ".join(" ".join(part.split()) for part in parts if part) or (about.key if about else "")


def _clock(number: int) -> str:
    return f"{number / FPS:8.3f} s  frame {number:5d}"
