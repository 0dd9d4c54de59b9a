"""`tracekit select` and `tracekit shards remove` as a user meets them, on data sets that were built."""

import json
from pathlib import Path

import pytest
from command_line import Tracekit
from toy_sets import keys

from tracekit.build.recipe_file import load_recipe
from tracekit.build.run import Workers, build
from tracekit.shards.verify import verify


@pytest.fixture(scope="module")
def general(demo_casts: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build of two recordings."""
    folder = tmp_path_factory.mktemp("built") / "general"
    paths = ",".join(str(path) for path in demo_casts if path.name in ("git.cast", "python_repl.cast"))
    recipe = load_recipe(demo_casts[0].parents[1] / "cligen_general.yaml", [f"source.paths={paths}"])
    build(recipe, str(folder), Workers(0))
    return folder


def test_a_build_is_selected_from_and_taken_out_of(tracekit: Tracekit, general: Path, tmp_path: Path) -> None:
    (tmp_path / "mix.yaml").write_text("name: mine\ngroups:\n  all: {per_recording: 2}\n")
    (tmp_path / "list").write_text("uri:git.cast # asked for\n")
    asked = ["select", str(general), "--where", "source = 'casts'", "--mix", "mix.yaml", "--out", "out", "-w", "1"]
    done = tracekit(*asked, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    summary = json.loads(done.stdout)
    assert summary["candidates"] == len(keys(general)) == summary["chosen"] + sum(summary["left_out"].values())
    assert verify(str(tmp_path / "out")).problems == []
    assert "4 chosen" in tracekit(*asked).stdout
    removed = tracekit("shards", "remove", "out", "--deny", "list", "--json")
    assert json.loads(removed.stdout) == {"samples": 2, "rows": 2, "shards": 1, "left": 2}
    assert verify(str(tmp_path / "out")).problems == []
    assert "git" not in (tmp_path / "out" / "README.md").read_text()


def test_parts_of_a_build_are_deleted_only_when_that_is_said(tracekit: Tracekit, general: Path, tmp_path: Path) -> None:
    (tmp_path / "list").write_text("uri:nobody\nuri:git.*\n")
    refused = tracekit("shards", "remove", str(general), "--deny", "list")
    assert refused.returncode == 1
    assert "--drop-parts" in refused.stderr
    assert "git-cast" in " ".join(keys(general))


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--where", "frmes > 1"], "--where: there is no column 'frmes' (the nearest known one is 'frames'"),
        (["--mix", "bad.yaml"], "bad.yaml:2: unknown key 'sampels' (the nearest known key is 'samples')"),
        (["--mix", "nowhere.yaml"], "nowhere.yaml: there is no such recipe"),
        (["--deny", "nowhere"], "nowhere: the list can't be read"),
        (["--same-key", "last"], "--same-key: same_key"),
    ],
)
def test_what_is_wrong_is_told_in_a_line(
    tracekit: Tracekit, general: Path, tmp_path: Path, arguments: list[str], told: str
) -> None:
    (tmp_path / "bad.yaml").write_text("name: x\nsampels: 3\n")
    done = tracekit("select", str(general), "--out", "out", *arguments)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert told in done.stderr
