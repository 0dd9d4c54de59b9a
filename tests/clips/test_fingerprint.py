"""Signatures tell how alike two sets are."""

import hashlib
import zlib

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tracekit.clips.fingerprint import PERMUTATIONS, signature


def likeness(one: bytes, other: bytes) -> float:
    return float(np.mean(np.frombuffer(one, "<u4") == np.frombuffer(other, "<u4")))


def numbered(start: int, stop: int) -> set[bytes]:
    return {f"word {number} here".encode() for number in range(start, stop)}


def test_the_signature_of_nothing_is_empty() -> None:
    assert signature(set()) == b""


@given(st.sets(st.binary(max_size=20), min_size=1, max_size=50))
def test_a_signature_depends_on_the_set_alone(words: set[bytes]) -> None:
    assert len(signature(words)) == 4 * PERMUTATIONS
    assert signature(words) == signature({bytes(word) for word in sorted(words)})
    assert likeness(signature(words), signature(words)) == 1


def test_likeness_is_near_the_jaccard_index() -> None:
    for shared, total in ((0, 600), (300, 600), (510, 600), (570, 600)):
        errors = []
        for base in range(0, 20_000, 1000):
            extra = (total - shared) // 2
            one = numbered(base, base + shared + extra)
            other = numbered(base, base + shared) | numbered(base + shared + extra, base + total)
            assert len(one & other) / len(one | other) == shared / total
            errors.append(likeness(signature(one), signature(other)) - shared / total)
        assert abs(np.mean(errors)) < 0.03  # no bias
        assert np.std(errors) < 0.1  # sqrt(0.25 / 64) at most, and room for chance


def test_a_signature_is_what_arithmetic_without_numpy_says() -> None:
    words = {b"make all the", b"things anew today", b"x"}
    drawn = [hashlib.shake_256(f"tracekit fingerprint {name}".encode()).digest(256) for name in ("factors", "offsets")]
    factors, offsets = ([int.from_bytes(one[4 * n : 4 * n + 4], "little") for n in range(64)] for one in drawn)
    hashes = []
    for word in words:
        value = zlib.crc32(word)
        for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
            value = (value ^ (value >> shift)) * factor % 2**32
        hashes.append(value ^ (value >> 16))
    expected = [
        min(((factor | 1) * value + offset) % 2**32 for value in hashes)
        for factor, offset in zip(factors, offsets, strict=True)
    ]
    assert np.frombuffer(signature(words), "<u4").tolist() == expected
