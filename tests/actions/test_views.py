"""The views of actions: what they keep of events, what they give back, and that what is lost is told."""

from collections.abc import Sequence

import numpy as np
import pytest
from actions.logs import FRAMES, event, logs, places, press, release, track
from hypothesis import assume, given
from hypothesis import strategies as st

from tracekit.actions.archive import views_of
from tracekit.actions.classes import BUTTONS, CLASSES, KEYS, MOUSE, key_number
from tracekit.actions.events import InputEvent
from tracekit.actions.hands import Held, complete, held_after
from tracekit.actions.losses import Loss, losses
from tracekit.actions.meta import Click, Frame, Scroll, Shortcut, Text, to_meta
from tracekit.actions.raw import from_raw, to_raw
from tracekit.actions.replay import from_meta
from tracekit.core.clock import frame_of, frame_time_ns


def column(name: str) -> int:
    return MOUSE.index(name) if name in MOUSE else len(MOUSE) + key_number(name)


def test_an_event_sets_its_class_in_the_first_frame_that_can_show_it() -> None:
    just_in_time, too_late = frame_time_ns(3), frame_time_ns(3) + 1
    events = [
        InputEvent(just_in_time, "button-down", 5, 5, "left"),
        InputEvent(too_late, "scroll", 5, 5, dy=2),
    ]
    view = to_raw(events, 6)
    assert view.classes[3, column("left-down")] == 1
    assert view.classes[4, column("scroll-down")] == 1
    assert view.classes.sum() == 2
    assert view.classes.shape == (6, CLASSES)
    assert view.buttons[:, BUTTONS.index("left")].tolist() == [False, False, False, False, True, True, True]


def test_keys_are_held_from_their_frame_on_until_they_go_up_whatever_shift_makes_of_them() -> None:
    events = complete([press("Shift_L", 0.05), press("a", 0.1, shift=True), release("Shift_L", 0.2), release("a", 0.3)])
    view = to_raw(events, FRAMES)
    held = {name: np.flatnonzero(view.held[1:, key_number(name)]).tolist() for name in ("a", "A", "Shift_L")}
    assert held == {"a": [2, 3, 4], "A": [2, 3, 4], "Shift_L": [1, 2]}
    assert np.flatnonzero(view.classes[:, column("a")]).tolist() == [2]


def test_what_was_held_before_the_clip_is_held_in_it() -> None:
    before = complete([press("Control_L"), event("button-down", button="left"), press("x", chord=True), release("x")])
    assert held_after(before) == Held(("Control_L",), ("left",))
    actions = views_of([], track([(1, 2)] * FRAMES), FRAMES, before)
    assert actions.raw.held[:, key_number("Control_L")].all()
    assert actions.raw.held.sum() == FRAMES + 1
    assert actions.raw.buttons[:, 0].all()


@given(logs(), st.integers(0, frame_time_ns(FRAMES - 1)))
def test_a_raw_view_gives_back_events_of_the_same_view(log: list[InputEvent], start_ns: int) -> None:
    held = held_after(one for one in log if one.time_ns < start_ns)
    events = [one._replace(time_ns=one.time_ns - start_ns) for one in log if one.time_ns >= start_ns]
    view = to_raw(events, FRAMES, held)
    again = to_raw(from_raw(view, places(events)), FRAMES, view.before)
    ups = [column(name) for name in MOUSE if name.endswith("-up")]
    keep = [number for number in range(CLASSES) if number not in ups]
    assert np.array_equal(view.classes[:, keep], again.classes[:, keep])
    assert np.array_equal(view.held, again.held)
    assert np.array_equal(view.buttons, again.buttons)


@given(logs(apart=True))
def test_events_a_frame_apart_come_back_from_the_raw_view_whole(events: list[InputEvent]) -> None:
    assume(not any(one.keysym == "é" for one in events))
    back = from_raw(to_raw(events, FRAMES), places(events))
    assert losses(events, back) == []
    plain = [one._replace(time_ns=frame_time_ns(frame_of(one.time_ns)), keycode=0) for one in events]
    assert back == plain


