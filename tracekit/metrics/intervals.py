"""Means with bootstrap intervals: Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

RESAMPLES = 10_000
LEVEL = 0.95
_AT_ONCE = 1_000_000
"""Values drawn at a time, which bounds memory."""


@dataclass(frozen=True)
class Interval:
    """A mean and where it may lie."""

    n: int
    """Values."""
    mean: float | None
    """None of no values."""
    low: float | None
    """Of the percentile interval; None of fewer than two values, or groups."""
    high: float | None


def bootstrap(
    values: Sequence[float],
    groups: Sequence[str] | None = None,
    *,
    seed: int = 0,
    resamples: int = RESAMPLES,
    level: float = LEVEL,
) -> Interval:
    """The mean of values, and its percentile interval over resamples of them.

    Args:
        values: finite.
        groups: of each value, what it is of: a clip's recording, say. Values of one group are alike, so that whole
            groups are drawn. None: each value is a group.
        seed: of the resamples: the same for the same values.
        resamples: how many are drawn.
        level: share of the resamples' means that the interval holds.
    """
    if not values:
        return Interval(0, None, None, None)
    known = np.asarray(values, np.float64)
    mean = float(known.mean())
    numbers = np.arange(len(known)) if groups is None else np.unique(list(groups), return_inverse=True)[1]
    sums, sizes = np.bincount(numbers, known), np.bincount(numbers)
    if len(sums) == 1:
        return Interval(len(known), mean, None, None)
    rng = np.random.default_rng(seed)
    rows = max(1, _AT_ONCE // len(sums))
    means = []
    for start in range(0, resamples, rows):
        drawn = rng.integers(0, len(sums), (min(rows, resamples - start), len(sums)))
        means.append(sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1))
    low, high = np.quantile(np.concatenate(means), [(1 - level) / 2, (1 + level) / 2]).tolist()
    return Interval(len(known), mean, low, high)
