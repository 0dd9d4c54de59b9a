"""Texts that are nearly another's, by their signatures (`tracekit.clips.fingerprint`), among very many.

Only signatures that agree in one of 12 bands of 5 values are compared (locality-sensitive hashing): two texts of a
likeness of 0.85 do with a probability above 0.999. Of a crowd that agrees in a band each is compared with two or three,
so that time grows with their number and not its square; what is found is a lower bound.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from tracekit.clips.fingerprint import band_keys

_BANDS, _ROWS = 12, 5
_AT_ONCE = 100_000
"""Pairs whose signatures are compared at a time, which bounds memory."""


class Likest:
    """Of each text the likest that was found among those before it, of another owner.

    Args:
        signatures: shape (n, 64).
        owners: of each text whose it is, shape (n,); the texts of one owner stand together.
        known: so many texts, the first ones, are also looked for by themselves.
    """

    def __init__(self, signatures: NDArray[np.uint32], owners: NDArray[np.int64], known: int) -> None:
        count = len(signatures)
        self.earlier = np.zeros(count, np.float32)
        """Likeness to the likest text before it, shape (n,); 0 where none was found."""
        self.known = np.zeros(count, np.float32)
        """Likeness to the likest of the first ``known`` before it."""
        self.known_number = np.full(count, -1, np.int64)
        """Which one that is; -1: none."""
        for keys in band_keys(signatures, _BANDS, _ROWS):
            for one, other in _pairs(keys, owners, known):
                self._compare(signatures, one, other, known)

    def _compare(
        self, signatures: NDArray[np.uint32], ones: NDArray[np.int64], others: NDArray[np.int64], known: int
    ) -> None:
        """Each of ``ones``, which are distinct, with the one of ``others`` beside it."""
        for start in range(0, len(ones), _AT_ONCE):
            one, other = ones[start : start + _AT_ONCE], others[start : start + _AT_ONCE]
            likeness = (signatures[one] == signatures[other]).mean(axis=1, dtype=np.float32)
            self.earlier[one] = np.maximum(self.earlier[one], likeness)
            better = (other < known) & (likeness > self.known[one])
            self.known[one[better]], self.known_number[one[better]] = likeness[better], other[better]


def _pairs(
    keys: NDArray[np.uint64], owners: NDArray[np.int64], known: int
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Texts of one key: each with the first, with the last one before it of another owner, and with the last known."""
    order = np.argsort(keys, kind="stable")
    places = np.arange(len(keys))
    new_key = np.diff(keys[order], prepend=~keys[order[:1]]) != 0
    new_owner = new_key | (np.diff(owners[order], prepend=-1) != 0)
    first = np.maximum.accumulate(np.where(new_key, places, 0))
    own = np.maximum.accumulate(np.where(new_owner, places, 0))
    last_known = np.maximum.accumulate(np.where(order < known, places, -1))
    for other in (first, own - 1, last_known):
        fits = (first <= other) & (other < own)
        yield order[fits], order[other[fits]]
