"""Statistics of a desktop's clip are counts of what is in it."""

import numpy as np
import pytest
from actions.logs import event, press, release, track

from tracekit.actions.cursor_track import HIDDEN
from tracekit.core.clock import NS_PER_S
from tracekit.desktop.describe import describe_desktop


def test_counts_and_rates() -> None:
    events = [
        event("move", 0.1),
        event("button-down", 0.2, button="left"),
        event("move", 0.3, x=60),
        event("button-up", 0.4, x=60, button="left"),
        event("scroll", 0.5, dy=3),
        press("a", 1.0),
        release("a", 1.1),
        press("z", 1.5),
    ]
    found = describe_desktop(events, track([(10, 10), (13, 14), (13, 14)]), np.zeros(3, np.bool_), 2 * NS_PER_S)
    assert (found.inputs, found.clicks, found.drags, found.scrolls, found.keys, found.actions) == (8, 1, 1, 3, 2, 6)
    assert (found.actions_per_s, found.events_per_s, found.px_per_frame) == (3.0, 4.0, 2.5)
    assert (found.typing_interval_mean_s, found.typing_interval_variance_s2) == (0.5, 0.0)
    assert (found.text_density, found.outputs) == (None, None)


@pytest.mark.parametrize(("drawn", "changed"), [(True, 4), (False, 1)])
def test_frames_change_with_their_pixels_and_with_a_cursor_that_is_drawn(drawn: bool, changed: int) -> None:
    cursor = track([(0, 0), (5, 0), (5, 0), (9, 9), (9, 9), (9, 9)], [0, 0, HIDDEN, HIDDEN, 0, 0])
    pixels = np.array([True, False, False, False, False, True])
    assert describe_desktop([], cursor, pixels, NS_PER_S, cursor_drawn=drawn).changed_frames == changed


def test_a_clip_without_anything_has_no_rates() -> None:
    found = describe_desktop([], track([(1, 1)]), np.zeros(1, np.bool_), 0)
    assert (found.actions_per_s, found.events_per_s, found.px_per_frame, found.changed_frames) == (0, 0, 0, 0)
    assert found.typing_interval_mean_s is None
