"""What a model asks for, turned into keys, coordinates and inputs; and what it asks for that is nothing."""

import io
import json
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from fake_desktop import FakeDesktop
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tracekit.desktop.models import actions
from tracekit.desktop.models.actions import CantDo
from tracekit.desktop.models.hands import Hands
from tracekit.desktop.models.keys import chords
from tracekit.desktop.models.scale import Scale, Size, fit

SIDES = st.integers(16, 4000)
SIZES = st.builds(Size, SIDES, SIDES)


class Waiting:
    """The clock of a run that has no end."""

    def __init__(self, desktop: FakeDesktop) -> None:
        self._desktop = desktop

    def wait_until(self, time_ns: int) -> None:
        self._desktop.wait_until(time_ns)


def done(*asked: dict[str, Any], picture: Size | None = None) -> FakeDesktop:
    """What comes of actions on a desktop."""
    desktop = FakeDesktop()
    screen = Size(desktop.width_px, desktop.height_px)
    hands = Hands(desktop, Waiting(desktop), Scale(screen, picture or screen), 1, 0.06)
    for arguments in asked:
        hands.perform(actions.parse(arguments), [])
    return desktop


@given(
    screen=SIZES, picture=SIZES, share=st.tuples(st.floats(0, 1, exclude_max=True), st.floats(0, 1, exclude_max=True))
)
def test_a_point_of_the_picture_comes_back_from_the_screen_within_a_pixel_of_the_coarser(
    screen: Size, picture: Size, share: tuple[float, float]
) -> None:
    scale = Scale(screen, picture)
    x, y = int(share[0] * picture.width_px), int(share[1] * picture.height_px)
    on_screen = scale.to_screen(x, y)
    assert 0 <= on_screen[0] < screen.width_px
    assert 0 <= on_screen[1] < screen.height_px
    back = scale.to_model(*on_screen)
    assert abs(back[0] - x) <= max(1, picture.width_px // screen.width_px)
    assert abs(back[1] - y) <= max(1, picture.height_px // screen.height_px)
    if picture.width_px <= screen.width_px:
        assert back[0] == x
    if picture.height_px <= screen.height_px:
        assert back[1] == y


@given(size=SIZES, data=st.data())
def test_where_the_picture_has_the_screens_size_coordinates_are_the_screens(size: Size, data: st.DataObject) -> None:
    x, y = data.draw(st.integers(0, size.width_px - 1)), data.draw(st.integers(0, size.height_px - 1))
    assert Scale(size, size).to_screen(x, y) == Scale(size, size).to_model(x, y) == (x, y)


@pytest.mark.parametrize("screen", [Size(1024, 768), Size(1920, 1080), Size(1280, 800), Size(800, 600)])
def test_a_mark_that_is_seen_in_the_picture_is_hit_on_the_screen(screen: Size) -> None:
    scale = Scale(screen, fit(screen, 700, 400_000))
    for mark in ((0, 0), (100, 200), (screen.width_px - 12, screen.height_px - 12)):
        pixels = np.zeros((screen.height_px, screen.width_px, 3), np.uint8)
        pixels[mark[1] : mark[1] + 12, mark[0] : mark[0] + 12] = 255
        seen = np.asarray(Image.open(io.BytesIO(scale.png(pixels))).convert("L"))
        rows, columns = np.nonzero(seen > 200)
        x, y = scale.to_screen(int(columns.mean()), int(rows.mean()))
        assert pixels[y, x].tolist() == [255, 255, 255]


def test_a_grid_of_a_thousand_steps_counts_across_the_screen_whatever_the_picture() -> None:
    scale = Scale(Size(1920, 1080), Size(960, 540), 1000)
    assert scale.to_screen(500, 500) == (960, 540)
    assert scale.to_screen(999, 999) == (1919, 1079)
    with pytest.raises(CantDo, match="from 0 to 999"):
        scale.to_screen(1000, 0)


@given(screen=SIZES, long_edge=st.integers(64, 4000), pixels=st.integers(4096, 4_000_000))
def test_a_picture_fits_its_limits_and_keeps_its_shape(screen: Size, long_edge: int, pixels: int) -> None:
    fitted = fit(screen, long_edge, pixels)
    assert max(fitted) <= long_edge
    assert fitted.width_px * fitted.height_px <= pixels
    assert abs(fitted.width_px * screen.height_px - fitted.height_px * screen.width_px) <= max(screen)
    if max(screen) <= long_edge and screen.width_px * screen.height_px <= pixels:
        assert fitted == screen


@pytest.mark.parametrize("point", [(-1, 0), (0, -0.5), (1024, 0), (0, 768), (1e300, 0)])
def test_a_point_outside_the_picture_is_told_back(point: tuple[float, float]) -> None:
    desktop = FakeDesktop()
    with pytest.raises(CantDo, match="not in the screenshot"):
        Scale(Size(1024, 768), Size(1024, 768)).to_screen(*point)
    assert desktop.done == []


def test_a_click_is_made_where_the_model_points_at_after_a_path_without_jumps() -> None:
    desktop = done({"action": "left_click", "coordinate": [100, 50]}, picture=Size(512, 384))
    assert desktop.clicks() == [("left", 201, 101)]
    moves = [(do.x, do.y) for _, do in desktop.done if do.kind == "move"]
    steps = [np.hypot(x - a, y - b) for (a, b), (x, y) in pairwise(moves)]
    assert len(moves) > 15
    assert max(steps) < 80
    assert [do.kind for _, do in desktop.done][-2:] == ["down", "up"]


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("left_click", ["left"]),
        ("right_click", ["right"]),
        ("middle_click", ["middle"]),
        ("double_click", ["left"] * 2),
        ("triple_click", ["left"] * 3),
    ],
)
def test_each_click_presses_its_button_so_many_times(action: str, expected: list[str]) -> None:
    desktop = done({"action": action, "coordinate": [10, 20]}, {"action": action})
    assert desktop.clicks() == [(button, 10, 20) for button in expected * 2]


