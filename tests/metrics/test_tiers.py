"""Means with intervals, and tiers of captions held against each other clip by clip."""

import random
from statistics import NormalDist, fmean, stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracekit.core.errors import TracekitError
from tracekit.metrics.intervals import Interval, bootstrap
from tracekit.metrics.tiers import compare_tiers


def test_too_few_values_have_no_interval() -> None:
    assert bootstrap([]) == Interval(0, None, None, None)
    assert bootstrap([3.0]) == Interval(1, 3.0, None, None)


def test_the_interval_of_many_values_is_that_of_the_normal_distribution() -> None:
    drawn = random.Random(0)
    values = [drawn.gauss(10, 2) for _ in range(400)]
    found = bootstrap(values)
    half = NormalDist().inv_cdf(0.975) * stdev(values) / 20
    assert (found.n, found.mean) == (400, pytest.approx(fmean(values)))
    assert found.low == pytest.approx(fmean(values) - half, abs=0.02)
    assert found.high == pytest.approx(fmean(values) + half, abs=0.02)


@given(st.lists(st.floats(-100, 100), min_size=2, max_size=20), st.integers(0, 9))
def test_an_interval_is_within_the_values_and_the_same_for_the_same_seed(values: list[float], seed: int) -> None:
    found = bootstrap(values, seed=seed, resamples=200)
    assert found == bootstrap(values, seed=seed, resamples=200)
    assert found.low is not None
    assert found.high is not None
    assert min(values) - 1e-9 <= found.low <= found.high <= max(values) + 1e-9


def test_values_of_one_group_are_drawn_together() -> None:
    drawn = random.Random(1)
    means = [drawn.gauss(10, 2) for _ in range(40)]
    values = [mean for mean in means for _ in range(25)]
    groups = [str(number) for number in range(40) for _ in range(25)]
    grouped, apart, few = bootstrap(values, groups), bootstrap(values), bootstrap(means)
    assert (grouped.n, grouped.mean) == (1000, apart.mean)
    width = {one: (one.high or 0) - (one.low or 0) for one in (grouped, apart, few)}
    assert width[grouped] == pytest.approx(width[few], rel=0.05)  # repeats tell nothing new
    assert width[apart] < width[grouped] / 4
    assert bootstrap([1.0, 2.0], ["a", "a"]) == Interval(2, 1.5, None, None)


def test_memory_is_bounded_whatever_the_number_of_values() -> None:
    values = [0.0, 1.0] * 400_000  # each resample is drawn by itself
    found = bootstrap(values, resamples=4)
    assert found.low == pytest.approx(0.5, abs=0.01)
    assert found.high == pytest.approx(0.5, abs=0.01)


def test_clips_are_compared_that_every_tier_has() -> None:
    found = compare_tiers({
        "semantic": {"a": 20.0, "b": 22.0, "c": 30.0, "e": 1.0},
        "regular": {"a": 21.0, "b": 23.0, "c": None, "e": 1.0},
        "detailed": {"a": 24.0, "b": 28.0, "c": 31.0, "d": 3.0},
    })  # fmt: skip
    assert (found.clips, found.left_out) == (["a", "b"], ["c", "d", "e"])
    assert {tier: one.mean for tier, one in found.means.items()} == {"semantic": 21, "regular": 22, "detailed": 26}
    assert [(one.tier, one.than, one.difference.mean) for one in found.differences] == [
        ("regular", "semantic", 1),
        ("detailed", "regular", 4),
        ("detailed", "semantic", 5),
    ]


def test_differences_are_paired() -> None:
    clips = {str(number): float(number % 17) for number in range(60)}
    found = compare_tiers({"semantic": clips, "detailed": {key: score + 1 for key, score in clips.items()}})
    means, (difference,) = found.means, found.differences
    assert difference.difference == Interval(60, 1, 1, 1)  # though the scores themselves are far apart
    assert means["semantic"].high is not None
    assert means["detailed"].low is not None
    assert means["semantic"].high > means["detailed"].low


def test_intervals_are_of_recordings_drawn_anew() -> None:
    clips = {str(number): float(number // 10) for number in range(40)}
    scores = {"semantic": clips, "detailed": {key: 2 * score for key, score in clips.items()}}
    apart = compare_tiers(scores).means["semantic"]
    together = compare_tiers(scores, {key: str(score) for key, score in clips.items()}).means["semantic"]
    assert (together.high or 0) - (together.low or 0) > 2 * ((apart.high or 0) - (apart.low or 0))
    assert compare_tiers(scores, dict.fromkeys(clips, "one")).differences[0].difference.low is None


def test_one_tier_is_none_to_compare() -> None:
    with pytest.raises(TracekitError, match="only one tier"):
        compare_tiers({"semantic": {"a": 1.0}})
    with pytest.raises(TracekitError, match="no tiers"):
        compare_tiers({})
    assert compare_tiers({"semantic": {}, "detailed": {"a": 1.0}}).differences[0].difference.n == 0
