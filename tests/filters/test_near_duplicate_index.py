"""Near-duplicate text is decided about as by datasketch's own index, clip by clip, in memory."""

from collections import Counter

import numpy as np
import pytest
from datasketch import MinHash, MinHashLSH
from hypothesis import given, settings
from hypothesis import strategies as st

from tracekit.clips.fingerprint import PERMUTATIONS, best_bands
from tracekit.filters.bands import agreeing
from tracekit.filters.base import Candidate
from tracekit.filters.near_duplicate import NearDuplicate
from tracekit.shards.sample import Captions


def drawn_clips(count: int, seed: int) -> list[Candidate]:
    """Clips of a few recordings that are like each other in all degrees; some keys come twice, some clips are empty."""
    drawn = np.random.default_rng(seed)
    centres = drawn.integers(0, 2**32, (4, PERMUTATIONS), dtype="<u4")
    clips = []
    for _ in range(count):
        signature = centres[drawn.integers(0, 4)].copy()
        changed = drawn.random(PERMUTATIONS) < drawn.choice([0, 0.03, 0.1, 0.2])
        signature[changed] = drawn.integers(0, 2**32, changed.sum(), dtype="<u4")
        text = b"" if drawn.random() < 0.05 else signature.tobytes()
        owner = "abcde"[drawn.integers(0, 5)]
        clips.append(Candidate(f"k{drawn.integers(0, 30)}", owner, owner * 64, owner, {}, text, Captions()))
    return clips


def plainly(clips: list[Candidate], threshold: float | None, within: float | None) -> dict[int, tuple[float, int]]:
    """Of each clip that goes, its likeness to the kept clip most like it, and that one's number."""
    size = Counter(clip.input_sha256 for clip in clips)
    order = sorted(
        (number for number, clip in enumerate(clips) if clip.fingerprint),
        key=lambda n: (-size[clips[n].input_sha256], clips[n].input_sha256, clips[n].key, n),
    )
    index = MinHashLSH(threshold=min(filter(None, (threshold, within))), num_perm=PERMUTATIONS)
    found = {}
    for number in order:
        mine = np.frombuffer(clips[number].fingerprint, "<u4")
        hashes = MinHash(PERMUTATIONS, hashvalues=mine, scheme="affine32")
        near = []
        for old in index.query(hashes):
            bound = within if clips[old].input_sha256 == clips[number].input_sha256 else threshold
            likeness = float(np.mean(mine == np.frombuffer(clips[old].fingerprint, "<u4")))
            near += [(likeness, -old)] if bound is not None and likeness >= bound else []
        if near:
            found[number] = (max(near)[0], -max(near)[1])
        else:
            index.insert(number, hashes)
    return found


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 40),
    st.integers(0, 2**32 - 1),
    st.sampled_from([(0.85, None), (0.85, 0.9), (None, 0.8), (0.6, None), (0.95, 0.5)]),
)
def test_decisions_are_those_of_an_index_in_memory(
    count: int, seed: int, bounds: tuple[float | None, float | None]
) -> None:
    clips, (threshold, within) = drawn_clips(count, seed), bounds
    wanted = plainly(clips, threshold, within)
    decisions = list(NearDuplicate(threshold=threshold, within=within).decide(clips))
    assert {number for number, decision in enumerate(decisions) if not decision.keep} == wanted.keys()
    for number, (likeness, old) in wanted.items():
        assert decisions[number].score == round(likeness, 4)
        assert decisions[number].reason == f"shows what {clips[old].key} shows"


@given(st.lists(st.tuples(*[st.integers(0, 3)] * 3, st.booleans()), max_size=12))
def test_of_each_signature_all_kept_before_it_that_agree_in_a_band_are_found(rows: list[tuple[int, ...]]) -> None:
    keys = np.array(rows, np.uint64).reshape(-1, 4)[:, :3]
    kept = np.array([row[3] for row in rows], np.bool_)
    found = {one: set(before.tolist()) for one, before in agreeing(iter(keys.T), 3, kept)}
    for one in range(len(keys)):
        before_it = {old for old in range(one) if kept[old]}
        wanted = {old for old in before_it if (keys[old] == keys[one]).any()}
        assert wanted <= found.get(one, set()) <= before_it


@pytest.mark.parametrize("count", [0, 1])
def test_where_there_is_nothing_to_compare_all_stays(count: int) -> None:
    clips = drawn_clips(count, 0)
    assert [decision.keep for decision in NearDuplicate().decide(clips)] == [True] * count


@pytest.mark.parametrize("threshold", [0.01, 0.2, 0.5, 0.7, 0.85, 0.96])
def test_bands_are_those_that_datasketch_finds_best(threshold: float) -> None:
    index = MinHashLSH(threshold=threshold, num_perm=PERMUTATIONS)
    assert best_bands(threshold) == (index.b, index.r)
