"""Small data sets to choose from, and how to look at what came out."""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from shards import toy, toy_desktop

from tracekit.filters.deny_list import DenyList, parse_deny_list
from tracekit.shards.read import iter_samples
from tracekit.shards.verify import verify

Described = tuple[dict[str, bytes], dict[str, Any]]


def terminals(folder: Path, recordings: dict[str, int], *, words: str = "", split: str = "") -> Path:
    """A data set of casts: so many clips of each recording, whose names may have folders.

    Args:
        folder: where it goes.
        recordings: clips by recording; a name that begins with ``v`` is validated with.
        words: put into the events, so that samples of one key can differ.
        split: of all, whatever they are named.
    """
    samples = [
        _named(
            toy.sample(name.replace("/", "-"), clip, split or ("validation" if name[0] == "v" else "train")),
            name,
            words,
        )
        for name, count in recordings.items()
        for clip in range(count)
    ]
    return _write(folder, samples)


def desktops(folder: Path, recordings: dict[str, int], policy: str = "random-slow") -> Path:
    """A data set of desktops."""
    samples = [toy_desktop.sample(name, clip, "train") for name, count in recordings.items() for clip in range(count)]
    for _, described in samples:
        described["desktop"]["policy"] = policy
    return _write(folder, samples)


def _named(sample: Described, name: str, words: str) -> Described:
    files, described = sample
    described["provenance"]["uri"] = f"{name}.cast"
    if words:
        described["captions"]["detailed"] = words
        files["txt"] = words.encode()
    return files, described


def _write(folder: Path, samples: Iterable[Described]) -> Path:
    shards: dict[str, list[Described]] = {}
    for files, described in samples:
        of_split = [name for name in shards if name.startswith(described["split"])]
        if not of_split or len(shards[of_split[-1]]) == 3:
            of_split.append(f"{described['split']}-{len(of_split):06d}.tar")
        shards.setdefault(of_split[-1], []).append((files, described))
    return toy.Dataset(shards).write(folder)


def keys(folder: Path) -> list[str]:
    """Keys of the samples in the shards, sorted."""
    return sorted(sample.key for sample in stored(folder))


def stored(folder: Path) -> list[Any]:
    """The samples in the shards, in their order."""
    found = []
    for shard in sorted((folder / "shards").glob("*.tar")):
        with shard.open("rb") as file:
            found += list(iter_samples(file, shard.name))
    return found


def account(folder: Path) -> list[dict[str, Any]]:
    """The rows of selection.parquet."""
    rows: list[dict[str, Any]] = pq.read_table(folder / "selection.parquet").to_pylist()
    return rows


def problems(folder: Path) -> list[Any]:
    """What is wrong with a data set; videos are not decoded."""
    return verify(str(folder), video=False).problems


def contents(folder: Path) -> dict[str, str]:
    """sha256 of every file below a folder, by its name there."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def deny(*entries: str) -> DenyList:
    """A list of what must not be in a data set."""
    return parse_deny_list("\n".join(entries).encode(), "list")
