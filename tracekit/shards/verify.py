"""Verify a finished data set: every byte of it, against itself.

Nothing that a damaged data set holds raises; all that is wrong is listed. What is checked of one sample and one shard
stands in `tracekit.shards.check`; here is what holds between them.
"""

import json
import multiprocessing
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from typing import Any

import fsspec
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import ValidationError

from tracekit.core.errors import TracekitError
from tracekit.core.files import Content, Folder, measure
from tracekit.shards.check import Identity, Problem, ShardCheck, check_shard
from tracekit.shards.index import Row, read_index
from tracekit.shards.manifest import Manifest

INDEX = "index.parquet"
SHARDS = "shards"
MANIFEST = "manifest.json"
INPUTS = "inputs.jsonl"
LISTED = 1000
"""Problems that a report lists; more are only counted."""


@dataclass
class Report:
    """The result of a verification."""

    shards: int = 0
    samples: int = 0
    inputs_kept: int = 0
    """Inputs with a clip in the data set."""
    inputs_rejected: int = 0
    """Inputs without one: rejected whole, or clip by clip."""
    clips_rejected: int = 0
    problem_count: int = 0
    problems: list[Problem] = field(default_factory=list)
    """The first LISTED of them, in order of place."""

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return self.problem_count == 0


def verify(
    url: str, *, video: bool = True, workers: int = 1, progress: Callable[[int, int], object] = lambda done, total: None
) -> Report:
    """Verify a data set.

    Args:
        url: its folder, a local path or any URL that fsspec knows.
        video: whether to decode every video; without it hashes are still compared.
        workers: processes that check shards at the same time.
        progress: called with the number of shards checked and of all shards.

    Raises:
        TracekitError: there is no data set there, or it can't be reached.
    """
    folder = Folder(url)
    present = [name.removeprefix(f"{SHARDS}/") for name in folder.names(SHARDS) if name.endswith(".tar")]
    index, problems = _read_index(folder)
    if not present and index is None:
        raise TracekitError(
            "there is no data set here", place=url, remedy=f"give the folder that holds {SHARDS}/ and {INDEX}"
        )
    manifest, told = _read_manifest(folder, present)
    problems += told
    problems += [
        Problem(name, "this file is no part of a data set") for name in _left_over(folder, {MANIFEST, *present})
    ]
    indexed = [] if index is None else [name for name in pc.unique(index["shard"]).to_pylist() if name is not None]
    problems += [
        Problem(name, "the index names this shard, but it is not there") for name in set(indexed) - set(present)
    ]

    report = Report(shards=len(present))
    identities: list[Identity] = []
    tasks = ((folder.url, name, _rows(index, name), manifest.get(name), video) for name in present)
    for done, check in enumerate(_run(tasks, workers), 1):
        report.samples += check.samples
        identities += check.identities
        problems += check.problems
        progress(done, len(present))
    problems += _check_disjoint(identities)
    if index is not None:
        problems += _account(index, report)
        problems += _check_inputs(folder, set(index["uri"].to_pylist()))
    report.problem_count = len(problems)
    report.problems = sorted(problems)[:LISTED]
    return report


_Task = tuple[str, str, list[Row] | None, Content | None, bool]


def _check(task: _Task) -> ShardCheck:
    url, name, rows, recorded, video = task
    folder = Folder(url)
    path = f"{SHARDS}/{name}"
    try:
        with folder.open(path) as file:
            found = check_shard(file, name, rows, video=video)
        if recorded is not None and measure(folder.path(path)) != recorded:
            found.problems.append(Problem(name, f"its size or sha256 is not the one in {MANIFEST}"))
    except TracekitError as error:
        return ShardCheck(problems=[Problem(name, error.message)])
    return found


def _run(tasks: Iterable[_Task], workers: int) -> Iterator[ShardCheck]:
    if workers <= 1:
        yield from map(_check, tasks)
        return
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
        running: dict[Future[ShardCheck], str] = {}
        for task in tasks:
            if len(running) >= 2 * workers:  # rows of the index are large: few tasks at a time
                yield from _finished(running)
            try:
                running[pool.submit(_check, task)] = task[1]
            except BrokenProcessPool:
                yield ShardCheck(problems=[Problem(task[1], "not checked, since a process that checks died before")])
        while running:
            yield from _finished(running)


def _finished(running: dict[Future[ShardCheck], str]) -> Iterator[ShardCheck]:
    for future in wait(running, return_when=FIRST_COMPLETED).done:
        name = running.pop(future)
        try:
            yield future.result()
        except BrokenProcessPool:
            yield ShardCheck(problems=[Problem(name, "a process that checks died, on this shard or another")])


