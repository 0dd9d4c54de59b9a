"""Rollouts of a model, end to end with the tiny one: made once, told what they were made with, and scored as pairs."""

import html
import json
from pathlib import Path
from typing import Any

import pytest
from load.clip_sets import clip_set
from train.training_runs import config as train_config
from train.training_runs import need_trainer

need_trainer()

import torch  # noqa: E402

from tracekit.core.errors import TracekitError  # noqa: E402
from tracekit.core.files import Folder  # noqa: E402
from tracekit.evaluate import model  # noqa: E402
from tracekit.evaluate.compare import compare  # noqa: E402
from tracekit.evaluate.config import DataSection, EvaluateConfig, ProbeSection, ScoresSection  # noqa: E402
from tracekit.evaluate.pairs import find_pairs  # noqa: E402
from tracekit.evaluate.results import Scores  # noqa: E402
from tracekit.evaluate.run import evaluate  # noqa: E402
from tracekit.metrics.frames import read_video  # noqa: E402


@pytest.fixture(scope="module")
def untrained(dataset: Path) -> Path:
    """The YAML of a run of the tiny model on the data set."""
    path = dataset.parent / "train.yaml"
    path.write_text(json.dumps(train_config(dataset).model_dump(mode="json")))
    return path


def settings(run: Path, **model: Any) -> EvaluateConfig:
    return EvaluateConfig.model_validate({
        "model": {"run": str(run), "steps": 1, "guidance": 1.0, **model},
        "data": {"split": "train"},
        "scores": ["psnr"],
        "resamples": 100,
        "pictures": 1,
    })  # fmt: skip


def run(config: EvaluateConfig, out: Path) -> Scores:
    return evaluate(config, Folder(out), lambda what, done, total: None)


@pytest.fixture(scope="module")
def made(untrained: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Scores]:
    out = tmp_path_factory.mktemp("rollouts")
    return out, run(settings(untrained), out)


def test_a_model_is_rolled_out_over_the_clips_of_a_split_and_scored(made: tuple[Path, Scores]) -> None:
    out, scores = made
    assert [clip.key for clip in scores.clips] == sorted(path.stem for path in (out / "rollouts").glob("*.mp4"))
    assert len(scores.clips) == scores.asked == 2
    for clip in scores.clips:
        assert clip.predicted_frames == clip.frames == 5
        assert clip.values["psnr"] is not None
    assert any("nothing of quality" in note for note in scores.notes)
    assert "nothing of quality" in (out / "report.html").read_text()


def test_beside_a_rollout_stands_what_it_was_made_with(made: tuple[Path, Scores]) -> None:
    out, scores = made
    for clip in scores.clips:
        told = json.loads((out / "rollouts" / f"{clip.key}.json").read_bytes())
        assert (told["size_px"], told["tier"], told["steps"], told["model"]["checkpoint"]) == (
            [64, 48], "regular", 1, "untrained",
        )  # fmt: skip
        assert told["caption"]
        assert told["coding_psnr_db"] > 45
        assert len(told["model"]["sha256"]) == 64


