"""Laws 2 to 4 with real workers: on Ray, one or many, that die, with a driver that dies, on a node that dies."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest
from toy_build import INPUTS, Toy, contents

from tracekit.build.progress import Silent
from tracekit.build.recipe_file import load_recipe
from tracekit.build.run import Workers, build
from tracekit.shards.index import read_index

pytestmark = pytest.mark.slow

CRASHING = {**INPUTS, "crash.toy": "clip before\ncrash\n", "exit.toy": "clip before\nexit\n"}
MANY = {f"{number:02d}.toy": f"clip toy {number}\nclip thing {number}\n" for number in range(24)}
COMMAND = [sys.executable, "-c", "from tracekit.cli.main import main; main()"]


@pytest.fixture
def whole(toy: Toy, tmp_path: Path) -> tuple[Path, dict[str, bytes]]:
    """A recipe, and what a build of it comes to that nothing happened to."""
    recipe = toy(MANY)
    build(load_recipe(recipe), str(tmp_path / "whole"), Workers(0))
    return recipe, contents(tmp_path / "whole")


@contextmanager
def driver(recipe: Path, out: Path, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """`tracekit build`, in a process of its own."""
    command = [*COMMAND, "build", str(recipe), "--out", str(out), "--workers", "2", "--json"]
    environ = {**os.environ, **environment}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environ) as process:
        try:
            yield process
        finally:
            process.kill()


def steps(stream: IO[str] | None) -> Iterator[str]:
    assert stream is not None
    for line in stream:
        if "work" in (told := json.loads(line)):
            yield told["work"]


@pytest.mark.parametrize("workers", [1, 2])
def test_shards_are_the_same_from_any_number_of_workers(
    workers: int, whole: tuple[Path, dict[str, bytes]], tmp_path: Path
) -> None:
    build(load_recipe(whole[0]), str(tmp_path / "out"), Workers(workers))
    assert contents(tmp_path / "out") == whole[1]


def test_an_input_that_crashes_its_worker_is_rejected_and_no_other(toy: Toy, tmp_path: Path) -> None:
    recipe = load_recipe(toy(CRASHING))
    summary = build(recipe, str(tmp_path / "out"), Workers(2))
    with (tmp_path / "out" / "index.parquet").open("rb") as file:
        index = read_index(file).to_pylist()
    crashed = {row["uri"]: row["message"] for row in index if row["reason"] == "crashed-worker"}
    assert crashed.keys() == {"crash.toy", "exit.toy"}
    assert crashed["crash.toy"].endswith("SIGSEGV")
    assert crashed["exit.toy"].endswith("exit status 7")
    for name in CRASHING.keys() - INPUTS.keys():
        (tmp_path / "toy" / "inputs" / name).unlink()
    others = build(recipe, str(tmp_path / "others"), Workers(0))
    assert summary.clips_kept == others.clips_kept
    assert summary.inputs_rejected == others.inputs_rejected + 2


@pytest.mark.parametrize("fault", ["commit-written:1", "commit-renamed:3", "commit-written:5"])
def test_a_worker_killed_at_a_commit_is_replaced(
    fault: str, whole: tuple[Path, dict[str, bytes]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Armed(Silent):
        """Sets the fault when workers are about to start: until they are done, only they commit."""

        def begin(self, work: str, total: int, done: int, unit: str) -> None:
            monkeypatch.setenv("TRACEKIT_FAULT", fault)
            monkeypatch.setenv("TRACEKIT_FAULT_ONCE", str(tmp_path / "dead"))

    build(load_recipe(whole[0]), str(tmp_path / "out"), Workers(2), Armed())
    assert (tmp_path / "dead").exists()
    assert contents(tmp_path / "out") == whole[1]


def test_a_driver_that_is_killed_leaves_a_build_that_goes_on(
    whole: tuple[Path, dict[str, bytes]], tmp_path: Path
) -> None:
    with driver(whole[0], tmp_path / "out") as process:
        done = steps(process.stdout)
        assert next(done) == next(done) == "capture"
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
    build(load_recipe(whole[0]), str(tmp_path / "out"), Workers(0))
    assert contents(tmp_path / "out") == whole[1]


def test_ctrl_c_ends_it_cleanly_and_says_how_to_go_on(whole: tuple[Path, dict[str, bytes]], tmp_path: Path) -> None:
    with driver(whole[0], tmp_path / "out") as process:
        assert next(steps(process.stdout)) == "capture"
        process.send_signal(signal.SIGINT)
        _, told = process.communicate()
        assert process.returncode == 130
        assert "the same command goes on" in told
        assert "Traceback" not in told
    with driver(whole[0], tmp_path / "out") as process:
        out, _ = process.communicate()
        assert process.returncode == 0
        assert json.loads(out.splitlines()[-1])["clips_kept"] == 2 * len(MANY)
    assert contents(tmp_path / "out") == whole[1]


def test_a_node_that_dies_takes_nothing_with_it(whole: tuple[Path, dict[str, bytes]], tmp_path: Path) -> None:
    import ray
    from ray.cluster_utils import Cluster

    class KillsANode(Silent):
        """After the first part, one of the two nodes is no more."""

        def step(self, name: str, size: int, remark: str) -> None:
            if worker in cluster.worker_nodes:
                cluster.remove_node(worker, allow_graceful=False)

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    try:
        worker = cluster.add_node(num_cpus=1)
        build(load_recipe(whole[0]), str(tmp_path / "out"), Workers(address=cluster.address), KillsANode())
        assert worker not in cluster.worker_nodes
    finally:
        ray.shutdown()
        cluster.shutdown()
    assert contents(tmp_path / "out") == whole[1]
