"""Copying samples from shard to shard: read by their place in one request, checked by their hashes, packed anew."""

import hashlib
import io
from collections.abc import Iterable, Iterator
from typing import IO, NamedTuple

from tracekit.core.errors import TracekitError
from tracekit.core.files import Folder, to_json
from tracekit.shards.index import Row, clip_row
from tracekit.shards.read import read_sample
from tracekit.shards.sample import Sample
from tracekit.shards.verify import SHARDS
from tracekit.shards.write import Place, ShardWriter


class Origin(NamedTuple):
    """Where a sample is copied from."""

    folder: Folder
    """Of its data set."""
    shard: str
    place: Place
    source_key: str
    key: str
    """That it gets."""


def copy_samples(file: IO[bytes], shard: str, origins: Iterable[Origin]) -> Iterator[Row]:
    """Write a shard of samples that are copied, and give their rows of the index, made from the samples themselves.

    Members keep their bytes; only ``KEY.json`` of a sample that gets another key is written anew.

    Raises:
        TracekitError: there is no such sample at its place, or it is damaged.
    """
    with ShardWriter(file) as tar:
        for origin in origins:
            sample, files = _read(origin)
            place = tar.add(sample.key, files)
            caption = files["txt"].decode("utf-8", "replace") if "txt" in files else None
            yield clip_row(sample.model_dump(mode="json"), shard=shard, place=place, caption=caption)


def _read(origin: Origin) -> tuple[Sample, dict[str, bytes]]:
    name, place = f"{SHARDS}/{origin.shard}", origin.place
    where, remedy = (
        f"{origin.folder.path(name)}: {origin.source_key}",
        "tracekit shards verify tells what else is wrong",
    )
    try:
        data = origin.folder.read(name, place.offset, place.offset + place.bytes)
        stored = read_sample(io.BytesIO(data), Place(0, place.bytes), origin.folder.path(name))
        sample = Sample.model_validate_json(stored.files["json"])
    except (ValueError, KeyError, MemoryError) as error:
        raise TracekitError("not a sample", place=where, remedy=remedy) from error
    present = {extension: data for extension, data in stored.files.items() if extension != "json"}
    hashes = {extension: hashlib.sha256(data).hexdigest() for extension, data in present.items()}
    if hashes != sample.files:
        raise TracekitError("its files are not those that its .json tells of", place=where, remedy=remedy)
    if not origin.source_key == sample.key == stored.key or not origin.shard.startswith(f"{sample.split}-"):
        raise TracekitError("the index says otherwise", place=where, remedy=remedy)
    if origin.key == sample.key:
        return sample, stored.files
    sample = sample.model_copy(update={"key": origin.key})
    return sample, {**present, "json": to_json(sample.model_dump(mode="json"))}
