"""Which of many signatures may be near to each other, without comparing all: those that agree in a band of them."""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from tracekit.filters.preference import on_disk

Keys = NDArray[np.unsignedinteger]
Places = NDArray[np.signedinteger]


def agreeing(keys: Iterable[Keys], bands: int, kept: NDArray[np.bool_]) -> Iterator[tuple[int, Places]]:
    """For each signature those kept before it that have the same key in some band.

    The index takes 12 bytes a band and signature, on disk; in memory is that of one band at a time.

    Args:
        keys: of each band, one a signature, shape (n,).
        bands: how many.
        kept: whether a signature counts for those after it, shape (n,); it may be changed on the way.

    Yields:
        The place of a signature, in order, and the places of those, if any, in any order and more than once. Where that
        would be more than there are before it, it is all that are kept before it.
    """
    count = len(kept)
    order, starts, places = (on_disk((bands, count), np.int32) for _ in range(3))
    crowded = np.zeros(count, np.bool_)
    for band, of_band in enumerate(keys):
        order[band], starts[band], places[band] = _of_band(of_band)
        crowded |= places[band] > starts[band]
    for one in np.flatnonzero(crowded).tolist():
        begins, ends = starts[:, one].tolist(), places[:, one].tolist()
        if sum(ends) - sum(begins) >= one:  # of a great crowd each is in several bands
            yield one, np.flatnonzero(kept[:one])
        else:
            found = enumerate(zip(begins, ends, strict=True))
            spans = [order[band, begin:end] for band, (begin, end) in found if begin < end]
            before = np.concatenate(spans)
            yield one, before[kept[before]]


def _of_band(keys: Keys) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
    """The signatures sorted by a band; of each, where those of its key begin, and its own place: between the two are
    those before it. All of shape (count,)."""
    order = np.argsort(keys, kind="stable").astype(np.int32)
    sorted_keys = keys[order]
    begins = np.flatnonzero(np.diff(sorted_keys, prepend=~sorted_keys[:1])).astype(np.int32)
    starts, places = np.empty_like(order), np.empty_like(order)
    starts[order] = np.repeat(begins, np.diff(begins, append=len(keys)))
    places[order] = np.arange(len(keys), dtype=np.int32)
    return order, starts, places
