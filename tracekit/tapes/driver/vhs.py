"""Tapes filmed by the real vhs, for those who want its pixels.

vhs runs in real time: its frames come late when the machine is busy, and its video is longer or shorter than what the
tape says. How much (the stretch) is measured by the video's length, undone on the way to 15 frames a second, and
written down; a video beyond the limit is rejected. Keys and markers then stand where the tape has them, on the same
clock as the frames. What was hidden is in neither: vhs cuts it out.

Found on PATH, vhs runs the tape's commands on this machine, in no sandbox; in an image, in a container without network.
"""

import os
import signal
import subprocess
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

import av
from av.video.reformatter import ColorRange, Colorspace

from tracekit.casts.model import Header
from tracekit.core.clock import FPS, NS_PER_S, frames_for
from tracekit.core.errors import Rejected, TracekitError
from tracekit.core.events import Event
from tracekit.tapes.driver.schedule import Await, Mark, Schedule, Strike, schedule
from tracekit.tapes.language.program import Output, Program, Setting
from tracekit.tapes.language.settings import settings_of
from tracekit.tapes.language.writer import write
from tracekit.video.decode import decode
from tracekit.video.encode import ClipEncoder
from tracekit.video.x264 import frame_planes

MOST_STRETCH = 1.25
"""How much longer or shorter a video may be than its tape."""
SPARE_S = 120.0
"""Real seconds that vhs has besides those of its tape, for the browser and ffmpeg."""
_TAPE, _VIDEO = "film.tape", "film.mp4"
_OUR_CLOCK = {"PlaybackSpeed", "LoopOffset"}
"""Settings that would move the video's frames in time."""
_TAIL_CHARS = 300


@dataclass(frozen=True)
class Film:
    """What vhs made of a tape."""

    header: Header
    events: list[Event]
    """Keys and markers; vhs tells nothing of the output."""
    stretch: float
    """The length of vhs's video over that of the tape; 1 is exact."""
    frames: int
    """Of the video as it was written, at 15 a second."""
    duration_ns: int


def film_tape(
    program: Program,
    target: BinaryIO,
    *,
    vhs: str = "vhs",
    image: str | None = None,
    most_stretch: float = MOST_STRETCH,
    title: str | None = None,
) -> Film:
    """Let vhs film a tape, and write its video on our clock.

    Args:
        program: the tape, sources put in. Where its own Outputs would go, nothing is written.
        target: takes an MP4 file, H.264 at a constant 15 FPS.
        vhs: the program.
        image: a container image whose entry point is vhs, to be run by docker instead.
        most_stretch: the limit on the stretch and its inverse.
        title: for the header.

    Raises:
        Rejected: ``vhs-failed``, ``timed-out``, ``vhs-stretched``, or ``no-nominal-time`` of a tape that waits for
            something or shows nothing: there is no length to hold the video's against.
        TracekitError: vhs (or docker) is not here.
    """
    plan, settings = schedule(program), settings_of(program)
    shown_ns, events = _visible(plan)
    if any(isinstance(step, Await) for step in plan.steps) or not shown_ns:
        raise Rejected("no-nominal-time", "a tape that waits, or shows nothing", remedy="use Sleep, or the pty driver")
    with tempfile.TemporaryDirectory(prefix="tracekit-vhs-") as name:
        folder = Path(name)
        (folder / _TAPE).write_text(write(_for_film(program)), encoding="utf-8")
        _run(vhs, image, folder, wall_s=SPARE_S + 3 * plan.nominal_ns / NS_PER_S)
        if not (folder / _VIDEO).is_file():
            raise Rejected("vhs-failed", "vhs made no video")
        stretch = float(_length_s(folder / _VIDEO) / Fraction(shown_ns, NS_PER_S))
        if not 1 / most_stretch <= stretch <= most_stretch:
            raise Rejected(
                "vhs-stretched",
                f"vhs's video is {stretch:.3f} times as long as the tape, the limit is {most_stretch:g}",
                remedy="film on an idle machine, at a lower Framerate",
            )
        frames = _resample(folder / _VIDEO, target, Fraction(stretch), frames_for(shown_ns))
    header = Header(version=2, columns=settings.columns, rows=settings.rows, command="vhs", title=title)
    noted = Event(0, "m", f"vhs-stretch: {stretch:.4f}")
    return Film(header, [noted, *events], stretch, frames, shown_ns)