def test_what_is_made_is_not_made_again_and_what_is_missing_is(
    made: tuple[Path, Scores], untrained: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, scores = made
    video = out / "rollouts" / f"{scores.clips[0].key}.mp4"
    before = video.read_bytes()
    with monkeypatch.context() as patched:
        patched.setattr(model, "Model", None)
        assert run(settings(untrained), out) == scores
    video.unlink()
    assert run(settings(untrained), out) == scores
    assert video.read_bytes() == before


def test_a_rollout_of_another_seed_is_another_video(made: tuple[Path, Scores], untrained: Path, tmp_path: Path) -> None:
    out, scores = made
    run(settings(untrained, seed=1), tmp_path)
    for clip in scores.clips:
        one, other = (read_video(folder / "rollouts" / f"{clip.key}.mp4").video for folder in (out, tmp_path))
        assert one.shape == other.shape
        assert (one != other).any()
    compared = compare(Folder(out), Folder(tmp_path), Folder(tmp_path / "compared"))
    assert compared.differ == {"model.seed": (0, 1)}
    assert '<article class="clip">' in (tmp_path / "compared" / "report.html").read_text()


def test_rollouts_are_scored_as_pairs_with_the_clips_as_the_model_was_given_them(
    made: tuple[Path, Scores], dataset: Path
) -> None:
    out, _ = made
    for read in find_pairs(str(dataset), str(out / "rollouts")).cases.values():
        assert read().pair.truth.shape == read().pair.predicted.shape == (5, 48, 64, 3)


def test_a_rollout_begins_with_what_is_asked_of_it_and_not_with_more(untrained: Path, tmp_path: Path) -> None:
    config = settings(untrained)
    few = config.model_copy(update={"data": config.data.model_copy(update={"clips": 1})})
    assert len(run(few, tmp_path).clips) == len(list((tmp_path / "rollouts").glob("*.mp4"))) == 1


def test_a_model_that_is_not_there_is_told(tmp_path: Path, untrained: Path) -> None:
    with pytest.raises(TracekitError, match="neither the folder of a run"):
        run(settings(tmp_path / "none"), tmp_path)
    (tmp_path / "config.yaml").write_bytes(untrained.read_bytes())
    with pytest.raises(TracekitError, match="no such checkpoint") as told:
        run(settings(tmp_path, checkpoint="step-000007"), tmp_path)
    assert told.value.remedy == "there: none"
    with pytest.raises(TracekitError, match="the split validation has no clips"):
        run(settings(untrained).model_copy(update={"data": DataSection()}), tmp_path)


def test_captions_and_the_autoencoder_are_scored_with_the_model_opened_once(
    untrained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = []

    class Counted(model.Model):
        def __init__(self, source: model.Source) -> None:
            opened.append(source)
            super().__init__(source)

    monkeypatch.setattr(model, "Model", Counted)
    asked = {"tiers": {"tiers": ["semantic", "regular"]}, "vae_fonts": {"sizes_px": [8]}}
    config = settings(untrained)
    found = run(config.model_copy(update={"scores": ScoresSection.model_validate(asked)}), tmp_path).details
    assert len(opened) == 1
    assert found["tiers"]["psnr"]["means"].keys() == {"semantic", "regular"}
    assert len(found["tiers"]["ssim"]["clips"]) == 2
    assert len(list((tmp_path / "rollouts-semantic").glob("*.mp4"))) == 2
    assert [one["font_size_px"] for one in found["vae_fonts"]["sizes"]] == [8]
    page = (tmp_path / "report.html").read_text()
    assert "What the caption is worth" in page
    assert "Text through the autoencoder" in page


def test_clips_without_a_caption_are_listed_and_no_tier_is_compared_of_them(untrained: Path, tmp_path: Path) -> None:
    asked = {"tiers": {"tiers": ["regular", "instruction"]}}
    config = settings(untrained)
    found = run(config.model_copy(update={"scores": ScoresSection.model_validate(asked)}), tmp_path).details["tiers"]
    assert (len(found["refused"]["regular"]), len(found["refused"]["instruction"])) == (0, 2)
    assert found["psnr"]["clips"] == []
    assert len(found["psnr"]["left_out"]) == 2
    assert found["refused"]["instruction"][0]["message"] in html.unescape((tmp_path / "report.html").read_text())


def test_memory_that_does_not_do_ends_with_what_to_lower(
    untrained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_large(*_: object, **__: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")

    monkeypatch.setattr(model, "generate", too_large)
    with pytest.raises(TracekitError, match="out of memory") as told:
        run(settings(untrained), tmp_path)
    assert "data.frames" in told.value.remedy
    assert "run.batch_size" not in told.value.remedy


def test_a_rollout_of_a_clip_that_has_changed_is_made_again(untrained: Path, tmp_path: Path) -> None:
    for reprompted in (False, True):
        data = DataSection(probe=ProbeSection(questions=1, reprompted=reprompted))
        (clip,) = run(settings(untrained).model_copy(update={"data": data}), tmp_path).clips
        told = json.loads((tmp_path / "rollouts" / f"{clip.key}.json").read_bytes())
        assert ("The answer is" in told["caption"]) == reprompted


def test_a_desktop_is_rolled_out_with_its_actions_and_the_page_says_how(tmp_path: Path) -> None:
    shards = clip_set(tmp_path / "set", clips=1, kind="desktop")
    path = tmp_path / "train.yaml"
    actions = {"actions": {"injection": "internal"}, "cursor": {}}
    path.write_text(json.dumps(train_config(shards, model=actions).model_dump(mode="json")))
    config = settings(path).model_copy(
        update={"scores": ScoresSection.model_validate(["ssim", "after_actions", "cursor"]), "sampling": "paper"}
    )
    scores = run(config, tmp_path / "out")
    assert scores.details["rollouts"]["injection"] == "internal"
    assert scores.summary["ssim_15"].value is not None
    assert "the logged actions (internal injection)" in (tmp_path / "out" / "report.html").read_text()
    assert any("frames at the ends of 1 true videos are not compared" in note for note in scores.notes)


def test_a_model_is_asked_arithmetic_with_clips_that_look_like_its_own(untrained: Path, tmp_path: Path) -> None:
    config = settings(untrained)
    data = DataSection(probe=ProbeSection(questions=2, reprompted=True))
    scores = run(config.model_copy(update={"data": data}), tmp_path)
    assert len(scores.clips) == 2
    for clip in scores.clips:
        told = json.loads((tmp_path / "rollouts" / f"{clip.key}.json").read_bytes())
        assert "The answer is" in told["caption"]
