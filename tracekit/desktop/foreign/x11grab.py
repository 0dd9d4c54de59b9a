"""Pictures of a display by FFmpeg's x11grab, each with the instant at which it was grabbed.

x11grab stamps a picture with the wall clock just before it asks the X server for the pixels (libavdevice/xcbgrab.c), in
microseconds. ``-copyts`` keeps these stamps, and raw video in NUT carries them through a pipe. The wall clock is turned
into CLOCK_MONOTONIC when a picture arrives: a step of the wall clock in that moment is the only one that matters.
"""

import os
import select
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import av
import ffmpeg

from tracekit.core.errors import TracekitError
from tracekit.desktop.foreign.complaints import Complaints

GRABS_PER_S = 30
"""Two for each frame: FFmpeg rounds its period down to 33,333 us, so that the phase to ours moves by 10 us a second,
towards earlier. With 15 a second it would round up, and a frame would miss its grab by a hair before long."""
PERIOD_NS = 1_000_000 // GRABS_PER_S * 1000
_PATIENCE_S = 10.0
_PRIORITY = 10


class Grab(NamedTuple):
    """A picture of the display."""

    time_ns: int
    """CLOCK_MONOTONIC just before its pixels were read."""
    picture: av.VideoFrame
    """yuv420p, BT.709, limited range, with the cursor."""


class X11Grab:
    """Grabs a display, 30 times a second, until it is closed. Iterate over it.

    Args:
        display: its name, ``:0``.
        width_px: of the part to be grabbed, from the top left; even.
        height_px: likewise.

    Raises:
        TracekitError: there is no FFmpeg, or it can't grab there.
    """

    def __init__(self, display: str, width_px: int, height_px: int) -> None:
        grab = ffmpeg.input(
            display,
            format="x11grab",
            framerate=GRABS_PER_S,
            video_size=(width_px, height_px),
            draw_mouse=1,
            thread_queue_size=64,
        )
        grab = grab.filter("scale", out_color_matrix="bt709", out_range="tv").filter("format", "yuv420p")
        out = grab.output(
            "pipe:", format="nut", vcodec="rawvideo", copyts=None, enc_time_base="1:1000000", vsync="passthrough"
        )
        self._place = f"display {display}"
        self._complaints = Complaints()
        try:
            self._process = subprocess.Popen(
                out.global_args("-hide_banner", "-loglevel", "error", "-nostdin").compile(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=self._complaints.fileno(),
                start_new_session=True,  # Ctrl-C is for the recorder, which ends this in its own time
            )
        except OSError as error:
            raise TracekitError("there is no ffmpeg to grab a display with", remedy="install FFmpeg") from error
        self.real_time = False
        with suppress(OSError):  # the right to it is not everybody's
            os.sched_setscheduler(self._process.pid, os.SCHED_FIFO, os.sched_param(_PRIORITY))
            self.real_time = True

    def __iter__(self) -> Iterator[Grab]:
        assert self._process.stdout
        pipe = _Pipe(self._process.stdout.fileno())
        try:
            with av.open(pipe, "r", format="nut", buffer_size=1 << 20) as container:
                for frame in container.decode(container.streams.video[0]):
                    if frame.pts is None or frame.time_base is None:
                        continue
                    ahead_ns = time.time_ns() - time.monotonic_ns()
                    yield Grab(int(frame.pts * frame.time_base * 1_000_000_000) - ahead_ns, frame)
        except (av.FFmpegError, OSError, IndexError) as error:
            raise TracekitError(
                f"the display can't be grabbed: {self._complaints.last() or error}", place=self._place
            ) from error
        raise TracekitError(f"the display is gone: {self._complaints.last()}", place=self._place)

    def cpu_s(self) -> float:
        """Processor seconds that FFmpeg has taken so far."""
        try:
            fields = Path(f"/proc/{self._process.pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
        except OSError:
            return 0.0
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def close(self) -> None:
        """End FFmpeg."""
        self._process.kill()
        self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()
        self._complaints.close()


class _Pipe:
    """A pipe that gives up on a writer that says nothing for too long."""

    def __init__(self, number: int) -> None:
        self._number = number

    def read(self, size: int) -> bytes:
        if not select.select([self._number], [], [], _PATIENCE_S)[0]:
            raise TimeoutError(f"no picture for {_PATIENCE_S:.0f} s")
        return os.read(self._number, size)
