"""How a segment becomes exactly 75 frames, and where its events go.

The paper's rule (section 3.1.1): a short segment repeats its last frame, a long one is subsampled uniformly.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, Self, TypeVar

from tracekit.clips.cut import Segment
from tracekit.core.clock import CLIP_FRAMES, frame_of, frame_time_ns


class Timed(Protocol):
    """An event of any kind of trace, a named tuple."""

    @property
    def time_ns(self) -> int:
        """On the trace clock."""

    def _replace(self, *, time_ns: int) -> Self: ...


E = TypeVar("E", bound=Timed)


@dataclass(frozen=True)
class FittedTime:
    """Which trace frame each frame of a clip shows."""

    segment: Segment
    shown: list[int]
    """Trace frame by clip frame, ascending; its last value repeats where the last frame is held."""
    kind: Literal["exact", "held", "subsampled"]

    def clip_time_ns(self, time_ns: int) -> int:
        """An instant of the trace clock on the clip's clock.

        It keeps the clock rule: the clip frame ``frame_of`` the result is the first that shows trace frame
        ``frame_of(time_ns)`` or a later one. Order is kept; an instant that frame 0 shows already is 0.
        """
        frame = bisect_left(self.shown, frame_of(time_ns))
        if frame == 0:
            return 0
        low_ns, high_ns = frame_time_ns(frame - 1), frame_time_ns(min(frame, len(self.shown) - 1))
        source_low_ns = frame_time_ns(self.shown[frame - 1])
        source_high_ns = frame_time_ns(self.shown[min(frame, len(self.shown) - 1)])
        span_ns = source_high_ns - source_low_ns
        offset_ns = (time_ns - source_low_ns) * (high_ns - low_ns) // span_ns if span_ns else 0
        return min(max(low_ns + offset_ns, low_ns + 1), high_ns)

    def events(self, events: Sequence[E]) -> list[E]:
        """Those of the trace's events that this clip shows first, on the clip's clock.

        Args:
            events: of the trace, in order of time.
        """
        first, last = self.segment.start, self.segment.end - 1
        low = bisect_left(events, first, key=lambda event: frame_of(event.time_ns))
        high = bisect_left(events, last + 1, key=lambda event: frame_of(event.time_ns))
        return [event._replace(time_ns=self.clip_time_ns(event.time_ns)) for event in events[low:high]]


def fit_time(segment: Segment, frames: int = CLIP_FRAMES) -> FittedTime:
    """Choose the trace frames that a clip of ``frames`` (> 1) frames shows."""
    length = segment.end - segment.start
    if length <= frames:
        shown = [segment.start + min(frame, length - 1) for frame in range(frames)]
        return FittedTime(segment, shown, "exact" if length == frames else "held")
    last = frames - 1
    shown = [segment.start + (frame * (length - 1) + last // 2) // last for frame in range(frames)]
    return FittedTime(segment, shown, "subsampled")
