"""Clips of desktops in which nobody does anything (the paper drops clips without valid actions, appendix D)."""

from typing import Any

from pydantic import Field

from tracekit.filters.base import Candidate, ClipFilter
from tracekit.shards.sample import Decision


class NoAction(ClipFilter):
    """Reject clips of desktops with fewer actions: presses of buttons and keys, and notches of the wheel."""

    min_actions: int = Field(1, ge=0, description="Actions of a clip")

    def judge(self, candidate: Candidate) -> Decision:
        """Score: actions; null of terminals."""
        return self._judge(candidate.sample)

    def _judge(self, sample: dict[str, Any]) -> Decision:
        if not sample.get("desktop"):
            return Decision(filter="no-action", keep=True)
        actions = int(sample["statistics"]["actions"])
        keep = actions >= self.min_actions
        reason = "" if keep else f"{actions} actions"
        return Decision(filter="no-action", keep=keep, score=actions, threshold=self.min_actions, reason=reason)
