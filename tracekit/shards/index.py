"""``index.parquet``: what is in a data set and what is not, a row a clip, without opening a shard.

Rows are kept clips, rejected clips, and inputs that were rejected whole: every input of a build stands in at least one.
The file is a function of its rows: no times of making, fixed row groups and compression.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import IO, Any, get_args

import pyarrow as pa
import pyarrow.parquet as pq

from tracekit.core.errors import TracekitError
from tracekit.shards.sample import Decision, Statistics
from tracekit.shards.write import Place

VERSION = 2
ROW_GROUP = 10_000
"""Rows of a row group; also how many are in memory while an index is written."""

Row = dict[str, Any]

_TYPES = {int: pa.int64(), float: pa.float64(), bool: pa.bool_(), str: pa.string()}


def _model_fields(model: type[Statistics] | type[Decision]) -> list[pa.Field]:
    """Columns of a model's fields; an optional number is a number that may be null."""
    fields = []
    for name, info in model.model_fields.items():
        plain = next(kind for kind in (bool, int, float, str) if kind in (info.annotation, *get_args(info.annotation)))
        description = {"description": info.description} if info.description else None
        fields.append(pa.field(name, _TYPES[plain], metadata=description))
    return fields


def _text(name: str, description: str) -> pa.Field:
    return pa.field(name, pa.string(), metadata={"description": description})


def _number(name: str, description: str) -> pa.Field:
    return pa.field(name, pa.int64(), metadata={"description": description})


def _flag(name: str, description: str) -> pa.Field:
    return pa.field(name, pa.bool_(), metadata={"description": description})


SCHEMA = pa.schema(
    [
        _text("status", "kept or rejected"),
        _text("level", "clip, or input where a whole input was rejected"),
        _text("reason", "Of a rejection, by name: the filter's, or the reader's; null if kept"),
        _text("message", "Of a rejection, in words; null if kept"),
        _text("key", "Of the clip; null of an input"),
        _text("split", "train or validation"),
        _text("shard", "File under shards/; null unless kept"),
        _number("offset", "Of the sample in its shard, in bytes"),
        _number("bytes", "Of the sample in its shard, tar headers included: one read of these bytes gives the sample"),
        _text("kind", "terminal or desktop"),
        _text("source", "The source plug-in: casts, tapes, desktop"),
        _text("uri", "The input, relative to the recipe's path"),
        _text("sha256", "Of the input's bytes"),
        _text("recording", "Key of the recording; splits never share one"),
        _text("licence", "SPDX id, where known"),
        _text("title", "Of the recording, where it has one"),
        _number("start_ns", "Of the clip, on the recording's clock after idle time was limited"),
        _number("end_ns", "Of what the clip shows"),
        _number("frames", "Of the video"),
        _number("columns", "Of the terminal; null of a desktop"),
        _number("rows", "Of the terminal; null of a desktop"),
        _number("width_px", "Of the video"),
        _number("height_px", "Of the video"),
        _text("policy", "Who drove the desktop; null of a terminal"),
        _flag("success", "Of a task on a desktop: whether its outcome was as wanted"),
        _number("missed_frames", "Of a desktop: frames that repeat the one before, read too late"),
        _text("instruction", "What was to be done, in prose, where there is one"),
        *_model_fields(Statistics),
        _text("caption", "The caption chosen for training: KEY.txt"),
        _text("caption_semantic", "What happens, without literals"),
        _text("caption_regular", "Key commands and outputs"),
        _text("caption_detailed", "The text on the screen, colours and layout"),
        _text("caption_script", "Of a tape: its commands"),
        _text("captioner", "Plug-in and version"),
        _number("redactions", "Secrets replaced in the recording"),
        pa.field("decisions", pa.list_(pa.struct(_model_fields(Decision))), metadata={"description": "A filter each"}),
    ],
    metadata={"tracekit.index.version": str(VERSION)},
)
"""Columns of the index. A description of each is in its field's metadata."""


