"""Where the samples of a data set lie: from ``index.parquet``, or from the shards themselves where there is none."""

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from tracekit.core.errors import TracekitError
from tracekit.core.files import Folder
from tracekit.shards.index import check_schema
from tracekit.shards.read import iter_samples

INDEX = "index.parquet"
_COLUMNS = ["status", "split", "shard", "offset", "bytes", "key"]
_ABOUT = ["kind", "inputs", "cursor_visible_frames"]

Found = tuple[str, int, int, str]
"""Shard, offset, bytes, key: sorted, they are in the order in which they lie."""
Source = str | os.PathLike[str] | Sequence[str | os.PathLike[str]]


@dataclass(frozen=True)
class Catalog:
    """The samples of a split in the order in which they lie; in arrays, which forked workers share."""

    url: str
    """Of the folder that ``shards`` are in."""
    shards: tuple[str, ...]
    shard_numbers: NDArray[np.int32]
    """Shape (samples,): index of ``shards``."""
    offsets: NDArray[np.int64]
    """Shape (samples,): in the shard, in bytes."""
    sizes: NDArray[np.int64]
    """Shape (samples,): in bytes."""
    keys: NDArray[np.bytes_]
    """Shape (samples,): ASCII."""
    left_out: int = 0
    """Samples that were not wanted."""

    def __len__(self) -> int:
        return len(self.keys)

    def fingerprint(self) -> str:
        """The same for the same samples at the same places, wherever the folder is."""
        parts = ["\n".join(self.shards).encode(), *(a.tobytes() for a in (self.shard_numbers, self.offsets, self.keys))]
        return hashlib.sha256(b"\0".join(parts)).hexdigest()


def find(source: Source, split: str, where: pc.Expression | None = None) -> Catalog:
    """The samples of a split of a data set, or of some shards.

    Args:
        source: the folder of a data set, a path or any URL that fsspec knows; or one or several shards of a folder.
            Where their samples lie is in the data set's index; if none is beside them, they are read once.
        split: of a data set. Of shards that are named all samples are taken.
        where: leaves the others out; over the index's columns ``kind``, ``inputs``, ``cursor_visible_frames``.

    Raises:
        TracekitError: there are none, the index or a shard can't be read, or samples are to be left out and there is no
            index.
    """
    named = [source] if isinstance(source, str | os.PathLike) else list(source)
    urls = [os.fspath(one) for one in named]
    if len(urls) == 1 and not urls[0].endswith(".tar"):
        url = f"{urls[0].rstrip('/')}/shards"
        rows, left_out = _of_index(Folder(urls[0]), pc.field("split") == split, where)
        what = f"samples of the split {split!r}"
    else:
        url, names = _one_folder(urls)
        rows, left_out = _of_shards(url, names, where)
        what = "samples in these shards"
    if not rows:
        besides = f" but {left_out} that are left out" if left_out else ""
        raise TracekitError(f"there are no {what}{besides}", place=", ".join(urls[:3]))
    rows.sort()
    shards = tuple(sorted({row[0] for row in rows}))
    numbers = {shard: number for number, shard in enumerate(shards)}
    return Catalog(
        Folder(url).url,
        shards,
        np.array([numbers[row[0]] for row in rows], np.int32),
        np.array([row[1] for row in rows], np.int64),
        np.array([row[2] for row in rows], np.int64),
        np.array([row[3] for row in rows], np.bytes_),
        left_out,
    )


def _one_folder(urls: Sequence[str]) -> tuple[str, list[str]]:
    parts = [url.rpartition("/") for url in urls]
    folders = {folder or "." for folder, _, _ in parts}
    if len(folders) != 1:
        raise TracekitError(f"shards of {len(folders)} folders", remedy="load from one folder at a time")
    return folders.pop(), sorted({name for _, _, name in parts})


def _of_shards(url: str, names: Sequence[str], where: pc.Expression | None) -> tuple[list[Found], int]:
    parent, _, last = Folder(url).url.rpartition("/")
    if last == "shards" and parent and (dataset := Folder(parent)).exists(INDEX):
        return _of_index(dataset, pc.field("shard").isin(names), where)
    if where is not None:
        raise TracekitError("samples can be left out where an index is", place=url, remedy="name the data set's folder")
    return [row for name in names for row in _scan(Folder(url), name)], 0


def _scan(folder: Folder, name: str) -> Iterator[Found]:
    with folder.open(name) as file:
        for stored in iter_samples(file, folder.path(name)):
            yield name, stored.place.offset, stored.place.bytes, stored.key


def _of_index(folder: Folder, wanted: pc.Expression, where: pc.Expression | None) -> tuple[list[Found], int]:
    """Those wanted, and how many of them ``where`` leaves out."""
    place = folder.path(INDEX)
    if not folder.exists(INDEX):
        raise TracekitError(
            "this is not the folder of a data set", place=place, remedy="name its folder, or its shards"
        )
    try:
        with folder.open(INDEX) as opened, pq.ParquetFile(opened) as file:
            check_schema(file.schema_arrow, place)
            table = file.read(columns=_COLUMNS + _ABOUT)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise TracekitError(f"not an index: {error}", place=place) from error
    found = table.filter((pc.field("status") == "kept") & wanted)
    kept = found if where is None else found.filter(where)
    columns: dict[str, list[Any]] = kept.select(["shard", "offset", "bytes", "key"]).to_pydict()
    return list(zip(*columns.values(), strict=True)), len(found) - len(kept)
