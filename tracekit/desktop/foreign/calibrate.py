"""How long after its stamp a grab has its pixels: measured with a dot whose colour changes at known instants.

The dot is a window of 2 x 2 pixels of ours in the bottom right corner, above all others and known to no window manager.
It is there for a second before frame 0, and in no frame. A grab that shows a colour was made after it was set; one that
does not, before. Every change narrows down the delay from both sides.
"""

import threading
import time
from collections.abc import Callable
from typing import NamedTuple

from Xlib import X
from Xlib.display import Display
from Xlib.error import ConnectionClosedError, XError

DOT_PX = 2
_WHITE_LUMA = 128
_GOLDEN = 0.618033988749895
_PERIOD_S = 0.04
"""Longer than from one grab to the next, so that each colour is seen, at all phases in turn."""
_NEAR_NS = 20_000_000
"""Grabs so close to a change tell something of it, and of no other."""


class Delay(NamedTuple):
    """From the stamp of a grab to its pixels: what is possible. With a compositor, whose own delay comes and goes,
    ``least_ns`` may be the larger."""

    least_ns: int
    most_ns: int


class Dot:
    """The dot, changing until it is closed.

    Args:
        open_display: makes a connection.
        left: of the dot, in pixels of the screen.
        top: likewise.
    """

    def __init__(self, open_display: Callable[[], Display], left: int, top: int) -> None:
        self._display = open_display()
        self._place = left, top
        self._changes: list[tuple[int, int, bool]] = []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="tracekit-dot", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            screen = self._display.screen()
            window = screen.root.create_window(
                *self._place,
                DOT_PX,
                DOT_PX,
                0,
                screen.root_depth,
                override_redirect=True,
                background_pixel=screen.black_pixel,
            )
            window.map()
            number = 0
            while not self._ended.wait(_PERIOD_S * (1 + number * _GOLDEN % 1)):
                number += 1
                white = bool(number % 2)
                window.change_attributes(background_pixel=screen.white_pixel if white else screen.black_pixel)
                window.configure(stack_mode=X.Above)
                self._display.sync()
                before_ns = time.monotonic_ns()
                window.clear_area(0, 0, DOT_PX, DOT_PX)
                self._display.sync()
                self._changes.append((before_ns, time.monotonic_ns(), white))
            window.destroy()
            self._display.sync()
        except (OSError, XError, ConnectionClosedError):
            return  # grabbing says what is wrong with the display

    def close(self) -> None:
        """Take it away."""
        if self._ended.is_set():
            return
        self._ended.set()
        self._thread.join()
        self._display.close()

    def delay(self, seen: list[tuple[int, int]]) -> Delay | None:
        """What the changes say of the delay.

        Args:
            seen: of each grab its stamp on CLOCK_MONOTONIC in ns, and the luma in the corner.

        Returns:
            None if no change was seen: something lies above the dot.
        """
        least, most = [], []
        for before_ns, after_ns, white in self._changes:
            for stamp_ns, luma in seen:
                if abs(stamp_ns - before_ns) < _NEAR_NS:
                    if (luma > _WHITE_LUMA) == white:
                        least.append(before_ns - stamp_ns)
                    else:
                        most.append(after_ns - stamp_ns)
        return Delay(max(least), min(most)) if least and most else None