def test_keys_are_held_while_there_is_a_click() -> None:
    kinds = [(do.kind, do.keysym) for _, do in done({"action": "left_click", "text": "ctrl+shift"}).done]
    assert kinds == [
        ("key-down", "Control_L"), ("key-down", "Shift_L"), ("down", ""), ("up", ""),
        ("key-up", "Shift_L"), ("key-up", "Control_L"),
    ]  # fmt: skip


def test_a_drag_moves_with_the_button_held_from_its_start_to_its_end() -> None:
    desktop = done({"action": "left_click_drag", "start_coordinate": [10, 10], "coordinate": [300, 200]})
    kinds = [do.kind for _, do in desktop.done]
    down, up = kinds.index("down"), kinds.index("up")
    assert desktop.clicks() == [("left", 10, 10)]
    assert set(kinds[down + 1 : up]) == {"move"}
    assert desktop.done[up - 1][1][2:4] == (300, 200)


def test_the_wheel_turns_a_notch_at_a_time_in_its_direction() -> None:
    desktop = done({"action": "scroll", "coordinate": [5, 5], "scroll_direction": "up", "scroll_amount": 3})
    assert [(do.dx, do.dy) for _, do in desktop.done if do.kind == "scroll"] == [(0, -1)] * 3


def test_text_is_typed_with_its_lines_capitals_and_what_no_key_has() -> None:
    desktop = done({"action": "type", "text": "Hi!\r\n\tü€\n"})
    assert desktop.typed() == "<Shift_L>hi<Shift_L>1<Return><Tab><U00FC><U20AC><Return>"
    held: set[str] = set()
    for _, do in desktop.done:
        (held.add if do.kind == "key-down" else held.discard)(do.keysym)
    assert held == set()


def test_a_button_that_is_held_stays_down_over_actions_until_it_is_let_go() -> None:
    desktop = done(
        {"action": "left_mouse_down"}, {"action": "mouse_move", "coordinate": [9, 9]}, {"action": "left_mouse_up"}
    )
    kinds = [do.kind for _, do in desktop.done]
    assert (kinds[0], kinds[-1], set(kinds[1:-1])) == ("down", "up", {"move"})


def test_a_key_is_held_for_its_time_and_a_wait_lasts() -> None:
    (down, _), (up, _) = done({"action": "hold_key", "text": "Right", "duration": 2}).done
    assert 2e9 <= up - down < 2.1e9
    assert 3e9 <= done({"action": "wait", "duration": 3}).now_ns() < 3.1e9


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ctrl+s", [("Control_L", "s")]),
        ("CTRL+SHIFT+T", [("Control_L", "Shift_L", "t")]),
        ("Return", [("Return",)]),
        ("enter", [("Return",)]),
        ("super", [("Super_L",)]),
        ("Page_Down", [("Next",)]),
        ("alt+F4", [("Alt_L", "F4")]),
        ("A", [("Shift_L", "a")]),
        ("ctrl++", [("Control_L", "Shift_L", "equal")]),
        ("+", [("Shift_L", "equal")]),
        ("ctrl+minus", [("Control_L", "minus")]),
        ("Down Down Return", [("Down",), ("Down",), ("Return",)]),
        ("é", [("U00E9",)]),
    ],
)
def test_names_of_keys_are_those_of_xdotool(text: str, expected: list[tuple[str, ...]]) -> None:
    assert chords(text, FakeDesktop().key_for) == expected


