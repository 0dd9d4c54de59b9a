"""The clock rule, in one place.

A trace's time is an integer number of nanoseconds from its start. Its pictures come at a constant 15 a second:
frame *k* shows the state at k/15 s, that is, every output with ``t <= k/15 s`` and none later. An event at *t*
belongs to frame ``ceil(t * 15)``, the first frame that can show its effect. The two rules are one: the frame of an
output is the first whose instant is not before it.

Frame instants are not whole nanoseconds (1/15 s is 66,666,666.67 ns). As event times are, rounding the instant
*down* changes no comparison: ``t <= k/15 s`` holds exactly when ``t <= frame_time_ns(k)``.
"""

FPS = 15
"""Pictures a second, of every video that tracekit makes (Neural Computers, section 3.1)."""

NS_PER_S = 1_000_000_000
CLIP_FRAMES = 75
"""Frames of a clip: five seconds (Neural Computers, section 3.1.1)."""


def frame_time_ns(frame: int) -> int:
    """The last whole nanosecond that frame ``frame`` (>= 0) still shows."""
    return frame * NS_PER_S // FPS


def frame_of(time_ns: int) -> int:
    """The first frame that shows what happened at ``time_ns``: ceil(t * 15)."""
    return -(-time_ns * FPS // NS_PER_S)


def frames_for(duration_ns: int) -> int:
    """How many frames show a trace of this length: frame 0 to the frame of its last instant."""
    return frame_of(duration_ns) + 1


def seconds(time_ns: int) -> float:
    """``time_ns`` in seconds, for people and for JSON; never for arithmetic."""
    return time_ns / NS_PER_S


def to_ns(value_s: float) -> int:
    """Seconds to nanoseconds, rounded to the nearest microsecond: what recordings carry, free of binary dust.

    Raises:
        ValueError: the value is not finite.
    """
    if not -9e9 < value_s < 9e9:
        raise ValueError(f"{value_s} is not a usable time in seconds")
    return round(value_s * 1_000_000) * 1000