def clip_row(
    sample: Mapping[str, Any],
    *,
    shard: str | None = None,
    place: Place | None = None,
    caption: str | None = None,
    reason: str | None = None,
    message: str | None = None,
) -> Row:
    """The row of a clip.

    Args:
        sample: ``KEY.json``; of a rejected clip as much of it as there is.
        shard: of a kept clip, the name of its shard's file.
        place: of a kept clip, where it lies in the shard.
        caption: of a kept clip, ``KEY.txt``.
        reason: of a rejected clip, and None of a kept one.
        message: of a rejected clip, in words.
    """
    provenance, geometry = sample.get("provenance", {}), sample.get("geometry", {})
    clock, captions = sample.get("clock", {}), sample.get("captions", {})
    desktop = sample.get("desktop") or {}
    return {
        "status": "kept" if reason is None else "rejected",
        "level": "clip",
        "reason": reason,
        "message": message,
        "key": sample["key"],
        "split": sample.get("split"),
        "shard": shard,
        "offset": place.offset if place else None,
        "bytes": place.bytes if place else None,
        "kind": sample.get("kind"),
        "source": provenance.get("kind"),
        **{name: provenance.get(name) for name in ("uri", "sha256", "recording", "licence", "title")},
        **{name: clock.get(name) for name in ("start_ns", "end_ns", "frames")},
        **{name: geometry.get(name) for name in ("columns", "rows", "width_px", "height_px")},
        **{name: desktop.get(name) for name in ("policy", "success", "missed_frames")},
        "instruction": captions.get("instruction"),
        **sample.get("statistics", {}),
        "caption": caption,
        **{f"caption_{tier}": captions.get(tier) for tier in ("semantic", "regular", "detailed", "script")},
        "captioner": captions.get("captioner"),
        "redactions": sum(sample.get("redactions", {}).values()),
        "decisions": sample.get("decisions", []),
    }


def input_row(uri: str, sha256: str, reason: str, message: str) -> Row:
    """The row of an input that was rejected whole."""
    return {"status": "rejected", "level": "input", "reason": reason, "message": message, "uri": uri, "sha256": sha256}


def write_index(file: IO[bytes], rows: Iterable[Row]) -> int:
    """Write ``index.parquet`` and return the number of rows. A column that a row lacks is null there.

    Raises:
        pyarrow.ArrowInvalid: a value is not of its column's type.
    """
    remaining = iter(rows)
    chunks = iter(lambda: list(islice(remaining, ROW_GROUP)), [])
    return write_tables(file, (pa.Table.from_pylist(chunk, SCHEMA) for chunk in chunks))


def write_tables(file: IO[bytes], tables: Iterable[pa.Table]) -> int:
    """As `write_index`, of rows in tables. Where one table ends and the next begins does not matter."""
    total = 0
    with pq.ParquetWriter(file, SCHEMA, version="2.6", compression="zstd", compression_level=3) as writer:
        for group in grouped(tables, SCHEMA):
            writer.write_table(group.combine_chunks(), row_group_size=ROW_GROUP)
            total += len(group)
    return total


def grouped(tables: Iterable[pa.Table], schema: pa.Schema) -> Iterator[pa.Table]:
    """The same rows, ROW_GROUP at a time."""
    waiting = schema.empty_table()
    for table in tables:
        waiting = pa.concat_tables([waiting, table])
        while len(waiting) >= ROW_GROUP:
            yield waiting.slice(0, ROW_GROUP)
            waiting = waiting.slice(ROW_GROUP)
    if len(waiting):
        yield waiting


def read_index(file: IO[bytes], name: str = "index.parquet") -> pa.Table:
    """Read an index; its columns are those of SCHEMA.

    Args:
        file: seekable.
        name: what errors call it.

    Raises:
        TracekitError: not an index, damaged, or of another version.
    """
    try:
        table = pq.read_table(file)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise TracekitError(f"not an index: {error}", place=name) from error
    check_schema(table.schema, name)
    return table


def check_schema(schema: pa.Schema, name: str) -> None:
    """Refuse an index whose columns are not those of SCHEMA.

    Raises:
        TracekitError: it is of another version.
    """
    version = (schema.metadata or {}).get(b"tracekit.index.version", b"none").decode("utf-8", "replace")
    if version != str(VERSION) or not schema.equals(SCHEMA):
        raise TracekitError(f"an index of version {version}, not {VERSION}", place=name,
                            remedy="build the data set again, or read it with the tracekit that made it")  # fmt: skip
