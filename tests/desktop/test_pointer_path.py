"""Paths of the pointer: on the screen, onto the target, in order of time, and as quick as hands are."""

import math
import random
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tracekit.core.clock import NS_PER_S
from tracekit.desktop.policies.pointer_path import Motor, Point, Sample, Screen, fitts_s, loops, minimum_jerk, reach

SLOW = Motor(start_s=0.2, bit_s=0.14)
FAST = Motor(start_s=0.02, bit_s=0.05, bow=0.07, tremor_px=1.6, overshoots=0.2)

screens = st.builds(Screen, st.integers(64, 3840), st.integers(64, 2160))
seeds = st.integers(0, 2**32)


@st.composite
def ways(draw: st.DrawFn) -> tuple[Screen, Point, Point]:
    screen = draw(screens)
    start, end = (
        Point(draw(st.integers(0, screen.width_px - 1)), draw(st.integers(0, screen.height_px - 1))) for _ in range(2)
    )
    return screen, start, end


def assert_can_be_made(samples: list[Sample], start: Point, screen: Screen) -> None:
    at, after_ns = start, 0
    for sample in samples:
        assert sample.after_ns > after_ns
        assert 0 <= sample.x < screen.width_px
        assert 0 <= sample.y < screen.height_px
        assert (sample.x, sample.y) != at
        after_ns, at = sample.after_ns, Point(sample.x, sample.y)


@given(ways(), seeds, st.sampled_from((SLOW, FAST)), st.floats(0.6, 2.2))
def test_a_reach_stays_on_the_screen_goes_forward_in_time_and_ends_on_its_target(
    way: tuple[Screen, Point, Point], seed: int, motor: Motor, hurry: float
) -> None:
    screen, start, end = way
    samples = reach(random.Random(seed), start, end, 40, screen, motor, hurry)
    assert_can_be_made(samples, start, screen)
    assert (Point(*samples[-1][1:]) if samples else start) == end


@given(ways(), seeds, st.floats(100, 10_000))
def test_loops_stay_on_the_screen_and_go_forward_in_time(
    way: tuple[Screen, Point, Point], seed: int, speed_px_per_s: float
) -> None:
    screen, start, _ = way
    assert_can_be_made(loops(random.Random(seed), start, speed_px_per_s, screen), start, screen)


def test_samples_come_as_often_as_mice_report() -> None:
    screen = Screen(1024, 768)
    gaps_s = [
        (later.after_ns - sooner.after_ns) / NS_PER_S
        for seed in range(100)
        for sooner, later in pairwise(
            reach(random.Random(seed), Point(10, 10), Point(900, 700), 80, screen, SLOW._replace(overshoots=0))
        )
    ]
    at_speed = sorted(gaps_s)[: len(gaps_s) * 9 // 10]  # near its ends a path has not moved a pixel for some samples
    assert min(at_speed[len(at_speed) // 10 :]) >= 0.008
    assert max(at_speed) <= 0.033
    assert len(set(at_speed)) > 100


def test_speed_rises_to_one_peak_before_the_middle_and_falls() -> None:
    early = 0
    for seed in range(50):
        samples = reach(
            random.Random(seed),
            Point(0, 300),
            Point(1000, 300),
            20,
            Screen(1024, 768),
            SLOW._replace(tremor_px=0, overshoots=0),
        )
        fifths = [0.0] * 5
        for sooner, later in pairwise(samples):
            fifths[min(4, 5 * later.after_ns // samples[-1].after_ns)] += math.dist(sooner[1:], later[1:])
        assert max(fifths) in (fifths[1], fifths[2])
        assert fifths[0] < fifths[1]
        assert fifths[3] > fifths[4]
        early += sum(fifths[:2]) > sum(fifths[3:])
    assert early > 45


def test_minimum_jerk_starts_and_ends_at_rest() -> None:
    assert (minimum_jerk(0), minimum_jerk(0.5), minimum_jerk(1)) == (0, 0.5, 1)
    assert minimum_jerk(0.01) < 1e-4
    assert 1 - minimum_jerk(0.99) < 1e-4


def test_far_and_small_targets_take_longer() -> None:
    def mean_s(distance_px: float, target_px: float) -> float:
        return sum(fitts_s(random.Random(seed), distance_px, target_px, SLOW) for seed in range(200)) / 200

    assert mean_s(100, 40) < mean_s(400, 40) < mean_s(400, 10)


def test_some_long_reaches_go_too_far_first_and_short_ones_never_do() -> None:
    def beyond(end_x: int) -> int:
        paths = [
            reach(random.Random(seed), Point(100, 300), Point(end_x, 300), 40, Screen(1024, 768), SLOW)
            for seed in range(400)
        ]
        return sum(max(sample.x for sample in path) > end_x + 5 for path in paths)

    assert 30 <= beyond(700) <= 90  # 15 % of 400
    assert beyond(200) == 0
