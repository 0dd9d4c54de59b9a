"""OCR and grid scores: videos filmed here, read by the real tesseract, which is right about most of them."""

from pathlib import Path

import numpy as np
import pytest
from components import require
from filmed_sessions import blank, filmed

from tracekit.core.errors import Rejected, TracekitError
from tracekit.metrics.arithmetic import Question, questions
from tracekit.metrics.frames import Pair, Video, make_pair
from tracekit.metrics.grid import grid_accuracy, grid_lines
from tracekit.metrics.ocr import Reader, ocr_accuracy
from tracekit.terminal.grid import Grid
from tracekit.video import ocr


@pytest.fixture(autouse=True)
def tesseract() -> None:
    require("tesseract", remedy="apt-get install tesseract-ocr")


@pytest.fixture(scope="module")
def question() -> Question:
    return questions()[0]


@pytest.fixture(scope="module")
def film(question: Question) -> tuple[Video, Grid]:
    return filmed(question)


@pytest.fixture(scope="module")
def pair(film: tuple[Video, Grid]) -> Pair:
    return make_pair(film[0], film[0])


@pytest.mark.parametrize("as_in_paper", [False, True])
def test_a_video_is_all_right_against_itself(pair: Pair, as_in_paper: bool) -> None:
    found = ocr_accuracy(pair, Reader.as_in_paper() if as_in_paper else Reader(), most_frames=2)
    assert (found.characters, found.exact_lines, found.frames) == (1, 1, [0, 74])


def test_a_video_that_shows_nothing_has_nothing_right(film: tuple[Video, Grid]) -> None:
    video, grid = film
    reader = Reader()
    found = ocr_accuracy(make_pair(video, blank(video)), reader)
    assert found.frames == [0, 18, 37, 56, 74]
    assert found.frame_characters[-1] == found.frame_exact_lines[-1] == 0
    assert grid_accuracy(grid, blank(video), reader, most_frames=1).characters == 0


def test_what_is_read_off_the_true_frames_is_nearly_what_the_terminal_held(
    question: Question, film: tuple[Video, Grid]
) -> None:
    video, grid = film
    found = grid_accuracy(grid, video, Reader(), most_frames=3)
    assert found.frames == [0, 37, 74]
    assert min(found.frame_characters[1:]) >= 0.85  # of a lone prompt tesseract makes nothing
    assert grid_lines(grid, 74)[:2] == ["> python3 -q", f">>> {question.source}"]


def test_a_wrong_answer_costs_its_line(question: Question, film: tuple[Video, Grid]) -> None:
    video, grid = film
    wrong, _ = filmed(question, "12345678")
    reader = Reader()
    right_one = grid_accuracy(grid, video, reader, most_frames=2)
    wrong_one = grid_accuracy(grid, wrong, reader, most_frames=2)
    assert wrong_one.frame_exact_lines[0] == right_one.frame_exact_lines[0]
    assert wrong_one.frame_exact_lines[1] <= right_one.frame_exact_lines[1] - 1 / len(grid_lines(grid, 74))
    assert wrong_one.characters < right_one.characters


def test_equal_frames_are_read_once(film: tuple[Video, Grid], monkeypatch: pytest.MonkeyPatch) -> None:
    reader = Reader()
    first = reader.lines(film[0][74])
    monkeypatch.setenv("PATH", "")  # tesseract is gone
    assert reader.lines(film[0][74].copy()) == first
    with pytest.raises(TracekitError, match="not installed"):
        reader.lines(film[0][0])
    with pytest.raises(TracekitError, match="not installed"):
        Reader()


def test_dark_on_light_reads_as_light_on_dark(film: tuple[Video, Grid]) -> None:
    reader = Reader()
    assert reader.lines(255 - film[0][74]) == reader.lines(film[0][74])


def test_the_ceiling_is_of_the_frames_that_the_score_is_of(film: tuple[Video, Grid]) -> None:
    video, grid = film
    assert grid_accuracy(grid, video, Reader(), frames=4, most_frames=2).frames == [0, 3]
    with pytest.raises(TracekitError, match="76 frames"):
        grid_accuracy(grid, video, Reader(), frames=76)
    with pytest.raises(TracekitError, match="no frames"):
        grid_accuracy(grid, video[:0], Reader())


def test_reading_that_takes_too_long_rejects(film: tuple[Video, Grid], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr, "LIMIT_S", 0.001)
    with pytest.raises(Rejected, match="longer than") as rejected:
        Reader().lines(film[0][74])
    assert rejected.value.reason == "late"


def test_a_tesseract_without_english_is_told(
    film: tuple[Video, Grid], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TESSDATA_PREFIX", str(tmp_path))
    with pytest.raises(TracekitError, match="tesseract fails") as told:
        Reader().lines(film[0][74])
    assert "tesseract-ocr-eng" in told.value.remedy


@pytest.mark.parametrize("options", [{"zoom": 0}, {"zoom": 9}, {"segmentation": 14}])
def test_options_out_of_range_are_refused(options: dict[str, int]) -> None:
    with pytest.raises(TracekitError, match="zoom"):
        Reader(**options)


def test_a_picture_that_is_too_large_is_refused() -> None:
    with pytest.raises(TracekitError, match="too large"):
        Reader(zoom=8).lines(np.zeros((1300, 1300, 3), np.uint8))
