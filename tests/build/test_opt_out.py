"""Opting out: what a list names is left out, and who asked for it is told to nobody."""

from pathlib import Path

import pytest
from toy_build import RECIPE, Toy, contents

from tracekit.build.recipe_file import load_recipe
from tracekit.build.run import Workers, build, rebuild
from tracekit.core.errors import TracekitError

HERE = Workers(0)
LISTED = RECIPE.replace("  toy-twin:\n", "  toy-twin:\n  opted-out: {file: lists/leave_out.txt}\n")


@pytest.fixture
def recipe(toy: Toy) -> Path:
    path = toy(recipe=LISTED)
    (path.parent / "lists").mkdir()
    (path.parent / "lists/leave_out.txt").write_text("uri:fi*.toy\n")
    return path


def test_a_list_s_path_is_the_recipe_s_own_and_neither_it_nor_an_entry_is_told(recipe: Path, tmp_path: Path) -> None:
    summary = build(load_recipe(recipe), str(tmp_path / "out"), HERE)
    assert summary.reasons["opted-out"] == 3
    told = {name for name, data in contents(tmp_path / "out").items() if b"leave_out" in data}
    assert told == set()
    card = (tmp_path / "out/README.md").read_text()
    assert "fi*.toy" not in card


def test_a_longer_list_decides_anew_and_without_its_list_a_build_says_what_it_needs(
    recipe: Path, tmp_path: Path
) -> None:
    out = str(tmp_path / "out")
    build(load_recipe(recipe), out, HERE)
    with pytest.raises(TracekitError, match=r"filters\.opted-out\.file=LIST"):
        rebuild(out, ["filters.toy-twin=false"], HERE)
    longer = tmp_path / "longer.txt"
    longer.write_text("uri:fi*.toy\nuri:t*.toy\n")
    summary = rebuild(out, [f"filters.opted-out.file={longer}"], HERE)
    assert summary.reasons["opted-out"] > 3
    assert summary.clips == summary.clips_kept + summary.clips_rejected
