"""The process that grabs frames: ``python -m tracekit.desktop.grab FILE RING WIDTH HEIGHT SLOTS``.

It does nothing but read the frame buffer at each k/15 s, so it imports next to nothing, shares no interpreter lock, and
runs with real-time priority where that is allowed. Whatever happens, the clock goes on: a frame for which it wakes too
late, or has no room, is reported as missed, and the next one is read when that is due.

Reports go to stdout, `REPORT_BYTES` each. The start instant comes by stdin. When nobody reads the reports any
more, the process ends.
"""

import ctypes
import gc
import os
import struct
import sys
import time
from enum import IntEnum
from pathlib import Path
from typing import NamedTuple

from tracekit.core.clock import frame_time_ns
from tracekit.core.errors import TracekitError
from tracekit.desktop.framebuffer import FrameBuffer
from tracekit.desktop.ring import Ring

START = struct.Struct("<q")
"""What comes by stdin: CLOCK_MONOTONIC of frame 0, nanoseconds."""
MOST_READINGS = 4
"""A picture is read until two readings agree, so that none is torn; after so many the last one is taken."""
_PRIORITY = 10
_WARM_SLOTS = 8
"""As many as are in use while the recorder keeps up."""
_REPORT = struct.Struct("<Bxh?xxxqqq")
REPORT_BYTES = _REPORT.size


class Kind(IntEnum):
    """Of a report."""

    READY = 0
    """The frame buffer is open; ``slot`` says whether there is real-time priority."""
    CHANGED = 1
    """A frame, in ``slot``."""
    SAME = 2
    """A frame that is the one before."""
    MISSED = 3
    """A frame that was not read, or for which there was no room."""
    ENDED = 4
    """Nothing follows; ``end_ns`` is the processor time used."""


class Report(NamedTuple):
    """What is said of a frame."""

    kind: Kind
    frame: int = 0
    slot: int = 0
    settled: bool = True
    """Whether two readings agreed."""
    begin_ns: int = 0
    """CLOCK_MONOTONIC before the reading that was taken."""
    end_ns: int = 0
    """After it."""

    def pack(self) -> bytes:
        """As bytes."""
        return _REPORT.pack(self.kind, self.slot, self.settled, self.frame, self.begin_ns, self.end_ns)

    @classmethod
    def unpack(cls, data: bytes) -> "Report":
        """From `REPORT_BYTES`."""
        kind, slot, settled, frame, begin_ns, end_ns = _REPORT.unpack(data)
        return cls(Kind(kind), frame, slot, settled, begin_ns, end_ns)


class _Grabber:
    """Reads the frame buffer into a ring."""

    def __init__(self, screen: FrameBuffer, ring: Ring) -> None:
        self._screen, self._ring = screen, ring
        self._slots = [ring.slot(number) for number in range(ring.slots)]
        self._addresses = ring.addresses()
        self._memcmp = ctypes.CDLL(None).memcmp
        self._memcmp.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)
        self._shown = -1  # the slot that holds the last picture
        for slot in range(min(_WARM_SLOTS, ring.slots)):
            self._read(slot)  # the first touch of memory takes long, and is not to be the first frame's

    def run(self, start_ns: int) -> None:
        """Grab frames until the ring says that it is enough."""
        frame = 0
        while frame < self._ring.end_frame():
            due_ns = start_ns + frame_time_ns(frame)
            time.sleep(max(0, due_ns - time.monotonic_ns()) / 1e9)
            now_ns = time.monotonic_ns()
            if now_ns >= start_ns + frame_time_ns(frame + 1):
                _tell(Report(Kind.MISSED, frame, 0, True, now_ns, now_ns))
            else:
                _tell(self._grab(frame))
            frame += 1

    def _grab(self, frame: int) -> Report:
        free = [number for number in range(self._ring.slots) if number != self._shown and self._ring.is_free(number)]
        if len(free) < 2:
            now_ns = time.monotonic_ns()
            return Report(Kind.MISSED, frame, 0, True, now_ns, now_ns)
        new, other = free[:2]
        begin_ns, end_ns = self._read(new)
        if self._shown >= 0 and self._are_same(new, self._shown):
            return Report(Kind.SAME, frame, 0, True, begin_ns, end_ns)
        settled = False
        for _ in range(MOST_READINGS - 1):
            again_ns = self._read(other)
            settled = self._are_same(new, other)
            if settled:
                break
            new, other = other, new
            begin_ns, end_ns = again_ns
        self._ring.keep(new)
        self._shown = new
        return Report(Kind.CHANGED, frame, new, settled, begin_ns, end_ns)

    def _read(self, slot: int) -> tuple[int, int]:
        begin_ns = time.monotonic_ns()
        self._screen.read_into(self._slots[slot])
        return begin_ns, time.monotonic_ns()

    def _are_same(self, one: int, other: int) -> bool:
        return not self._memcmp(self._addresses[one], self._addresses[other], self._ring.slot_bytes)


def _tell(report: Report) -> None:
    os.write(sys.stdout.fileno(), report.pack())


def _hurry() -> bool:
    """Ask for real-time priority; False where that is not allowed."""
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(_PRIORITY))
    except OSError:
        return False
    return True


def main() -> None:
    """Grab frames, as the arguments and stdin say."""
    path, file, width_px, height_px, slots = sys.argv[1:]
    try:
        with FrameBuffer(Path(path), int(width_px), int(height_px)) as screen:
            grabber = _Grabber(screen, Ring(int(file), int(slots), screen.bytes))
            gc.disable()
            os.set_blocking(sys.stdout.fileno(), False)  # who does not read for a minute and a half is gone
            _tell(Report(Kind.READY, slot=_hurry()))
            start = os.read(sys.stdin.fileno(), START.size)
            if len(start) == START.size:
                grabber.run(*START.unpack(start))
                _tell(Report(Kind.ENDED, end_ns=time.process_time_ns()))
    except TracekitError as error:
        sys.exit(str(error))
    except (BrokenPipeError, BlockingIOError):
        sys.exit("nobody reads the frames")


if __name__ == "__main__":
    main()
