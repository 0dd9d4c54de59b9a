"""`tracekit build`, `filter` and `caption`: exit codes, what is printed where, and errors in one line."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

TOYS = Path(__file__).parent.parent / "build"
COMMAND = [sys.executable, "-c", "from tracekit.cli.main import main; main()"]
RECIPE = "name: toy\nsource: {kind: toy, paths: [inputs]}\ncaptions: {by: toy}\nfilters: {toy-short: {min_length: 3}}\n"


def tracekit(*arguments: object) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(TOYS / "toy_plugins")}
    command = [*COMMAND, *map(str, arguments)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    (tmp_path / "inputs").mkdir()
    (tmp_path / "inputs" / "a.toy").write_text("clip apple\nclip ab\n")
    (tmp_path / "toy.yaml").write_text(RECIPE)
    return tmp_path / "toy.yaml"


def test_a_build_says_what_came_of_it(recipe: Path, tmp_path: Path) -> None:
    done = tracekit("build", recipe, "--out", tmp_path / "out", "--workers", 0)
    assert done.returncode == 0
    assert "clips:   2 = 1 kept + 1 rejected" in done.stdout
    assert "1 toy-short" in done.stdout
    assert "capture 000000: 2 clips, 0 rejected; 100%" in done.stderr


def test_a_fault_of_our_own_is_no_success(recipe: Path, tmp_path: Path) -> None:
    (tmp_path / "inputs" / "b.toy").write_text("bug\n")
    done = tracekit("build", recipe, "--out", tmp_path / "out", "--workers", 0)
    assert done.returncode == 1
    assert "1 internal-error" in done.stdout
    assert "tracekit itself failed on 1 inputs" in done.stderr


def test_machines_are_told_in_json(recipe: Path, tmp_path: Path) -> None:
    done = tracekit("build", recipe, "--out", tmp_path / "out", "--workers", 0, "--json")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["work"] for line in lines[:-1]] == ["capture", "pack"]
    assert lines[0] | {"total": 0, "done": 0} == {
        "work": "capture", "name": "000000", "remark": "2 clips, 0 rejected", "done": 0, "total": 0, "unit": "bytes"
    }  # fmt: skip
    assert (lines[-1]["inputs"], lines[-1]["clips_kept"]) == (1, 1)
    assert done.stderr == ""


def test_filters_and_captions_are_done_again(recipe: Path, tmp_path: Path) -> None:
    tracekit("build", recipe, "--out", tmp_path / "out", "--workers", 0)
    done = tracekit("filter", tmp_path / "out", "--set", "filters.toy-short=false", "--workers", 0, "--json")
    assert json.loads(done.stdout.splitlines()[-1])["clips_kept"] == 2
    done = tracekit("caption", tmp_path / "out", "--set", "captions.greeting=Lo", "--workers", 0, "--json")
    assert json.loads(done.stdout.splitlines()[0])["work"] == "parts"
    assert b"Lo `apple`." in next((tmp_path / "out" / "shards").glob("*.tar")).read_bytes()


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        (["build", "{recipe}"], 2, "--out"),
        (["build", "nothing.yaml", "--out", "{out}"], 1, "there is no such recipe"),
        (["build", "{recipe}", "--out", "{out}", "--set", "seeed=1"], 1, "the nearest known key is 'seed'"),
        (["build", "{recipe}", "--out", "nosuch://x"], 1, "nosuch"),
        (["build", "{recipe}", "--out", "{out}", "--ray-address", "127.0.0.1:1"], 1, "no Ray cluster at 127.0.0.1:1"),
        (["filter", "{out}"], 1, "there is no build here"),
        (["caption", "{out}", "--rules"], 1, "there is no build here"),
    ],
)
def test_errors_are_one_line_with_a_remedy(
    arguments: list[str], status: int, told: str, recipe: Path, tmp_path: Path
) -> None:
    done = tracekit(*(argument.format(recipe=recipe, out=tmp_path / "out") for argument in arguments))
    assert done.returncode == status
    assert told in done.stderr
    assert "Traceback" not in done.stderr
