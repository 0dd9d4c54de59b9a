"""Films of vhs on our clock. Real vhs needs a browser, so most of this runs a stand-in at the border of the process."""

import io
import sys
from pathlib import Path

import pytest
from components import require

from tracekit.core.clock import FPS, frames_for
from tracekit.core.errors import Rejected, TracekitError
from tracekit.core.events import Event
from tracekit.tapes.driver import vhs as vhs_module
from tracekit.tapes.driver.vhs import film_tape
from tracekit.tapes.language.program import Command, Hide, Output, Press, Program, Setting, Show, Sleep, Type, Wait
from tracekit.video.decode import decode

MS = 1_000_000
TAPE = Program((Output("demo.gif"), Setting("PlaybackSpeed", 2.0), Type("ls"), Press("Enter"), Sleep(1850 * MS)))
"""Two seconds."""


@pytest.fixture
def vhs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A program in vhs's place that films two seconds."""
    program = tmp_path / "vhs"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{Path(__file__).parent / "fake_vhs.py"}" "$@"\n')
    program.chmod(0o755)
    monkeypatch.setenv("FAKE_VHS_TAPE", str(tmp_path / "seen.tape"))
    monkeypatch.setenv("FAKE_VHS", "2")
    return str(program)


def brightness(video: bytes) -> list[int]:
    """Of each frame, where the stand-in's ramp begins at 0 and ends at 200."""
    return [frame.to_ndarray()[0, 0] - 16 for frame in decode(video)]


@pytest.mark.parametrize("length_s", ["2", "2.3", "1.7"])
def test_the_stretch_is_measured_and_undone_and_written_down(
    vhs: str, monkeypatch: pytest.MonkeyPatch, length_s: str
) -> None:
    monkeypatch.setenv("FAKE_VHS", length_s)
    target = io.BytesIO()
    film = film_tape(TAPE, target, vhs=vhs)
    assert film.stretch == pytest.approx(float(length_s) / 2)
    assert film.events[0] == Event(0, "m", f"vhs-stretch: {film.stretch:.4f}")
    seen = brightness(target.getvalue())
    assert len(seen) == film.frames == frames_for(2000 * MS)
    # However long the video was, the same share of it has passed at the same time of the tape.
    assert seen[FPS] == pytest.approx(100, abs=5)
    assert seen == sorted(seen)


def test_keys_and_markers_stand_where_the_tape_has_them_and_hidden_time_does_not_count(vhs: str) -> None:
    hidden = (Hide(), Type("secret"), Sleep(9000 * MS), Show())
    film = film_tape(Program((*hidden, Type("ls"), *hidden, Sleep(1900 * MS))), io.BytesIO(), vhs=vhs)
    told = [(time_ns // MS, data) for time_ns, code, data in film.events[1:] if code == "m" or data in "ls"]
    assert film.duration_ns == 2000 * MS
    assert [one for one in told if one[1] not in "secret"] == [
        (0, "hide"), (0, "show"), (0, "l"), (100, "hide"), (100, "show"),
    ]  # fmt: skip


def test_vhs_gets_the_tape_with_one_output_of_ours_and_nothing_that_moves_its_frames(vhs: str, tmp_path: Path) -> None:
    film_tape(TAPE, io.BytesIO(), vhs=vhs)
    lines = (tmp_path / "seen.tape").read_text().splitlines()
    assert [line for line in lines if line.startswith(("Output", "Set"))] == ["Output film.mp4"]
    assert any(line.startswith("Type") for line in lines)


@pytest.mark.parametrize(
    ("does", "reason"),
    [
        ("3", "vhs-stretched"),
        ("1", "vhs-stretched"),
        ("fail", "vhs-failed"),
        ("nothing", "vhs-failed"),
        ("junk", "vhs-failed"),
    ],
)
def test_what_vhs_makes_no_good_video_of_is_rejected(
    vhs: str, monkeypatch: pytest.MonkeyPatch, does: str, reason: str
) -> None:
    monkeypatch.setenv("FAKE_VHS", does)
    with pytest.raises(Rejected) as caught:
        film_tape(TAPE, io.BytesIO(), vhs=vhs)
    assert caught.value.reason == reason


def test_a_vhs_that_never_ends_is_ended(vhs: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_VHS", "hang")
    monkeypatch.setattr(vhs_module, "SPARE_S", 0.1)
    with pytest.raises(Rejected) as caught:
        film_tape(Program((Sleep(100 * MS),)), io.BytesIO(), vhs=vhs)
    assert caught.value.reason == "timed-out"


@pytest.mark.parametrize("commands", [(Type("a"), Wait()), (Hide(), Sleep(1000 * MS))], ids=["waits", "shows nothing"])
def test_a_tape_without_a_length_of_its_own_is_rejected(vhs: str, commands: tuple[Command, ...]) -> None:
    with pytest.raises(Rejected) as caught:
        film_tape(Program(commands), io.BytesIO(), vhs=vhs)
    assert caught.value.reason == "no-nominal-time"


def test_without_vhs_the_error_says_what_to_install() -> None:
    with pytest.raises(TracekitError, match="install vhs"):
        film_tape(TAPE, io.BytesIO(), vhs="no-such-vhs")


def test_the_real_vhs_films_a_tape() -> None:
    require("vhs", remedy="install vhs, ttyd and ffmpeg")
    target = io.BytesIO()
    film = film_tape(Program((Type("echo hello"), Press("Enter"), Sleep(2000 * MS))), target, most_stretch=2)
    assert sum(1 for _ in decode(target.getvalue())) == film.frames == frames_for(film.duration_ns)
