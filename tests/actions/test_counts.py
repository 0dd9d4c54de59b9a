"""What counts as an action, and how far the cursor goes."""

import numpy as np
import pytest
from actions.logs import event, logs, press, release
from hypothesis import given

from tracekit.actions.counts import count_actions, count_drags, px_per_frame
from tracekit.actions.events import InputEvent


def test_actions_are_presses_and_notches() -> None:
    events = [
        event("move", x=500),
        event("button-down", button="left"),
        event("button-up", button="left"),
        event("scroll", dy=-3),
        event("scroll", dx=1, dy=1),
        press("Control_L"),
        press("c", chord=True),
        release("c"),
        release("Control_L"),
    ]
    assert count_actions(events) == 1 + 3 + 2 + 2


def test_a_key_that_repeats_because_it_is_held_is_one_action() -> None:
    assert count_actions([press("a"), press("a"), press("a"), release("a"), press("a")]) == 2


@given(logs())
def test_actions_of_a_log_are_the_sum_of_those_of_its_kinds(events: list[InputEvent]) -> None:
    kinds = [{"button-down"}, {"scroll"}, {"key-down", "key-up"}, {"move", "button-up"}]
    assert count_actions(events) == sum(count_actions(one for one in events if one.code in kind) for kind in kinds)


@pytest.mark.parametrize(("x", "drags"), [(17, 0), (18, 1)])
def test_a_drag_goes_eight_pixels_or_further(x: int, drags: int) -> None:
    held = [event("button-down", button="left"), event("move", x=x), event("move", x=x)]
    assert count_drags([*held, event("button-up", x=x, button="left"), event("move", x=900)]) == drags


def test_px_per_frame_is_the_mean_distance_between_frames() -> None:
    assert px_per_frame(np.array([[0, 0], [3, 4], [3, 4], [3, 10]], np.int32)) == pytest.approx(11 / 3, abs=1e-9)
    assert px_per_frame(np.array([[5, 5]], np.int32)) == 0.0
    assert px_per_frame(np.array([[-(2**31), 0], [2**31 - 1, 0]], np.int32)) == 2**32 - 1
