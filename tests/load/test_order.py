"""The order: of a seed and an epoch alone, dealt without loss or repeat, taken up again by any ranks and workers."""

from collections import Counter
from itertools import chain, zip_longest

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tracekit.load.order import batches, epoch_order, position_after, share

COUNTS = st.integers(1, 9)
SAMPLES = st.integers(0, 200)


def taken_in_turn(positions: range, size: int, workers: int) -> list[range]:
    """The batches as a DataLoader has them from its workers: one of each in turn, those that are done left out."""
    of_workers = [list(batches(positions, size, worker, workers)) for worker in range(workers)]
    return [batch for turn in zip_longest(*of_workers) for batch in turn if batch is not None]


@given(SAMPLES, st.integers(0, 2**40), st.integers(0, 1000))
def test_an_epoch_has_every_sample_once(samples: int, seed: int, epoch: int) -> None:
    assert sorted(epoch_order(samples, seed, epoch).tolist()) == list(range(samples))


def test_the_order_is_of_the_seed_and_the_epoch_alone() -> None:
    one = epoch_order(1000, 3, 5)
    assert np.array_equal(one, epoch_order(1000, 3, 5))
    others = [epoch_order(1000, 3, 6), epoch_order(1000, 4, 5), epoch_order(1000, 5, 3), np.arange(1000)]
    assert all((one == other).mean() < 0.01 for other in others)


def test_the_order_stays_the_same_from_release_to_release() -> None:
    """A state that was saved is of no use to a release that orders otherwise."""
    assert epoch_order(10, 0, 0).tolist() == [3, 2, 1, 8, 6, 0, 7, 4, 5, 9]


@given(SAMPLES, COUNTS, COUNTS, COUNTS)
def test_ranks_and_workers_are_dealt_each_position_once(samples: int, ranks: int, workers: int, size: int) -> None:
    dealt = Counter(
        position
        for rank in range(ranks)
        for worker in range(workers)
        for batch in batches(share(samples, 0, rank, ranks, even=False), size, worker, workers)
        for position in batch
    )
    assert dealt == Counter(range(samples))


@given(SAMPLES, COUNTS, st.data())
def test_even_shares_are_as_many_and_leave_out_less_than_a_round(samples: int, ranks: int, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, samples))
    shares = [share(samples, start, rank, ranks, even=True) for rank in range(ranks)]
    assert len({len(one) for one in shares}) == 1
    dealt = sorted(chain.from_iterable(shares))
    assert dealt == list(range(start, start + len(dealt)))
    assert 0 <= samples - start - len(dealt) < ranks


@given(SAMPLES, COUNTS, COUNTS, COUNTS)
def test_a_rank_sees_one_order_whatever_its_workers(samples: int, ranks: int, workers: int, size: int) -> None:
    for rank in range(ranks):
        positions = share(samples, 0, rank, ranks, even=False)
        assert list(chain.from_iterable(taken_in_turn(positions, size, workers))) == list(positions)


@given(SAMPLES, COUNTS, COUNTS, COUNTS, COUNTS, st.data())
def test_stopped_anywhere_other_ranks_take_up_what_is_left(
    samples: int, ranks: int, later_ranks: int, size: int, later_size: int, data: st.DataObject
) -> None:
    shares = [share(samples, 0, rank, ranks, even=False) for rank in range(ranks)]
    taken = size * data.draw(st.integers(0, -(-samples // ranks // size)))
    position = position_after(samples, 0, ranks, taken)
    later = [share(samples, position, rank, later_ranks, even=False) for rank in range(later_ranks)]
    rest = [position for one in later for batch in taken_in_turn(one, later_size, 2) for position in batch]
    first = chain.from_iterable(one[:taken] for one in shares)
    assert Counter(first) + Counter(rest) == Counter(range(samples))


@given(SAMPLES, COUNTS, st.booleans())
def test_what_a_rank_has_left_to_it_is_the_rest_of_its_own(samples: int, ranks: int, even: bool) -> None:
    """Ranks that have less than the first can use its state, and it theirs."""
    for rank in range(ranks):
        positions = share(samples, 0, rank, ranks, even)
        for taken in range(len(positions) + 1):
            assert share(samples, position_after(samples, 0, ranks, taken), rank, ranks, even) == positions[taken:]
