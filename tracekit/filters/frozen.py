"""Clips in which nothing moves (the paper discards frozen recordings, appendix B)."""

from pydantic import Field

from tracekit.filters.base import Candidate, ClipFilter
from tracekit.shards.sample import Decision


class Frozen(ClipFilter):
    """Reject clips with fewer frames that differ from the one before."""

    min_changed_frames: int = Field(1, ge=0, le=74, description="Frames that differ from the one before")

    def judge(self, candidate: Candidate) -> Decision:
        """Score: frames that differ from the one before."""
        return self._judge(int(candidate.sample["statistics"]["changed_frames"]))

    def _judge(self, changed: int) -> Decision:
        keep = changed >= self.min_changed_frames
        reason = "" if keep else f"{changed} of its frames differ from the one before"
        return Decision(filter="frozen", keep=keep, score=changed, threshold=self.min_changed_frames, reason=reason)
