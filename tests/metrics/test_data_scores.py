"""Data scores: what is done in a data set, and what comes in it twice, counted on sets whose answers are known."""

import copy
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from shards import toy, toy_desktop

from tracekit.clips.fingerprint import PERMUTATIONS, signature
from tracekit.core.errors import TracekitError
from tracekit.metrics.data_scores import data_scores
from tracekit.metrics.likenesses import Likest

Packed = tuple[dict[str, bytes], dict[str, Any]]


def clip(recording: str, number: int, split: str, text: str, caption: str, **captions: str) -> Packed:
    """A sample of a terminal that shows a text, with a video of its own."""
    files, described = toy.sample(recording, number, split)
    described = copy.deepcopy(described)
    described["captions"] |= captions
    files |= {
        "cells.npz": toy.grid(text).save(),
        "txt": caption.encode(),
        "mp4": files["mp4"] + f"{recording} {number}".encode(),
    }
    return files, described


def written(folder: Path, *clips: Packed) -> str:
    shards: dict[str, list[Packed]] = {}
    for files, described in clips:
        shards.setdefault(f"{described['split']}-000000.tar", []).append((files, described))
    return str(toy.Dataset(shards).write(folder / "set"))


def test_splits_that_share_nothing_leak_nothing(tmp_path: Path) -> None:
    found = data_scores(
        written(
            tmp_path,
            clip("a", 0, "train", "one two three", "First."),
            clip("a", 1, "train", "four five six", "Second."),
            clip("b", 0, "validation", "seven eight nine", "Third."),
        )
    )
    assert found.samples == {"train": 2, "validation": 1}
    assert {(one.values, one.validation_clips, one.validation_share) for one in found.shared.values()} == {(0, 0, 0.0)}
    assert found.duplicates is not None
    assert (found.duplicates.clips, found.duplicates.exact, found.duplicates.texts) == (3, 0, 3)
    assert (found.duplicates.near, found.duplicates.near_other_split, found.duplicates.examples) == (0, 0, [])


def test_what_both_splits_have_is_counted_and_named(tmp_path: Path) -> None:
    tape = 'Type "28-23" Enter'
    found = data_scores(
        written(
            tmp_path,
            clip("a", 0, "train", "one two three", "Same."),
            clip("c", 0, "train", "ten", "Tape.", script=f"{tape} Hide The answer is 5"),
            clip("a", 1, "validation", "four five six", "Other."),
            clip("b", 0, "validation", "one two three", "Same."),
            clip("b", 1, "validation", "nine", "Same.", script=tape),
        )
    )
    shared = found.shared
    assert (shared["recording"].values, shared["recording"].examples) == (1, ["a_0001"])
    assert (shared["sha256"].values, shared["sha256"].examples) == (1, ["a_0001"])
    assert (shared["caption"].values, shared["caption"].validation_clips) == (1, 2)
    assert (shared["caption"].examples, shared["caption"].validation_share) == (["b_0000", "b_0001"], 2 / 3)
    assert shared["caption_script"].examples == ["b_0001"]
    assert shared["instruction"].values == 0
    assert found.duplicates is not None
    assert found.duplicates.examples == [("b_0000", "a_0000", 1.0)]
    assert (found.duplicates.near, found.duplicates.near_other_split) == (1, 1)


def test_duplicates_within_a_split_are_told_from_leaks(tmp_path: Path) -> None:
    twice = clip("a", 0, "train", "one two three", "A.")
    files, described = clip("b", 0, "train", "one two three", "B.")
    again = {**files, "mp4": twice[0]["mp4"]}, described
    own = clip("a", 1, "train", "one two three", "C.")  # of the same recording, and so no near-duplicate
    duplicates = data_scores(written(tmp_path, twice, own, again)).duplicates
    assert duplicates is not None
    assert (duplicates.exact, duplicates.near, duplicates.near_other_split) == (1, 1, 0)


def test_activity_is_of_all_frames_and_seconds_of_a_policy(tmp_path: Path) -> None:
    clips = []
    for name, actions, px in (("a", 10, 2.0), ("b", 20, 4.0), ("c", 0, 0.0)):
        files, described = toy_desktop.sample(name, 0, "train")
        described = copy.deepcopy(described)
        described["statistics"] |= {"actions": actions, "px_per_frame": px, "duration_s": 5.0}
        described["desktop"]["policy"] = "random-slow" if name == "c" else "random-fast"
        clips.append((files, described))
    found = data_scores(written(tmp_path, *clips, clip("t", 0, "train", "x", "X.")), shards=False)
    assert found.duplicates is None
    fast, slow = found.activity["random-fast"], found.activity["random-slow"]
    assert (fast.clips, fast.px_per_frame, fast.actions_per_s) == (2, 3, 3)
    assert (slow.clips, slow.px_per_frame, slow.actions_per_s) == (1, 0, 0)


def test_what_is_no_data_set_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TracekitError, match="no data set"):
        data_scores(str(tmp_path))
    (tmp_path / "index.parquet").write_bytes(b"no index")
    with pytest.raises(TracekitError, match="not an index"):
        data_scores(str(tmp_path))


def signatures(*texts: set[int]) -> "np.ndarray[tuple[int, int], np.dtype[np.uint32]]":
    data = b"".join(signature({str(word).encode() for word in words}) for words in texts)
    return np.frombuffer(data, "<u4").reshape(-1, PERMUTATIONS)


def test_the_likest_is_found_as_by_comparing_all_pairs() -> None:
    drawn = random.Random(4)
    texts = []
    for _ in range(60):
        words = set(drawn.sample(range(10_000), 100))
        texts += [words, (words - set(drawn.sample(sorted(words), 4))) | {drawn.randrange(10_000)}]
    drawn.shuffle(texts)
    table, known = signatures(*texts), 80
    found = Likest(table, np.arange(len(table)), known)
    likeness = (table[:, None] == table[None]).mean(axis=2)
    for one in range(len(table)):
        before, trained_on = likeness[one, :one], likeness[one, : min(one, known)]
        for most, told in ((before.max(initial=0), found.earlier), (trained_on.max(initial=0), found.known)):
            assert told[one] == pytest.approx(most) if most >= 0.75 else told[one] < 0.75
        if found.known[one] >= 0.75:
            assert found.known_number[one] == trained_on.argmax()


def test_a_crowd_of_equals_is_told_without_comparing_all_pairs() -> None:
    count = 20_000
    table = np.repeat(signatures({1, 2, 3}), count, axis=0)
    found = Likest(table, np.arange(count), count // 2)
    assert found.earlier[0] == 0
    assert found.earlier[1:].min() == 1
    assert found.known[1:].min() == 1
    assert (found.known_number[1:] < np.arange(1, count)).all()
    assert (found.known_number[count // 2 :] < count // 2).all()


def test_texts_of_one_owner_are_not_compared_but_those_on_their_other_side_are() -> None:
    table = signatures({1}, {2}, {1}, {1}, {2})
    found = Likest(table, np.array([0, 0, 1, 1, 1]), 2)
    assert found.earlier.tolist() == found.known.tolist() == [0, 0, 1, 1, 1]
    assert found.known_number.tolist() == [-1, -1, 0, 0, 1]
    assert not Likest(table, np.zeros(5, np.int64), 2).earlier.any()
