"""Which sample comes when, and to whom: pure functions, all that resuming and splitting rest on.

The samples of an epoch have one global order, a function of (seed, epoch) alone. Ranks are dealt its positions in
turn, like cards, and a rank's workers are dealt its batches in turn. So what the ranks have taken together is always
the first so many of the global order: one number says where an epoch stands, whatever the ranks and workers are next.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray


def epoch_order(samples: int, seed: int, epoch: int) -> NDArray[np.int64]:
    """The samples' numbers in the order of an epoch, shape (samples,).

    Sorted by the raw output of a bit generator, which numpy keeps the same from version to version; what `shuffle`
    makes of it, it does not.

    Args:
        samples: how many.
        seed: of the run, not negative.
        epoch: from 0.
    """
    bits = np.random.PCG64(np.random.SeedSequence([seed, epoch])).random_raw(samples)
    return np.argsort(bits, kind="stable").astype(np.int64, copy=False)


def share(samples: int, start: int, rank: int, ranks: int, even: bool) -> range:
    """The positions of the global order that a rank is dealt.

    Args:
        samples: of the epoch.
        start: positions that are done already, of all ranks together.
        rank: from 0 to before ``ranks``.
        ranks: how many.
        even: every rank is dealt as many; the last ``(samples - start) % ranks`` positions are dealt to none. Else the
            first ranks are dealt one more.
    """
    end = samples - (samples - start) % ranks if even else samples
    return range(start, end)[rank::ranks]


def batches(positions: range, size: int, worker: int, workers: int) -> Iterator[range]:
    """The batches of a rank's positions that one of its workers makes; the last of all may be short.

    A reader that takes one batch of each worker in turn has them in the rank's order.
    """
    for first in range(worker * size, len(positions), workers * size):
        yield positions[first : first + size]


def position_after(samples: int, start: int, ranks: int, taken: int) -> int:
    """How many positions of the global order are done when each rank has taken so many, or all that it was dealt.

    Args:
        samples: of the epoch.
        start: as `share` had it.
        ranks: how many.
        taken: by each.
    """
    return min(start + taken * ranks, samples)
