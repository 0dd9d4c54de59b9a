"""What near-duplicates are found by: a MinHash signature of a clip's words."""

import zlib
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from tracekit.terminal.grid import Grid

if TYPE_CHECKING:
    from datasketch import MinHash

PERMUTATIONS = 64
"""Values of a signature; the likeness it tells is within about 0.06 of the truth at 0.85 (standard error)."""


@cache
def _empty() -> "MinHash":
    """The signature of nothing, from which others are made: to draw permutations takes longer than to hash words."""
    from datasketch import MinHash  # brings scipy along, which what makes no clips can do without

    return MinHash(num_perm=PERMUTATIONS, hashfunc=zlib.crc32, scheme="affine32")


def signature_of(data: bytes) -> "MinHash":
    """The signature that `fingerprint` put into bytes."""
    signature = _empty().copy()
    signature.hashvalues = np.frombuffer(data, dtype="<u4").astype(signature.hashvalues.dtype)
    return signature


def fingerprint(grid: Grid) -> bytes:
    """The signature of the word triples that stand on any row of any frame: 64 little-endian 32-bit numbers.

    Where a row has fewer than three words, the row itself counts. Empty for a clip without any word.
    """
    shingles: set[bytes] = set()
    for text in grid.texts:
        words = text.split()
        shingles.update(" ".join(words[start : start + 3]).encode() for start in range(max(1, len(words) - 2)))
    shingles.discard(b"")
    if not shingles:
        return b""
    signature = _empty().copy()
    signature.update_batch(sorted(shingles))
    return np.asarray(signature.hashvalues, dtype="<u4").tobytes()
