"""The X server's clock.

Xvfb and Xorg stamp events with CLOCK_MONOTONIC in milliseconds, truncated, modulo 2^32 (os/utils.c, GetTimeInMillis).
A container shares the clock with its host, so that these are our own times: `absolute_ns` unwraps them, and
`measure_clock` finds out how far that holds.
"""

import time
from dataclasses import dataclass

from Xlib import X
from Xlib.display import Display

from tracekit.desktop.connect import talking

_WRAP = 1 << 32


def absolute_ns(server_ms: int, near_ns: int) -> int:
    """An X server's time on CLOCK_MONOTONIC: the middle of its millisecond.

    Args:
        server_ms: as an event has it, modulo 2^32.
        near_ns: an instant on CLOCK_MONOTONIC less than 24 days away.
    """
    near_ms = near_ns // 1_000_000
    away_ms = (server_ms - near_ms + _WRAP // 2) % _WRAP - _WRAP // 2
    return (near_ms + away_ms) * 1_000_000 + 500_000


@dataclass(frozen=True)
class ClockReading:
    """How the X server's clock stands to ours, as far as round trips tell."""

    offset_ns: int
    """What the server's clock shows beyond CLOCK_MONOTONIC: the middle of all that the round trips leave possible."""
    bound_ns: int
    """How far from that it may be."""
    round_trips_ns: tuple[int, ...]
    """How long each request took until its answer was here."""


def measure_clock(display: Display, n: int = 50) -> ClockReading:
    """Ask the X server for its time, over and over.

    Appending nothing to a property of a window of one's own is answered by an event with the server's time (ICCCM,
    2.1). It was taken between the request and the answer; each round trip narrows down what the offset can be.

    Args:
        display: a connection that selects no events of its own.
        n: how many round trips.

    Raises:
        TracekitError: the server is gone.
    """
    with talking("read its clock"):
        window = display.screen().root.create_window(
            0, 0, 1, 1, 0, X.CopyFromParent, X.InputOnly, event_mask=X.PropertyChangeMask
        )
        name = display.intern_atom("_TRACEKIT_CLOCK")
        kind = display.intern_atom("INTEGER")
        readings = []
        for _ in range(n):
            before_ns = time.monotonic_ns()
            window.change_property(name, kind, 32, [], X.PropModeAppend)
            event = display.next_event()
            while event.type != X.PropertyNotify:
                event = display.next_event()
            after_ns = time.monotonic_ns()
            readings.append((before_ns, after_ns, absolute_ns(event.time, after_ns) - 500_000))
        window.destroy()
        display.flush()
    # The server's clock showed at least server_ns and less than a millisecond more.
    least = max(server_ns - after_ns for _, after_ns, server_ns in readings)
    most = min(server_ns + 1_000_000 - before_ns for before_ns, _, server_ns in readings)
    # Where the kernel's coarse clock serves, these may cross: the bound is as wide as they disagree.
    return ClockReading((least + most) // 2, abs(most - least) // 2 + 1, tuple(b - a for a, b, _ in readings))
