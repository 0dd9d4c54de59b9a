"""Clips that show what a clip of another recording shows: revisions of one recording are common among public casts."""

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
from datasketch import MinHash, MinHashLSH
from pydantic import Field

from tracekit.clips.fingerprint import PERMUTATIONS
from tracekit.filters.base import Candidate, Filter
from tracekit.shards.sample import Decision


class NearDuplicate(Filter):
    """Reject clips whose text is nearly that of a kept clip of another recording.

    Likeness is the Jaccard index of the clips' word triples, estimated by MinHash. Of recordings that are alike, the
    one with the most clips is kept whole (of equals, the one whose bytes hash lowest), and another adds only clips that
    are new. Clips of one recording are never held against each other: they differ in what happens, if not in words.
    """

    threshold: float = Field(0.85, gt=0, lt=1, description="Likeness from which a clip goes")

    def decide(self, candidates: Sequence[Candidate]) -> list[Decision]:
        """Score: likeness to the most similar kept clip of another recording, 0 where none comes near."""
        rejected = {
            new: (old, likeness) for new, old, likeness in self._pairs(candidates) if likeness >= self.threshold
        }
        decisions = []
        for candidate in candidates:
            old, likeness = rejected.get(candidate.key, ("", 0.0))
            decisions.append(
                Decision(
                    filter="near-duplicate",
                    keep=not old,
                    score=round(likeness, 4),
                    threshold=self.threshold,
                    reason=f"shows what {old} shows" if old else "",
                )
            )
        return decisions

    def groups(self, candidates: Sequence[Candidate]) -> list[set[str]]:
        """Recordings with near-duplicate clips, joined."""
        recording_of = {candidate.key: candidate.input_sha256 for candidate in candidates}
        return [{recording_of[new], recording_of[old]} for new, old, _ in self._pairs(candidates)]

    def _pairs(self, candidates: Sequence[Candidate]) -> Iterator[tuple[str, str, float]]:
        """Of each clip that is not to be kept: its key, the key of the kept clip most like it, and the likeness."""
        clips = Counter(candidate.input_sha256 for candidate in candidates)
        order = sorted(candidates, key=lambda c: (-clips[c.input_sha256], c.input_sha256, c.key))
        index = MinHashLSH(threshold=self.threshold, num_perm=PERMUTATIONS)
        kept: dict[str, tuple[str, MinHash]] = {}
        for candidate in order:
            if not candidate.fingerprint:
                continue
            mine = MinHash(PERMUTATIONS, hashvalues=np.frombuffer(candidate.fingerprint, "<u4"), scheme="affine32")
            alike = [
                (float(mine.jaccard(kept[key][1])), key)
                for key in index.query(mine)
                if kept[key][0] != candidate.input_sha256
            ]
            likeness, old = max(alike, default=(0.0, ""))
            if likeness >= self.threshold:
                yield candidate.key, old, likeness
            else:
                index.insert(candidate.key, mine)
                kept[candidate.key] = (candidate.input_sha256, mine)
