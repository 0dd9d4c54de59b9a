"""Clips of desktops in which the cursor is not known (the paper drops clips without a valid one, appendix D)."""

from typing import Any

from pydantic import Field

from tracekit.filters.base import Candidate, ClipFilter
from tracekit.shards.sample import Decision


class NoCursor(ClipFilter):
    """Reject clips of desktops in which too large a share of the frames has no cursor."""

    max_share: float = Field(
        0.9, ge=0, le=1, description="Share of frames without a cursor: programs hide it in typing"
    )

    def judge(self, candidate: Candidate) -> Decision:
        """Score: share of frames without a cursor; null of terminals."""
        return self._judge(candidate.sample)

    def _judge(self, sample: dict[str, Any]) -> Decision:
        if not sample.get("desktop"):
            return Decision(filter="no-cursor", keep=True)
        share = 1 - int(sample["statistics"]["cursor_visible_frames"]) / int(sample["clock"]["frames"])
        keep = share <= self.max_share
        reason = "" if keep else f"{share:.0%} of its frames show no cursor"
        return Decision(filter="no-cursor", keep=keep, score=round(share, 4), threshold=self.max_share, reason=reason)
