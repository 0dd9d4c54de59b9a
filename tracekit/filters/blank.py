"""Clips of terminals that show next to nothing."""

from pydantic import Field

from tracekit.filters.base import Candidate, ClipFilter
from tracekit.shards.sample import Decision


class Blank(ClipFilter):
    """Reject clips of terminals in which less than this share of the cells holds text, on average over the frames."""

    min_text_density: float = Field(0.002, ge=0, le=1, description="Share of cells with text, mean over frames")

    def judge(self, candidate: Candidate) -> Decision:
        """Score: share of cells that are not blank; null of desktops."""
        return self._judge(candidate.sample["statistics"]["text_density"])

    def _judge(self, density: float | None) -> Decision:
        if density is None:
            return Decision(filter="blank", keep=True)
        keep = density >= self.min_text_density
        reason = "" if keep else f"{density:.2%} of the cells hold text"
        return Decision(filter="blank", keep=keep, score=density, threshold=self.min_text_density, reason=reason)
