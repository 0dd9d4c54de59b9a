"""Looks, sizes and cameras: what is kept from one recording to the next never shows in a picture."""

import pytest

from clips.recordings import EXACT, replay
from tracekit.casts.model import Theme
from tracekit.clips.settings import Canvas, LookSettings
from tracekit.clips.studio import MOST_PIXELS, Studio
from tracekit.core.errors import Rejected, TracekitError
from tracekit.terminal.themes import theme

OWN = Theme(0x112233, 0x445566, tuple(range(16)))


def test_a_camera_is_kept_from_one_recording_to_the_next_of_its_size_and_theme() -> None:
    studio = Studio(LookSettings(font_size_px=6), EXACT)
    look = studio.look(None)
    camera = studio.camera(look, 10, 2)
    assert studio.camera(look, 10, 2) is camera
    assert studio.camera(look, 10, 2, 1) is not camera
    assert studio.camera(look, 11, 2) is not camera
    assert studio.camera(studio.look(OWN), 10, 2) is not camera


def test_a_camera_in_the_middle_of_a_video_is_given_to_nobody_else() -> None:
    studio = Studio(LookSettings(font_size_px=6), EXACT)
    look = studio.look(None)
    camera = studio.camera(look, 10, 2)
    camera.frame(replay([], 10, 2), None)
    assert studio.camera(look, 10, 2) is not camera


@pytest.mark.parametrize("overlapping", [1, 4, 7])
def test_as_many_cameras_as_run_together_are_kept(overlapping: int) -> None:
    studio = Studio(LookSettings(font_size_px=6), EXACT)
    look = studio.look(None)
    first = [studio.camera(look, 10, 2, number) for number in range(overlapping)]
    again = [studio.camera(look, 10, 2, number) for number in range(overlapping)]
    assert all(one is other for one, other in zip(first, again, strict=True))


def test_cameras_of_many_sizes_do_not_pile_up() -> None:
    studio = Studio(LookSettings(font_size_px=6), EXACT)
    look = studio.look(None)
    first = studio.camera(look, 3, 2)
    for columns in range(4, 12):
        studio.camera(look, columns, 2)
    assert studio.camera(look, 3, 2) is not first


def test_the_theme_is_the_recordings_own_or_the_one_asked_for() -> None:
    own = Studio(LookSettings(), EXACT)
    assert own.look(OWN).theme.background == 0x445566
    assert own.look(None).theme == theme("asciinema")
    assert Studio(LookSettings(theme="dracula"), EXACT).look(OWN).theme == theme("dracula")
    with pytest.raises(TracekitError, match="no theme named 'draclua'"):
        Studio(LookSettings(theme="draclua"), EXACT)


@pytest.mark.parametrize(
    ("look", "columns", "rows"),
    {
        "beyond the canvas": (LookSettings(canvas=Canvas()), 200, 24),
        "wider than a video": (LookSettings(font_size_px=40), 1000, 2),
        "more pixels than a video": (LookSettings(), 1000, 500),
        "more pixels than memory should hold, to be scaled": (
            LookSettings(font_size_px=40, canvas=Canvas(), fit="scale"),
            1000,
            500,
        ),
    }.values(),
)
def test_a_screen_that_cannot_be_filmed_is_rejected_as_too_large(look: LookSettings, columns: int, rows: int) -> None:
    studio = Studio(look, EXACT)
    with pytest.raises(Rejected) as rejected:
        studio.camera(studio.look(None), columns, rows)
    assert rejected.value.reason == "too-large"
    assert f"{columns}x{rows}" in rejected.value.message


def test_the_largest_canvas_can_be_filmed() -> None:
    canvas = Canvas(width_px=7680, height_px=4320)
    studio = Studio(LookSettings(canvas=canvas), EXACT)
    place = studio.place(studio.look(None), 80, 24)
    assert (place.width_px, place.height_px) == (7680, 4320)
    assert place.width_px * place.height_px <= MOST_PIXELS
