"""A selection is made of whole samples, all accounted for, in the splits that they were in."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from toy_sets import account, contents, deny, desktops, keys, problems, stored, terminals

from tracekit.core.errors import TracekitError
from tracekit.core.files import Folder
from tracekit.select.mix import Mix, ShardSize
from tracekit.select.run import select
from tracekit.shards.stats import stats
from tracekit.shards.verify import verify

SMALL = Mix(shards=ShardSize(samples=3))


@pytest.fixture
def casts(tmp_path: Path) -> Path:
    return terminals(tmp_path / "casts", {"a": 4, "b": 3, "validated": 2})


@pytest.fixture
def slow(tmp_path: Path) -> Path:
    return desktops(tmp_path / "slow", {"d": 3})


def test_what_is_selected_is_a_data_set_that_verifies(casts: Path, slow: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    summary = select([str(casts), str(slow)], str(out), SMALL, workers=1)
    assert verify(str(out)).problems == []
    assert keys(out) == sorted(keys(casts) + keys(slow))
    assert stats(str(out)).splits["train"].samples == summary.samples["train"] == 10
    assert summary.shards == len(list((out / "shards").glob("*.tar"))) == 5


def test_samples_are_copied_to_the_byte(casts: Path, tmp_path: Path) -> None:
    select([str(casts)], str(tmp_path / "out"))
    before, after = ({one.key: one.files for one in stored(folder)} for folder in (casts, tmp_path / "out"))
    assert before == after


def test_chosen_and_left_out_make_all(casts: Path, slow: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    mix = Mix(groups={"casts": {"where": "source = 'casts'", "per_recording": 2}}, samples=3)
    summary = select([str(casts), str(slow)], str(out), mix, where="recording <> 'b'", deny=deny("key:a_0001"))
    rows = account(out)
    assert len(rows) == summary.candidates == 12
    assert summary.chosen + sum(summary.left_out.values()) == 12
    assert all(bool(row["reason"]) != bool(row["times"]) for row in rows)
    assert summary.left_out == {"opted-out": 1, "where": 3, "no-group": 3, "recording-cap": 1, "not-drawn": 1}
    assert sorted(row["key"] for row in rows if row["times"]) == keys(out)


def test_a_recording_that_is_validated_with_anywhere_is_not_trained_on(casts: Path, tmp_path: Path) -> None:
    other = terminals(tmp_path / "other", {"validated": 2, "c": 1}, words="Another look at it.", split="train")
    out = tmp_path / "out"
    summary = select([str(other), str(casts)], str(out))
    assert summary.left_out == {"validation-elsewhere": 2}
    assert problems(out) == []
    assert {sample.key for sample in stored(out) if b"Another look" in sample.files["txt"]} == {"c_0000"}


def test_keys_that_two_data_sets_have_are_refused_unless_it_is_said_what_to_do(casts: Path, tmp_path: Path) -> None:
    other = terminals(tmp_path / "other", {"a": 2, "e": 1}, words="Another look at it.")
    sets = [str(casts), str(other)]
    with pytest.raises(TracekitError, match=r"2 keys are in more than one.*--same-key first"):
        select(sets, str(tmp_path / "refused"))
    assert not (tmp_path / "refused").exists()
    first = select(sets, str(tmp_path / "first"), Mix(same_key="first"))
    assert first.left_out == {"same-key": 2}
    select(sets, str(tmp_path / "all"), Mix(same_key="all"))
    assert keys(tmp_path / "all") == sorted([*keys(casts), "a_0000-s2", "a_0001-s2", "e_0000"])
    assert problems(tmp_path / "all") == []


def test_repeats_are_samples_of_their_own_and_only_of_training(casts: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    summary = select([str(casts)], str(out), Mix(samples=30, groups={"all": {"repeat": 3}}))
    assert summary.groups["all"].available == 3 * 7 + 2
    assert (summary.chosen, summary.repeats, summary.samples) == (9, 14, {"train": 21, "validation": 2})
    assert {key for key in keys(out) if key.startswith("a_0000")} == {"a_0000", "a_0000-r2", "a_0000-r3"}
    assert problems(out) == []
    assert summary.short == {"all": 30}


def test_the_selection_does_not_depend_on_the_workers(casts: Path, slow: Path, tmp_path: Path) -> None:
    for workers in (1, 2):
        select([str(casts), str(slow)], str(tmp_path / str(workers)), SMALL, workers=workers)
    assert contents(tmp_path / "1") == contents(tmp_path / "2")


def test_a_selection_in_a_store_is_that_on_a_disk(casts: Path, tmp_path: Path) -> None:
    url = f"memory://{tmp_path.name}/out"
    select([str(casts)], url)
    select([str(casts)], str(tmp_path / "out"))
    assert {name: len(Folder(url).read(name)) for name in Folder(url).names()} == {
        name: (tmp_path / "out" / name).stat().st_size for name in contents(tmp_path / "out")
    }
    assert verify(url, video=False).problems == []
    select([url], str(tmp_path / "again"))
    assert problems(tmp_path / "again") == []


def test_a_finished_selection_is_left_as_it_is_and_another_is_refused(casts: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    first = select([str(casts)], str(out))
    times = {path: path.stat().st_mtime_ns for path in out.rglob("*.*")}
    assert select([str(casts)], str(out)) == first
    assert times == {path: path.stat().st_mtime_ns for path in out.rglob("*.*")}
    with pytest.raises(TracekitError, match="a selection with other mix, where"):
        select([str(casts)], str(out), Mix(seed=1), where="true")
    with pytest.raises(TracekitError, match="no selection"):
        select([str(out)], str(casts))


def test_a_damaged_sample_stops_a_selection_which_then_looks_like_no_data_set(casts: Path, tmp_path: Path) -> None:
    shard = casts / "shards" / "train-000001.tar"
    data = bytearray(shard.read_bytes())
    data[data.index(b"typ") + 5] ^= 1  # in a video
    shard.write_bytes(data)
    with pytest.raises(TracekitError, match=r"train-000001\.tar.*not those that its \.json tells"):
        select([str(casts)], str(tmp_path / "out"))
    assert not (tmp_path / "out" / "index.parquet").exists()


def test_nothing_chosen_is_an_empty_data_set(casts: Path, tmp_path: Path) -> None:
    summary = select([str(casts)], str(tmp_path / "out"), where="false")
    assert (summary.chosen, summary.left_out, summary.shards) == (0, {"where": 9}, 0)
    assert problems(tmp_path / "out") == []


def test_who_opted_out_is_named_nowhere(casts: Path, tmp_path: Path) -> None:
    jane = terminals(tmp_path / "more", {"jane-doe": 2, "c": 1})
    out = tmp_path / "out"
    summary = select([str(casts), str(jane)], str(out), deny=deny("uri:jane*"))
    assert summary.left_out == {"opted-out": 2}
    assert [name for name, text in _everything(out) if "jane" in text] == []


def _everything(folder: Path) -> list[tuple[str, str]]:
    rows = [(path.name, str(pq.read_table(path).to_pylist())) for path in folder.rglob("*.parquet")]
    return rows + [(path.name, path.read_text("utf-8", "replace")) for path in folder.rglob("*") if path.is_file()]


def test_no_path_of_the_machine_is_in_a_selection(casts: Path, tmp_path: Path) -> None:
    select([str(casts)], str(tmp_path / "out"))
    assert [name for name, text in _everything(tmp_path / "out") if str(tmp_path) in text] == []


def test_the_card_tells_licences_and_what_it_is_made_of(casts: Path, tmp_path: Path) -> None:
    select([str(casts)], str(tmp_path / "out"), Mix(name="mine"))
    card = (tmp_path / "out" / "README.md").read_text()
    index = json.loads((tmp_path / "out" / "selection.json").read_text())["data_sets"][0]["index_sha256"]
    assert {"| MIT | 9 |", f"| casts | `{index}` |", "| chosen | 9 |", "license: mit"} <= set(card.splitlines())
