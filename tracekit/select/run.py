"""A selection from its data sets to its shards. What is committed is passed over: one that was stopped is run again."""

import json
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import ValidationError

import tracekit
from tracekit.core.errors import TracekitError
from tracekit.core.files import Folder, digest, to_json
from tracekit.select import summary
from tracekit.select.card import card
from tracekit.select.choose import Choice, choose
from tracekit.select.mix import Mix
from tracekit.select.opt_out import Deny
from tracekit.select.pack import RECORDS, pack_all, packed_rows, plan_jobs
from tracekit.select.query import connect
from tracekit.select.sources import DataSet, denied_keys, open_sets
from tracekit.select.summary import Summary, read_summary, summarise
from tracekit.shards.index import ROW_GROUP, grouped, write_tables
from tracekit.shards.manifest import Manifest, ShardRecord
from tracekit.shards.verify import INDEX, SHARDS
from tracekit.shards.verify import MANIFEST as MANIFEST_NAME

LOCK, ACCOUNT, CARD, MANIFEST = "selection.json", "selection.parquet", "README.md", f"{SHARDS}/{MANIFEST_NAME}"

_EVERYTHING = Mix()


def select(
    urls: Sequence[str],
    out: str,
    mix: Mix = _EVERYTHING,
    *,
    where: str | None = None,
    deny: Deny | None = None,
    workers: int = 1,
    progress: Callable[[int, int], object] = lambda done, total: None,
) -> Summary:
    """Make a data set of samples of finished ones, or go on with one that was begun.

    Args:
        urls: folders of the data sets, local paths or any URL that fsspec knows. They are only read.
        out: folder of the new one.
        mix: what to choose.
        where: SQL over the index that must hold besides the mix's own.
        deny: what must not be in it.
        workers: processes that copy samples. The data set does not depend on it.
        progress: called with the number of samples packed and of all.

    Raises:
        TracekitError: a data set is not there or damaged, SQL that is none, a group that is short where the mix
            refuses that, the folder holds something else, the disk is full, ... The same call goes on from there.
    """
    sets = open_sets(urls)
    denied = denied_keys(sets, deny)
    asked = _asked(sets, mix, where, denied)
    folder = Folder(out)
    folder.sweep()
    begun = _begun(folder, asked)
    settings = digest(asked)
    found = read_summary(folder)
    if not (found and found.settings == settings and _whole(folder)):
        with TemporaryDirectory() as scratch, closing(connect(sets, Path(scratch), denied)) as database:
            choice = choose(database, mix, where)
            if not begun:
                folder.write(LOCK, json.dumps(asked, ensure_ascii=False, indent=2).encode() + b"\n")
            found = _write(folder, sets, choice, mix, asked, settings, workers, progress)
    for name in folder.names(RECORDS):
        folder.remove(name)
    return found


def _asked(sets: Sequence[DataSet], mix: Mix, where: str | None, denied: Sequence[tuple[int, str]]) -> dict[str, Any]:
    """All that a selection depends on. Of what was opted out it tells how much, and nothing that names it."""
    return {
        "tracekit": tracekit.__version__,
        "data_sets": [{"name": one.name, "index_sha256": one.index_sha256} for one in sets],
        "mix": mix.model_dump(mode="json"),
        "where": where,
        "opted_out": {"samples": len(denied), "sha256": digest(denied)},
    }


def _begun(out: Folder, asked: dict[str, Any]) -> bool:
    """Whether this selection was begun in the folder.

    Raises:
        TracekitError: another one was, or the folder holds something else.
    """
    remedy = "choose another --out"
    if not out.exists(LOCK):
        if out.exists(INDEX) or out.names(SHARDS):
            raise TracekitError("the folder holds a data set that is no selection", place=out.url, remedy=remedy)
        return False
    try:
        before = json.loads(out.read(LOCK))
        differing = [name for name in asked if before.get(name) != asked[name]]
    except (ValueError, AttributeError) as error:
        raise TracekitError(f"damaged: {error}", place=out.path(LOCK), remedy=remedy) from error
    if differing:
        raise TracekitError(
            f"the folder holds a selection with other {', '.join(differing)}", place=out.path(LOCK), remedy=remedy
        )
    return True


def _whole(out: Folder) -> bool:
    try:
        records = Manifest.model_validate_json(out.read(MANIFEST)).shards
    except (TracekitError, ValidationError):
        return False
    sizes = all(out.size(f"{SHARDS}/{record.name}") == record.bytes for record in records)
    return sizes and all(map(out.exists, (INDEX, ACCOUNT, CARD)))


def _write(
    out: Folder,
    sets: Sequence[DataSet],
    choice: Choice,
    mix: Mix,
    asked: dict[str, Any],
    settings: str,
    workers: int,
    progress: Callable[[int, int], object],
) -> Summary:
    # Until the summary is committed the folder holds no whole data set, and must not look like one.
    for name in (summary.FILE, MANIFEST, INDEX):
        out.remove(name)
    records: list[ShardRecord] = []
    for record in pack_all(plan_jobs(out, sets, choice.samples(), mix.shards), workers):
        records.append(record)
        progress(sum(one.samples for one in records), choice.total)
    records.sort(key=lambda record: record.name)
    out.write(INDEX, lambda file: write_tables(file, packed_rows(out, records)))
    out.write(ACCOUNT, lambda file: _write_account(file, choice.account()))
    out.write(MANIFEST, to_json(Manifest(shards=records).model_dump(mode="json")))
    found = summarise(settings, choice, records)
    out.write(CARD, card(out, mix, asked, found).encode())
    out.write(summary.FILE, to_json(found.to_dict()))
    return found


def _write_account(file: IO[bytes], account: pa.RecordBatchReader) -> None:
    with pq.ParquetWriter(file, account.schema, version="2.6", compression="zstd", compression_level=3) as writer:
        for group in grouped(map(_table, account), account.schema):
            writer.write_table(group.combine_chunks(), row_group_size=ROW_GROUP)


def _table(batch: pa.RecordBatch) -> pa.Table:
    return pa.Table.from_batches([batch])
