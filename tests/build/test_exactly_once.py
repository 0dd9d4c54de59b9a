"""Law 3, exactly once: killed at any instant and started again, a build ends as if it had not been killed."""

import multiprocessing
import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest
from components import missing
from toy_build import INPUTS, Toy, contents

from tracekit.build.recipe import Recipe
from tracekit.build.recipe_file import load_recipe
from tracekit.build.run import Workers, build, rebuild
from tracekit.core.errors import TracekitError

HERE = Workers(0)
FEW = {name: INPUTS[name] for name in ("one.toy", "broken.toy", "four.toy")}
CHANGES = ["filters.toy-twin=false", "shards.samples=2"]

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tracekit.build.run"])


def build_in_child(recipe: Path, out: str, fault: str) -> None:
    os.environ["TRACEKIT_FAULT"] = fault
    build(load_recipe(recipe), out, HERE)


def rebuild_in_child(recipe: Path, out: str, fault: str) -> None:
    os.environ["TRACEKIT_FAULT"] = fault
    rebuild(out, CHANGES, HERE)


def killed(work: object, recipe: Path, out: Path, fault: str) -> bool:
    """Run a build that is killed at a fault point; whether it came so far."""
    child = FORKS.Process(target=work, args=(recipe, str(out), fault))  # type: ignore[arg-type]
    child.start()
    child.join()
    assert child.exitcode in {0, -signal.SIGKILL}
    return child.exitcode != 0


@pytest.mark.parametrize("point", ["commit-written", "commit-renamed"])
def test_killed_at_every_commit_in_turn_a_build_ends_the_same(point: str, toy: Toy, tmp_path: Path) -> None:
    recipe, out = toy(FEW), tmp_path / "out"
    build(load_recipe(recipe), str(tmp_path / "whole"), HERE)
    whole = contents(tmp_path / "whole")
    deaths = 0
    while killed(build_in_child, recipe, out, f"{point}:{deaths + 1}"):
        deaths += 1
        build(load_recipe(recipe), str(out), HERE)
        assert contents(out) == whole
        shutil.rmtree(out)
    assert deaths > 20


def test_killed_again_and_again_a_build_gets_on(toy: Toy, tmp_path: Path) -> None:
    recipe, out = toy(FEW), tmp_path / "out"
    build(load_recipe(recipe), str(tmp_path / "whole"), HERE)
    deaths = 0
    # The last stage commits five files, manifest to summary, at one go; any other stage fewer.
    while killed(build_in_child, recipe, out, "commit-renamed:6"):
        deaths += 1
        assert deaths < len(contents(tmp_path / "whole")), "each run must bring it forward"
    assert deaths > 2
    assert contents(out) == contents(tmp_path / "whole")


def test_killed_while_it_is_filtered_again_a_build_ends_the_same(toy: Toy, tmp_path: Path) -> None:
    recipe, out = toy(FEW), tmp_path / "out"
    build(load_recipe(recipe), str(tmp_path / "first"), HERE)
    shutil.copytree(tmp_path / "first", tmp_path / "whole")
    rebuild(str(tmp_path / "whole"), CHANGES, HERE)
    deaths = 0
    shutil.copytree(tmp_path / "first", out)
    while killed(rebuild_in_child, recipe, out, f"commit-renamed:{deaths + 1}"):
        deaths += 1
        rebuild(str(out), CHANGES, HERE)
        assert contents(out) == contents(tmp_path / "whole")
        shutil.rmtree(out)
        shutil.copytree(tmp_path / "first", out)
    assert deaths > 10


def test_what_is_committed_is_not_done_again(recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "out"
    build(recipe, str(out), HERE)
    times = {path: path.stat().st_mtime_ns for path in (out / "parts").rglob("*.*")}
    lost = out / "parts" / "000001" / "captions.jsonl"
    lost.unlink()
    (out / "summary.json").unlink()
    build(recipe, str(out), HERE)
    again = {path for path in times if path.stat().st_mtime_ns != times[path]}
    assert again == {lost, lost.with_name("part.json")}


def test_a_full_disk_is_told_and_when_there_is_room_the_build_goes_on(toy: Toy, tmp_path: Path) -> None:
    recipe, out = load_recipe(toy()), tmp_path / "small"
    out.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=48k", "none", out], capture_output=True, check=False)
    if mounted.returncode != 0:
        missing("tmpfs", "mounting a small disk needs root: sudo make test")
    try:
        with pytest.raises(TracekitError, match="the disk is full"):
            build(recipe, str(out / "out"), HERE)
        assert not list(out.rglob("*.tmp-*"))
        subprocess.run(["mount", "-o", "remount,size=64m", out], check=True)
        build(recipe, str(out / "out"), HERE)
        build(recipe, str(tmp_path / "whole"), HERE)
        assert contents(out / "out") == contents(tmp_path / "whole")
    finally:
        subprocess.run(["umount", out], check=True)
