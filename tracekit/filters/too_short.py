"""Clips in which too little time passes."""

from pydantic import Field

from tracekit.filters.base import Candidate, ClipFilter
from tracekit.shards.sample import Decision


class TooShort(ClipFilter):
    """Reject clips that show less than ``min_s`` of their recording; the rest of such a clip is one held frame."""

    min_s: float = Field(1.0, ge=0, le=5, description="Seconds of its recording that a clip shows")

    def judge(self, candidate: Candidate) -> Decision:
        """Score: seconds shown."""
        return self._judge(float(candidate.sample["statistics"]["duration_s"]))

    def _judge(self, duration_s: float) -> Decision:
        keep = duration_s >= self.min_s
        reason = "" if keep else f"shows {duration_s:.2f} s of its recording"
        return Decision(filter="too-short", keep=keep, score=duration_s, threshold=self.min_s, reason=reason)