@pytest.mark.parametrize("text", ["ctrl+", "++s", "flarp", "ctrl+nonsense", "\x07", "a " * 51, " ", "$(reboot)"])
def test_a_key_that_is_none_is_told_back(text: str) -> None:
    with pytest.raises(CantDo):
        chords(text, FakeDesktop().key_for)


@given(st.text(max_size=40))
def test_any_text_is_keys_or_is_told_back(text: str) -> None:
    try:
        found = chords(text, FakeDesktop().key_for)
    except CantDo:
        return
    assert all(chord for chord in found)


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"action": None},
        {"action": "format_disk"},
        {"action": "left_click", "coordinate": [1]},
        {"action": "left_click", "coordinate": [float("nan"), 1]},
        {"action": "left_click", "coordinate": ["NaN", 1]},
        {"action": "left_click", "coordinate": [float("inf"), 1]},
        {"action": "left_click", "coordinate": [10**400, 1]},
        {"action": "left_click", "coordinate": "over there"},
        {"action": "mouse_move"},
        {"action": "left_click_drag", "start_coordinate": [1, 1]},
        {"action": "key"},
        {"action": "key", "text": "Return", "repeat": 10**9},
        {"action": "type", "text": ""},
        {"action": "type", "text": "x" * 5000},
        {"action": "scroll", "scroll_direction": "sideways", "scroll_amount": 1},
        {"action": "scroll", "scroll_direction": "up", "scroll_amount": 10**9},
        {"action": "wait", "duration": 10**9},
        {"action": "wait", "duration": -1},
        {"action": "hold_key", "text": "a", "duration": float("nan")},
        {"action": "zoom", "region": [1, 2, 3]},
    ],
    ids=str,
)
def test_arguments_that_are_no_action_are_told_back_in_a_few_words(arguments: dict[str, Any]) -> None:
    with pytest.raises(CantDo) as told:
        actions.parse(arguments)
    assert 0 < len(told.value.message) <= 500


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
    max_leaves=10,
)


@given(action=st.sampled_from(actions.schema()["properties"]["action"]["enum"]), rest=st.dictionaries(
    st.sampled_from(sorted(actions.schema()["properties"])), JSON, max_size=5))  # fmt: skip
def test_nonsense_is_done_or_told_back_and_never_anything_else(action: str, rest: dict[str, Any]) -> None:
    try:
        desktop = done(rest | {"action": action})
    except CantDo:
        return
    assert all(0 <= do.x < 1024 and 0 <= do.y < 768 for _, do in desktop.done)


@pytest.mark.parametrize("text", ["a\x07b", "\x1b[A", "left\u200eright"])
def test_characters_that_no_key_types_are_told_back_before_any_is_typed(text: str) -> None:
    desktop = FakeDesktop()
    hands = Hands(desktop, Waiting(desktop), Scale(Size(1024, 768), Size(1024, 768)), 1, 0.06)
    with pytest.raises(CantDo, match="can't be typed"):
        hands.perform(actions.parse({"action": "type", "text": text}), [])
    with pytest.raises(CantDo, match="no key is left"):
        hands.perform(actions.parse({"action": "type", "text": "abc\N{SNOWMAN}"}), [])
    assert desktop.done == []


def test_a_zoom_shows_its_part_as_large_as_the_picture_allows() -> None:
    scale = Scale(Size(1000, 800), Size(500, 400))
    pixels = np.zeros((800, 1000, 3), np.uint8)
    pixels[200:400, 200:400] = 255
    part = Image.open(io.BytesIO(scale.zoomed_png(pixels, (100, 100, 200, 200))))
    assert part.size == (400, 400)
    assert np.asarray(part).min() == 255
    for empty in ((10, 10, 10, 20), (20, 20, 10, 10), (0, 0, 501, 10)):
        with pytest.raises(CantDo):
            scale.zoomed_png(pixels, empty)


def test_the_schema_names_every_action_once_and_is_json() -> None:
    names = actions.schema()["properties"]["action"]["enum"]
    assert len(names) == len(set(names)) == 17
    json.dumps(actions.schema())
