"""The arithmetic probe: questions that no seed changes, and answers as screens show them, right and wrong."""

import dataclasses
import json
from pathlib import Path

import pytest
from components import require
from filmed_sessions import LOOK, blank, filmed, films

from tracekit.core.errors import TracekitError
from tracekit.metrics.arithmetic import (
    Question,
    answer_in_grid,
    answer_in_video,
    answers_in_folder,
    clip_verdict,
    probe,
    questions,
    read_answer,
)
from tracekit.metrics.arithmetic_set import PROMPT, SessionFilms, write_probe_set
from tracekit.metrics.frames import read_video
from tracekit.metrics.ocr import Reader
from tracekit.shards.read import iter_samples
from tracekit.shards.verify import verify
from tracekit.tapes.families.math_pool import is_held_out, pool
from tracekit.terminal.grid import Grid
from tracekit.video import ocr

ROOT = Path(__file__).parents[2]


def test_a_hundred_of_the_held_out_problems_are_asked_the_same_each_time() -> None:
    asked = questions()
    assert len({question.key for question in asked}) == len(asked) == 100
    assert asked == questions()
    assert asked != questions(seed=1)
    for question in asked:
        assert is_held_out(question.source)
        problem = pool()[int(question.key.removeprefix("math-"))]
        assert (question.source, question.answer) == (problem.source, problem.answer)
    assert len(questions(1000)) == 1000
    with pytest.raises(TracekitError, match="1001 of 1000"):
        questions(1001)


def test_a_question_is_put_in_the_form_of_the_paper_and_reprompted_with_its_answer() -> None:
    question = next(one for one in questions(1000) if one.source == "80 * 75")
    assert question.prompt == 'Type "python3 -q" Enter Sleep 1s Type "80 * 75" Enter Sleep 800ms'
    assert question.reprompt == f"{question.prompt} Hide The answer is 6000"


@pytest.mark.parametrize(
    ("lines", "answer"),
    [
        ([">>> 80 * 75", "6000", ">>>"], "6000"),
        (["> python3 -q", ">>> 80*75", "60 00", "> > > |"], "6000"),
        ([">>> 80 * 7S", "6000"], "6000"),
        (["»> 80 * 75", "60", "00", "»>"], "6000"),
        (["80 * 75", "6000", ">>>"], "6000"),
        ([">>> 80 * 75", ">>>", "6000"], None),
        ([">>> 80 * 75"], None),
        ([">>> 11 + 22", "6000"], None),
        (["6000"], None),
        ([], None),
    ],
)
def test_the_answer_stands_between_the_problem_and_the_next_prompt(lines: list[str], answer: str | None) -> None:
    assert read_answer("80 * 75", lines) == answer


def test_quotes_that_no_python_prints_are_read_as_those_that_it_does() -> None:
    assert read_answer("'ab' * 2", [">>> ‘ab’ * 2", "‘abab’"]) == "'abab'"


def test_a_problem_that_is_longer_than_a_line_is_read_on() -> None:
    lines = [">>> sum(n * n for n in range(31, 42)", " if n % 5 == 0)", "2825", ">>> "]
    assert read_answer("sum(n * n for n in range(31, 42) if n % 5 == 0)", lines, columns=36) == "2825"


def test_true_videos_score_100_and_wrong_ones_0() -> None:
    long = max(questions(1000), key=lambda question: len(question.source))
    asked = (*questions(20), long)
    assert len(f">>> {long.source}") > 50  # columns
    assert probe(asked, lambda one: answer_in_grid(one.source, filmed_grid(one))).accuracy == 1
    wrong = probe(asked, lambda one: answer_in_grid(one.source, filmed_grid(one, "-1")))
    assert (wrong.accuracy, wrong.correct, wrong.unread) == (0, 0, 0)
    assert {verdict.read for verdict in wrong.verdicts} == {"-1"}


def filmed_grid(question: Question, answer: str | None = None) -> Grid:
    return Grid.load(films().film(question, answer=answer).files["cells.npz"])


def test_answers_are_read_off_videos_too(tmp_path: Path) -> None:
    require("tesseract", remedy="apt-get install tesseract-ocr")
    right, wrong, missing, empty = questions(4)
    (tmp_path / f"{right.key}.mp4").write_bytes(films().film(right).files["mp4"])
    (tmp_path / f"{wrong.key}.mp4").write_bytes(films().film(wrong, answer="no").files["mp4"])
    reader = Reader()
    found = probe([right, wrong, missing], answers_in_folder(tmp_path, reader))
    assert [verdict.correct for verdict in found.verdicts] == [True, False]
    assert (found.asked, found.correct, found.accuracy, found.unread) == (2, 1, 0.5, 0)
    assert found.missing == [missing.key]
    assert answer_in_video(empty.source, blank(filmed(empty)[0]), reader) is None
    (tmp_path / f"{missing.key}.mp4").write_bytes(b"no video")
    with pytest.raises(TracekitError, match="does not decode"):
        probe([missing], answers_in_folder(tmp_path, reader))