def _read_index(folder: Folder) -> tuple[pa.Table | None, list[Problem]]:
    try:
        with folder.open(INDEX) as file:
            return read_index(file), []
    except TracekitError as error:
        return None, [Problem(INDEX, error.message)]


def _read_manifest(folder: Folder, present: list[str]) -> tuple[dict[str, Content], list[Problem]]:
    """The recorded content of shards by name; nothing where there is no manifest."""
    path = f"{SHARDS}/{MANIFEST}"
    if not folder.exists(path):
        return {}, []
    try:
        manifest = Manifest.model_validate_json(folder.read(path))
    except ValidationError as error:
        return {}, [Problem(path, f"not a manifest: {error.errors()[0]['msg']}")]
    recorded = {shard.name: Content(shard.bytes, shard.sha256) for shard in manifest.shards}
    differing = sorted(recorded.keys() ^ set(present))
    return recorded, [Problem(path, f"{name} is only {'here' if name in recorded else 'there'}") for name in differing]


def _left_over(folder: Folder, expected: set[str]) -> list[str]:
    """Files beside the shards. `Folder.names` would leave out the temporary files of writers that were killed."""
    store, path = fsspec.core.url_to_fs(folder.path(SHARDS))
    names = {str(name)[len(path) + 1 :] for name in store.find(path)}
    return [f"{SHARDS}/{name}" for name in sorted(names - expected)]


def _rows(index: pa.Table | None, shard: str) -> list[Row] | None:
    if index is None:
        return None
    rows: list[Row] = index.filter(pc.equal(index["shard"], shard)).to_pylist()
    return rows


def _check_disjoint(identities: Iterable[Identity]) -> Iterator[Problem]:
    """Keys are unique over all shards; no recording and no input has clips in two splits."""
    keys: set[str] = set()
    splits: dict[tuple[str, str], str] = {}
    told: set[tuple[str, str]] = set()
    for identity in identities:
        if identity.key in keys:
            yield Problem(identity.key, "two samples have this key")
        keys.add(identity.key)
        for shared in (("recording", identity.recording), ("input", identity.sha256)):
            if splits.setdefault(shared, identity.split) != identity.split and shared not in told:
                told.add(shared)
                yield Problem(f"{shared[0]} {shared[1]}", "has clips in more than one split")


def _account(index: pa.Table, report: Report) -> Iterator[Problem]:
    """Count inputs and clips; each input is kept or rejected, and each rejection has a reason."""
    kept: set[str] = set()
    clipped: set[str] = set()
    whole: set[str] = set()
    columns = ["status", "level", "reason", "key", "uri", "shard", "decisions"]
    for batch in index.select(columns).to_batches():
        for row in batch.to_pylist():
            yield from _check_row(row)
            uri = str(row["uri"])
            if row["level"] == "input":
                if uri in whole:
                    yield Problem(f"{INDEX}: {uri}", "this input is rejected twice")
                whole.add(uri)
                continue
            clipped.add(uri)
            if row["status"] == "kept":
                kept.add(uri)
            else:
                report.clips_rejected += 1
    for uri in sorted(whole & clipped):
        yield Problem(f"{INDEX}: {uri}", "this input is rejected whole, and has clips")
    report.inputs_kept = len(kept)
    report.inputs_rejected = len((clipped | whole) - kept)


def _check_inputs(folder: Folder, told: set[str]) -> Iterator[Problem]:
    """Every input that the build began with is in the index, and no other. A copy of the shards alone has no list."""
    if not folder.exists(INPUTS):
        return
    try:
        listed = {str(json.loads(line)["uri"]) for line in folder.read(INPUTS).splitlines()}
    except (ValueError, TypeError, KeyError):
        yield Problem(INPUTS, "not a list of inputs")
        return
    for uri in sorted(listed - told):
        yield Problem(f"{INPUTS}: {uri}", "this input is neither kept nor rejected")
    for uri in sorted(told - listed):
        yield Problem(f"{INDEX}: {uri}", "the build had no such input")


def _check_row(row: dict[str, Any]) -> Iterator[Problem]:
    place = f"{INDEX}: {row['key'] or row['uri']}"
    if (row["status"], row["level"]) not in {("kept", "clip"), ("rejected", "clip"), ("rejected", "input")}:
        yield Problem(place, f"status {row['status']} of level {row['level']} means nothing")
    kept = row["status"] == "kept"
    if kept == bool(row["reason"]):
        yield Problem(place, "kept, with a reason against it" if kept else "rejected without a reason")
    if kept != (row["shard"] is not None):
        yield Problem(place, "kept, but in no shard" if kept else "rejected, but in a shard")
    if kept and not all(decision["keep"] for decision in row["decisions"] or ()):
        yield Problem(place, "kept, against the decision of a filter")
