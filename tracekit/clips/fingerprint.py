"""What near-duplicates are found by: a MinHash signature of a clip's words (Broder 1997).

It is worked out here and not by datasketch, which compares signatures in the filter: importing that brings scipy along,
and takes a worker longer than all the signatures of a part.
"""

import hashlib
import zlib

import numpy as np
from numpy.typing import NDArray

from tracekit.terminal.grid import Grid

PERMUTATIONS = 64
"""Values of a signature; the likeness it tells is within about 0.06 of the truth at 0.85 (standard error)."""


def _constants(name: str) -> NDArray[np.uint32]:
    """A number a permutation, the same for ever, shape (PERMUTATIONS, 1)."""
    stream = hashlib.shake_256(f"tracekit fingerprint {name}".encode()).digest(4 * PERMUTATIONS)
    return np.frombuffer(stream, "<u4").astype(np.uint32).reshape(-1, 1)


_FACTORS = _constants("factors") | np.uint32(1)  # odd, so that h -> factor * h + offset mod 2^32 is a permutation
_OFFSETS = _constants("offsets")


def fingerprint(grid: Grid) -> bytes:
    """The signature of the word triples that stand on any row of any frame: 64 little-endian 32-bit numbers.

    Where a row has fewer than three words, the row itself counts. Empty for a clip without any word.
    """
    shingles: set[bytes] = set()
    for text in grid.texts:
        words = text.split()
        shingles.update(" ".join(words[start : start + 3]).encode() for start in range(max(1, len(words) - 2)))
    shingles.discard(b"")
    return signature(shingles)


def signature(shingles: set[bytes]) -> bytes:
    """The MinHash signature of a set; empty for an empty set."""
    if not shingles:
        return b""
    hashes = _mixed(np.fromiter(map(zlib.crc32, shingles), np.uint32, len(shingles)))
    least: NDArray[np.uint32] = (_FACTORS * hashes + _OFFSETS).min(axis=1)
    return least.astype("<u4").tobytes()


def _mixed(hashes: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Hashes whose every bit depends on every bit (the last step of MurmurHash3): CRCs of like texts are too alike."""
    hashes = (hashes ^ (hashes >> np.uint32(16))) * np.uint32(0x85EBCA6B)
    hashes = (hashes ^ (hashes >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    return hashes ^ (hashes >> np.uint32(16))
