"""What near-duplicate pictures are found by: perceptual hashes of how a clip begins, and of what changes in it."""

from collections.abc import Iterator
from typing import NamedTuple

import av
import imagehash
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tracekit.filters.bands import agreeing
from tracekit.video.decode import frames_rgb

SIDE_BITS = 16
PICTURES = 3
BITS = PICTURES * SIDE_BITS**2
"""Of a signature."""

_SIDE_PX = 4 * SIDE_BITS
"""To which pictures are reduced: phash keeps the lower quarter of the frequencies each way."""
_NOISE = 16
"""Steps of luma that mean nothing: what coding leaves on flat ground."""
_FAINT = 4
"""Of a reduced picture, values below which are none: noise would decide the hash of one with nothing else on it."""
_LEAST = 16
"""Points of the three reduced pictures that must show something: a lone cursor of a terminal has fewer."""
_BAND_BITS = 32
"""At most of a band, so that it fits a number."""


class Pair(NamedTuple):
    """A clip that goes, and the one it looks like."""

    number: int
    """Of the clip."""
    kept: int
    """Number of the clip that stays."""
    bits: int
    """In which their signatures differ."""


def signature(video: bytes, frames: int) -> bytes:
    """Three phashes (DCT, 16 x 16 bits) of a video, 96 bytes in all; empty where there is next to nothing to be seen.

    They are of its first picture less its ground, the commonest luma, of what changes from there to the middle, and of
    what changes from there to the end. Pictures alone would not do: on a desktop all that happens may be the way of the
    cursor, in a terminal one more line, and of a whole screen that is next to nothing. Light text on dark is the same
    as dark on light.

    Args:
        video: an MP4 file.
        frames: how many it has.

    Raises:
        TracekitError: it does not decode, or has fewer frames.
    """
    first, middle, last = frames_rgb(video, [0, frames // 2, frames - 1], luma).astype(np.int16)
    ground = int(np.bincount(first.ravel()).argmax())
    reduced = [_reduced(difference) for difference in (first - ground, middle - first, last - middle)]
    return b"".join(map(_phash, reduced)) if np.count_nonzero(reduced) >= _LEAST else b""


def luma(frame: av.VideoFrame) -> NDArray[np.uint8]:
    """The luma of a decoded frame in planar YUV, shape (height, width)."""
    plane = frame.planes[0]
    return np.frombuffer(bytes(plane), np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width]


def near(signatures: NDArray[np.uint8], max_bits: int, owners: NDArray[np.int32] | None = None) -> Iterator[Pair]:
    """Of signatures in the order of preference, those that are not to be kept.

    One goes if a kept one before it differs in no more than ``max_bits``. Not all pairs are compared: two that differ
    in d bits agree in one of d + 1 bands of bits (multi-index hashing, Norouzi et al. 2012).

    Args:
        signatures: shape (n, BITS / 8).
        max_bits: from 0 up.
        owners: of each whose it is, shape (n,); two of one owner are not compared. None: all are.

    Yields:
        Each with the kept one nearest to it, of equals the most preferred.
    """
    words = signatures.view(np.uint64)
    bands = max(max_bits + 1, BITS // _BAND_BITS)
    kept = np.ones(len(signatures), np.bool_)
    for one, others in agreeing(_keys(signatures, bands), bands, kept):
        if owners is not None:
            others = others[owners[others] != owners[one]]
        bits = np.bitwise_count(words[others] ^ words[one]).sum(axis=1, dtype=np.uint16)
        if len(bits) and (least := int(bits.min())) <= max_bits:
            kept[one] = False
            yield Pair(one, int(others[bits == least].min()), least)


def _keys(signatures: NDArray[np.uint8], bands: int) -> Iterator[NDArray[np.uint32]]:
    """The bits of each band as a number: bands interleave, as neighbours in a signature are like each other."""
    for band in range(bands):
        keys = np.zeros(len(signatures), np.uint32)
        for bit in range(band, BITS, bands):
            keys <<= np.uint32(1)
            keys |= signatures[:, bit // 8] >> (7 - bit % 8) & 1
        yield keys


def _reduced(difference: NDArray[np.int16]) -> NDArray[np.uint8]:
    amount = np.maximum(np.abs(difference) - _NOISE, 0).astype(np.uint8)
    small = np.array(Image.fromarray(amount).resize((_SIDE_PX, _SIDE_PX), Image.Resampling.LANCZOS))
    small[small < _FAINT] = 0
    return small


def _phash(picture: NDArray[np.uint8]) -> bytes:
    return np.packbits(imagehash.phash(Image.fromarray(picture), SIDE_BITS).hash).tobytes()
