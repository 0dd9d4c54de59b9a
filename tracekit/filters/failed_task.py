"""Clips of tasks that did not end as they were to."""

from typing import Any

from pydantic import Field

from tracekit.filters.base import Candidate, ClipFilter
from tracekit.shards.sample import Decision


class FailedTask(ClipFilter):
    """Reject clips of desktops whose task failed; where an outcome is required, also those that have none."""

    require_outcome: bool = Field(False, description="Whether clips of traces without an outcome go as well")

    def judge(self, candidate: Candidate) -> Decision:
        """Score: 1 of a task that succeeded, 0 of one that failed, null where there is none."""
        return self._judge(candidate.sample)

    def _judge(self, sample: dict[str, Any]) -> Decision:
        desktop = sample.get("desktop")
        success = desktop["success"] if desktop else None
        if success is not None:
            reason = "" if success else "the task failed"
            return Decision(filter="failed-task", keep=success, score=float(success), threshold=1, reason=reason)
        keep = not (desktop and self.require_outcome)
        return Decision(
            filter="failed-task", keep=keep, reason="" if keep else "nothing tells whether the task succeeded"
        )
