"""Clips that show what another clip shows: revisions of one recording are common among public casts."""

from collections import Counter
from collections.abc import Sequence
from typing import ClassVar, NamedTuple

import numpy as np
from datasketch import MinHash, MinHashLSH
from numpy.typing import NDArray
from pydantic import Field, PrivateAttr

from tracekit.clips.fingerprint import PERMUTATIONS
from tracekit.filters.base import Candidate, Filter, joined
from tracekit.shards.sample import Decision


class Pair(NamedTuple):
    """A clip that goes, and the one it is like."""

    number: int
    """Of the clip, among the candidates."""
    kept: int
    """Of the clip that stays."""
    likeness: float


class NearDuplicate(Filter):
    """Reject clips whose text is nearly that of a kept clip.

    Likeness is the Jaccard index of the clips' word triples, estimated by MinHash. Of recordings that are alike, the
    one with the most clips is kept whole (of equals, the one whose bytes hash lowest), and another adds only clips that
    are new. Clips of one recording are held against each other only where ``within`` is given, and then the earlier one
    stays: they often differ in what happens, if not in words.
    """

    needs: ClassVar[frozenset[str]] = frozenset({"fingerprint"})

    threshold: float | None = Field(
        0.85, gt=0, lt=1, description="Likeness to a clip of another recording from which a clip goes; null: never"
    )
    within: float | None = Field(
        None,
        gt=0,
        lt=1,
        description="Likeness to an earlier clip of its own recording from which a clip goes; null: never",
    )
    _found: tuple[Sequence[Candidate], list[Pair]] | None = PrivateAttr(None)

    def decide(self, candidates: Sequence[Candidate]) -> list[Decision]:
        """Score: likeness to the most similar kept clip, 0 where none comes near."""
        rejected = {pair.number: pair for pair in self._pairs(candidates)}
        decisions = []
        for number, candidate in enumerate(candidates):
            pair = rejected.get(number)
            old = candidates[pair.kept] if pair else None
            own = old is not None and old.input_sha256 == candidate.input_sha256
            decisions.append(
                Decision(
                    filter="near-duplicate",
                    keep=pair is None,
                    score=round(pair.likeness, 4) if pair else 0.0,
                    threshold=self.within if own else self.threshold,
                    reason=f"shows what {old.key} shows" if old else "",
                )
            )
        return decisions

    def groups(self, candidates: Sequence[Candidate]) -> list[set[str]]:
        """Recordings with near-duplicate clips, joined."""
        return joined(candidates, ((pair.number, pair.kept) for pair in self._pairs(candidates)))

    def _pairs(self, candidates: Sequence[Candidate]) -> list[Pair]:
        """Of each clip that is not to be kept, the kept clip most like it; worked out once for the same candidates."""
        if self._found is None or self._found[0] is not candidates:
            self._found = (candidates, self._compared(candidates))
        return self._found[1]

    def _compared(self, candidates: Sequence[Candidate]) -> list[Pair]:
        thresholds = [bound for bound in (self.threshold, self.within) if bound is not None]
        if not thresholds:
            return []
        clips = Counter(candidate.input_sha256 for candidate in candidates)
        order = sorted(
            (number for number, candidate in enumerate(candidates) if candidate.fingerprint),
            key=lambda n: (-clips[candidates[n].input_sha256], candidates[n].input_sha256, candidates[n].key, n),
        )
        index = MinHashLSH(threshold=min(thresholds), num_perm=PERMUTATIONS)
        pairs = []
        for number in order:
            mine = _signature(candidates[number])
            hashes = MinHash(PERMUTATIONS, hashvalues=mine, scheme="affine32")
            near = [(self._likeness(candidates[number], mine, candidates[old]), -old) for old in index.query(hashes)]
            likeness, old = max(near, default=(0.0, 0))
            if likeness:
                pairs.append(Pair(number, -old, likeness))
            else:
                index.insert(number, hashes, check_duplication=False)
        return pairs

    def _likeness(self, new: Candidate, mine: NDArray[np.uint32], old: Candidate) -> float:
        """Of a clip to a kept one; 0 if it may stay beside that."""
        bound = self.within if new.input_sha256 == old.input_sha256 else self.threshold
        likeness = float(np.mean(mine == _signature(old)))
        return likeness if bound is not None and likeness >= bound else 0.0


def _signature(candidate: Candidate) -> NDArray[np.uint32]:
    return np.frombuffer(candidate.fingerprint, "<u4")
