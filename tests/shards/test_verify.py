"""Verification: a right data set passes, every kind of damage is found at its place, and none raises."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shards import toy
from typer.testing import CliRunner

from tracekit.cli.shards import app
from tracekit.core.clock import frame_time_ns
from tracekit.core.errors import TracekitError
from tracekit.core.events import Event
from tracekit.shards.events import dump_events
from tracekit.shards.index import input_row
from tracekit.shards.verify import Report, verify

Sample = tuple[dict[str, bytes], dict[str, Any]]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return toy.dataset().write(tmp_path_factory.mktemp("whole"))


@pytest.fixture
def damaged(whole: Path, tmp_path: Path) -> Path:
    """A copy to damage."""
    return Path(shutil.copytree(whole, tmp_path / "damaged"))


def told(report: Report) -> str:
    return "\n".join(f"{problem.place}: {problem.message}" for problem in report.problems)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_right_data_set_passes(whole: Path, workers: int) -> None:
    seen: list[tuple[int, int]] = []
    report = verify(str(whole), workers=workers, progress=lambda done, total: seen.append((done, total)))
    assert report.ok, told(report)
    assert (report.shards, report.samples) == (3, 6)
    assert (report.inputs_kept, report.inputs_rejected, report.clips_rejected) == (3, 1, 0)
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_a_data_set_in_an_object_store_passes(whole: Path) -> None:
    import fsspec

    store = fsspec.filesystem("memory")
    store.put(str(whole), "/whole", recursive=True)
    assert verify("memory://whole").ok


def file(extension: str, data: bytes) -> Callable[[Sample], None]:
    """Put another file in a sample, its hash included."""

    def change(sample: Sample) -> None:
        sample[0][extension] = data

    return change


def value(path: str, new: Any) -> Callable[[Sample], None]:
    """Put another value in KEY.json."""

    def change(sample: Sample) -> None:
        *parents, last = path.split(".")
        place = sample[1]
        for parent in parents:
            place = place[parent]
        place[last] = new

    return change


EVENT = Event(0, "o", "x")

# One sample of a data set is made wrong, and everything else (hashes, index, manifest) agrees with it.
WRONG_SAMPLES: dict[str, tuple[Callable[[Sample], object], str]] = {
    "no video": (lambda sample: sample[0].pop("mp4"), ".mp4 is missing"),
    "no caption file": (lambda sample: sample[0].pop("txt"), ".txt is missing"),
    "no events": (lambda sample: sample[0].pop("events.jsonl"), ".events.jsonl is missing"),
    "no cells": (lambda sample: sample[0].pop("cells.npz"), ".cells.npz is missing"),
    "a file left over": (value("files", {}), ".mp4 is not listed in .json"),
    "another file's hash": (value("files", {"mp4": "0" * 64}), ".mp4 is not what it was"),
    "too few frames": (file("mp4", toy.video(frames=74)), "74 frames instead of 75"),
    "too many frames": (file("mp4", toy.video(frames=76)), "more frames instead of 75"),
    "another frame rate": (file("mp4", toy.video(fps=14)), "frame k is not at k/15 s"),
    "another size": (file("mp4", toy.video(width_px=80)), "frames are not 64 x 48 pixels"),
    "no video in it": (file("mp4", b"\0" * 100), ".mp4: "),
    "half a video": (file("mp4", toy.video()[:-400]), ".mp4: "),
    "cells of another clip": (file("cells.npz", toy.grid(frames=74).save()), "74 frames instead of 75"),
    "a screen larger than said": (value("geometry.columns", 10), "a screen of 20 x 4 in a terminal of 10 x 4"),
    "no cells in it": (file("cells.npz", b"PK"), "not a cells file"),
    "an event after the end": (
        file("events.jsonl", dump_events([EVENT._replace(time_ns=frame_time_ns(74) + 1)])),
        "after the last frame",
    ),
    "events out of order": (file("events.jsonl", dump_events([Event(9, "o", ""), EVENT])), "line 2: an event before"),
    "no event": (file("events.jsonl", b'{"t":1.5,"code":"o","data":""}\n'), "line 1: not an event: t"),
    "a line that is no JSON": (file("events.jsonl", b"\xff\n"), "line 1: not an event"),
    "another caption": (file("txt", b"Something else."), "none of the captions in .json"),
    "an empty caption": (file("txt", b" "), "the caption is empty"),
    "an empty tier": (value("captions.semantic", ""), "a caption in .json is empty"),
    "another key": (value("key", "one_9999"), ".json is of one_9999"),
    "another schema": (value("schema_version", 1), ".json: schema_version"),
    "an unknown field": (value("colour", "red"), ".json: colour"),
    "a missing field": (lambda sample: sample[1].pop("clock"), ".json: clock"),
    "another split": (value("split", "validation"), "a sample of split validation"),
    "too few source times": (value("clock.source_time_ns", [0]), "1 source times for 75 frames"),
    "source times go back": (value("clock.source_time_ns", [1, 0] * 37 + [5]), "source times go backwards"),
    "ends before it starts": (value("clock.start_ns", 10**12), "ends before it starts"),
}


@pytest.mark.parametrize("name", WRONG_SAMPLES)
def test_a_wrong_sample_is_found(name: str, tmp_path: Path) -> None:
    change, message = WRONG_SAMPLES[name]
    data = toy.dataset()
    sample = data.shards["train-000000.tar"][1]
    change(sample)
    stored_key = "one_0001"
    written = data.write(tmp_path / "damaged") if name != "another key" else rekeyed(data, tmp_path / "damaged")
    report = verify(str(written))
    found = [problem.message for problem in report.problems if problem.place == f"train-000000.tar: {stored_key}"]
    assert any(message in text for text in found), told(report)


def rekeyed(data: toy.Dataset, folder: Path) -> Path:
    """Write a data set whose sample's key in KEY.json is not that of its members."""
    shard = data.shards["train-000000.tar"]
    files, described = shard[1]
    shard[1] = (files | {"json": json.dumps(toy.complete(files, described)).encode()}, {**described, "key": "one_0001"})
    return data.write(folder)


