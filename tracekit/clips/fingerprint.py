"""What near-duplicates are found by: a MinHash signature of a clip's words (Broder 1997).

It is worked out here and not by datasketch: importing that brings scipy along, and takes a worker longer than all the
signatures of a part.
"""

import hashlib
import zlib
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from tracekit.terminal.grid import Grid

PERMUTATIONS = 64
"""Values of a signature; the likeness it tells is within about 0.06 of the truth at 0.85 (standard error)."""

_MIX = np.uint64(0x9E3779B97F4A7C15)
"""An odd number, by which the values of a band become one."""


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


def best_bands(threshold: float) -> tuple[int, int]:
    """How signatures are best cut up, if those that agree in a band are to be compared: bands, and values in each.

    Two of likeness s agree in a band with probability ``1 - (1 - s ** values) ** bands``. Chosen is what makes least
    the sum of those below the threshold that are compared in vain and those above it that are missed, if all
    likenesses are as common (Leskovec, Rajaraman and Ullman, Mining of Massive Datasets, section 3.4).

    Args:
        threshold: likeness from which texts are to be found, above 0 to 1.
    """
    nodes, weights = np.polynomial.legendre.leggauss(64)
    below, above = (nodes + 1) / 2 * threshold, threshold + (nodes + 1) / 2 * (1 - threshold)
    best = (2.0, 0, 0)
    for bands in range(1, PERMUTATIONS + 1):
        for values in range(1, PERMUTATIONS // bands + 1):
            vain = threshold * (weights @ (1 - (1 - below**values) ** bands))
            missed = (1 - threshold) * (weights @ ((1 - above**values) ** bands))
            best = min(best, (float(vain + missed), bands, values))
    return best[1:]


def band_keys(signatures: NDArray[np.uint32], bands: int, values: int) -> Iterator[NDArray[np.uint64]]:
    """Of each band a number for its values, shape (n,); different values may, if hardly ever, have the same.

    Args:
        signatures: shape (n, PERMUTATIONS).
        bands: how many.
        values: in each; all bands together have at most PERMUTATIONS.
    """
    for band in range(bands):
        keys = np.zeros(len(signatures), np.uint64)
        for column in range(band * values, (band + 1) * values):
            keys = (keys ^ signatures[:, column]) * _MIX
        yield keys
