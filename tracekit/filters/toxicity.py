"""Clips that show, or are described in, words that nobody should learn from.

Words are matched whole, so that Scunthorpe, ``assert`` and ``Dickinson`` are what they are. What a list can't do stays
undone: insults in clean words, other languages than English, spellings made to get by.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Annotated, ClassVar

from pydantic import Field

from tracekit.core.toxic_words import weights, words_in
from tracekit.filters.base import Candidate, ClipFilter
from tracekit.filters.measure import StoredClip
from tracekit.shards.sample import Decision

LEAST_WORDS = 200
"""A clip with fewer words is taken to have so many: one rude word on an empty screen is no more than one."""
ALSO = 10
"""Weight of words that a recipe adds."""

Word = Annotated[str, Field(pattern=r"^\S+$")]


class Toxicity(ClipFilter):
    """Reject clips with more toxic words than this among a thousand, each times its weight.

    Weights stand in ``toxic_words.txt``: 1 for rude words, 10 for those of sex and violence, 100 for slurs. The words
    of a clip are those of all its captions, and of every line that its screen shows, each line once.
    """

    measure_version: ClassVar[int] = 1
    measure_options: ClassVar[tuple[str, ...]] = ("also", "never")

    max_per_1000_words: float = Field(10.0, ge=0, description="Weights of the toxic words, a thousand words")
    also: list[Word] = Field(default_factory=list, description=f"More words, each of weight {ALSO}")
    never: list[Word] = Field(default_factory=list, description="Words of the list that do not count")

    def measure(self, clip: StoredClip) -> dict[str, int]:
        """``words`` on the screen, and the ``weight`` of the toxic ones and how many ``hits`` they are."""
        return self._counts(clip.lines)

    def judge(self, candidate: Candidate) -> Decision:
        """Score: weight of the toxic words, a thousand words."""
        captions = candidate.captions
        texts = (captions.semantic, captions.regular, captions.detailed, captions.script, captions.instruction)
        said = Counter(candidate.measured["toxicity"])
        said.update(self._counts(filter(None, texts)))
        score = round(1000 * said["weight"] / max(LEAST_WORDS, said["words"]), 4)
        keep = score <= self.max_per_1000_words
        reason = "" if keep else f"{said['hits']} of its {said['words']} words are toxic"
        return Decision(filter="toxicity", keep=keep, score=score, threshold=self.max_per_1000_words, reason=reason)

    def _counts(self, texts: Iterable[str]) -> dict[str, int]:
        weighed = _with(tuple(self.also), tuple(self.never))
        words = Counter(word for text in texts for word in words_in(text))
        hits = {word: count for word, count in words.items() if word in weighed}
        weight = sum(count * weighed[word] for word, count in hits.items())
        return {"words": words.total(), "hits": sum(hits.values()), "weight": weight}


@cache
def _with(also: tuple[str, ...], never: tuple[str, ...]) -> Mapping[str, int]:
    """Weights by word, as a recipe changes them."""
    found = {**weights(), **dict.fromkeys(map(str.casefold, also), ALSO)}
    for word in never:
        found.pop(word.casefold(), None)
    return found
