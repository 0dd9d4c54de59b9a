"""Clips of desktops in which frames and events are not surely of one clock."""

from typing import Any

from pydantic import Field

from tracekit.filters.base import Candidate, ClipFilter
from tracekit.shards.sample import Decision


class Sync(ClipFilter):
    """Reject clips of desktops with missed frames, or of a trace in which events may be far from their frames."""

    max_missed_frames: int = Field(0, ge=0, description="Frames of the clip that repeat the one before, read too late")
    max_error_ms: float = Field(33.3, gt=0, description="Measured distance of events from frames, 99th percentile")

    def judge(self, candidate: Candidate) -> Decision:
        """Score: missed frames where they are too many, else the error in milliseconds; null of terminals."""
        return self._judge(candidate.sample)

    def _judge(self, sample: dict[str, Any]) -> Decision:
        if not sample.get("desktop"):
            return Decision(filter="sync", keep=True)
        missed = int(sample["desktop"]["missed_frames"])
        if missed > self.max_missed_frames:
            reason = f"{missed} of its frames were missed"
            return Decision(filter="sync", keep=False, score=missed, threshold=self.max_missed_frames, reason=reason)
        error_ms = int(sample["clock"]["sync_error_ns"]) / 1e6
        keep = error_ms <= self.max_error_ms
        reason = "" if keep else f"events of its trace are up to {error_ms:.1f} ms from their frames"
        return Decision(filter="sync", keep=keep, score=error_ms, threshold=self.max_error_ms, reason=reason)
