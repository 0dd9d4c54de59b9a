"""Which video belongs to which: by name or by key, and what has no partner is told."""

from pathlib import Path

import pytest
from recorded_sets import videos

from tracekit.core.errors import TracekitError
from tracekit.evaluate.pairs import find_pairs


def folder(path: Path, *names: str) -> str:
    for name in names:
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(b"")
    return str(path)


def test_files_of_one_name_are_a_pair_whatever_their_endings_and_folders(tmp_path: Path) -> None:
    truth = folder(tmp_path / "a", "one.mp4", "in/two.mkv", "notes.txt")
    found = find_pairs(truth, folder(tmp_path / "b", "one.webm", "in/two.mp4"))
    assert list(found.cases) == ["in/two", "one"]
    assert (found.refused, found.asked) == ([], 2)
    assert found.cases["one"]().predicted == tmp_path / "b" / "one.webm"


def test_what_has_no_partner_is_refused_and_counted(tmp_path: Path) -> None:
    truth = folder(tmp_path / "a", "one.mp4", "two.mp4", "two.mkv", "three.mp4")
    found = find_pairs(truth, folder(tmp_path / "b", "one.mp4", "two.mp4", "four.mp4"))
    assert {(one.key, one.reason) for one in found.refused} == {
        ("two", "same-name"),
        ("three", "no-prediction"),
        ("four", "no-truth"),
    }
    assert list(found.cases) == ["one"]
    assert found.asked == len(found.cases) + len(found.refused)


def test_a_predicted_video_goes_with_the_clip_of_its_key(dataset: Path, tmp_path: Path) -> None:
    key, video = min(videos(dataset).items())
    predicted = folder(tmp_path, f"{key}.mp4", "stranger.mp4")
    found = find_pairs(str(dataset), predicted)
    case = found.cases[key]()
    assert (case.key, case.truth, case.recording) == (key, video, key.rpartition("-")[0])
    assert [(one.key, one.reason) for one in found.refused] == [("stranger", "no-truth")]


def test_a_json_beside_a_prediction_that_is_no_rollouts_is_passed_over(dataset: Path, tmp_path: Path) -> None:
    key = min(videos(dataset))
    predicted = folder(tmp_path, f"{key}.mp4")
    (tmp_path / f"{key}.json").write_text('{"key": "of the sample"}')
    assert find_pairs(str(dataset), predicted).cases[key]().size_px is None
    (tmp_path / f"{key}.json").write_text('{"size_px": [64')
    with pytest.raises(TracekitError, match="what is told of the rollout is damaged"):
        find_pairs(str(dataset), predicted).cases[key]()


def test_two_files_are_a_pair(tmp_path: Path) -> None:
    path = folder(tmp_path, "one.mp4", "other.mp4")
    found = find_pairs(f"{path}/one.mp4", f"{path}/other.mp4")
    assert [(key, read().truth) for key, read in found.cases.items()] == [("other", tmp_path / "one.mp4")]


@pytest.mark.parametrize(
    ("truth", "predicted", "message"),
    [
        ("a/one.mp4", "b/none.mp4", "no such video"),
        ("a", "b/one.mp4", "not both are folders"),
        ("a/one.mp4", "b", "not both are folders"),
        ("none", "b", "no such folder"),
        ("a", "c", "belongs to one"),
    ],
)
def test_what_is_not_there_is_told(tmp_path: Path, truth: str, predicted: str, message: str) -> None:
    folder(tmp_path, "a/one.mp4", "b/one.mp4", "c/other.mp4")
    with pytest.raises(TracekitError, match=message):
        find_pairs(str(tmp_path / truth), str(tmp_path / predicted))
