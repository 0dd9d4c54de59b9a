"""A build of desktops: traces that were recorded before, through captions and filters, to shards, report and counts."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from traces import write_trace

from tracekit.actions.events import InputEvent
from tracekit.build.recipe_file import load_recipe
from tracekit.build.run import Workers, build
from tracekit.core.clock import NS_PER_S
from tracekit.shards.stats import stats
from tracekit.shards.verify import verify

RECIPE = """
name: desks
source: {kind: desktop, paths: [traces]}
clip: {window_s: 5, tolerance_s: 0, idle_limit_s: null}
captions: {by: rules, tier: regular}
filters: {sync: , no-cursor: , no-action: , failed-task: {require_outcome: true}, frozen: , blank: , size: ,
  too-short: , near-duplicate: }
"""


def press(second: float) -> list[InputEvent]:
    t = round(second * NS_PER_S)
    key = InputEvent(t, "key-down", 5, 5, keycode=38, keysym="a", text="a", held=("a",))
    return [key, InputEvent(t + 1, "key-up", 5, 5, keycode=38, keysym="a")]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("desks")
    about = {"policy": "tasks", "instruction": "Write the letter a."}
    write_trace(folder / "traces" / "good", events=press(1.0), success=True, **about)  # its second clip has no action
    write_trace(folder / "traces" / "bad", events=press(1.0) + press(7.0), success=False, **about)
    (folder / "recipe.yaml").write_text(RECIPE.replace("[traces]", f"[{folder / 'traces'}]"))
    build(load_recipe(folder / "recipe.yaml", []), str(folder / "out"), Workers(0))
    return folder / "out"


def test_it_verifies_and_every_clip_that_is_not_there_has_its_reason(built: Path) -> None:
    report = verify(str(built))
    assert report.ok, report.problems
    assert report.samples == 1
    rows = pq.read_table(built / "index.parquet").to_pylist()
    assert sorted(row["reason"] or "" for row in rows) == ["", "failed-task", "failed-task", "no-action"]
    [kept] = [row for row in rows if row["status"] == "kept"]
    assert (kept["kind"], kept["policy"], kept["success"], kept["columns"]) == ("desktop", "tasks", True, None)
    assert kept["instruction"] == "Write the letter a."


def test_its_captions_tell_the_task_and_what_was_typed(built: Path) -> None:
    [caption] = filter(None, pq.read_table(built / "index.parquet")["caption"].to_pylist())
    assert "The task is: Write the letter a." in caption
    assert "types `a`" in caption


def test_its_report_and_counts_are_of_desktops(built: Path) -> None:
    text = (built / "report.html").read_text()
    assert "buttons and the wheel in blue, keys in red" in text
    assert "policy tasks" in text
    assert "Nonex" not in text
    found = stats(str(built))
    assert (found.policies, found.terminals) == ({"tasks": 1}, {})
    assert found.means["actions_per_s"] == pytest.approx(0.2)
    assert json.loads((built / "summary.json").read_bytes())["clips"] == 4
