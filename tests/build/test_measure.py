"""Measures of filters: each clip is measured once by each filter, and whatever is wrong with one stays with it."""

import multiprocessing
import os
import shutil
import signal
from pathlib import Path

import pytest
from toy_build import INPUTS, RECIPE, Toy, contents

from tracekit.build.recipe_file import load_recipe
from tracekit.build.run import Workers, build, rebuild
from tracekit.build.summary import Summary
from tracekit.core.files import Folder
from tracekit.shards.index import read_index

HERE = Workers(0)
MEASURING = RECIPE.replace("  toy-twin:\n", "  toy-twin:\n  toy-vowels:\n")
FEW = {name: INPUTS[name] for name in ("one.toy", "three.toy", "four.toy")}


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the toy filter writes down what it measures."""
    monkeypatch.setenv("TOY_MEASURED", str(tmp_path / "measured.txt"))
    return tmp_path / "measured.txt"


def measured(log: Path) -> list[str]:
    """What was measured since this was last asked."""
    lines = log.read_text().splitlines() if log.exists() else []
    log.write_text("")
    return lines


def verdicts(out: Path) -> dict[str, tuple[str, str | None]]:
    """Status and reason of each clip that came before the filters."""
    with Folder(str(out)).open("index.parquet") as file:
        rows = read_index(file).to_pylist()
    return {row["key"]: (row["status"], row["reason"]) for row in rows if row["key"] and row["columns"]}


def reasons(summary: Summary) -> dict[str, int]:
    return {name: count for name, count in summary.reasons.items() if name.startswith("toy-")}


def test_a_filter_is_given_what_it_measured_of_each_clip(toy: Toy, tmp_path: Path) -> None:
    summary = build(load_recipe(toy(FEW, MEASURING)), str(tmp_path / "out"), HERE)
    # apple (twice, one of them a twin), pear, banana and melon have two vowels or more; fig has one, and an error
    assert reasons(summary) == {"toy-twin": 1, "toy-vowels-error": 1}
    stricter = rebuild(str(tmp_path / "out"), ["filters.toy-vowels.least=3"], HERE)
    assert reasons(stricter) == {"toy-twin": 1, "toy-vowels-error": 1, "toy-vowels": 3}


def test_a_clip_is_measured_once_and_again_only_for_a_filter_that_changed(toy: Toy, tmp_path: Path, log: Path) -> None:
    out = tmp_path / "out"
    clips = build(load_recipe(toy(FEW)), str(out), HERE).clips
    assert measured(log) == []
    rebuild(str(out), ["filters.toy-vowels={}"], HERE)
    assert len(measured(log)) == clips
    rebuild(str(out), ["filters.toy-vowels.least=1", "filters.toy-short=false"], HERE)
    rebuild(str(out), ["captions.greeting=Look:"], HERE)
    rebuild(str(out), ["filters.toy-vowels=false"], HERE)
    rebuild(str(out), ["filters.toy-vowels={}"], HERE)
    assert measured(log) == []
    rebuild(str(out), ["filters.toy-vowels.vowels=a"], HERE)
    again = measured(log)
    assert len(again) == clips
    assert all(line.startswith("a ") for line in again)


def test_a_filter_that_was_added_later_ends_in_the_same_data_set(toy: Toy, tmp_path: Path) -> None:
    recipe = toy(INPUTS, MEASURING)
    build(load_recipe(recipe), str(tmp_path / "whole"), HERE)
    build(load_recipe(recipe, ["filters.toy-vowels=false"]), str(tmp_path / "out"), HERE)
    rebuild(str(tmp_path / "out"), ["filters.toy-vowels="], HERE)
    whole, out = contents(tmp_path / "whole"), contents(tmp_path / "out")
    assert {name for name in whole if whole[name] != out.get(name)} <= {"build.json", "README.md"} | {
        name for name in whole if name.endswith("part.json")
    }


def test_errors_reject_the_clip_by_the_filter_s_name_and_the_build_goes_on(toy: Toy, tmp_path: Path) -> None:
    inputs = INPUTS | {"kiwi.toy": "clip kiwi\nclip guava\n"}
    summary = build(load_recipe(toy(inputs, MEASURING)), str(tmp_path / "out"), HERE)
    assert summary.reasons["toy-vowels-error"] == 3, "an error, a rejection, and a value that is no JSON"
    assert summary.clips == summary.clips_kept + summary.clips_rejected
    with Folder(str(tmp_path / "out")).open("index.parquet") as file:
        messages = {row["message"] for row in read_index(file).to_pylist() if row["reason"] == "toy-vowels-error"}
    assert "it is too sweet" in messages
    assert any("ZeroDivisionError" in message for message in messages)


@pytest.mark.parametrize("order", [("toy-vowels", "toy-short", "toy-twin"), ("toy-twin", "toy-vowels", "toy-short")])
def test_the_order_of_filters_changes_reasons_but_not_what_is_kept(
    order: tuple[str, ...], toy: Toy, tmp_path: Path
) -> None:
    recipe = toy(INPUTS, MEASURING)
    first = build(load_recipe(recipe), str(tmp_path / "first"), HERE)
    text = recipe.read_text()
    head, _, rest = text.partition("filters:\n")
    options = {"toy-short": "{min_length: 3}", "toy-twin": "", "toy-vowels": ""}
    tail = rest[rest.index("split:") :]
    recipe.write_text(f"{head}filters:\n" + "".join(f"  {name}: {options[name]}\n" for name in order) + tail)
    other = build(load_recipe(recipe), str(tmp_path / "other"), HERE)
    before, after = (
        {key for key, (status, _) in verdicts(tmp_path / name).items() if status == "kept"}
        for name in ("first", "other")
    )
    assert before == after != set()
    assert (first.samples, first.clips) == (other.samples, other.clips)
    assert first.filters.takes == other.filters.takes
    assert first.filters.together == other.filters.together


def build_in_child(recipe: Path, out: str, fault: str) -> None:
    os.environ["TRACEKIT_FAULT"] = fault
    build(load_recipe(recipe), out, HERE)


def test_killed_at_any_commit_of_the_measures_a_build_ends_the_same(toy: Toy, tmp_path: Path) -> None:
    recipe = toy(FEW, MEASURING.replace("parts: {inputs: 2}", "parts: {inputs: 9}"))
    build(load_recipe(recipe), str(tmp_path / "whole"), HERE)
    whole = contents(tmp_path / "whole")
    forks = multiprocessing.get_context("forkserver")
    forks.set_forkserver_preload(["tracekit.build.run"])
    half = 0
    # By then are committed: inputs, lock, clips, their rows and record, captions and record; then measures and record.
    for passing in range(6, 11):
        child = forks.Process(target=build_in_child, args=(recipe, str(tmp_path / "out"), f"commit-renamed:{passing}"))
        child.start()
        child.join()
        assert child.exitcode == -signal.SIGKILL
        half += (tmp_path / "out/parts/000000/measures-toy-vowels.jsonl").exists()
        build(load_recipe(recipe), str(tmp_path / "out"), HERE)
        assert contents(tmp_path / "out") == whole
        shutil.rmtree(tmp_path / "out")
    assert 0 < half < 5
