"""`tracekit cast render`: the picture asked for, whole or not there."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from cli.conftest import Run
from tracekit.casts.scrub import Scrubbed, Span
from tracekit.cli import cast_render
from tracekit.clips import render
from tracekit.terminal.themes import theme
from tracekit.video.decode import frame_count

MAIN = [sys.executable, "-m", "tracekit"]
CELL_PX = 8, 16
EVENTS = [[0.5, "o", "\x1b[2J\x1b[31mone"], [1.0, "o", "\r\ntwo"], [2.0, "r", "24x6"], [2.0, "o", "\x1b[6;1Hend"]]
FRAMES = 31


def write(path: Path, events: list[list[Any]] = EVENTS, **header: Any) -> Path:
    lines = [{"version": 2, "width": 20, "height": 4, **header}, *events]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    return write(tmp_path / "demo.cast")


def pixels(path: Path) -> Any:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def test_an_mp4_has_the_size_and_the_frames_of_the_recording(run: Run, recording: Path, tmp_path: Path) -> None:
    out = tmp_path / "demo.mp4"
    answer = run("cast", "render", recording, out, "--json")
    assert (answer.status, answer.err) == (0, "")
    told = {"file": str(out), "width_px": 192, "height_px": 96, "bytes": out.stat().st_size}
    assert json.loads(answer.out) == told | {"frames": FRAMES, "duration_s": 2.0}
    assert frame_count(out) == FRAMES
    with av.open(out) as video:
        stream = video.streams.video[0]
        assert (stream.width, stream.height, stream.average_rate) == (192, 96, 15)
        assert stream.duration is not None
        assert stream.time_base is not None
        assert stream.duration * stream.time_base * 15 == FRAMES


def test_a_gif_has_the_size_the_length_and_the_changes_of_the_recording(
    run: Run, recording: Path, tmp_path: Path
) -> None:
    out = tmp_path / "demo.GIF"
    assert run("cast", "render", recording, out).status == 0
    with Image.open(out) as image:
        delays_ms = []
        for frame in range(image.n_frames):  # type: ignore[attr-defined]
            image.seek(frame)
            delays_ms.append(image.info["duration"])
        assert image.size == (192, 96)
    # Blank, one, two, end: at frames 0, 8, 15 and 30 of 31, in hundredths of a second.
    assert delays_ms == [530, 470, 1000, 70]


def test_a_png_shows_the_end_or_the_instant_asked_for(run: Run, recording: Path, tmp_path: Path) -> None:
    def picture(*options: str) -> Any:
        out = tmp_path / "demo.png"
        assert run("cast", "render", recording, out, *options).status == 0
        return pixels(out)

    end, blank, one, two = picture(), picture("--at", "0.4"), picture("--at", "0.5"), picture("--at", "1.99")
    line = CELL_PX[1]
    # The largest size that the terminal ever has, so that pictures of one recording go together.
    assert end.shape == blank.shape == (6 * line, 24 * CELL_PX[0], 3)
    ground = theme("asciinema").background.to_bytes(3)
    assert (blank[line:] == tuple(ground)).all()
    assert not np.array_equal(one[:line], blank[:line])
    assert np.array_equal(one[:line, : 3 * CELL_PX[0]], two[:line, : 3 * CELL_PX[0]])
    assert (two[line : 2 * line] != one[line : 2 * line]).any()
    assert np.array_equal(picture("--at", "2"), end)
    assert np.array_equal(picture("--at", "86400"), end)


@pytest.mark.parametrize("kind", ["mp4", "gif", "png"])
@pytest.mark.parametrize("fit", ["pad", "scale", "shrink-font", "crop"])
def test_a_canvas_gives_the_size(run: Run, recording: Path, tmp_path: Path, kind: str, fit: str) -> None:
    out = tmp_path / f"demo.{kind}"
    answer = run("cast", "render", recording, out, "--canvas", "256x128", "--fit", fit, "--json")
    assert answer.status == 0
    told = json.loads(answer.out)
    assert (told["width_px"], told["height_px"]) == (256, 128)
    if kind == "mp4":
        with av.open(out) as video:
            assert (video.streams.video[0].width, video.streams.video[0].height) == (256, 128)
    else:
        with Image.open(out) as image:
            assert image.size == (256, 128)


def test_pauses_are_cut_as_asked_or_as_the_header_says(run: Run, tmp_path: Path) -> None:
    recording = write(tmp_path / "idle.cast", [[0, "o", "a"], [30, "o", "b"]], idle_time_limit=2)
    endless = write(tmp_path / "endless.cast", [[0, "o", "a"], [30, "o", "b"]], idle_time_limit=9e14)

    def frames(path: Path, *options: str) -> int:
        out = tmp_path / "idle.mp4"
        return int(json.loads(run("cast", "render", path, out, "--json", *options).out)["frames"])

    assert frames(recording) == 31
    assert frames(recording, "--idle-limit", "none") == 451
    assert frames(recording, "--idle-limit", "0.2") == 4
    assert frames(endless) == 451


def test_theme_and_font_are_those_asked_for(run: Run, recording: Path, tmp_path: Path) -> None:
    out = tmp_path / "demo.png"
    assert run("cast", "render", recording, out, "--theme", "dracula", "--font-size", "26").status == 0
    picture = pixels(out)
    assert picture.shape[0] > 6 * CELL_PX[1]
    assert tuple(picture[-1, -1]) == tuple(theme("dracula").background.to_bytes(3))


@pytest.mark.parametrize(
    "options",
    [
        ["out.webm"], ["out"], ["out.mp4", "--at", "1"], ["out.png", "--at", "-1"], ["out.png", "--at", "nan"],
        ["out.png", "--at", "inf"], ["out.png", "--at", "1e12"], ["out.png", "--canvas", "832"],
        ["out.png", "--canvas", "axb"], ["out.png", "--canvas", "833x480"], ["out.png", "--canvas", "1x1"],
        ["out.png", "--canvas", "99999x480"], ["out.png", "--fit", "stretch"], ["out.png", "--theme", "draclua"],
        ["out.png", "--engine", "xterm"], ["out.png", "--font-size", "3"], ["out.mp4", "--qp", "52"],
        ["out.mp4", "--pix-fmt", "rgb24"], ["out.mp4", "--idle-limit", "0"], ["out.mp4", "--idle-limit", "-1"],
        ["out.mp4", "--idle-limit", "nan"], ["out.mp4", "--idle-limit", "soon"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_bad_options_exit_with_2_and_write_nothing(
    run: Run, recording: Path, tmp_path: Path, options: list[str]
) -> None:
    answer = run("cast", "render", recording, tmp_path / options[0], *options[1:])
    assert answer.status == 2
    assert "Error" in answer.err
    assert list(tmp_path.iterdir()) == [recording]


@pytest.mark.parametrize(
    ("content", "options", "message"),
    {
        "missing": (None, [], "No such file"),
        "no cast": ("hello", [], "is it an asciicast?"),
        "too large": ('{"version": 2, "width": 300, "height": 4}\n[0, "o", "x"]\n', ["--canvas", "640x480"], "canvas"),
        "beyond a video": (
            '{"version": 2, "width": 999, "height": 99}\n[0, "o", "x"]\n',
            ["--font-size", "40"],
            "font",
        ),
    }.values(),
)
@pytest.mark.parametrize("kind", ["mp4", "gif", "png"])
def test_a_bad_file_exits_with_1_and_one_line(
    run: Run, tmp_path: Path, kind: str, content: str | None, options: list[str], message: str
) -> None:
    recording = tmp_path / "bad.cast"
    if content is not None:
        recording.write_text(content)
    answer = run("cast", "render", recording, tmp_path / f"out.{kind}", *options)
    assert (answer.status, answer.out) == (1, "")
    assert answer.err.startswith("error: ")
    assert answer.err.count("\n") == 1
    assert message in answer.err
    assert not (tmp_path / f"out.{kind}").exists()


@pytest.mark.parametrize("kind", ["mp4", "gif", "png"])
def test_killed_before_the_end_leaves_what_was_there(recording: Path, tmp_path: Path, kind: str) -> None:
    out = tmp_path / f"out.{kind}"
    out.write_bytes(b"older")
    command = [*MAIN, "cast", "render", str(recording), str(out)]
    done = subprocess.run(command, env=os.environ | {"TRACEKIT_FAULT": "commit-written"}, check=False)
    assert done.returncode == -signal.SIGKILL
    assert out.read_bytes() == b"older"


@pytest.mark.parametrize("error", [KeyboardInterrupt(), OSError(28, "No space left on device")])
def test_broken_off_in_the_middle_leaves_nothing(
    run: Run, recording: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    def broken(events: Any, screen: Any, camera: Any, file: Any, progress: Any) -> int:
        file.write(b"half")
        raise error

    monkeypatch.setattr(render, "render_mp4", broken)
    answer = run("cast", "render", recording, tmp_path / "out.mp4")
    assert answer.status == (130 if isinstance(error, KeyboardInterrupt) else 1)
    assert list(tmp_path.iterdir()) == [recording]


TOKEN = "ghp_" + "aB3" * 12


def test_secrets_are_replaced_before_drawing_when_asked(run: Run, tmp_path: Path) -> None:
    recording = write(tmp_path / "token.cast", [[0, "o", f"my {TOKEN}"]], width=60)
    masked = write(tmp_path / "masked.cast", [[0, "o", f"my {'*' * len(TOKEN)}"]], width=60)
    made = [tmp_path / name for name in ("scrubbed.png", "wanted.png", "plain.png")]
    assert run("cast", "render", recording, made[0], "--scrub").status == 0
    assert run("cast", "render", masked, made[1]).status == 0
    assert run("cast", "render", recording, made[2]).status == 0
    scrubbed, wanted, plain = map(pixels, made)
    assert np.array_equal(scrubbed, wanted)
    assert not np.array_equal(plain, wanted)


class LearningGuard:
    """Stands for a guard that finds on the screen what the stream did not show."""

    def __init__(self) -> None:
        self.known: set[str] = set()

    def find(self, text: str) -> list[Span]:
        place = text.find("one")
        return [] if place < 0 else [Span(place, place + 3, "toy")]

    def learn(self, value: str, rule: str) -> bool:
        news = value not in self.known
        self.known.add(value)
        return news


@pytest.mark.parametrize("kind", ["mp4", "gif", "png"])
def test_a_secret_that_only_the_screen_gives_away_is_drawn_nowhere(
    run: Run, recording: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    def guarded(header: Any, events: Any) -> Scrubbed:
        return Scrubbed(header, list(events), {}, LearningGuard(), ())  # type: ignore[arg-type]

    plain = write(tmp_path / "plain.cast", [[0.5, "o", "\x1b[2J\x1b[31m***"], *EVENTS[1:]])
    out, wanted = tmp_path / f"out.{kind}", tmp_path / f"wanted.{kind}"
    assert run("cast", "render", plain, wanted).status == 0
    monkeypatch.setattr(cast_render, "scrub", guarded)
    assert run("cast", "render", recording, out, "--scrub").status == 0
    assert out.read_bytes() == wanted.read_bytes()
