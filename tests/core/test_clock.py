"""Law 1: one clock."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracekit.core.clock import FPS, NS_PER_S, frame_of, frame_time_ns, frames_for, to_ns

times_ns = st.integers(0, 10**15)
frames = st.integers(0, 10**9)


@given(times_ns)
def test_an_event_belongs_to_the_first_frame_that_can_show_it(time_ns: int) -> None:
    frame = frame_of(time_ns)
    assert Fraction(frame, FPS) >= Fraction(time_ns, NS_PER_S)
    assert frame == 0 or Fraction(frame - 1, FPS) < Fraction(time_ns, NS_PER_S)


@given(times_ns, frames)
def test_rounding_a_frame_instant_down_changes_no_comparison(time_ns: int, frame: int) -> None:
    assert (time_ns <= frame_time_ns(frame)) == (Fraction(time_ns, NS_PER_S) <= Fraction(frame, FPS))
    assert (time_ns <= frame_time_ns(frame)) == (frame_of(time_ns) <= frame)


def test_output_at_an_instant_is_in_its_frame_and_later_output_in_the_next() -> None:
    assert frame_of(0) == 0
    assert frame_of(1) == 1
    assert frame_of(200_000_000) == 3
    assert frame_of(200_000_001) == 4
    assert frames_for(0) == 1
    assert frames_for(5 * NS_PER_S) == 76


@given(st.integers(0, 9 * 10**12))
def test_seconds_with_six_digits_come_back_exactly(microseconds: int) -> None:
    assert to_ns(float(f"{microseconds // 10**6}.{microseconds % 10**6:06d}")) == microseconds * 1000


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), 1e300])
def test_times_that_are_no_times_are_refused(value: float) -> None:
    with pytest.raises(ValueError, match="not a usable time"):
        to_ns(value)
