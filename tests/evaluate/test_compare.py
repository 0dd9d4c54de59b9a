"""Two evaluations held against each other: clip by clip, with what only one has told."""

from pathlib import Path

import pytest

from tracekit.core.errors import TracekitError
from tracekit.core.files import Folder, to_json
from tracekit.evaluate.compare import compare
from tracekit.evaluate.results import NAME, ClipScores, Scores, Summary, read_scores


def scores(values: dict[str, float], recordings: int = 10, measure: str = "ssim", **summary: Summary) -> Scores:
    """An evaluation without videos: a value a clip."""
    clips = [
        ClipScores(
            key=key, recording=str(number % recordings), frames=75, truth_frames=75, predicted_frames=75,
            values={measure: value},
        )
        for number, (key, value) in enumerate(values.items())
    ]  # fmt: skip
    config = {"seed": 0, "resamples": 200, "pairs": {"truth": "a", "predicted": "b"}}
    found = {measure: Summary(value=0, clips=len(clips)), **summary}
    return Scores(
        of="pairs", config=config, tools={}, asked=len(clips), summary=found, clips=clips, rejected=[], not_run={}
    )


def written(folder: Path, made: Scores) -> Folder:
    Folder(folder).write(NAME, to_json(made.model_dump(mode="json")))
    return Folder(folder)


def test_an_evaluation_does_not_differ_from_itself(tmp_path: Path) -> None:
    one = written(tmp_path / "one", scores({f"clip-{n}": n / 10 for n in range(10)}))
    found = compare(one, one, Folder(tmp_path / "out")).summary["ssim"]
    assert (found.difference, found.low, found.high, found.better, found.worse) == (0, 0, 0, 0, 0)


def test_what_is_better_in_every_clip_differs_by_more_than_chance(tmp_path: Path) -> None:
    one = written(tmp_path / "one", scores({f"clip-{n}": n / 10 for n in range(10)}))
    other = written(tmp_path / "other", scores({f"clip-{n}": n / 10 + 0.05 + n / 1000 for n in range(10)}))
    found = compare(one, other, Folder(tmp_path / "out")).summary["ssim"]
    assert found.difference == pytest.approx(0.0545)
    assert found.low is not None
    assert found.low > 0
    assert (found.better, found.worse, found.clips) == (10, 0, 10)
    back = compare(other, one, Folder(tmp_path / "back")).summary["ssim"]
    assert back.difference == pytest.approx(-0.0545)
    assert (back.better, back.worse) == (0, 10)


def test_less_is_better_of_a_distance(tmp_path: Path) -> None:
    one = written(tmp_path / "one", scores({"a": 0.5, "b": 0.4}, measure="lpips"))
    other = written(tmp_path / "other", scores({"a": 0.4, "b": 0.5}, measure="lpips"))
    found = compare(one, other, Folder(tmp_path / "out")).summary["lpips"]
    assert (found.better, found.worse) == (1, 1)


def test_clips_that_only_one_has_are_named_and_do_not_count(tmp_path: Path) -> None:
    one = written(tmp_path / "one", scores({"a": 0.5, "b": 0.5}))
    other = written(tmp_path / "other", scores({"b": 0.75, "c": 0.0}))
    found = compare(one, other, Folder(tmp_path / "out"))
    assert (found.only_first, found.only_second) == (["a"], ["c"])
    assert found.summary["ssim"].difference == 0.25
    page = (tmp_path / "out" / "report.html").read_text()
    assert "Clips that only one has" in page
    strangers = written(tmp_path / "strangers", scores({"d": 0.0}))
    with pytest.raises(TracekitError, match="no clip in common"):
        compare(one, strangers, Folder(tmp_path / "none"))


def test_clips_of_one_recording_have_no_interval(tmp_path: Path) -> None:
    one = written(tmp_path / "one", scores({"a": 0.5, "b": 0.25}, recordings=1))
    other = written(tmp_path / "other", scores({"a": 0.5, "b": 0.75}, recordings=1))
    found = compare(one, other, Folder(tmp_path / "out")).summary["ssim"]
    assert (found.difference, found.low, found.high) == (0.25, None, None)


def test_what_is_of_all_clips_together_has_a_difference_and_no_interval(tmp_path: Path) -> None:
    one = written(tmp_path / "one", scores({"a": 0.5}, fvd=Summary(value=30.0, clips=1)))
    other = written(tmp_path / "other", scores({"a": 0.5}, fvd=Summary(value=20.0, clips=1)))
    found = compare(one, other, Folder(tmp_path / "out")).summary["fvd"]
    assert (found.first, found.second, found.difference, found.low) == (30, 20, -10, None)
    more = written(tmp_path / "more", scores({"a": 0.5, "b": 0.5}, fvd=Summary(value=20.0, clips=2)))
    assert compare(one, more, Folder(tmp_path / "of-others")).summary["fvd"].difference is None


def test_an_evaluation_is_not_written_over(tmp_path: Path) -> None:
    one = written(tmp_path / "one", scores({"a": 0.5}))
    with pytest.raises(TracekitError, match="there is an evaluation here"):
        compare(one, one, one)


def test_a_measure_of_another_version_is_told(tmp_path: Path) -> None:
    made = scores({"a": 0.5}).model_copy(update={"summary": {"sharpness": Summary(value=1, clips=1)}})
    with pytest.raises(TracekitError, match="a measure that is not known: sharpness"):
        read_scores(written(tmp_path, made))
