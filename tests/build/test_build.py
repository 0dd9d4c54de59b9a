"""Laws 2 and 4 of a build: the same bytes whatever the order; every input and every clip accounted for."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from toy_build import INPUTS, Toy, contents

from tracekit.build import run
from tracekit.build.decide import Judged
from tracekit.build.funnel import funnel
from tracekit.build.plan import Refused, make_plan
from tracekit.build.pool import NoPool
from tracekit.build.recipe import PartSection, Recipe
from tracekit.build.recipe_file import load_recipe
from tracekit.build.run import Workers, build, rebuild
from tracekit.build.summary import Summary
from tracekit.clips.clip import Input
from tracekit.core.errors import TracekitError
from tracekit.core.files import Folder
from tracekit.shards.index import read_index
from tracekit.shards.read import iter_samples
from tracekit.shards.verify import verify

HERE = Workers(0)


def rows(out: Path) -> list[dict[str, Any]]:
    with (out / "index.parquet").open("rb") as file:
        found: list[dict[str, Any]] = read_index(file).to_pylist()
        return found


class Shuffled(NoPool):
    """Gives results in an order of its own."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def run(self, function: Callable[[Any], Any], jobs: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
        order = list(jobs)
        self._random.shuffle(order)
        results = list(super().run(function, order))
        self._random.shuffle(results)
        yield from results


@pytest.mark.parametrize("seed", range(5))
def test_bytes_do_not_depend_on_the_order_of_completion(
    seed: int, recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(recipe, str(tmp_path / "one"), HERE)
    monkeypatch.setattr(run, "NoPool", lambda: Shuffled(seed))
    build(recipe, str(tmp_path / "other"), HERE)
    assert contents(tmp_path / "one") == contents(tmp_path / "other")


def test_every_input_is_kept_or_rejected_with_a_reason(recipe: Recipe, tmp_path: Path) -> None:
    summary = build(recipe, str(tmp_path / "out"), HERE)
    index = rows(tmp_path / "out")
    kept = {row["uri"] for row in index if row["status"] == "kept"}
    rejected = {row["uri"]: row["reason"] for row in index if row["uri"] not in kept}
    assert kept | rejected.keys() == INPUTS.keys()
    assert rejected == {
        "broken.toy": "not-toy",
        "buggy.toy": "internal-error",
        "one.toy": "duplicate-of",
        "empty.toy": "no-clips",
        "short.toy": "toy-short",
        "invalid.toy": "invalid-sample",
        "unreadable.toy": "unreadable",
    }
    assert all(row["reason"] for row in index if row["status"] == "rejected")
    assert summary.inputs == len(INPUTS) == summary.inputs_kept + summary.inputs_rejected
    assert summary.clips == summary.clips_kept + summary.clips_rejected
    assert sum(summary.reasons.values()) == len([row for row in index if row["status"] == "rejected"])


def test_what_is_built_verifies(recipe: Recipe, tmp_path: Path) -> None:
    summary = build(recipe, str(tmp_path / "out"), HERE)
    report = verify(str(tmp_path / "out"))
    assert report.problems == []
    assert (report.samples, report.inputs_kept, report.inputs_rejected, report.clips_rejected) == (
        summary.clips_kept,
        summary.inputs_kept,
        summary.inputs_rejected,
        # Of inputs rejected whole no clip is counted; of the others each is.
        sum(row["status"] == "rejected" and row["level"] == "clip" for row in rows(tmp_path / "out")),
    )


def test_no_path_of_this_machine_gets_into_the_data_set(recipe: Recipe, tmp_path: Path) -> None:
    build(recipe, str(tmp_path / "out"), HERE)
    assert not [name for name, data in contents(tmp_path / "out").items() if str(tmp_path).encode() in data]


def test_a_sample_says_what_was_decided_of_it(recipe: Recipe, tmp_path: Path) -> None:
    build(recipe, str(tmp_path / "out"), HERE)
    for shard in sorted((tmp_path / "out" / "shards").glob("*.tar")):
        with shard.open("rb") as file:
            for sample in iter_samples(file, shard.name):
                told = json.loads(sample.files["json"])
                assert told["split"] == shard.name.partition("-")[0]
                assert [decision["filter"] for decision in told["decisions"]] == ["toy-short", "toy-twin"]
                assert told["captions"]["detailed"].encode() == sample.files["txt"]
                assert set(told["files"]) == {"cells.npz", "events.jsonl", "mp4", "txt"}


def test_a_recording_and_what_is_like_it_are_in_one_split(toy: Toy, tmp_path: Path) -> None:
    pairs = {
        f"{side}{number}.toy": f"clip same {number}\nclip {side} {number}\n" for side in "ab" for number in range(20)
    }
    build(load_recipe(toy(pairs), ["split.validation_fraction=0.5"]), str(tmp_path / "out"), HERE)
    splits: dict[str, set[str]] = {}
    for row in rows(tmp_path / "out"):
        splits.setdefault(str(row["uri"])[1:], set()).add(row["split"])
    assert {len(found) for found in splits.values()} == {1}
    assert Counter(split for found in splits.values() for split in found).keys() == {"train", "validation"}


def test_an_error_that_the_user_can_put_right_stops_the_build(toy: Toy, tmp_path: Path) -> None:
    path = toy({**INPUTS, "stop.toy": "stop\n"})
    with pytest.raises(TracekitError, match="the toy box is locked"):
        build(load_recipe(path), str(tmp_path / "out"), HERE)


def test_a_finished_build_is_left_alone(recipe: Recipe, tmp_path: Path) -> None:
    first = build(recipe, str(tmp_path / "out"), HERE)
    times = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*")}
    assert build(recipe, str(tmp_path / "out"), HERE) == first
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*")} == times


@pytest.mark.parametrize(
    "lost",
    [
        "index.parquet",
        "shards/manifest.json",
        "README.md",
        "report.html",
        "summary.json",
        "shards/train-000000.tar",
        "parts/000001/clips.tar",
    ],
)
def test_what_is_lost_is_made_again(lost: str, recipe: Recipe, tmp_path: Path) -> None:
    build(recipe, str(tmp_path / "out"), HERE)
    whole = contents(tmp_path / "out")
    (tmp_path / "out" / lost).unlink()
    build(recipe, str(tmp_path / "out"), HERE)
    assert contents(tmp_path / "out") == whole


@pytest.mark.parametrize("file", ["parts/000000/part.json", "records/train-000000.json", "summary.json"])
@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"capture": 3}'])
def test_a_record_that_is_no_record_counts_for_nothing(
    file: str, damage: bytes, recipe: Recipe, tmp_path: Path
) -> None:
    build(recipe, str(tmp_path / "out"), HERE)
    whole = contents(tmp_path / "out")
    (tmp_path / "out" / file).write_bytes(damage)
    (tmp_path / "out" / "summary.json").unlink()
    build(recipe, str(tmp_path / "out"), HERE)
    assert contents(tmp_path / "out") == whole