def move_recording(data: toy.Dataset) -> None:
    data.shards["validation-000000.tar"].append(toy.sample("one", 7, "validation"))


def share_input(data: toy.Dataset) -> None:
    for _, described in data.shards["validation-000000.tar"]:
        described["provenance"]["sha256"] = toy.sha256(b"one")


def duplicate_key(data: toy.Dataset) -> None:
    data.shards["train-000001.tar"].append(toy.sample("one", 0, "train"))


def edit(column: str, value: Any) -> Callable[[toy.Dataset], None]:
    def change(data: toy.Dataset) -> None:
        data.rows = lambda rows: [rows[0] | {column: value}, *rows[1:]]

    return change


def rows(change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]) -> Callable[[toy.Dataset], None]:
    return lambda data: setattr(data, "rows", change)


WRONG_DATA: dict[str, tuple[Callable[[toy.Dataset], None], str]] = {
    "a recording in both splits": (move_recording, "recording one: has clips in more than one split"),
    "an input in both splits": (share_input, f"input {toy.sha256(b'one')}: has clips in more than one split"),
    "a key twice": (duplicate_key, "one_0000: two samples have this key"),
    "a row missing": (rows(lambda rows: rows[1:]), "one_0000: the index does not have this sample here"),
    "a row too many": (
        rows(lambda rows: [*rows, rows[0] | {"key": "ghost"}]),
        "the index has ghost here, but it is not",
    ),
    "a shard that is not there": (edit("shard", "train-000009.tar"), "train-000009.tar: the index names this shard"),
    "another offset": (edit("offset", 512), "the index says otherwise of offset"),
    "another statistic": (edit("colors", 99), "the index says otherwise of colors"),
    "another caption": (edit("caption", "Lies."), "the index says otherwise of caption"),
    "a decision against it": (
        edit("decisions", [{"filter": "frozen", "keep": False, "reason": ""}]),
        "one_0000: kept, against the decision of a filter",
    ),
    "kept with a reason": (edit("reason", "frozen"), "one_0000: kept, with a reason against it"),
    "kept nowhere": (edit("shard", None), "one_0000: kept, but in no shard"),
    "a strange status": (edit("status", "lost"), "status lost of level clip means nothing"),
    "rejected without a reason": (
        rows(lambda rows: [*rows, input_row("silent.cast", "0" * 64, "", "")]),
        "silent.cast: rejected without a reason",
    ),
    "an input rejected twice": (rows(lambda rows: [*rows, rows[-1]]), "broken.cast: this input is rejected twice"),
    "an input rejected and kept": (
        rows(lambda rows: [*rows, input_row("one.cast", toy.sha256(b"one"), "empty", "no events")]),
        "one.cast: this input is rejected whole, and has clips",
    ),
}


