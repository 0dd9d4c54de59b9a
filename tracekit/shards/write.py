"""Write shards: plain tar archives that any WebDataset loader opens, the same bytes for the same samples."""

import re
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import import_module
from typing import IO, Any, NamedTuple

KEY = re.compile(r"[a-z0-9_-]{1,120}")
EXTENSION = re.compile(r"[a-z0-9]+(\.[a-z0-9]+)*")


class Place(NamedTuple):
    """Where a sample lies in its shard: ``pread(bytes, offset)`` yields its tar members, headers included."""

    offset: int
    """Of the first byte of the first member's header, a multiple of 512."""
    bytes: int
    """To the end of the padding of the last member, a multiple of 512."""


class ShardWriter:
    """Writes samples one after another into a tar archive.

    The bytes depend on the samples alone: members of a sample stand together in the order of their extensions, and
    carry mode 0644, time 0, user and group 0 without names. Members are POSIX (pax) so that a key may be 120 characters
    long; no extended header is written for shorter names.

    Args:
        file: where the archive goes; needs only ``write``. Left open.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._tar = _webdataset().TarWriter(
            file, user="", group="", mode=0o644, mtime=0, encoder=False, format="PAX_FORMAT"
        )
        self._last = ""

    def add(self, key: str, files: Mapping[str, bytes]) -> Place:
        """Append one sample.

        Args:
            key: ``[a-z0-9_-]{1,120}``; not the key of the sample before.
            files: content by extension (without the first dot), at least one.

        Raises:
            ValueError: a key or an extension that WebDataset would not read back.
        """
        if not KEY.fullmatch(key) or key == self._last:
            raise ValueError(f"{key!r} can't be the key of a sample here")
        if not files or not all(map(EXTENSION.fullmatch, files)):
            raise ValueError(f"sample {key!r} has extensions {sorted(files)}")
        self._last = key
        offset: int = self._tar.tarstream.offset
        self._tar.write({"__key__": key, **files})
        return Place(offset, self._tar.tarstream.offset - offset)

    def close(self) -> None:
        """Write the end of the archive."""
        self._tar.close()

    def __enter__(self) -> "ShardWriter":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@cache
def _webdataset() -> Any:
    """The package, without torch, which it imports for its loaders where that is installed: seconds, and 200 MB."""
    if {"torch", "webdataset"} & set(sys.modules):
        return import_module("webdataset")
    modules: dict[str, Any] = sys.modules
    modules["torch"] = None  # importing it fails as if it were not there
    try:
        return import_module("webdataset")
    finally:  # who imports either later gets all of it
        for name in [name for name in modules if name == "torch" or name.partition(".")[0] == "webdataset"]:
            del modules[name]


def write_shard(file: IO[bytes], samples: Iterable[tuple[str, Mapping[str, bytes]]]) -> list[Place]:
    """Write a whole shard, and return where each sample lies in it."""
    with ShardWriter(file) as shard:
        return [shard.add(key, files) for key, files in samples]


class PlannedShard(NamedTuple):
    """A shard that is to be written."""

    name: str
    """``SPLIT-000000.tar``, counted from 0 in each split."""
    keys: tuple[str, ...]


def plan_shards(samples: Iterable[tuple[str, str, int]], *, max_samples: int, max_bytes: int) -> list[PlannedShard]:
    """Decide which samples go into which shard: a function of the list alone, so that any worker may write any shard.

    Args:
        samples: key, split and size in bytes of each sample, in the order of the data set.
        max_samples: of one shard, >= 1.
        max_bytes: of one shard; a sample larger than that has a shard for itself.

    Returns:
        The shards of one split after the other, each split's samples in the order given.
    """
    shards: dict[str, list[list[str]]] = {}
    filled: dict[str, int] = {}
    for key, split, size in samples:
        of_split = shards.setdefault(split, [])
        if not of_split or len(of_split[-1]) >= max_samples or filled[split] + size > max_bytes:
            of_split.append([])
            filled[split] = 0
        of_split[-1].append(key)
        filled[split] += size
    return [
        PlannedShard(f"{split}-{number:06d}.tar", tuple(keys))
        for split, of_split in sorted(shards.items())
        for number, keys in enumerate(of_split)
    ]
