"""Overlays: what the events say is drawn where and when they say it."""

import json
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from traces import write_trace

from tracekit.actions.events import CODES, InputEvent
from tracekit.actions.hands import complete
from tracekit.core.clock import frame_of, frame_time_ns
from tracekit.core.errors import TracekitError
from tracekit.desktop.overlay import overlay
from tracekit.desktop.overlay_art import COLORS, FOOT_PX, HEAD_PX, RING, RING_PX
from tracekit.desktop.overlay_scene import FADE_FRAMES, scenes
from tracekit.video.decode import frame_count, frames_rgb

SIZE = 320, 192
FRAMES = 30


def at(frame: int, code: str, x: int, y: int, **about: object) -> InputEvent:
    """An event that frame ``frame`` is the first to show."""
    return InputEvent(frame_time_ns(frame), code, x, y, **about)  # type: ignore[arg-type]


EVENTS = complete(
    [
        at(0, "move", 60, 80),
        at(5, "move", 160, 100),
        at(8, "button-down", 160, 100, button="left"),
        at(9, "button-up", 160, 100, button="left"),
        at(16, "key-down", 160, 100, keysym="a", text="a"),
        at(18, "key-up", 160, 100, keysym="a"),
        at(20, "button-down", 160, 100, button="right"),
        at(22, "move", 230, 130),
        at(24, "button-up", 230, 130, button="right"),
        at(26, "scroll", 230, 130, dy=2),
    ]
)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> NDArray[np.uint8]:
    """The overlay's frames."""
    folder = tmp_path_factory.mktemp("overlay")
    write_trace(folder / "trace", FRAMES, events=EVENTS, instruction="Do it")
    overlay(folder / "trace", folder / "out.mp4")
    assert frame_count(folder / "out.mp4") == FRAMES
    return frames_rgb(folder / "out.mp4", range(FRAMES))


def likeness(picture: NDArray[np.uint8], color: tuple[int, int, int], x: int, y: int, radius_px: int) -> float:
    """The share of a ring about a place on the screen that is nearly of a colour."""
    angles = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    columns = np.round(x + radius_px * np.cos(angles)).astype(int)
    rows = np.round(HEAD_PX + y + radius_px * np.sin(angles)).astype(int)
    far = np.abs(picture[rows, columns].astype(int) - np.array(color)).max(axis=1)
    return float((far < 90).mean())


def test_the_screen_lies_between_a_line_and_the_keys(drawn: NDArray[np.uint8]) -> None:
    assert drawn.shape[1:] == (SIZE[1] + HEAD_PX + FOOT_PX, SIZE[0], 3)


def test_a_ring_lies_about_the_logged_cursor_from_the_events_own_frame_on(drawn: NDArray[np.uint8]) -> None:
    for frame, place, other in ((0, (60, 80), (160, 100)), (4, (60, 80), (160, 100)), (5, (160, 100), (60, 80))):
        assert likeness(drawn[frame], RING, *place, RING_PX - 1) > 0.8
        assert likeness(drawn[frame], RING, *other, RING_PX - 1) < 0.2


def test_a_click_is_a_ring_in_its_buttons_colour_that_fades(drawn: NDArray[np.uint8]) -> None:
    shown = [likeness(drawn[frame], COLORS["left"], 160, 100, 7 + 4 * max(0, frame - 8)) for frame in range(FRAMES)]
    assert shown[7] < 0.2
    assert shown[8] > 0.8
    assert all(share < 0.3 for share in shown[8 + FADE_FRAMES : 20])


def test_keys_are_drawn_while_they_are_held_and_fade_after(drawn: NDArray[np.uint8]) -> None:
    foot = drawn[:, -FOOT_PX + 2 :, : SIZE[0] // 2].astype(int)
    changed = [int((np.abs(foot[frame] - foot[0]).max(axis=2) > 60).sum()) for frame in range(FRAMES)]
    assert max(changed[:16]) < 20
    assert min(changed[16:18]) > 300
    assert changed[17] > changed[19] > 20


def test_a_drag_is_a_line_from_where_it_began(drawn: NDArray[np.uint8]) -> None:
    middle = drawn[22, HEAD_PX + 115, 195].astype(int), drawn[21, HEAD_PX + 115, 195].astype(int)
    assert middle[0][0] - middle[0][2] > 60
    assert abs(middle[1][0] - middle[1][2]) < 30


def test_the_same_trace_gives_the_same_bytes(tmp_path: Path) -> None:
    write_trace(tmp_path / "trace", 8, events=EVENTS[:3])
    for name in ("one.mp4", "two.mp4"):
        overlay(tmp_path / "trace", tmp_path / name)
    assert (tmp_path / "one.mp4").read_bytes() == (tmp_path / "two.mp4").read_bytes()


def test_a_trace_that_was_never_finished_is_drawn_as_far_as_it_goes(tmp_path: Path) -> None:
    folder = tmp_path / "trace.partial"
    write_trace(folder.with_suffix(""), 8, events=EVENTS[:2])
    folder.with_suffix("").rename(folder)
    (folder / "trace.json").unlink()
    (folder / "cursor.npz").unlink()
    (folder / "events.jsonl").write_bytes((folder / "events.jsonl").read_bytes() + b'{"t":40')
    (folder / "windows.jsonl").write_bytes(b'{"t":0,"windows":[{"title":7,"active":true}]}\n[]\n{')
    overlay(folder, tmp_path / "out.mp4")
    assert frame_count(tmp_path / "out.mp4") == 8


def test_what_is_no_trace_is_said_to_be_none(tmp_path: Path) -> None:
    with pytest.raises(TracekitError, match="no trace here"):
        overlay(tmp_path, tmp_path / "out.mp4")
    write_trace(tmp_path / "trace", 2)
    with pytest.raises(TracekitError, match="lie in the trace"):
        overlay(tmp_path / "trace", tmp_path / "trace" / "screen.mp4")
    (tmp_path / "trace" / "events.jsonl").write_text(json.dumps({"t": -1}) + "\n")
    with pytest.raises(TracekitError, match=r"events\.jsonl:1"):
        overlay(tmp_path / "trace", tmp_path / "out.mp4")
    assert not (tmp_path / "out.mp4").exists()


@given(
    st.lists(
        st.builds(
            InputEvent,
            st.integers(0, 2_000_000_000),
            st.sampled_from(CODES),
            st.integers(0, 300),
            st.integers(0, 200),
            st.sampled_from(["", "left", "right"]),
            keysym=st.sampled_from(["", "a", "Return", "BackSpace", "U20AC", "UFFFFFFF", "Shift_L"]),
            text=st.text(max_size=3),
        ),
        max_size=30,
    )
)
def test_a_scene_has_the_cursor_where_the_newest_event_of_its_frame_has_it(events: list[InputEvent]) -> None:
    events = complete(sorted(events, key=lambda event: event.time_ns))
    for frame, scene in enumerate(islice(scenes(events), 40)):
        seen = [event for event in events if frame_of(event.time_ns) <= frame] or events[:1]
        assert scene.cursor == ((seen[-1].x, seen[-1].y) if seen else None)
        assert all(mark.age < FADE_FRAMES for mark in scene.marks)