@pytest.mark.parametrize("name", WRONG_DATA)
def test_what_is_wrong_between_samples_is_found(name: str, tmp_path: Path) -> None:
    change, message = WRONG_DATA[name]
    data = toy.dataset()
    change(data)
    report = verify(str(data.write(tmp_path / "damaged")), video=False)
    assert message in told(report)


SHARD = "train-000000.tar"
WRONG_FILES: dict[str, tuple[Callable[[Path], object], str]] = {
    "a shard gone": (lambda folder: (folder / "shards" / SHARD).unlink(), f"{SHARD}: the index names this shard"),
    "a shard too many": (
        lambda folder: shutil.copy(folder / "shards" / SHARD, folder / "shards" / "train-000007.tar"),
        "train-000007.tar is only there",
    ),
    "a shard cut short": (lambda folder: cut(folder / "shards" / SHARD, 5000), f"{SHARD}: "),
    "an empty shard": (lambda folder: cut(folder / "shards" / SHARD, 0), f"{SHARD}: not a whole tar archive"),
    "a temporary file left": (
        lambda folder: (folder / "shards" / f"{SHARD}.tmp-1").write_bytes(b""),
        f"shards/{SHARD}.tmp-1: this file is no part of a data set",
    ),
    "no index": (lambda folder: (folder / "index.parquet").unlink(), "index.parquet: there is no such file"),
    "half an index": (lambda folder: cut(folder / "index.parquet", 500), "index.parquet: not an index"),
    "an input lost in silence": (
        lambda folder: append(folder / "inputs.jsonl", '{"uri":"lost.cast"}\n'),
        "inputs.jsonl: lost.cast: this input is neither kept nor rejected",
    ),
    "an input out of nowhere": (
        lambda folder: (folder / "inputs.jsonl").write_text('{"uri":"one.cast"}\n'),
        "index.parquet: two.cast: the build had no such input",
    ),
    "inputs that are none": (lambda folder: append(folder / "inputs.jsonl", "[]\n"), "inputs.jsonl: not a list"),
    "a manifest that is none": (
        lambda folder: (folder / "shards" / "manifest.json").write_text("[]"),
        "shards/manifest.json: not a manifest",
    ),
}


def append(path: Path, text: str) -> None:
    path.write_text(path.read_text() + text)


def cut(path: Path, size: int) -> None:
    path.write_bytes(path.read_bytes()[:size])


@pytest.mark.parametrize("name", WRONG_FILES)
def test_damaged_files_are_found(name: str, damaged: Path) -> None:
    change, message = WRONG_FILES[name]
    change(damaged)
    assert message in told(verify(str(damaged), video=False))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.floats(0, 1, exclude_max=True), st.integers(1, 255))
def test_any_flipped_byte_of_a_shard_is_found(damaged: Path, where: float, flip: int) -> None:
    path = damaged / "shards" / SHARD
    right = path.read_bytes()
    position = int(where * len(right))
    path.write_bytes(right[:position] + bytes([right[position] ^ flip]) + right[position + 1 :])
    assert not verify(str(damaged), video=False).ok
    path.write_bytes(right)


def test_a_folder_without_a_data_set_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(TracekitError, match="no data set"):
        verify(str(tmp_path))


def test_the_command_exits_with_1_and_lists_what_is_wrong(whole: Path, damaged: Path) -> None:
    right = CliRunner().invoke(app, ["verify", str(whole), "--json", "--workers", "1"])
    assert (right.exit_code, json.loads(right.stdout)["ok"]) == (0, True)
    (damaged / "shards" / SHARD).unlink()
    wrong = CliRunner().invoke(app, ["verify", str(damaged), "--quick", "--workers", "1"])
    assert wrong.exit_code == 1
    assert f"{SHARD}: the index names this shard, but it is not there" in wrong.stdout
