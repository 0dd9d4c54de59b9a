"""Clips that look like another clip: copies of a recording in another size or coding, and stretches that repeat."""

from collections import Counter
from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from pydantic import Field, PrivateAttr

from tracekit.filters.base import Candidate, Filter, joined
from tracekit.filters.measure import StoredClip
from tracekit.filters.pictures import BITS, Pair, near, signature
from tracekit.shards.sample import Decision

NAME = "near-duplicate-picture"


class NearDuplicatePicture(Filter):
    """Reject clips that begin with nearly the picture of a kept clip and change it nearly as that one does.

    Likeness is the number of bits in which perceptual hashes differ, see `tracekit.filters.pictures.signature`. Of
    clips that are alike, the one of the recording with the most clips is kept (of equals, of the one whose bytes hash
    lowest), and of one recording the earliest. Each clip is held against kept ones only, so that a row of small steps
    does not make its two ends alike.

    An idle desktop always looks alike: what tells its clips apart is the way of the cursor, which is among the changes.
    Clips whose video leaves the cursor out are not judged, nor are those that show next to nothing.
    """

    needs: ClassVar[frozenset[str]] = frozenset()
    measure_version: ClassVar[int] = 1

    max_bits: int = Field(48, ge=0, le=BITS // 8, description=f"Bits of {BITS} in which near-duplicates may differ")
    within: bool = Field(True, description="Whether clips of one recording are held against each other")
    _found: tuple[Sequence[Candidate], list[Pair]] | None = PrivateAttr(None)

    def measure(self, clip: StoredClip) -> str | None:
        """The signature in hexadecimal digits; null of a clip that is not judged."""
        desktop = clip.sample.get("desktop")
        if desktop and desktop["cursor"] == "without":
            return None
        return signature(clip.files["mp4"], int(clip.sample["clock"]["frames"])).hex() or None

    def decide(self, candidates: Sequence[Candidate]) -> list[Decision]:
        """Score: bits in which it differs from the kept clip most like it; null where none comes near."""
        decisions = [Decision(filter=NAME, keep=True, threshold=self.max_bits)] * len(candidates)
        for pair in self._pairs(candidates):
            reason = f"looks like {candidates[pair.kept].key}"
            decisions[pair.number] = Decision(
                filter=NAME, keep=False, score=pair.bits, threshold=self.max_bits, reason=reason
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
        clips = Counter(candidate.input_sha256 for candidate in candidates)
        order = sorted(
            (number for number, candidate in enumerate(candidates) if candidate.measured.get(NAME)),
            key=lambda n: (-clips[candidates[n].input_sha256], candidates[n].input_sha256, candidates[n].key, n),
        )
        signatures = np.empty((len(order), BITS // 8), np.uint8)
        for place, number in enumerate(order):
            signatures[place] = np.frombuffer(bytes.fromhex(candidates[number].measured[NAME]), np.uint8)
        numbers = {sha256: number for number, sha256 in enumerate(clips)}
        owners = None if self.within else np.array([numbers[candidates[n].input_sha256] for n in order])
        return [
            Pair(order[pair.number], order[pair.kept], pair.bits) for pair in near(signatures, self.max_bits, owners)
        ]
