"""Where a trace is cut into clips: near the length asked for, at quiet moments.

The paper calls for content-aware splits of about five seconds (section 3.1.1) and overlapping windows with a stride
(appendix B) and publishes neither rule. Ours: of the frames within the
tolerance of the wanted length, the one that ends the longest pause in the output, so that a clip holds an action
together with its effect; of equal pauses, the one nearest to the wanted length.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Segment:
    """A stretch of a trace, in trace frames: from ``start`` up to, but not including, ``end``."""

    start: int
    end: int


@dataclass(frozen=True)
class CutRule:
    """How long clips should be, in frames."""

    window: int = 75
    """The wanted length, > 0."""
    tolerance: int = 15
    """How far from it a clip may end, 0 <= tolerance < window."""
    stride: int | None = None
    """From one clip's start to the next one's; None: clips lie end to end."""
    minimum: int = 15
    """No cut leaves less than this at the end."""


def segments(active: Sequence[int], total: int, rule: CutRule) -> Iterator[Segment]:
    """Cut a trace into segments.

    Args:
        active: the frames that show new output, ascending.
        total: frames of the trace, > 0.
        rule: the lengths.

    Yields:
        Segments by ascending start, none empty; with no stride they cover every frame once.
    """
    start = 0
    while start < total:
        if total - start <= rule.window + rule.tolerance:
            yield Segment(start, total)
            return
        end = _quiet(active, start, rule.window, rule, total)
        yield Segment(start, end)
        start = end if rule.stride is None else _quiet(active, start, rule.stride, rule, total)


def _quiet(active: Sequence[int], start: int, length: int, rule: CutRule, total: int) -> int:
    """The frame to cut at, about ``length`` after ``start``: the first frame of what comes after the cut."""
    wanted = start + length
    slack = min(rule.tolerance, length // 2)
    low, high = wanted - slack, max(wanted - slack, min(wanted + slack, total - rule.minimum))
    best, longest = min(wanted, high), 0
    # A pause that ends within reach ends with new output; cutting just there lets the output open the next clip.
    for index in range(bisect_left(active, low), len(active)):
        cut = active[index]
        if cut > high:
            break
        pause = cut - (active[index - 1] if index else 0)
        if (pause, -abs(cut - wanted)) > (longest, -abs(best - wanted)):
            best, longest = cut, pause
    # A pause that begins within reach and outlasts it has no end to cut at: any frame of it is as quiet as another.
    following = bisect_left(active, high + 1)
    last = active[following - 1] if following else 0
    reach = (active[following] if following < len(active) else total) - last
    if reach > longest and last < high:
        best = min(max(last + 1, wanted, low), high)
    return best