def test_the_last_second_counts_and_in_it_the_last_frame_with_an_answer() -> None:
    require("tesseract", remedy="apt-get install tesseract-ocr")
    question = questions()[0]
    video, _ = filmed(question)
    other, _ = filmed(question, "other")
    ends_blank, too_late = video.copy(), video.copy()
    ends_blank[62:] = blank(video)[62:]
    ends_blank[60:62] = other[74]
    too_late[60:] = blank(video)[60:]
    too_late[:60] = video[74]
    assert answer_in_video(question.source, ends_blank, Reader()) == "other"
    assert answer_in_video(question.source, too_late, Reader()) is None


def test_no_question_has_no_accuracy() -> None:
    assert dataclasses.asdict(probe([], lambda _: None)) == {
        "asked": 0, "correct": 0, "accuracy": None, "unread": 0, "missing": [], "verdicts": [],
    }  # fmt: skip


def test_a_session_begins_with_the_prompt_of_tapes() -> None:
    shell = (ROOT / "docker" / "bashrc").read_text()
    told = PROMPT.replace("\x1b[38", "\\[\\e[38").replace("m> ", "m\\]> ").replace("\x1b[0m", "\\[\\e[0m\\]")
    assert f"PS1='{told}'" in shell
    question = questions()[0]
    clip = films().film(question)
    grid = Grid.load(clip.files["cells.npz"])
    assert [line for line in grid.lines(0) if line] == [">"]
    assert clip.sample["clock"]["frames"] == 75


@pytest.mark.parametrize("reprompted", [False, True])
def test_the_probe_is_a_data_set_that_is_whole_and_tells_what_it_asks(tmp_path: Path, reprompted: bool) -> None:
    require("tesseract", remedy="apt-get install tesseract-ocr")
    asked = questions(2)
    url = str(tmp_path / "probe")
    keys = write_probe_set(url, asked, films(), reprompted=reprompted)
    report = verify(url)
    assert (report.problems, report.samples) == ([], 2)
    with Path(url, "shards", "validation-000000.tar").open("rb") as shard:
        samples = list(iter_samples(shard, "probe"))
    assert [sample.key for sample in samples] == keys
    for question, sample in zip(asked, samples, strict=True):
        assert sample.files["txt"].decode() == (question.reprompt if reprompted else question.prompt)
    described, video = json.loads(samples[0].files["json"]), read_video(samples[0].files["mp4"]).video
    verdict = clip_verdict(described, video, Reader())
    assert verdict is not None
    assert (verdict.key, verdict.source, verdict.correct) == (keys[0], asked[0].source, True)
    assert clip_verdict({"extra": {}}, video, Reader()) is None
    with pytest.raises(TracekitError, match="already"):
        write_probe_set(url, asked, films())
    with pytest.raises(TracekitError, match="no questions"):
        write_probe_set(str(tmp_path / "none"), [], films())


def test_sessions_can_look_as_a_data_set_does(tmp_path: Path) -> None:
    url = str(tmp_path / "set")
    question = questions()[0]
    write_probe_set(url, [question], films())
    recipe = {"look": LOOK.model_dump(), "video": {"qp": 10}}
    Path(url, "build.json").write_text(json.dumps({"recipe": recipe}))
    sample = SessionFilms.like(url).film(question).sample
    assert sample["geometry"] == films().film(question).sample["geometry"]
    assert (sample["look"]["theme"], sample["look"]["font_size_px"]) == ("vhs", 20)


@pytest.mark.parametrize(
    "lock", [None, b"no json", b"[]", b"{}", b'{"recipe": {"look": {"font_size_px": 0}, "video": {}}}']
)
def test_a_data_set_that_does_not_say_how_it_looks_is_refused(tmp_path: Path, lock: bytes | None) -> None:
    write_probe_set(str(tmp_path), questions()[:1], films())
    if lock is not None:
        (tmp_path / "build.json").write_bytes(lock)
    with pytest.raises(TracekitError, match=r"not say how|not the folder"):
        SessionFilms.like(str(tmp_path))


def test_a_frame_that_takes_too_long_to_read_has_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    require("tesseract", remedy="apt-get install tesseract-ocr")
    monkeypatch.setattr(ocr, "LIMIT_S", 0.001)
    question = questions()[0]
    assert answer_in_video(question.source, filmed(question)[0][74:], Reader()) is None