def test_another_recipe_on_an_old_folder_is_refused_with_the_difference(toy: Toy, tmp_path: Path) -> None:
    path = toy()
    build(load_recipe(path), str(tmp_path / "out"), HERE)
    before = contents(tmp_path / "out")
    (path.parent / "inputs" / "new.toy").write_text("clip new\n")
    (path.parent / "inputs" / "five.toy").write_text("clip changed\n")
    (path.parent / "inputs" / "two.toy").unlink()
    with pytest.raises(TracekitError) as caught:
        build(load_recipe(path, ["source.loudness=2", "look.theme=nord"]), str(tmp_path / "out"), HERE)
    for difference in (
        "source.loudness: 1 -> 2",
        'look.theme: "recording" -> "nord"',
        "input new.toy: new",
        "input two.toy: gone",
        "input five.toy: other content",
    ):
        assert difference in str(caught.value)
    assert contents(tmp_path / "out") == before


def test_inputs_may_move_between_runs(toy: Toy, tmp_path: Path) -> None:
    path = toy()
    first = build(load_recipe(path), str(tmp_path / "out"), HERE)
    (path.parent / "inputs").rename(tmp_path / "elsewhere")
    assert build(load_recipe(path, [f"source.paths={tmp_path / 'elsewhere'}"]), str(tmp_path / "out"), HERE) == first


