"""What a data set is like: how much is done in it (Neural Computers, table 7), and what comes in it more than once.

All is read from ``index.parquet`` in batches, and what can't be from the shards, a sample at a time.
"""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tracekit.clips.fingerprint import PERMUTATIONS, fingerprint
from tracekit.core.errors import TracekitError
from tracekit.core.files import Folder
from tracekit.metrics.index_rows import kept_rows
from tracekit.metrics.likenesses import Likest
from tracekit.shards.read import StoredSample, iter_samples
from tracekit.shards.verify import INDEX
from tracekit.tapes.caption_script import without_answer
from tracekit.terminal.grid import Grid

LIKENESS = 0.85
"""From which two clips of terminals are near-duplicates: the filter's default."""
EXAMPLES = 20
"""Keys that are told of each kind, at most."""

SHARED = ("recording", "sha256", "caption", "caption_script", "instruction")
"""Columns of the index whose values should not be in both splits. Of a tape's script the answer is left out, which only
some have."""

_TRAINED_ON, _HELD_OUT = "train", "validation"


@dataclass(frozen=True)
class Activity:
    """Of the clips of desktops that one policy drove."""

    clips: int
    px_per_frame: float | None
    """How far the cursor goes from frame to frame, mean over frames; None where no clip knows."""
    actions_per_s: float | None
    """Actions of all clips over their seconds; None where no clip knows."""


@dataclass(frozen=True)
class Shared:
    """A value that clips of both splits have."""

    values: int
    """Distinct ones that are in both."""
    validation_clips: int
    """Clips to validate with that have a value of a clip to train on."""
    validation_share: float | None
    """Of all clips to validate with; None if there are none."""
    examples: list[str]
    """Keys of some of them."""


@dataclass(frozen=True)
class Duplicates:
    """Clips that show what an earlier one shows."""

    clips: int
    """That were compared."""
    exact: int
    """Whose video is, byte for byte, that of an earlier clip."""
    texts: int
    """Clips of terminals, those with any text."""
    near: int
    """Of them: whose text is nearly that of an earlier clip of another recording."""
    near_other_split: int
    """Of them, those to validate with: whose text is nearly that of a clip to train on."""
    examples: list[tuple[str, str, float]]
    """Some of these: the key, that of the clip to train on, and the likeness."""


@dataclass(frozen=True)
class DataScores:
    """Of a data set."""

    samples: dict[str, int]
    """By split."""
    activity: dict[str, Activity]
    """By policy; of desktops only."""
    shared: dict[str, Shared]
    """By column of the index, as `SHARED` has them."""
    duplicates: Duplicates | None
    """None where the shards were not asked to be read."""


def data_scores(url: str, *, shards: bool = True, likeness: float = LIKENESS) -> DataScores:
    """Score a data set.

    Args:
        url: its folder, a path or any URL that fsspec knows.
        shards: whether all samples are read, for duplicates; the rest needs the index only.
        likeness: from which two clips of terminals are near-duplicates, 0 to 1.

    Raises:
        TracekitError: there is no data set there, or it is damaged.
    """
    folder = Folder(url)
    samples, names = Counter[str](), set[str]()
    for row in kept_rows(folder, ("split", "shard")):
        if not (row["split"] and row["shard"]):
            raise TracekitError("a clip that is kept has no split, or no shard", place=folder.path(INDEX))
        samples[row["split"]] += 1
        names.add(row["shard"])
    return DataScores(
        samples=dict(samples),
        activity=_activity(folder),
        shared=_shared(folder, samples[_HELD_OUT]),
        duplicates=_duplicates(folder, sorted(names), likeness) if shards else None,
    )


