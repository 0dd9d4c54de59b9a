"""Clips whose captions are too bad to train on."""

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import Field

from tracekit.filters.base import Candidate, ClipFilter
from tracekit.shards.sample import Captions, Decision

Tier = Literal["semantic", "regular", "detailed"]
NAME = "caption-quality"


class CaptionQuality(ClipFilter):
    """Reject clips of which one of these tiers is missing, of another length, scored too low, or not the model's.

    Scores are those that a captioner records in ``captions.details``; captions by rules have none, and are grounded.
    """

    tiers: list[Tier] = Field(["semantic", "regular", "detailed"], min_length=1, description="What a clip must have")
    min_words: int = Field(6, ge=0, description="Of each of them; words stand between blanks")
    max_words: int = Field(250, ge=1)
    min_score: float = Field(0.0, ge=0, le=1, description="What the gate gave the worst of them")
    replaced: Literal["keep", "reject"] = Field(
        "keep", description="What becomes of clips of which the rules wrote one, the model's having been turned down"
    )

    def judge(self, candidate: Candidate) -> Decision:
        """Score: what the gate gave the worst tier, null where no gate did; or the words that are too few or many."""
        captions = candidate.captions
        scores = list(self._scores(captions))
        lowest = min(scores, default=None)
        if missing := [tier for tier in self.tiers if not getattr(captions, tier)]:
            return self._rejected(f"it has no {' and no '.join(missing)} caption", lowest, self.min_score)
        for tier in self.tiers:
            words = len(str(getattr(captions, tier)).split())
            if not self.min_words <= words <= self.max_words:
                bound = self.min_words if words < self.min_words else self.max_words
                return self._rejected(f"its {tier} caption has {words} words", words, bound)
        if lowest is not None and lowest < self.min_score:
            return self._rejected(f"a caption has the score {lowest:.2f}", lowest, self.min_score)
        if self.replaced == "reject" and any(of_tier.get("replaced") for of_tier in self._details(captions)):
            return self._rejected("the rules wrote a caption in place of the model", lowest, self.min_score)
        return Decision(filter=NAME, keep=True, score=lowest, threshold=self.min_score)

    def _rejected(self, reason: str, score: float | None, threshold: float) -> Decision:
        return Decision(filter=NAME, keep=False, score=score, threshold=threshold, reason=reason)

    def _details(self, captions: Captions) -> Iterator[dict[str, Any]]:
        """What the captioner says of each tier that is asked for, where it says something."""
        found = captions.details.get("tiers")
        of_tier = found if isinstance(found, dict) else {}
        for tier in self.tiers:
            if isinstance(said := of_tier.get(tier), dict):
                yield said

    def _scores(self, captions: Captions) -> Iterator[float]:
        for said in self._details(captions):
            if isinstance(score := said.get("score"), int | float):
                yield float(score)