@pytest.mark.parametrize(
    "settings",
    [
        ["filters.toy-twin=false", "filters.toy-short.min_length=5"],
        ["captions.greeting=There is", "captions.tier=semantic"],
        ["shards.samples=1"],
        ["shards.samples=100", "split.validation_fraction=0"],
        ["filters.toy-short.min_length=1000"],
    ],
)
def test_later_stages_done_again_give_what_a_new_build_gives(settings: list[str], toy: Toy, tmp_path: Path) -> None:
    path = toy()
    build(load_recipe(path), str(tmp_path / "old"), HERE)
    clips = {part: part.stat().st_mtime_ns for part in (tmp_path / "old").rglob("clips.tar")}
    (path.parent / "inputs").rename(tmp_path / "gone")
    rebuild(str(tmp_path / "old"), settings, HERE)
    (tmp_path / "gone").rename(path.parent / "inputs")
    build(load_recipe(path, settings), str(tmp_path / "new"), HERE)
    assert contents(tmp_path / "old") == contents(tmp_path / "new")
    assert {part: part.stat().st_mtime_ns for part in (tmp_path / "old").rglob("clips.tar")} == clips
    assert verify(str(tmp_path / "old")).problems == []


@pytest.mark.parametrize(
    "settings", [["video.qp=3"], ["source.paths=x"], ["filters.nosuch={}"], ["captions.tier=loud"], ["x"]]
)
def test_what_needs_drawing_is_not_done_again(settings: list[str], recipe: Recipe, tmp_path: Path) -> None:
    build(recipe, str(tmp_path / "out"), HERE)
    before = contents(tmp_path / "out")
    with pytest.raises(TracekitError):
        rebuild(str(tmp_path / "out"), settings, HERE)
    assert contents(tmp_path / "out") == before


def test_a_build_that_is_not_there_or_not_captured_is_not_filtered(recipe: Recipe, tmp_path: Path) -> None:
    with pytest.raises(TracekitError, match="there is no build here"):
        rebuild(str(tmp_path), [], HERE)
    build(recipe, str(tmp_path / "out"), HERE)
    (tmp_path / "out" / "parts" / "000000" / "part.json").unlink()
    with pytest.raises(TracekitError, match="not captured yet"):
        rebuild(str(tmp_path / "out"), [], HERE)


def test_a_build_fits_an_object_store(recipe: Recipe, tmp_path: Path) -> None:
    build(recipe, str(tmp_path / "out"), HERE)
    url = f"memory://{tmp_path}/out"
    stopped = Folder(url)
    build(recipe, url, HERE)
    assert {name: stopped.read(name) for name in stopped.names()} == contents(tmp_path / "out")
    assert isinstance(build(recipe, url, HERE), Summary)


def test_captions_that_the_source_knows_stand_where_the_captioner_has_none(toy: Toy, tmp_path: Path) -> None:
    recipe = load_recipe(toy({"one.toy": "told apple\n"}), ["captions.tier=script"])
    build(recipe, str(tmp_path / "out"), HERE)
    (shard,) = (tmp_path / "out" / "shards").glob("*.tar")
    with shard.open("rb") as file:
        (sample,) = iter_samples(file, shard.name)
    captions = json.loads(sample.files["json"])["captions"]
    assert captions["script"] == sample.files["txt"].decode() == "show apple"
    assert captions["detailed"] == "It shows `apple`."
    assert rows(tmp_path / "out")[0]["caption_script"] == "show apple"


def test_the_funnel_counts_every_input_once_at_every_stage(recipe: Recipe, tmp_path: Path) -> None:
    summary = build(recipe, str(tmp_path / "out"), HERE)
    found = summary.funnel
    assert found.planned == summary.inputs == len(INPUTS)
    assert found.planned - found.readable == summary.reasons["duplicate-of"] + summary.reasons["unreadable"]
    assert found.planned >= found.readable >= found.captured >= found.kept == summary.inputs_kept
    assert found.groups == {}, "names without a folder belong to no group"
    assert f"{found.kept / found.planned:.2%} of the inputs" in (tmp_path / "out" / "README.md").read_text()


def test_inputs_in_folders_are_counted_by_folder() -> None:
    names = ("fruit/same", "fruit/bad", "nuts/x")
    plan = make_plan([Input(name, f"{place:064x}", 1, "") for place, name in enumerate(names)], PartSection())
    refused = [Refused("fruit/bad", "1" * 64, None, "not-toy", ""), Refused("nuts/x", "2" * 64, None, "not-toy", "")]
    clip = Judged("000000", {"sample": {"provenance": {"uri": "fruit/same"}}}, None, {"reason": None})
    assert funnel(plan, [clip], refused).groups == {
        "fruit": {"inputs": 2, "kept": 1, "reasons": {"not-toy": 1}},
        "nuts": {"inputs": 1, "kept": 0, "reasons": {"not-toy": 1}},
    }
