"""The error of events' times is what the server's own cursor says it is."""

import pytest

from tracekit.actions.events import InputEvent
from tracekit.core.clock import frame_time_ns
from tracekit.desktop.cursor_watch import CursorSample
from tracekit.desktop.sync import LOST_NS, event_errors

STEP_NS = 16_000_000
EVENTS = [InputEvent(step * STEP_NS, "move", step, 5) for step in range(1, 200)]
START_NS, END_NS = 10**12, 4 * 10**9


def sample(time_ns: int, x: int, took_ns: int = 100_000) -> CursorSample:
    """The server has the cursor at x, at an instant of the trace's clock."""
    return CursorSample(START_NS + time_ns, START_NS + time_ns + took_ns, x, 5, 0)


@pytest.mark.parametrize(
    ("ahead", "error_ns"),
    [(0, 0), (1, STEP_NS - 5_000_000 - 100_000), (-1, 5_000_000), (2, 2 * STEP_NS - 5_100_000)],
)
def test_an_error_is_the_time_between_where_the_server_and_the_log_have_the_cursor(ahead: int, error_ns: int) -> None:
    samples = [sample(step * STEP_NS + 5_000_000, step + ahead) for step in range(20, 100)]
    found = event_errors(samples, EVENTS, (0, 5), START_NS, END_NS)
    assert found.errors_ns == [error_ns] * 80
    assert (found.wrong_frames > 0) == (error_ns > 0)


def test_an_event_is_on_a_wrong_frame_where_the_instant_of_a_frame_lies_in_between() -> None:
    due_ns = frame_time_ns(30)
    late = [InputEvent(due_ns + 3_000_000, "move", 50, 5)]
    before, after = sample(due_ns - 1_000_000, 50), sample(due_ns + 500_000, 50)
    assert event_errors([before], late, (0, 5), START_NS, END_NS).wrong_frames == 1
    found = event_errors([after], late, (0, 5), START_NS, END_NS)
    assert (found.errors_ns, found.wrong_frames) == ([2_400_000], 0)


def test_a_place_that_the_log_does_not_have_is_lost() -> None:
    found = event_errors([sample(10**9, 999)], EVENTS, (0, 5), START_NS, END_NS)
    assert (found.errors_ns, found.wrong_frames) == ([LOST_NS], 1)


def test_answers_that_tell_nothing_are_left_out() -> None:
    slow, outside = sample(10**9, 999, took_ns=3_000_000), sample(-(10**6), 999)
    resting = CursorSample(START_NS + 3_700_000_000, START_NS + 3_700_100_000, 199, 5, 0)
    assert event_errors([slow, outside, resting], EVENTS, (0, 5), START_NS, END_NS).errors_ns == []
