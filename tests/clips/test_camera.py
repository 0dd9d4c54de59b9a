"""A camera's videos show what the screen showed, each from its own first frame on."""

import io

import numpy as np
import pytest

from clips.recordings import EXACT, decoded, painted, replay
from tracekit.clips.camera import Camera
from tracekit.clips.settings import LookSettings, VideoSettings
from tracekit.clips.studio import Studio
from tracekit.core.events import Event
from tracekit.terminal.fit import Fit
from tracekit.terminal.palette import Theme

LOOK = Studio(LookSettings(font_size_px=6), EXACT).look(None)


def after(*texts: str) -> list[Event]:
    return [Event(0, "o", text) for text in texts]


def filmed(camera: Camera, *texts: str) -> bytes:
    """A frame after each text, and the last one again."""
    engine = replay([], 10, 2)
    for text in texts:
        camera.frame(engine, engine.feed(text))
    camera.repeat()
    return camera.finish()


def test_a_video_shows_each_frame_as_painted_from_nothing() -> None:
    camera = Camera(LOOK, 10, 2, Fit(), EXACT)
    texts = ["one", "\x1b[31m two", "\x1b[1;1H\x1b[K"]
    video = decoded(filmed(camera, *texts))
    wanted = [painted(replay(after(*texts[:end]), 10, 2), LOOK, 10, 2) for end in (1, 2, 3, 3)]
    assert len(video) == len(wanted)
    assert all(np.array_equal(one, other) for one, other in zip(video, wanted, strict=True))


def test_the_first_frame_of_a_video_looks_at_every_row() -> None:
    camera = Camera(LOOK, 10, 2, Fit(), EXACT)
    filmed(camera, "before")
    camera.frame(replay(after("one\r\ntwo"), 10, 2), ())
    (frame,) = decoded(camera.finish())
    assert np.array_equal(frame, painted(replay(after("one\r\ntwo"), 10, 2), LOOK, 10, 2))


@pytest.mark.parametrize("video", [EXACT, VideoSettings(), VideoSettings(preset="veryfast", gop_frames=2)])
def test_a_used_camera_makes_the_video_that_a_new_one_makes(video: VideoSettings) -> None:
    used, new = Camera(LOOK, 10, 2, Fit(), video), Camera(LOOK, 10, 2, Fit(), video)
    filmed(used, "first", "\x1b[31mred", "\x1b]11;#ffffff\x07", "x" * 20)
    assert filmed(used, "one", " two") == filmed(new, "one", " two")


def test_a_repeated_frame_is_the_frame_before_to_the_bit() -> None:
    *_, last, repeated = decoded(filmed(Camera(LOOK, 10, 2, Fit(), VideoSettings()), "one", " two"))
    assert np.array_equal(last, repeated)


def test_a_video_written_to_a_file_is_the_same() -> None:
    one, other = Camera(LOOK, 10, 2, Fit(), EXACT), Camera(LOOK, 10, 2, Fit(), EXACT)
    other.frame(replay(after("text"), 10, 2), None)
    assert other.rolling
    file = io.BytesIO()
    other.finish_into(file)
    assert not other.rolling
    one.frame(replay(after("text"), 10, 2), None)
    assert file.getvalue() == one.finish()


def test_padding_has_the_colour_of_the_ground() -> None:
    white = Theme("white", 0, 0xFFFFFF, None, (0,) * 16)
    look = Studio(LookSettings(font_size_px=6), EXACT).look(None)
    camera = Camera(type(look)(white, look.fonts, 6), 4, 1, Fit("pad", (96, 64)), EXACT)
    camera.frame(replay([], 4, 1), None)
    (frame,) = decoded(camera.finish())
    assert np.unique(frame[0, :4]).tolist() == [235]