@given(logs(), st.booleans())
def test_what_is_not_told_as_lost_comes_back(events: list[InputEvent], meta: bool) -> None:
    at = places(events)
    back = from_meta(to_meta(events, FRAMES), at) if meta else from_raw(to_raw(events, FRAMES), at)
    lost = losses(events, back)
    damaged = {loss.frame for loss in lost}

    def of(frame: int, them: Sequence[InputEvent]) -> list[tuple[object, ...]]:
        return [
            (one.code, one.x, one.y, one.button, one.dx, one.dy, one.keysym, one.text)
            for one in them
            if frame_of(one.time_ns) == frame
        ]

    for frame in range(FRAMES):
        assert (of(frame, events) == of(frame, back)) == (frame not in damaged)


def test_losses_are_named() -> None:
    notches = [event("scroll", 0.01, dy=1)] * 3
    assert losses(notches, from_raw(to_raw(notches, 2), places(notches, 2))) == [Loss(1, "missing", "scroll", 2)]
    assert losses(notches, from_meta(to_meta(notches, 2), places(notches, 2))) == []
    a, b = event("button-down", 0.01, button="left"), event("button-down", 0.02, button="right")
    assert losses([a, b], [b, a]) == [Loss(1, "reordered", None)]
    assert losses([a], [a._replace(x=99)]) == [Loss(1, "elsewhere", "button-down")]
    assert losses([], [a]) == [Loss(1, "added", "button-down")]


def meant(events: Sequence[InputEvent], frames: int = FRAMES) -> dict[int, Frame]:
    return {frame: slots for frame, slots in enumerate(to_meta(complete(events), frames)) if slots}


def clicks(*presses: tuple[float, int]) -> list[InputEvent]:
    pairs = [
        (event("button-down", t, x, button="left"), event("button-up", t + 0.02, x, button="left")) for t, x in presses
    ]
    return [one for pair in pairs for one in pair]


@pytest.mark.parametrize(
    ("presses", "counts"),
    [
        ([(0.1, 10), (0.3, 10)], [1, 2]),
        ([(0.1, 10), (0.501, 10)], [1, 1]),
        ([(0.1, 10), (0.5, 10)], [1, 2]),
        ([(0.1, 10), (0.3, 16)], [1, 1]),
        ([(0.1, 10), (0.3, 15)], [1, 2]),
        ([(0.0, 10), (0.2, 10), (0.4, 10), (0.6, 10)], [1, 2, 3, 1]),
    ],
)
def test_presses_close_in_time_and_place_are_double_and_triple_clicks(
    presses: list[tuple[float, int]], counts: list[int]
) -> None:
    found = [slot for slots in meant(clicks(*presses)).values() for slot in slots]
    assert found == [Click("left", count) for count in counts]


def test_a_drag_has_a_slot_in_each_frame_from_its_start_to_its_drop_and_a_shaking_hand_drags_nothing() -> None:
    events = [
        event("button-down", 0.05, 10, button="left"),
        event("move", 0.12, 13),
        event("move", 0.19, 18),
        event("button-up", 0.45, 40, button="left"),
    ]
    dragged = (Click("left", 1, True),)
    assert meant(events) == {1: (Click("left"),), **dict.fromkeys(range(3, 8), dragged)}
    assert meant([events[0], events[1], event("button-up", 0.3, 13, button="left")]) == {1: (Click("left"),)}
    back = from_meta(to_meta(events, FRAMES), np.full((FRAMES, 2), 10, np.int32))
    assert [(one.code, frame_of(one.time_ns)) for one in back] == [("button-down", 1), ("button-up", 7)]


def test_a_drag_from_before_the_clip_goes_on_in_it() -> None:
    events = [event("move", 0.1, 50, drag=True), event("button-up", 0.2, 60, button="left")]
    found = to_meta(events, 5, Held((), ("left",)))
    assert found == [(), (), (Click("left", 1, True),), (Click("left", 1, True),), ()]


