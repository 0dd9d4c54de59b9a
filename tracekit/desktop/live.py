"""A desktop that is open, as policies see it: `tracekit.desktop.policies.base.Desktop`."""

import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from Xlib.display import Display

from tracekit.actions.cursor_track import HIDDEN
from tracekit.core.clock import NS_PER_S
from tracekit.desktop.compose import Cursor, Picture, blend
from tracekit.desktop.connect import close, connect
from tracekit.desktop.cursor_watch import CursorWatch
from tracekit.desktop.framebuffer import BYTES_PER_PX, FrameBuffer
from tracekit.desktop.inject import Injector
from tracekit.desktop.plan import Do
from tracekit.desktop.policies.base import Window
from tracekit.desktop.windows import windows

_LOOK_S = 0.05
"""How often `wait_still` looks."""
_MOST_READINGS = 4
_LONG_AGO_NS = 86_400 * NS_PER_S


class Session(Protocol):
    """What is needed of a desktop's session."""

    width_px: int
    height_px: int
    framebuffer: Path
    x_socket: Path

    def ask(self, do: str, /, **what: Any) -> Any:
        """Ask the agent inside."""


class LiveDesktop:
    """See `Desktop`. For one thread at a time, but for `begin` and `end`.

    Before `begin`, its clock runs a day behind.

    Raises:
        TracekitError: the desktop is gone.
    """

    def __init__(self, session: Session) -> None:
        self.width_px, self.height_px = session.width_px, session.height_px
        self.ask = session.ask
        self._ending = threading.Event()
        self._start_ns = time.monotonic_ns() + _LONG_AGO_NS
        self._end_ns = 2 * _LONG_AGO_NS
        self._open_display: Callable[[], Display] = lambda: connect(session.x_socket)
        self._framebuffer = FrameBuffer(session.framebuffer, self.width_px, self.height_px)
        self._input, self._seen = self._open_display(), self._open_display()
        self._injector = Injector(self._input)
        self._cursors = CursorWatch(self._open_display)
        self.prepare_text = self._injector.prepare_text
        self.key_for = self._injector.key_for

    def begin(self, start_ns: int, end_ns: int) -> None:
        """The recording begins.

        Args:
            start_ns: CLOCK_MONOTONIC of frame 0.
            end_ns: when it ends, trace's clock.
        """
        self._start_ns, self._end_ns = start_ns, end_ns

    def end(self) -> None:
        """The recording ends now: whoever waits is told."""
        self._ending.set()

    def now_ns(self) -> int:
        """The trace's clock."""
        return time.monotonic_ns() - self._start_ns

    def wait_until(self, time_ns: int) -> bool:
        """Sleep until an instant; False as soon as the recording is to end."""
        until_ns = min(time_ns, self._end_ns)
        ended = self._ending.wait(max(0, until_ns - self.now_ns()) / NS_PER_S)
        return not ended and time_ns < self._end_ns

    def do(self, what: Do) -> int:
        """Make one input now, and return the instant at which the X server took it."""
        return self._injector.do(what) - self._start_ns

    def picture(self) -> NDArray[np.uint8]:
        """The screen now with its cursor: (height, width, 3) RGB."""
        picture = self._read()
        sample = self._cursors.sample()
        if sample.shape != HIDDEN:
            left, top = self._cursors.hotspots[sample.shape]
            blend(picture, Cursor(sample.x - left, sample.y - top, self._cursors.images[sample.shape]))
        return picture[..., 2::-1].copy()

    def wait_still(self, still_s: float = 0.3, limit_s: float = 10.0) -> bool:
        """Wait until the picture has not changed for so long; False if it does not come to rest."""
        now_s = time.monotonic()
        still_since_s, until_s = now_s, now_s + limit_s
        before = self._read()
        while now_s < until_s:
            if self._ending.wait(_LOOK_S):
                return False
            after, now_s = self._read(), time.monotonic()
            if not np.array_equal(before, after):
                before, still_since_s = after, now_s
            elif now_s - still_since_s >= still_s:
                return True
        return False

    def windows(self) -> Sequence[Window]:
        """From the bottom of the stack to its top."""
        return windows(self._seen)

    def close(self) -> None:
        """Let go of the desktop, which stays as it is."""
        self._ending.set()
        self._cursors.close()
        close(self._input)
        close(self._seen)
        self._framebuffer.close()

    def _read(self) -> Picture:
        """The pixels, read until two readings agree."""
        one, other = (np.empty((self.height_px, self.width_px, BYTES_PER_PX), np.uint8) for _ in range(2))
        self._framebuffer.read_into(one.data.cast("B"))
        for _ in range(_MOST_READINGS - 1):
            self._framebuffer.read_into(other.data.cast("B"))
            if np.array_equal(one, other):
                break
            one, other = other, one
        return one
