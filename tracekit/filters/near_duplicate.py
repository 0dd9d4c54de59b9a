"""Clips that show what another clip shows: revisions of one recording are common among public casts."""

from collections.abc import Iterator, Sequence
from typing import ClassVar, NamedTuple

import numpy as np
from pydantic import Field, PrivateAttr

from tracekit.clips.fingerprint import PERMUTATIONS, band_keys, best_bands
from tracekit.filters.bands import agreeing
from tracekit.filters.base import Candidate, Filter, joined
from tracekit.filters.preference import Likes, Ranked, nothing_like, ranked
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
    _found: tuple[Sequence[Candidate], Likes] | None = PrivateAttr(None)

    def decide(self, candidates: Sequence[Candidate]) -> Iterator[Decision]:
        """Score: likeness to the most similar kept clip, 0 where none comes near."""
        likes = self._likes(candidates)
        for number, candidate in enumerate(candidates):
            old = candidates[likes.kept[number]] if likes.kept[number] >= 0 else None
            own = old is not None and old.input_sha256 == candidate.input_sha256
            yield Decision(
                filter="near-duplicate",
                keep=old is None,
                score=round(float(likes.degree[number]), 4),
                threshold=self.within if own else self.threshold,
                reason=f"shows what {old.key} shows" if old else "",
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
        if self.threshold is None and self.within is None:
            return likes
        clips = ranked(candidates, lambda one: one.fingerprint, 4 * PERMUTATIONS)
        for pair in near(clips, self.threshold, self.within):
            likes.kept[pair.number], likes.degree[pair.number] = pair.kept, pair.likeness
        return likes


def near(clips: Ranked, threshold: float | None, within: float | None) -> Iterator[Pair]:
    """Of clips in the order of preference, those that are not to be kept, each with the kept one most like it.

    Not all pairs are compared: only those that agree in a band of their signatures (locality-sensitive hashing), in as
    many bands as are best for the lower threshold.

    Args:
        clips: with signatures as `tracekit.clips.fingerprint` makes them.
        threshold: likeness from which a clip is near to one of another recording; None: it never is.
        within: the same, of its own recording.
    """
    bands, rows = best_bands(min(bound for bound in (threshold, within) if bound is not None))
    values = clips.signatures.view("<u4")
    kept = np.ones(len(values), np.bool_)
    bounds = [2.0 if bound is None else bound for bound in (threshold, within)]  # a likeness is 1 at most
    for one, others in agreeing(band_keys(values, bands, rows), bands, kept):
        same = values[others] == values[one]
        in_band = same[:, : bands * rows].reshape(-1, bands, rows).all(axis=2).any(axis=1)
        likeness = same.mean(axis=1)
        fits = in_band & (likeness >= np.take(bounds, clips.owners[others] == clips.owners[one]))
        if fits.any():
            most = likeness[fits].max()
            kept[one] = False
            nearest = clips.numbers[others[fits & (likeness == most)]].min()
            yield Pair(int(clips.numbers[one]), int(nearest), float(most))