def test_text_is_told_from_chords() -> None:
    typed = [press("h", 0.01), release("h", 0.02), press("Shift_L", 0.03), press("1", 0.04, shift=True),
             release("1", 0.05, shift=True), release("Shift_L", 0.06)]  # fmt: skip
    assert meant(typed) == {1: (Text("h!"),)}
    chord = [press("Control_L", 0.01), press("Shift_L", 0.02), press("t", 0.03, shift=True, chord=True)]
    assert meant(chord) == {1: (Shortcut("ctrl+shift+t"),)}
    assert meant([press("Return")]) == {0: (Shortcut("Return"),)}
    assert meant([press("Shift_L"), press("Left", 0.01, shift=True)]) == {1: (Shortcut("shift+Left"),)}
    alone = [press("Super_L"), release("Super_L", 0.1)]
    assert meant(alone) == {2: (Shortcut("Super_L"),)}


def test_of_more_than_two_in_a_frame_the_two_that_matter_most_stay_in_their_order() -> None:
    events = [
        event("scroll", 0.01, dy=1),
        press("a", 0.02),
        event("button-down", 0.03, button="right"),
        press("Return", 0.04),
        event("scroll", 0.05, dy=1),
    ]
    assert meant(events) == {1: (Click("right"), Shortcut("Return"))}
    lost = losses(events, from_meta(to_meta(events, 2), places(events, 2)))
    assert Loss(1, "missing", "scroll", 2) in lost
    assert Loss(1, "missing", "key-down", 1) in lost


def test_notches_in_one_direction_are_one_scroll() -> None:
    events = [event("scroll", 0.01, dy=1), event("scroll", 0.02, dy=2), event("scroll", 0.03, dx=-1)]
    assert meant(events) == {1: (Scroll("down", 3), Scroll("left", 1))}


_CHARACTERS = st.characters(codec="utf-8", exclude_categories=["C", "Z"]) | st.just(" ")
_SLOTS = (
    st.sampled_from([Click(button) for button in BUTTONS])
    | st.builds(Scroll, st.sampled_from(["up", "down", "left", "right"]), st.integers(1, 9))
    | st.builds(Text, st.text(_CHARACTERS, min_size=1, max_size=6))
    | st.builds(Shortcut, st.sampled_from(["ctrl+c", "alt+F4", "Return", "shift+Tab", "ctrl+alt+shift+Left", "F24"]))
)


@given(st.lists(st.none() | _SLOTS, max_size=8))
def test_a_meta_view_gives_back_events_of_the_same_view(slots: list[Click | Scroll | Text | Shortcut | None]) -> None:
    meta = [((slot,) if slot else ()) for slot in slots]
    apart = [frame for one in meta for frame in (one, *[()] * 7)]  # so far apart that clicks stay single
    assert to_meta(from_meta(apart, np.full((len(apart), 2), 7, np.int32)), len(apart)) == apart


def test_every_key_of_the_table_has_its_own_class() -> None:
    assert (len(MOUSE), len(KEYS), CLASSES) == (13, 169, 182)
    assert [key_number(key.keysym) for key in KEYS] == list(range(169))
    assert [key_number(key.shifted) for key in KEYS] == list(range(169))


@pytest.mark.parametrize(
    ("keysym", "key"),
    [("A", "a"), ("exclam", "1"), ("ISO_Left_Tab", "Tab"), ("Page_Up", "Prior"), ("KP_Home", "KP_7"),
     ("Meta_L", "Alt_L"), ("XF86_AudioMute", "XF86AudioMute"), ("Cyrillic_ya", "other"), ("", "other")],
)  # fmt: skip
def test_other_keysyms_of_a_key_are_of_its_class_and_unknown_ones_of_other(keysym: str, key: str) -> None:
    assert KEYS[key_number(keysym)].keysym == key
