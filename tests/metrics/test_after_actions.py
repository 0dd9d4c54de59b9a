"""Which frames come after actions: the paper's, and those of the one clock."""

from fractions import Fraction

import numpy as np
import pytest
from coded_videos import numbered, numbers_of
from hypothesis import given
from hypothesis import strategies as st
from shards import toy_desktop

from tracekit.actions.counts import action_times_ns, count_actions
from tracekit.actions.events import InputEvent, dump_inputs
from tracekit.core.clock import frame_time_ns
from tracekit.core.errors import TracekitError
from tracekit.core.events import Event
from tracekit.metrics.after_actions import Rule, after_actions, frames_after_actions, sample_action_times_ns
from tracekit.metrics.frames import make_pair
from tracekit.shards.events import dump_events

MS = 1_000_000
TIMES = st.lists(st.integers(0, 6_000 * MS), max_size=8)


def test_the_frame_nearest_to_the_action_is_skipped_and_fifteen_follow() -> None:
    assert frames_after_actions([2_000 * MS], 75).tolist() == list(range(31, 46))
    assert frames_after_actions([2_030 * MS], 75).tolist() == list(range(31, 46))
    assert frames_after_actions([2_040 * MS], 75).tolist() == list(range(32, 47))


def test_by_the_clock_they_begin_with_the_first_frame_that_can_show_the_action() -> None:
    assert frames_after_actions([2_000 * MS], 75, "clock").tolist() == list(range(30, 45))
    assert frames_after_actions([2_030 * MS], 75, "clock").tolist() == list(range(31, 46))
    assert frames_after_actions([2_040 * MS], 75, "clock").tolist() == list(range(31, 46))


def test_halfway_between_two_frames_the_even_one_is_the_actions_as_python_rounds() -> None:
    assert frames_after_actions([500 * MS], 75)[0] == 8 + 1
    assert frames_after_actions([300 * MS], 75)[0] == 4 + 1


def test_of_several_actions_each_frame_is_there_once_and_in_order() -> None:
    times_ns = [frame_time_ns(frame) for frame in (40, 3, 10)]
    assert frames_after_actions(times_ns, 75).tolist() == [*range(4, 26), *range(41, 56)]


def test_frames_after_the_end_are_left_out() -> None:
    assert frames_after_actions([frame_time_ns(70)], 75).tolist() == [71, 72, 73, 74]
    assert frames_after_actions([frame_time_ns(74)], 75).tolist() == []
    assert frames_after_actions([frame_time_ns(900)], 75).tolist() == []


@given(times_ns=TIMES, frames=st.integers(1, 90))
def test_the_papers_rule_word_for_word(times_ns: list[int], frames: int) -> None:
    meant = set()
    for time_ns in times_ns:
        frame = min(max(round(Fraction(time_ns, 10**9) * 15), 0), frames - 1)
        meant |= {number for number in range(frame + 1, frame + 15 + 1) if number < frames}
    assert frames_after_actions(times_ns, frames).tolist() == sorted(meant)


@given(times_ns=TIMES, frames=st.integers(1, 90))
def test_by_the_clock_no_frame_is_there_that_can_not_show_an_action(times_ns: list[int], frames: int) -> None:
    for frame in frames_after_actions(times_ns, frames, "clock").tolist():
        shown_at = Fraction(frame, 15)
        assert any(0 <= shown_at - Fraction(time_ns, 10**9) < 1 for time_ns in times_ns)


@pytest.mark.parametrize("rule", ["paper", "clock"])
def test_a_clip_without_actions_or_frames_after_them_is_left_out(rule: Rule) -> None:
    pair = make_pair(numbered(20), numbered(20))
    assert after_actions(pair, [], rule) is None
    assert after_actions(pair, [5_000 * MS], rule) is None


def test_both_videos_frames_after_actions_are_put_one_after_the_other() -> None:
    pair = after_actions(make_pair(numbered(75), numbered(75)), [0, 4_000 * MS])
    assert pair is not None
    assert numbers_of(pair.truth) == numbers_of(pair.predicted) == [*range(1, 16), *range(61, 75)]


def test_the_end_is_that_of_the_shorter_video() -> None:
    pair = after_actions(make_pair(numbered(75), numbered(65)), [0, 4_200 * MS])
    assert pair is not None
    assert pair.numbers.tolist() == [*range(1, 16), 64]


def test_actions_of_a_desktop_are_presses_and_notches() -> None:
    times_ns = sample_action_times_ns("desktop", dump_inputs(toy_desktop.EVENTS))
    assert times_ns == [frame_time_ns(frame) for frame in (3, 9, 20)]


def test_actions_of_a_terminal_are_keys() -> None:
    events = [Event(0, "o", "$ "), Event(40 * MS, "i", "l"), Event(90 * MS, "i", "s\r"), Event(91 * MS, "o", "ls")]
    assert sorted(set(sample_action_times_ns("terminal", dump_events(events)))) == [40 * MS, 90 * MS]
    assert sample_action_times_ns("terminal", dump_events(events[:1])) == []


def test_events_that_are_none_are_an_error() -> None:
    for kind in ("desktop", "terminal"):
        with pytest.raises(TracekitError):
            sample_action_times_ns(kind, b"{}\n")


def test_there_is_an_instant_for_whatever_counts_as_an_action_however_much_it_is() -> None:
    much = [InputEvent(5, "scroll", 0, 0, dy=10**12), InputEvent(7, "move", 0, 0), InputEvent(9, "scroll", 0, 0, dx=-2)]
    assert count_actions(much) == 10**12 + 2
    assert action_times_ns(much) == [5, 9]


def test_a_key_that_repeats_is_one_action() -> None:
    def key(time_ns: int, code: str) -> InputEvent:
        return InputEvent(time_ns, code, 0, 0, keycode=38, keysym="a")  # type: ignore[arg-type]

    assert action_times_ns([key(1, "key-down"), key(2, "key-down"), key(3, "key-up"), key(4, "key-down")]) == [1, 4]


def test_none_after_none() -> None:
    assert frames_after_actions([], 75).dtype == np.int64
    assert len(frames_after_actions([], 75)) == 0