def _for_film(program: Program) -> Program:
    """The tape as vhs gets it: one video, in which time passes as in the tape."""
    ours = Output(_VIDEO)
    kept = (
        command
        for command in program.commands
        if not isinstance(command, Output) and not (isinstance(command, Setting) and command.name in _OUR_CLOCK)
    )
    return Program((ours, *kept))


def _visible(plan: Schedule) -> tuple[int, list[Event]]:
    """How long the tape is without what it hides, in ns, and its keys and markers on that clock."""
    now_ns, hidden, events = 0, False, []
    for step in plan.steps:
        now_ns += 0 if hidden else step.after_ns
        if isinstance(step, Strike):
            text = step.stroke.text()
            events.append(Event(now_ns, "i" if text else "m", text or str(step.stroke)))
        elif isinstance(step, Mark):
            hidden = step.label == "hide" or (hidden and step.label != "show")
            events.append(Event(now_ns, "m", step.label))
    now_ns += 0 if hidden else plan.rest_ns
    return now_ns, events


def _run(vhs: str, image: str | None, folder: Path, wall_s: float) -> None:
    """Run vhs on the tape in a folder, and leave nothing of it running."""
    container = f"tracekit-vhs-{uuid.uuid4().hex}"
    command: Sequence[str] = [vhs, _TAPE]
    if image is not None:
        mount = f"type=bind,source={folder},target=/film"
        command = ["docker", "run", "--rm", "--network", "none", "--name", container, "--mount", mount]
        command = [*command, "--workdir", "/film", image, _TAPE]
    try:
        vhs_process = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
    except OSError as error:
        remedy = "install vhs, ttyd and ffmpeg, or name an image with --vhs-image"
        raise TracekitError(f"{command[0]} does not start: {error.strerror}", remedy=remedy) from error
    try:
        said, _ = vhs_process.communicate(timeout=wall_s)
    except subprocess.TimeoutExpired:
        raise Rejected("timed-out", f"vhs was not done after {wall_s:.0f} s") from None
    finally:
        with suppress(ProcessLookupError):
            os.killpg(vhs_process.pid, signal.SIGKILL)
        vhs_process.wait()
        if image is not None:
            subprocess.run(["docker", "rm", "--force", container], capture_output=True, check=False)
    if vhs_process.returncode:
        tail = " ".join(said.decode(errors="replace").split())[-_TAIL_CHARS:]
        raise Rejected("vhs-failed", f"vhs ended with status {vhs_process.returncode}: {tail}")


def _length_s(video: Path) -> Fraction:
    try:
        with av.open(str(video)) as container:
            stream = container.streams.video[0]
            if stream.duration and stream.time_base:
                return stream.duration * stream.time_base
    except (av.FFmpegError, IndexError) as error:
        raise Rejected("vhs-failed", f"vhs's video does not open: {error}") from error
    raise Rejected("vhs-failed", "vhs's video does not say how long it is")


def _resample(video: Path, target: BinaryIO, stretch: Fraction, frames: int) -> int:
    """Write the video so that frame k is what vhs showed at k/15 s of the tape; returns the number of frames."""
    encoder: ClipEncoder | None = None
    for frame, changed in _held(decode(video), stretch / FPS, frames):
        if encoder is None:
            encoder = ClipEncoder(frame.width, frame.height)
        if changed:
            ours = frame.reformat(format="yuv420p", dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG)
            for plane, painted in zip(encoder.planes, frame_planes(ours), strict=True):
                plane[:] = painted
        encoder.frame(changed)
    if encoder is None:
        raise Rejected("vhs-failed", "vhs's video is empty")
    encoder.finish_into(target)
    return frames


def _held(source: Iterator[av.VideoFrame], step_s: Fraction, count: int) -> Iterator[tuple[av.VideoFrame, bool]]:
    """For each of ``count`` instants, ``step_s`` apart, the last frame that had come, and whether it is another."""
    shown, ahead = None, next(source, None)
    for index in range(count):
        changed = False
        while ahead is not None and (shown is None or _time_s(ahead) <= index * step_s):
            shown, ahead, changed = ahead, next(source, None), True
        if shown is None:
            return
        yield shown, changed


def _time_s(frame: av.VideoFrame) -> Fraction:
    return (frame.pts or 0) * (frame.time_base or Fraction(0))
