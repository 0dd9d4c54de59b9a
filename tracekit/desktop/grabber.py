"""The other end of `tracekit.desktop.grab`: starts that process, and takes the frames it grabs."""

import os
import select
import subprocess
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tracekit.core.errors import TracekitError
from tracekit.desktop.framebuffer import BYTES_PER_PX
from tracekit.desktop.grab import REPORT_BYTES, START, Kind, Report
from tracekit.desktop.ring import Ring

SLOTS = 32
"""Pictures that wait to be encoded: two seconds in which every frame is another one. Memory is used as they fill."""
_READY_S = 20.0


class Grabber:
    """A process that grabs frames.

    Args:
        framebuffer: the file that Xvfb draws into.
        width_px: of the screen.
        height_px: likewise.

    Raises:
        TracekitError: the frame buffer can't be read.
    """

    def __init__(self, framebuffer: Path, width_px: int, height_px: int) -> None:
        self._shape = height_px, width_px, BYTES_PER_PX
        self._ring = Ring(None, SLOTS, width_px * height_px * BYTES_PER_PX)
        arguments = [str(framebuffer), str(self._ring.file), str(width_px), str(height_px), str(SLOTS)]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tracekit.desktop.grab", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=[self._ring.file],
            process_group=0,  # Ctrl-C at the terminal is for us to hear
        )
        os.close(self._ring.file)
        self._poll = select.poll()
        self._poll.register(self._file(), select.POLLIN)
        self.cpu_s = 0.0
        """Processor time that it took, once it has ended."""
        try:
            ready = self.take(_READY_S)
            if ready is None:
                raise TracekitError("the process that grabs frames does not start")
        except BaseException:
            self.close()
            raise
        self.pid = self._process.pid
        self.real_time = bool(ready.slot)
        """Whether it has real-time priority."""

    def _file(self) -> int:
        assert self._process.stdout is not None
        return self._process.stdout.fileno()

    def start(self, start_ns: int) -> None:
        """Let it begin.

        Args:
            start_ns: CLOCK_MONOTONIC of frame 0.
        """
        assert self._process.stdin is not None
        self._process.stdin.write(START.pack(start_ns))
        self._process.stdin.flush()

    def end_at(self, frame: int) -> None:
        """Let it end before this frame, or at once if that is past."""
        self._ring.end_at(frame)

    def take(self, timeout_s: float) -> Report | None:
        """The next report, in order of frames; None if there is none in this time.

        A picture that it reports stays where it is until `release`.

        Raises:
            TracekitError: the process ended before its time, and why.
        """
        if not self._poll.poll(timeout_s * 1000):
            return None
        data = os.read(self._file(), REPORT_BYTES)  # they are written, and so read, in one piece
        if len(data) < REPORT_BYTES:
            assert self._process.stderr is not None
            said = self._process.stderr.read(1000).decode("utf-8", "replace").strip()
            raise TracekitError(f"frames are no longer grabbed: {said or 'the process that did is gone'}")
        report = Report.unpack(data)
        if report.kind is Kind.ENDED:
            self.cpu_s = report.end_ns / 1e9
        return report

    def picture(self, slot: int) -> NDArray[np.uint8]:
        """The picture in a slot: (height, width, 4), BGRX. It is a view, good until `release`."""
        return np.frombuffer(self._ring.slot(slot), np.uint8).reshape(self._shape)

    def release(self, slot: int) -> None:
        """Give a slot back."""
        self._ring.release(slot)

    def close(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()
        self._process.wait()
        for file in (self._process.stdin, self._process.stdout, self._process.stderr):
            if file is not None:
                file.close()
