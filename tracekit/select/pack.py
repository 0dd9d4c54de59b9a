"""The shards of a selection: each is a function of its job, and committed with its rows of the index."""

import json
import multiprocessing
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import IO

import pyarrow as pa

from tracekit.core.errors import TracekitError
from tracekit.core.files import Folder, digest, to_json
from tracekit.select.copy import Origin, copy_samples
from tracekit.select.mix import ShardSize
from tracekit.select.sources import DataSet
from tracekit.shards.index import Row, read_index, write_index
from tracekit.shards.manifest import ShardRecord
from tracekit.shards.verify import SHARDS
from tracekit.shards.write import Place, plan_shards

RECORDS = "records"
"""Folder of what resuming goes by, deleted when all is done."""


@dataclass(frozen=True)
class ShardJob:
    """A shard that is to be written."""

    out: Folder
    name: str
    """``SPLIT-000000.tar``."""
    origins: tuple[Origin, ...]
    settings: str
    """Digest of all that its bytes depend on."""


def plan_jobs(
    out: Folder, sets: Sequence[DataSet], samples: Iterable[pa.RecordBatch], size: ShardSize
) -> Iterator[ShardJob]:
    """Cut a selection into shards, one job at a time.

    Args:
        out: where they go.
        sets: the data sets.
        samples: as `tracekit.select.choose.Choice.samples`.
        size: how large they may be.
    """
    waiting = deque[Row]()

    def sizes() -> Iterator[tuple[str, str, int]]:
        for batch in samples:
            for row in batch.to_pylist():
                waiting.append(row)
                yield row["key"], row["split"], row["bytes"]

    for shard in plan_shards(sizes(), max_samples=size.samples, max_bytes=size.max_bytes):
        rows = [waiting.popleft() for _ in shard.keys]
        yield ShardJob(out, shard.name, tuple(_origin(sets, row) for row in rows), _settings(sets, shard.name, rows))


def _origin(sets: Sequence[DataSet], row: Row) -> Origin:
    folder = sets[row["set_number"] - 1].folder
    return Origin(folder, row["shard"], Place(row["offset"], row["bytes"]), row["source_key"], row["key"])


def _settings(sets: Sequence[DataSet], name: str, rows: Sequence[Row]) -> str:
    indexes = {row["set_number"]: sets[row["set_number"] - 1].index_sha256 for row in rows}
    return digest([name, sorted(indexes.items()), [list(row.values()) for row in rows]])


def pack(job: ShardJob) -> ShardRecord:
    """Write a shard, then its rows, then that it is done; if that was done before, nothing."""
    if done := _done(job):
        return done
    rows: list[Row] = []

    def write(file: IO[bytes]) -> None:
        rows.extend(copy_samples(file, job.name, job.origins))

    content = job.out.write(f"{SHARDS}/{job.name}", write)
    job.out.write(_rows_of(job.name), lambda file: write_index(file, rows))
    record = ShardRecord(name=job.name, samples=len(rows), **content._asdict())
    job.out.write(_record_of(job.name), to_json({"settings": job.settings, **record.model_dump()}))
    return record


def _done(job: ShardJob) -> ShardRecord | None:
    if not job.out.exists(_record_of(job.name)):
        return None
    try:
        found = json.loads(job.out.read(_record_of(job.name)))
        settings, record = found.pop("settings"), ShardRecord.model_validate(found)
    except (ValueError, KeyError, AttributeError):
        return None
    whole = job.out.size(f"{SHARDS}/{job.name}") == record.bytes and job.out.exists(_rows_of(job.name))
    return record if whole and settings == job.settings else None


def packed_rows(out: Folder, records: Sequence[ShardRecord]) -> Iterator[pa.Table]:
    """The rows of the index, a shard at a time."""
    for record in records:
        with out.open(_rows_of(record.name)) as file:
            yield read_index(file, out.path(_rows_of(record.name)))


def _rows_of(name: str) -> str:
    return f"{RECORDS}/{name}.parquet"


def _record_of(name: str) -> str:
    return f"{RECORDS}/{name}.json"


def pack_all(jobs: Iterator[ShardJob], workers: int) -> Iterator[ShardRecord]:
    """Pack shards, in as many processes as there are workers; 1 works in this one. In the order of completion.

    Raises:
        TracekitError: a sample can't be copied, or a worker died.
    """
    if workers <= 1:
        yield from map(pack, jobs)
        return
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
        running: set[Future[ShardRecord]] = set()
        try:
            for job in jobs:
                if len(running) >= 2 * workers:  # a job has a line a sample: few of them at a time
                    done, running = wait(running, return_when=FIRST_COMPLETED)
                    yield from (future.result() for future in done)
                running.add(pool.submit(pack, job))
            yield from (future.result() for future in running)
        except BrokenProcessPool as error:
            remedy = "is there memory enough? The same command goes on from here"
            raise TracekitError("a process that packs shards died", remedy=remedy) from error
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
