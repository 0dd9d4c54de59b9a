"""Tiny data sets to load from, and the samples of them as they lie."""

import copy
from pathlib import Path
from typing import Any

from components import require
from shards import toy, toy_desktop

KINDS = {"terminal": toy.sample, "desktop": toy_desktop.sample}
SHARDS = ("train-000000.tar", "train-000001.tar")


def need_torch() -> None:
    """Skip this test, or fail it, where torch is not; one thread of it is enough."""
    require("torch", module="torch", remedy="pip install 'tracekit[train]'")
    import torch

    torch.set_num_threads(1)


def clip_set(folder: Path, clips: int = 7, kind: str = "terminal", *, corrupt: int = 0) -> Path:
    """A data set with so many clips to train on in two shards, and one to validate with.

    Args:
        folder: to be made.
        clips: how many.
        kind: terminal or desktop.
        corrupt: of the first clips so many have a video that is not what its hash says.
    """
    made = [KINDS[kind](f"r{number}", 0, "train") for number in range(clips)]
    packed = [with_its_own_captions(files, described) for files, described in made]
    dataset = toy.Dataset({
        SHARDS[0]: packed[: clips // 2],
        SHARDS[1]: packed[clips // 2 :],
        "validation-000000.tar": [KINDS[kind]("v", 0, "validation")],
    })  # fmt: skip
    dataset.write(folder)
    damage(folder / "shards" / SHARDS[0], corrupt)
    return folder


def with_its_own_captions(
    files: dict[str, bytes], described: dict[str, Any]
) -> tuple[dict[str, bytes], dict[str, Any]]:
    described = copy.deepcopy(described)
    described["captions"]["regular"] = f"Of {described['key']}."
    return files, described


def damage(shard: Path, samples: int) -> None:
    """Turn a byte in the pictures of the first samples of a shard."""
    data = bytearray(shard.read_bytes())
    place = 0
    for _ in range(samples):
        place = data.index(b"mdat", place) + 100
        data[place] ^= 0xFF
    shard.write_bytes(bytes(data))
