"""What users do by mistake costs them no file and no riddle."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from data_sets import RECIPE, built, samples, typed, write

from tracekit.core.files import Folder
from tracekit.shards.verify import verify

MAIN = [sys.executable, "-m", "tracekit"]


@pytest.fixture
def casts(tmp_path: Path) -> Path:
    for name in ("one", "two"):
        write(tmp_path / "casts" / f"{name}.cast", typed(f"echo {name} of them\r\n" * 2))
    return tmp_path / "casts"


def tracekit(*arguments: object, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [*MAIN, *map(str, arguments)]
    return subprocess.run(
        command, cwd=cwd, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )


def build_arguments(casts: str | Path, out: str | Path) -> list[object]:
    paths = f"source.paths=[{json.dumps(str(casts))}]"
    return ["build", RECIPE, "--set", paths, "--set", "parts.inputs=1", "--out", out, "--workers", 0]


def test_an_empty_name_is_not_the_root_of_the_file_system(casts: Path, tmp_path: Path) -> None:
    done = tracekit(*build_arguments(casts, ""), cwd=tmp_path)
    assert done.returncode == 1
    assert "the name of a folder is empty" in done.stderr


def test_only_what_writers_left_is_swept(casts: Path, tmp_path: Path) -> None:
    out = tmp_path / "home"
    (out / "work").mkdir(parents=True)
    mine = [out / "thesis.tmp-1.txt", out / "work" / "notes.tmp-2026", out / ".tmp-dead"]
    for path in mine:
        path.touch()
    left = out / f"index.parquet.tmp-{'0' * 32}"
    left.touch()
    built(casts, out)
    assert all(path.exists() for path in mine)
    assert not left.exists()


@pytest.mark.parametrize("out", ["a-file", "a-file/below"])
def test_an_output_that_is_a_file_is_told(out: str, casts: Path, tmp_path: Path) -> None:
    (tmp_path / "a-file").write_text("mine")
    done = tracekit(*build_arguments(casts, out), cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert "a file is in the way" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert (tmp_path / "a-file").read_text() == "mine"


def test_more_workers_than_any_machine_has_is_wrong_usage(casts: Path, tmp_path: Path) -> None:
    done = tracekit(*build_arguments(casts, "out"), "--workers", 999_999_999, cwd=tmp_path)
    assert done.returncode == 2


def test_another_recipe_on_the_same_folder_is_refused_in_one_line(casts: Path, tmp_path: Path) -> None:
    built(casts, tmp_path / "out", "parts.inputs=1")
    done = tracekit(*build_arguments(casts, "out"), "--set", "seed=4", cwd=tmp_path)
    assert done.returncode == 1
    assert "asked for: seed: 0 -> 4 (" in done.stderr
    assert (len(done.stderr.splitlines()), done.stderr.count("\\n")) == (1, 0)


@pytest.mark.parametrize("command", ["verify", "stats"])
def test_a_folder_without_a_data_set_is_told(command: str, tmp_path: Path) -> None:
    done = tracekit("shards", command, "nowhere", "--json", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert "there is no data set here" in done.stderr


def test_a_build_works_without_utf_8_and_with_relative_paths(casts: Path, tmp_path: Path) -> None:
    done = tracekit(
        *build_arguments("casts", "öut put"), "--json", cwd=tmp_path, LC_ALL="C", PYTHONUTF8="0", NO_COLOR="1"
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout.splitlines()[-1])["inputs_kept"] == 2
    assert all(isinstance(json.loads(line), dict) for line in done.stdout.splitlines())
    assert verify(str(tmp_path / "öut put")).ok


def test_a_build_that_is_interrupted_goes_on(casts: Path, tmp_path: Path) -> None:
    for number in range(40):  # more than are done before the signal arrives, on a busy machine too
        write(casts / f"more{number}.cast", typed(f"echo {number} and more\r\n" * 3))
    command = [*MAIN, *map(str, build_arguments(casts, tmp_path / "out"))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert "capture 000000" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    assert (process.returncode, out) == (130, "")
    assert err.endswith("stopped. What is committed stays: the same command goes on from here.\n")
    assert "Traceback" not in err
    done = tracekit(*build_arguments(casts, tmp_path / "out"), cwd=tmp_path)
    assert done.returncode == 0
    assert "capture 000000" not in done.stderr
    built(casts, tmp_path / "at once", "parts.inputs=1")
    assert samples(tmp_path / "out") == samples(tmp_path / "at once")


def test_two_builds_into_one_folder_end_with_one_whole_data_set(casts: Path, tmp_path: Path) -> None:
    command = [*MAIN, *map(str, build_arguments(casts, tmp_path / "out"))]
    builds = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    ends = [build.communicate() for build in builds]
    assert not [err for _, err in ends if "Traceback" in err]
    assert tracekit(*build_arguments(casts, tmp_path / "out"), cwd=tmp_path).returncode == 0
    assert verify(str(tmp_path / "out")).ok
    assert Folder(tmp_path / "out").sweep() == 0
