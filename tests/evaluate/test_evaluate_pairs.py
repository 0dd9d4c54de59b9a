"""Evaluations of pairs: what is equal scores best, what is blurred less, and nothing is lost in silence."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from components import require
from pydantic import ValidationError
from recorded_sets import altered, blurred, predictions

from tracekit.core.errors import TracekitError
from tracekit.core.files import Folder
from tracekit.evaluate import picture_scores
from tracekit.evaluate.coding import encoded
from tracekit.evaluate.config import EvaluateConfig
from tracekit.evaluate.measures import MEASURES
from tracekit.evaluate.results import Scores, read_scores
from tracekit.evaluate.run import evaluate
from tracekit.metrics.arithmetic import questions as ask
from tracekit.metrics.arithmetic_set import SessionFilms, write_probe_set
from tracekit.metrics.frames import read_video


def run(truth: Path, predicted: Path, out: Path, *names: str, **more: Any) -> Scores:
    pairs = {"truth": str(truth), "predicted": str(predicted), **more.pop("pairs", {})}
    scores = more.pop("scores", list(names))
    quick = {"first_frame": False, "resamples": 100, "pictures": 1}
    config = EvaluateConfig.model_validate({"pairs": pairs, "scores": scores, **quick, **more})
    return evaluate(config, Folder(out), lambda what, done, total: None)


def test_a_video_is_all_right_against_itself(dataset: Path, same: Path, tmp_path: Path) -> None:
    scores = run(dataset, same, tmp_path, "psnr", "ssim", "after_actions")
    assert scores.summary["ssim"].value == scores.summary["ssim_15"].value == pytest.approx(1)
    assert scores.summary["psnr"].value is None
    assert scores.summary["psnr"].undefined == len(scores.clips) == 2
    assert all("infinite" in clip.notes["psnr"] for clip in scores.clips)


def test_a_blurred_video_scores_less_and_a_still_one_is_scored_beside_it(
    dataset: Path, unsharp: Path, tmp_path: Path
) -> None:
    scores = run(dataset, unsharp, tmp_path, "psnr", "ssim", first_frame=True)
    for name, best in (("psnr", 60), ("ssim", 0.99)):
        found, still = scores.summary[name], scores.summary[f"{name}_first_frame"]
        assert found.value is not None
        assert still.value is not None
        assert found.low is not None
        assert found.high is not None
        assert found.low <= found.value <= found.high < best
        assert still.clips == found.clips == 2
    assert all(len(clip.by_frame["ssim"]) == len(clip.compared) == clip.frames == 75 for clip in scores.clips)


def test_text_that_is_equal_scores_what_the_true_frames_do_and_blurred_text_less(
    dataset: Path, same: Path, unsharp: Path, tmp_path: Path
) -> None:
    require("tesseract", remedy="apt-get install tesseract-ocr")
    asked = {"ocr": {"frames": 2}, "grid": {"frames": 2}}
    equal = run(dataset, same, tmp_path / "same", scores=asked).summary
    assert equal["ocr_char"].value == equal["ocr_line"].value == 1
    assert equal["grid_char"].value == equal["grid_char_ceiling"].value
    assert equal["grid_line"].value == equal["grid_line_ceiling"].value
    assert equal["ocr_char_ceiling"].value == equal["grid_char_ceiling"].value
    assert equal["ocr_line_ceiling"].value == equal["grid_line_ceiling"].value
    worse = run(dataset, unsharp, tmp_path / "unsharp", scores=asked).summary
    assert worse["grid_char_ceiling"].value == equal["grid_char_ceiling"].value
    for name in ("ocr_char", "grid_char"):
        assert (worse[name].value or 0) < (equal[name].value or 0)


def test_what_can_not_be_compared_is_recorded_and_the_rest_scored(
    dataset: Path, same: Path, unsharp: Path, tmp_path: Path
) -> None:
    truth = tmp_path / "truth"
    shutil.copytree(same, truth)
    one, other = sorted(path.stem for path in same.iterdir())
    (truth / "damaged.mp4").write_bytes(b"no video")
    predicted = tmp_path / "predicted"
    shutil.copytree(unsharp, predicted)
    (predicted / "damaged.mp4").write_bytes(b"no video")
    narrow(predicted / f"{other}.mp4")
    scores = run(truth, predicted, tmp_path / "out", "ssim", "grid" if shutil.which("tesseract") else "cursor")
    assert [clip.key for clip in scores.clips] == [one]
    assert {(rejected.key, rejected.reason) for rejected in scores.rejected} == {
        ("damaged", "unreadable"),
        (other, "other-size"),
    }
    assert scores.asked == len(scores.clips) + len(scores.rejected)
    assert "not a clip of a" in "".join(scores.clips[0].notes.values())
    resized = run(truth, predicted, tmp_path / "resized", "ssim", pairs={"resize": True})
    assert [clip.key for clip in resized.clips] == [one, other]


def narrow(path: Path) -> None:
    """Cut a video's right half off."""
    video = read_video(path).video
    path.write_bytes(encoded(video[:, :, : video.shape[2] // 4 * 2]))


def test_a_score_that_is_no_number_is_undefined_and_told(
    dataset: Path, same: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picture_scores, "ssim", lambda truth, predicted: np.full(len(truth), np.nan))
    scores = run(dataset, same, tmp_path, "ssim")
    assert (scores.summary["ssim"].value, scores.summary["ssim"].undefined) == (None, 2)
    assert all(clip.notes["ssim"] == "it is not a finite number" for clip in scores.clips)
    assert read_scores(Folder(tmp_path)) == scores


def test_a_score_that_fails_of_every_clip_is_counted_and_on_the_page(
    dataset: Path, same: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise TracekitError("the pictures are too small for it")

    monkeypatch.setattr(picture_scores, "ssim", fails)
    scores = run(dataset, same, tmp_path, "ssim")
    assert (scores.summary["ssim"].value, scores.summary["ssim"].undefined) == (None, 2)
    page = (tmp_path / "report.html").read_text()
    assert "too small for it" in page.split("What was not scored")[1]
    assert "Nothing:" not in page


def test_frames_beyond_the_end_of_the_shorter_video_are_told(dataset: Path, same: Path, tmp_path: Path) -> None:
    shorter = tmp_path / "shorter"
    shorter.mkdir()
    for path in same.iterdir():
        (shorter / path.name).write_bytes(encoded(read_video(path).video[:5]))
    scores = run(dataset, shorter, tmp_path / "out", "psnr")
    assert scores.notes == ["140 frames at the ends of 2 true videos are not compared: the predicted ones are shorter."]


def test_of_all_scores_those_without_weights_are_listed_with_the_reason(
    dataset: Path, same: Path, tmp_path: Path
) -> None:
    scores = (
        run(dataset, same, tmp_path, scores={"all": True, "ocr": {"frames": 2}, "grid": {"frames": 2}})
        if (shutil.which("tesseract"))
        else run(dataset, same, tmp_path, scores="all")
    )
    assert {"lpips", "fvd"} <= scores.not_run.keys()
    assert "weights" in scores.not_run["fvd"]
    assert "fvd needs weights" in (tmp_path / "report.html").read_text()


@pytest.mark.parametrize("name", ["lpips", "fvd"])
def test_a_score_that_is_asked_for_by_name_and_lacks_weights_is_an_error(
    dataset: Path, same: Path, tmp_path: Path, name: str
) -> None:
    with pytest.raises(TracekitError, match=f"scores.{name}: {name} needs weights") as told:
        run(dataset, same, tmp_path, name)
    assert f"scores.{name}." in told.value.remedy
    assert not (tmp_path / "scores.json").exists()


def test_scores_are_read_back_as_they_were_found_and_again_the_same(
    dataset: Path, unsharp: Path, tmp_path: Path
) -> None:
    first = run(dataset, unsharp, tmp_path / "first", "psnr")
    assert read_scores(Folder(tmp_path / "first")) == first
    run(dataset, unsharp, tmp_path / "second", "psnr")
    assert (tmp_path / "first" / "scores.json").read_bytes() == (tmp_path / "second" / "scores.json").read_bytes()
    assert EvaluateConfig.model_validate(first.config).model_dump(exclude_none=True, mode="json") == first.config


def test_what_is_no_finished_evaluation_is_told(tmp_path: Path) -> None:
    with pytest.raises(TracekitError, match="no finished evaluation"):
        read_scores(Folder(tmp_path))
    (tmp_path / "scores.json").write_text(json.dumps({"schema_version": 2}))
    with pytest.raises(TracekitError, match="no scores"):
        read_scores(Folder(tmp_path))


def test_the_page_shows_every_clip_and_asks_for_nothing_from_elsewhere(
    dataset: Path, unsharp: Path, tmp_path: Path
) -> None:
    scores = run(dataset, unsharp, tmp_path, "psnr", "ssim")
    page = (tmp_path / "report.html").read_text()
    assert not re.findall(r"""(?:src|href)=["'](?!data:)[^"']*""", page)
    assert page.count('<article class="clip">') == 1
    assert page.count("<img") == 9
    assert all(clip.key in page for clip in scores.clips)
    assert MEASURES["ssim"].text(scores.summary["ssim"].value) in page


def test_true_answers_are_right_as_far_as_they_can_be_read_and_blurred_ones_are_not(
    dataset: Path, tmp_path: Path
) -> None:
    require("tesseract", remedy="apt-get install tesseract-ocr")
    questions = tmp_path / "questions"
    write_probe_set(str(questions), ask(2), SessionFilms.like(str(dataset)))
    right = run(questions, predictions(questions, tmp_path / "right"), tmp_path / "one", "arithmetic").summary
    assert right["arithmetic"].value == right["arithmetic_ceiling"].value
    assert right["arithmetic"].clips == 2
    wrong = run(questions, altered(questions, tmp_path / "wrong", blurred), tmp_path / "two", "arithmetic")
    assert wrong.summary["arithmetic"].value == 0
    assert all("is right" in clip.notes["arithmetic"] for clip in wrong.clips)


def test_a_data_set_is_scored_beside_its_pairs(dataset: Path, same: Path, tmp_path: Path) -> None:
    scores = run(dataset, same, tmp_path, "data")
    assert scores.details["data"]["samples"] == {"train": 2}
    assert scores.details["data"]["duplicates"]["clips"] == 2
    assert "The data set" in (tmp_path / "report.html").read_text()


@pytest.mark.parametrize(
    "scores", [{"tiers": {"tiers": ["regular", "regular"]}}, {"vae_fonts": {"sizes_px": [0]}}], ids=str
)
def test_what_makes_no_sense_is_refused_before_a_video_is_made(scores: dict[str, Any]) -> None:
    with pytest.raises((TracekitError, ValidationError)):
        EvaluateConfig.model_validate({"model": {"run": "run"}, "scores": scores})


@pytest.mark.parametrize("name", ["tiers", "vae_fonts"])
def test_what_needs_a_model_is_refused_of_pairs_before_anything_is_scored(name: str, tmp_path: Path) -> None:
    with pytest.raises(TracekitError, match=f"scores.{name}: it is of a model"):
        run(tmp_path, tmp_path, tmp_path / "out", name)


def test_every_measure_stands_by_itself_or_beside_one_that_does() -> None:
    for measure in MEASURES.values():
        assert (not measure.beside) == (not measure.role)
        assert not measure.beside or not MEASURES[measure.beside].beside
