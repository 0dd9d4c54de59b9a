"""`tracekit evaluate` as a user meets it: what it prints, what it leaves behind, how it ends."""

import json
from pathlib import Path

import pytest
from command_line import Tracekit


def test_two_folders_are_scored_and_two_evaluations_compared(
    tracekit: Tracekit, dataset: Path, same: Path, unsharp: Path, tmp_path: Path
) -> None:
    asked = "--truth", str(dataset), "--scores", "ssim", "--set", "first_frame=false", "--set", "pictures=0"
    done = tracekit("evaluate", *asked, "--predicted", str(same), "--out", "same", "--json")
    assert done.returncode == 0
    found = json.loads(done.stdout)
    assert (found["summary"]["ssim"]["value"], found["clips"]) == (pytest.approx(1), 2)
    done = tracekit("evaluate", *asked, "--predicted", str(unsharp), "--out", "unsharp")
    assert done.returncode == 0
    assert "2 of 2 pairs scored" in done.stdout
    done = tracekit("evaluate", "--compare", "same", "unsharp", "--out", "compared", "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["summary"]["ssim"]["worse"] == 2
    assert (tmp_path / "compared" / "comparison.json").exists()
    assert "SSIM: 1.000 and" in tracekit("evaluate", "--compare", "same", "unsharp", "--out", "compared").stdout


def test_a_pair_that_is_not_scored_ends_with_1_and_its_reason(
    tracekit: Tracekit, dataset: Path, tmp_path: Path
) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    for name in ("a/one.mp4", "b/one.mp4", "a/two.mp4"):
        (tmp_path / name).write_bytes(b"no video")
    done = tracekit("evaluate", "--truth", "a", "--predicted", "b", "--scores", "ssim", "--out", "out")
    assert done.returncode == 1
    assert "not scored: one:" in done.stdout
    assert "not scored: two: nothing was predicted of it" in done.stdout
    assert "0 of 2 pairs scored" in done.stdout


@pytest.mark.parametrize("arguments", [(), ("--truth", "a"), ("config.yaml", "--truth", "a", "--predicted", "b")])
def test_one_thing_is_evaluated(tracekit: Tracekit, arguments: tuple[str, ...]) -> None:
    done = tracekit("evaluate", *arguments)
    assert done.returncode == 2
    assert "one of them" in done.stderr


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("scores: [psrn]\npairs: {truth: a, predicted: b}", "nearest known key is 'psnr'"),
        ("scores: [psnr]", "of pairs or of a model"),
        ("pairs: {truth: a, predicted: b}\nsampling: some", "config.yaml:2"),
        ("- 1", "mapping"),
    ],
)
def test_what_is_wrong_with_a_configuration_is_told(
    tracekit: Tracekit, tmp_path: Path, text: str, message: str
) -> None:
    (tmp_path / "config.yaml").write_text(text)
    done = tracekit("evaluate", "config.yaml")
    assert done.returncode == 1
    assert message in done.stderr
    assert "Traceback" not in done.stderr
