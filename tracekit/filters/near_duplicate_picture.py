"""Clips that look like another clip: copies of a recording in another size or coding, and stretches that repeat."""

from collections.abc import Iterator, Sequence
from typing import ClassVar

from pydantic import Field, PrivateAttr

from tracekit.filters.base import Candidate, Filter, joined
from tracekit.filters.measure import StoredClip
from tracekit.filters.pictures import BITS, near, signature
from tracekit.filters.preference import Likes, nothing_like, ranked
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
    _found: tuple[Sequence[Candidate], Likes] | None = PrivateAttr(None)

    def measure(self, clip: StoredClip) -> str | None:
        """The signature in hexadecimal digits; null of a clip that is not judged."""
        desktop = clip.sample.get("desktop")
        if desktop and desktop["cursor"] == "without":
            return None
        return signature(clip.files["mp4"], int(clip.sample["clock"]["frames"])).hex() or None

    def decide(self, candidates: Sequence[Candidate]) -> Iterator[Decision]:
        """Score: bits in which it differs from the kept clip most like it; null where none comes near."""
        likes = self._likes(candidates)
        for number in range(len(candidates)):
            kept = likes.kept[number]
            yield Decision(
                filter=NAME,
                keep=bool(kept < 0),
                score=None if kept < 0 else float(likes.degree[number]),
                threshold=self.max_bits,
                reason="" if kept < 0 else f"looks like {candidates[kept].key}",
            )

    def groups(self, candidates: Sequence[Candidate]) -> list[set[str]]:
        """Recordings with near-duplicate clips, joined."""
        return joined(candidates, self._likes(candidates).pairs())

    def _likes(self, candidates: Sequence[Candidate]) -> Likes:
        """Of each clip that is not to be kept, the kept clip most like it; worked out once for the same candidates."""
        if self._found is None or self._found[0] is not candidates:
            self._found = (candidates, self._compared(candidates))
        return self._found[1]

    def _compared(self, candidates: Sequence[Candidate]) -> Likes:
        likes = nothing_like(candidates)
        clips = ranked(candidates, lambda one: bytes.fromhex(one.measured.get(NAME) or ""), BITS // 8)
        for pair in near(clips.signatures, self.max_bits, None if self.within else clips.owners):
            number = clips.numbers[pair.number]
            likes.kept[number], likes.degree[number] = clips.numbers[pair.kept], pair.bits
        return likes
