"""What is removed is in no file of the data set any more; killed at any instant, it is as before or as after."""

import multiprocessing
import os
import shutil
import signal
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from toy_sets import contents, deny, keys, problems, stored, terminals

from tracekit.core.errors import TracekitError
from tracekit.core.files import Folder
from tracekit.select.mix import Mix
from tracekit.select.remove import remove
from tracekit.select.run import select
from tracekit.shards.index import read_index
from tracekit.shards.read import read_sample
from tracekit.shards.verify import verify
from tracekit.shards.write import Place

JANE = deny("uri:jane*", "key:a_0003")
CARD = "# toy\n\n| group | inputs |\n|---|---|\n| jane | 1 |\n| files | 1 |\n"


@pytest.fixture
def casts(tmp_path: Path) -> Path:
    folder = terminals(tmp_path / "casts", {"a": 4, "jane/doe": 4, "files/b": 3, "validated": 2})
    (folder / "README.md").write_text(CARD)
    (folder / "report.html").write_text("pictures of jane/doe.cast")
    return folder


def everything(folder: Path) -> dict[str, str]:
    """All text below a folder, that of indexes included."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path.name: path.read_text("utf-8", "replace") for path in files} | {
        f"{path.name} (rows)": str(pq.read_table(path).to_pylist()) for path in files if path.suffix == ".parquet"
    }


def test_what_a_list_names_is_gone_and_all_else_is_there_to_the_byte(casts: Path) -> None:
    before = {one.key: one.files for one in stored(casts)}
    done = remove(str(casts), JANE)
    assert (done.samples, done.rows, done.left) == (5, 5, 8)
    after = {one.key: one.files for one in stored(casts)}
    assert after == {key: files for key, files in before.items() if not key.startswith("jane") and key != "a_0003"}
    assert verify(str(casts)).problems == []


def test_nobody_that_was_removed_is_named_anywhere(casts: Path) -> None:
    assert any("jane" in text for text in everything(casts).values())
    remove(str(casts), JANE)
    assert [name for name, text in everything(casts).items() if "jane" in text] == []


def test_the_card_tells_how_many_were_removed_in_all(casts: Path) -> None:
    remove(str(casts), deny("recording:jane-doe"))
    remove(str(casts), deny("key:a_0001"))
    card = (casts / "README.md").read_text()
    assert "| files | 1 |" in card
    assert card.endswith("## Removed\n\nSamples removed on request since, which all counts above include: 5.\n")


def test_shards_that_lose_nothing_are_not_touched(casts: Path) -> None:
    before = contents(casts / "shards")
    remove(str(casts), deny("key:a_0001"))
    after = contents(casts / "shards")
    assert set(before) - set(after) == {"train-000000.tar"}
    assert set(after) - set(before) == {"train-000004.tar"}
    assert all(after[name] == before[name] for name in before.keys() & after.keys() - {"manifest.json"})


def test_a_list_that_names_nothing_changes_nothing(casts: Path) -> None:
    before = contents(casts)
    assert remove(str(casts), deny("key:nobody")).rows == 0
    assert contents(casts) == before


def test_the_row_of_an_input_that_was_rejected_goes_too(casts: Path) -> None:
    done = remove(str(casts), deny("uri:broken.cast"))
    assert (done.samples, done.rows) == (0, 1)
    assert "broken" not in str(pq.read_table(casts / "index.parquet").to_pylist())
    assert problems(casts) == []


def test_everything_can_be_removed(casts: Path) -> None:
    assert remove(str(casts), deny("uri:*")).left == 0
    assert keys(casts) == []
    assert problems(casts) == []


def test_a_build_is_asked_about_before_its_parts_are_deleted(casts: Path) -> None:
    part = casts / "parts" / "000000" / "clips.tar"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"jane")
    with pytest.raises(TracekitError, match="--drop-parts"):
        remove(str(casts), JANE)
    assert len(keys(casts)) == 13
    remove(str(casts), JANE, drop_parts=True)
    assert not part.exists()


def test_copies_that_a_selection_made_go_with_the_sample_that_a_list_names(casts: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    select([str(casts)], str(out), Mix(samples=100, groups={"all": {"repeat": 2}}))
    assert {"a_0003", "a_0003-r2"} <= set(keys(out))
    remove(str(out), deny("key:a_0003"))
    assert not {"a_0003", "a_0003-r2"} & set(keys(out))
    assert problems(out) == []
    with pytest.raises(TracekitError, match="no selection"):
        select([str(casts)], str(out), Mix(samples=100, groups={"all": {"repeat": 2}}))


def test_a_removal_in_a_store_is_that_on_a_disk(casts: Path, tmp_path: Path) -> None:
    url = f"memory://{tmp_path.name}/casts"
    for name in contents(casts):
        Folder(url).write(name, (casts / name).read_bytes())
    assert remove(url, JANE) == remove(str(casts), JANE)
    assert {name: Folder(url).read(name) for name in Folder(url).names()} == {
        name: (casts / name).read_bytes() for name in contents(casts)
    }


FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tracekit.select.remove", "tracekit.select.run"])


def remove_in_child(folder: str, fault: str) -> None:
    os.environ["TRACEKIT_FAULT"] = fault
    remove(folder, deny("uri:jane*", "key:a_0003"))


def select_in_child(folder: str, fault: str) -> None:
    os.environ["TRACEKIT_FAULT"] = fault
    select([folder], f"{folder}-out", SELECTED)


SELECTED = Mix.model_validate({"shards": {"samples": 4}})


def killed(work: object, folder: Path, fault: str) -> bool:
    """Run a removal or a selection that is killed at a fault point; whether it came so far."""
    child = FORKS.Process(target=work, args=(str(folder), fault))  # type: ignore[arg-type]
    child.start()
    child.join()
    assert child.exitcode in {0, -signal.SIGKILL}
    return child.exitcode != 0


def read_by_index(folder: Path) -> set[str]:
    """The keys of the samples that the index names, each read at its place."""
    with (folder / "index.parquet").open("rb") as file:
        rows = [row for row in read_index(file).to_pylist() if row["status"] == "kept"]
    for row in rows:
        with (folder / "shards" / row["shard"]).open("rb") as file:
            assert read_sample(file, Place(row["offset"], row["bytes"]), row["shard"]).key == row["key"]
    return {row["key"] for row in rows}


@pytest.mark.parametrize("point", ["commit-written", "commit-renamed"])
def test_killed_at_every_commit_a_removal_is_before_or_after_and_ends_the_same(
    point: str, casts: Path, tmp_path: Path
) -> None:
    before = read_by_index(casts)
    whole = shutil.copytree(casts, tmp_path / "whole")
    remove(str(whole), JANE)
    after, target = read_by_index(whole), shutil.copytree(casts, tmp_path / "target")
    deaths, seen = 0, set()
    while killed(remove_in_child, target, f"{point}:{deaths + 1}"):
        deaths += 1
        found = read_by_index(target)
        assert found in (before, after)
        seen.add(len(found))
        remove(str(target), JANE)
        assert contents(target) == contents(whole)
        shutil.rmtree(target)
        shutil.copytree(casts, target)
    assert deaths >= 6
    assert seen == {len(before), len(after)}


def test_a_removal_that_came_to_no_index_is_taken_back_whatever_is_asked_next(casts: Path, tmp_path: Path) -> None:
    whole = shutil.copytree(casts, tmp_path / "whole")
    remove(str(whole), deny("recording:validated"))
    assert killed(remove_in_child, casts, "commit-renamed:2")
    assert (casts / "removal.json").exists()
    remove(str(casts), deny("recording:validated"))
    assert contents(casts) == contents(whole)


def test_killed_at_every_commit_a_selection_ends_the_same(casts: Path, tmp_path: Path) -> None:
    select([str(casts)], str(tmp_path / "whole"), SELECTED)
    out, deaths = Path(f"{casts}-out"), 0
    while killed(select_in_child, casts, f"commit-renamed:{deaths + 1}"):
        deaths += 1
        select([str(casts)], str(out), SELECTED)
        assert contents(out) == contents(tmp_path / "whole")
        shutil.rmtree(out)
    assert deaths >= 15


def test_a_selection_that_was_killed_packs_no_shard_twice(casts: Path, tmp_path: Path) -> None:
    out = Path(f"{casts}-out")
    assert killed(select_in_child, casts, "commit-renamed:7")  # the lock, and two shards with rows and record each
    times = {path: path.stat().st_mtime_ns for path in (out / "shards").iterdir()}
    assert len(times) == 2
    select([str(casts)], str(out), SELECTED)
    assert all(path.stat().st_mtime_ns == time for path, time in times.items())
