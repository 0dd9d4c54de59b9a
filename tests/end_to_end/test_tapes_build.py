"""The laws for tapes, with the real sandbox: the same bytes every time, exactly once, nothing lost in silence."""

import json
import multiprocessing
import os
import signal
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from data_sets import samples
from sandboxes import opened
from test_determinism import bytes_of

from tracekit.build.recipe_file import load_recipe
from tracekit.build.run import Workers, build
from tracekit.build.summary import Summary
from tracekit.shards.verify import verify
from tracekit.terminal.grid import Grid

RECIPE = Path(__file__).parents[2] / "recipes" / "cligen_clean.yaml"
FAMILIES = "source.families={math: 1, files: 1, text: 1, git: 1}"
FEW = (FAMILIES, "source.count=6", "parts.inputs=2", "shards.samples=2")
FORKS = multiprocessing.get_context("forkserver")

TAPES = {
    "good.tape": 'Type "echo hello"\nEnter\nSleep 1s\n',
    "twin.tape": 'Type "echo hello"\nEnter\nSleep 1s\n',
    "pause.tape": "Type \"python3 -c 'import time; time.sleep(1e3); print(6 * 7)'\"\nEnter\nSleep 1001s\n",
    "fails.tape": 'Type "cat nowhere"\nEnter\nSleep 1s\n',
    "typo.tape": 'Type "frobnicate"\nEnter\nSleep 1s\n',
    "waits.tape": 'Type "true"\nEnter\nWait+Screen@2s /never/\n',
    "leaves.tape": 'Type "exit"\nEnter\nSleep 1s\nType "more"\nEnter\n',
    "broken.tape": 'Typ "x"\n',
    "needs.tape": 'Require nobody-has-this\nType "x"\n',
    "hidden.tape": 'Hide\nType "echo hello"\nEnter\nSleep 1s\n',
}


@pytest.fixture(scope="module", autouse=True)
def sandbox() -> None:
    opened("bwrap").close()


def built(out: Path, *settings: str, workers: int = 0) -> Summary:
    return build(load_recipe(RECIPE, settings), str(out), Workers(workers))


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("reference")
    summary = built(out, *FEW)
    assert summary.inputs_kept >= 3
    return out


def test_composed_tapes_become_whole_samples(reference: Path) -> None:
    report = verify(str(reference))
    assert not report.problems
    for files in samples(reference).values():
        sample = json.loads(files["json"])
        assert sample["provenance"]["uri"].split("/")[0] == sample["extra"]["family"]
        assert sample["captions"]["instruction"]
        assert files["txt"].decode() == sample["captions"]["script"]
        assert (sample["geometry"]["width_px"], sample["geometry"]["height_px"]) == (832, 480)
        assert all(status == 0 for status in sample["extra"]["statuses"])


@pytest.mark.slow
@pytest.mark.parametrize("workers", [0, 1, 2])
def test_any_number_of_workers_makes_the_same_bytes(workers: int, reference: Path, tmp_path: Path) -> None:
    built(tmp_path / "out", *FEW, workers=workers)
    assert bytes_of(tmp_path / "out") == bytes_of(reference)


def build_in_child(out: str, fault: str) -> None:
    os.environ["TRACEKIT_FAULT"] = fault
    build(load_recipe(RECIPE, FEW), out, Workers(0))


@pytest.mark.slow
def test_killed_and_started_again_a_build_ends_the_same(reference: Path, tmp_path: Path) -> None:
    out, deaths = tmp_path / "out", 0
    while True:
        child = FORKS.Process(target=build_in_child, args=(str(out), "commit-renamed:6"))
        child.start()
        child.join()
        if child.exitcode == 0:
            break
        assert child.exitcode == -signal.SIGKILL
        deaths += 1
        assert deaths < 20, "each run must bring it forward"
    assert deaths > 1
    assert bytes_of(out) == bytes_of(reference)


def test_every_tape_is_kept_or_rejected_with_a_reason(tmp_path: Path) -> None:
    folder, out = tmp_path / "tapes", tmp_path / "out"
    folder.mkdir()
    for name, text in TAPES.items():
        (folder / name).write_text(text)
    summary = built(out, "source.families={}", f"source.paths={folder}", "filters={}")
    assert summary.inputs == summary.inputs_kept + summary.inputs_rejected == len(TAPES)
    assert not verify(str(out)).problems
    rows = pq.read_table(out / "index.parquet").to_pylist()
    assert {row["uri"]: row["reason"] for row in rows if row["uri"] not in ("good.tape", "twin.tape")} == {
        "pause.tape": None,
        "fails.tape": "nonzero-exit",
        "typo.tape": "command-not-found",
        "waits.tape": "wait-timed-out",
        "leaves.tape": "shell-ended",
        "broken.tape": "bad-tape",
        "needs.tape": "program-missing",
        "hidden.tape": "nothing-on-screen",
    }
    assert sorted(str(row["reason"]) for row in rows if row["uri"] in ("good.tape", "twin.tape")) == [
        "None",
        "duplicate-of",
    ]
    assert {"42", "hello"} <= {line for files in samples(out).values() for line in _last_lines(files["cells.npz"])}


def _last_lines(cells: bytes) -> list[str]:
    grid = Grid.load(cells)
    return grid.lines(grid.frames - 1)


def test_the_funnel_stands_in_card_report_and_summary(reference: Path) -> None:
    summary = json.loads((reference / "summary.json").read_bytes())
    found = summary["funnel"]
    assert found["planned"] == summary["inputs"] == sum(group["inputs"] for group in found["groups"].values())
    assert found["kept"] == summary["inputs_kept"] == sum(group["kept"] for group in found["groups"].values())
    for name in ("README.md", "report.html"):
        text = (reference / name).read_text()
        assert "The paper kept 51.21%" in text
        assert f"{found['kept'] / found['planned']:.2%} of the inputs are in the data set" in text
        assert all(family in text for family in found["groups"])