def _activity(folder: Folder) -> dict[str, Activity]:
    clips, steps, actions = Counter[str](), Counter[str](), Counter[str]()
    px, seconds = defaultdict[str, float](float), defaultdict[str, float](float)
    for row in kept_rows(folder, ("policy", "frames", "px_per_frame", "actions", "duration_s")):
        if (policy := row["policy"]) is None:
            continue
        clips[policy] += 1
        if None not in (row["px_per_frame"], row["frames"]):
            steps[policy] += row["frames"] - 1
            px[policy] += row["px_per_frame"] * (row["frames"] - 1)
        if None not in (row["actions"], row["duration_s"]):
            actions[policy] += row["actions"]
            seconds[policy] += row["duration_s"]
    return {
        policy: Activity(
            clips=count,
            px_per_frame=px[policy] / steps[policy] if steps[policy] else None,
            actions_per_s=actions[policy] / seconds[policy] if seconds[policy] else None,
        )
        for policy, count in sorted(clips.items())
    }


def _shared(folder: Folder, held_out: int) -> dict[str, Shared]:
    """By hashes of what clips to validate with have, which are held in memory."""
    held: dict[str, dict[bytes, list[str]]] = {column: {} for column in SHARED}
    for column, value, row in _values(folder, _HELD_OUT):
        held[column].setdefault(value, []).append(row["key"])
    both: dict[str, dict[bytes, list[str]]] = {column: {} for column in SHARED}
    for column, value, _ in _values(folder, _TRAINED_ON):
        if value in held[column]:
            both[column][value] = held[column][value]
    keys = {column: sorted(key for those in values.values() for key in those) for column, values in both.items()}
    return {
        column: Shared(
            values=len(both[column]),
            validation_clips=len(keys[column]),
            validation_share=len(keys[column]) / held_out if held_out else None,
            examples=keys[column][:EXAMPLES],
        )
        for column in SHARED
    }


def _values(folder: Folder, split: str) -> Iterator[tuple[str, bytes, dict[str, Any]]]:
    """Of each clip of a split, the columns that have a value, and its hash."""
    for row in kept_rows(folder, ("split", "key", *SHARED)):
        if row["split"] == split:
            for column in SHARED:
                if value := row[column]:
                    told = without_answer(value) if column == "caption_script" else value
                    yield column, hashlib.blake2b(told.encode(), digest_size=16).digest(), row


def _duplicates(folder: Folder, shards: Sequence[str], likeness: float) -> Duplicates:
    """By signatures of what all clips show, which are held in memory: about a kilobyte a clip."""
    videos, signatures = bytearray(), bytearray()
    keys, owners, held_out = list[str](), list[int](), list[bool]()
    numbers: dict[str, int] = {}
    clips = 0
    for name in shards:
        with folder.open(f"shards/{name}") as file:
            for stored in iter_samples(file, folder.path(f"shards/{name}")):
                clips += 1
                videos += hashlib.blake2b(stored.files.get("mp4", b""), digest_size=16).digest()
                signature = fingerprint(Grid.load(cells)) if (cells := stored.files.get("cells.npz")) else b""
                if signature:
                    signatures += signature
                    keys.append(stored.key)
                    recording, split = _belongs(stored, name)
                    owners.append(numbers.setdefault(recording, len(numbers)))
                    held_out.append(split == _HELD_OUT)
    # Clips to train on come first, and those of one recording stand together.
    order = np.lexsort((np.array(owners, np.int64), np.array(held_out, np.bool_)))
    known = len(keys) - sum(held_out)
    table = np.frombuffer(signatures, "<u4").reshape(-1, PERMUTATIONS)[order]
    likest = Likest(table, np.array(owners, np.int64)[order], known)
    leaked = known + np.flatnonzero(likest.known[known:] >= likeness)
    return Duplicates(
        clips=clips,
        exact=clips - len(np.unique(np.frombuffer(videos, "V16"))),
        texts=len(keys),
        near=int(np.count_nonzero(likest.earlier >= likeness)),
        near_other_split=len(leaked),
        examples=[
            (keys[order[one]], keys[order[likest.known_number[one]]], float(likest.known[one]))
            for one in leaked[:EXAMPLES].tolist()
        ],
    )


def _belongs(stored: StoredSample, shard: str) -> tuple[str, str]:
    """The recording and the split of a sample."""
    try:
        described = json.loads(stored.files["json"])
        return str(described["provenance"]["recording"]), str(described["split"])
    except (KeyError, TypeError, ValueError) as error:
        raise TracekitError("its KEY.json does not say what it is of", place=f"{shard}: {stored.key}") from error
