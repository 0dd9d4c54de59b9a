"""A whole recording as one video, as pictures, and as one picture: frame k shows the state at k/15 s."""

import io

import numpy as np
import pytest

from clips.recordings import EXACT, at_frame, decoded, painted, replay
from tracekit.clips import render
from tracekit.clips.screen import Screen
from tracekit.clips.settings import LookSettings
from tracekit.clips.studio import Studio
from tracekit.core.clock import frame_time_ns
from tracekit.core.events import Event
from tracekit.terminal.engine import open_engine
from tracekit.terminal.painter import Painter

EVENTS = [
    Event(0, "o", "start"),
    Event(frame_time_ns(3), "o", "\r\n\x1b[31mred"),
    Event(frame_time_ns(3) + 1, "o", " and"),
    Event(frame_time_ns(6), "i", "x"),
    Event(frame_time_ns(7), "r", "12x4"),
    Event(frame_time_ns(9), "o", "\x1b[4;1H\x1b]11;#334455\x07last"),
    Event(frame_time_ns(90), "m", "end"),
]
TOTAL = 91
STUDIO = Studio(LookSettings(font_size_px=6), EXACT)
LOOK = STUDIO.look(None)


def screen() -> Screen:
    return Screen(open_engine("pyte", 10, 3), None)


@pytest.fixture
def told() -> list[tuple[int, int]]:
    return []


def test_an_mp4_shows_every_frame_of_the_recording(told: list[tuple[int, int]]) -> None:
    file = io.BytesIO()
    camera = STUDIO.camera(LOOK, 12, 4)
    total = render.render_mp4(EVENTS, screen(), camera, file, lambda done, of: told.append((done, of)))
    frames = decoded(file.getvalue())
    assert len(frames) == total == TOTAL
    assert told == [(frame + 1, TOTAL) for frame in range(TOTAL)]
    for frame, picture in enumerate(frames):
        assert np.array_equal(picture, painted(replay(at_frame(EVENTS, frame), 10, 3), LOOK, 12, 4)), frame


def rgb(events: list[Event]) -> np.ndarray:  # type: ignore[type-arg]
    painter = Painter(LOOK, 12, 4, None, "rgb")
    planes = painter.new_planes()
    engine = replay(events, 10, 3)
    painter.paint(engine, range(engine.rows), planes)
    return np.dstack(planes)


def test_pictures_come_only_where_something_changed(told: list[tuple[int, int]]) -> None:
    painter = Painter(LOOK, 12, 4, None, "rgb")
    found = list(render.pictures(EVENTS, screen(), painter, lambda done, of: told.append((done, of))))
    assert len(found) == TOTAL == len(told)
    assert [frame for frame, picture in enumerate(found) if picture is not None] == [0, 3, 4, 9]
    for frame, picture in enumerate(found):
        if picture is not None:
            assert np.array_equal(picture, rgb(at_frame(EVENTS, frame)))


def test_pictures_are_each_of_their_own_memory() -> None:
    painter = Painter(LOOK, 12, 4, None, "rgb")
    first, *rest = [one for one in render.pictures(EVENTS, screen(), painter, lambda *_: None) if one is not None]
    assert not np.array_equal(first, rest[-1])


def test_one_picture_shows_the_end() -> None:
    painter = Painter(LOOK, 12, 4, None, "rgb")
    assert np.array_equal(render.picture(EVENTS, screen(), painter), rgb(EVENTS))


def test_a_recording_without_events_is_one_blank_frame() -> None:
    painter = Painter(LOOK, 12, 4, None, "rgb")
    assert len(list(render.pictures([], screen(), painter, lambda *_: None))) == 1
    file = io.BytesIO()
    assert render.render_mp4([], screen(), STUDIO.camera(LOOK, 12, 4), file, lambda *_: None) == 1
    assert len(decoded(file.getvalue())) == 1
