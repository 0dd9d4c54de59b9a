"""Near-duplicate pictures: copies are found, clips in which something else happens are not, one of each kind stays."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pictured_clips import Output, copied, filmed

from tracekit.core.errors import TracekitError
from tracekit.filters.base import Candidate
from tracekit.filters.measure import StoredClip
from tracekit.filters.near_duplicate_picture import NAME, NearDuplicatePicture
from tracekit.filters.pictures import BITS, near, signature
from tracekit.shards.sample import Captions
from tracekit.video.plain import PlainEncoder

FRAMES = 75
LISTING = [(0.0, f"-rw-r--r-- 1 user user {7**row % 9999:5d} file-{'x' * (row * 5 % 17)}.txt\r\n") for row in range(9)]
BUILD = [(0.2 * row, f"[{row:2d}/14] compiling part {'ab' * (row % 5)}\x1b[32m ok\x1b[0m\r\n") for row in range(14)]


def bits(one: bytes, other: bytes) -> int:
    return int(np.bitwise_count(np.frombuffer(one, np.uint8) ^ np.frombuffer(other, np.uint8)).sum())


def candidate(key: str, recording: str, signed: bytes) -> Candidate:
    return Candidate(key, recording, recording * 64, recording, {}, b"", Captions(), {NAME: signed.hex() or None})


def typed(text: str) -> list[Output]:
    return [*LISTING, *((0.5 + 0.1 * at, character) for at, character in enumerate(f"$ {text}"))]


@pytest.fixture(scope="module")
def build_video(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return filmed(tmp_path_factory.mktemp("build"), BUILD).files["mp4"]


@pytest.mark.parametrize(("scale", "crf"), [(1, 32), (0.75, 23), (1.5, 23)])
def test_a_copy_in_another_size_or_coding_is_a_near_duplicate(build_video: bytes, scale: float, crf: int) -> None:
    original = signature(build_video, FRAMES)
    copy = signature(copied(build_video, scale=scale, crf=crf), FRAMES)
    assert bits(original, copy) <= NearDuplicatePicture().max_bits


@pytest.mark.parametrize("theme", ["dracula", "github-light"])
def test_a_copy_in_other_colours_is_a_near_duplicate(tmp_path: Path, build_video: bytes, theme: str) -> None:
    recoloured = signature(filmed(tmp_path, BUILD, theme=theme).files["mp4"], FRAMES)
    assert bits(signature(build_video, FRAMES), recoloured) <= NearDuplicatePicture().max_bits


def test_of_the_same_screen_clips_in_which_other_things_are_typed_are_no_duplicates(tmp_path: Path) -> None:
    texts = ["git status", "make", "echo a much longer command than that | sort | uniq -c"]
    signed = [signature(filmed(tmp_path, typed(text)).files["mp4"], FRAMES) for text in texts]
    apart = [bits(one, other) for number, one in enumerate(signed) for other in signed[:number]]
    assert min(apart) > NearDuplicatePicture().max_bits


def desktop(path: Sequence[tuple[int, int]]) -> bytes:
    """A desktop on which nothing happens but that the cursor goes from place to place."""
    encoder = PlainEncoder(640, 480, qp=19)
    for frame in range(FRAMES):
        encoder.planes.y[:] = np.linspace(60, 110, 480, dtype=np.uint8)[:, None]
        encoder.planes.y[456:] = 200
        encoder.planes.y[60:200, 300:600] = 235
        x, y = path[frame * len(path) // FRAMES]
        encoder.planes.y[y : y + 16, x : x + 10] = 16
        encoder.frame(True)
    return encoder.finish()


def test_on_an_idle_desktop_clips_differ_by_the_way_of_the_cursor() -> None:
    ways = [[(100, 100), (400, 300), (200, 400)], [(500, 240), (40, 40), (600, 420)], [(320, 240)] * 3]
    signed = [signature(desktop(way), FRAMES) for way in ways]
    assert min(bits(signed[a], signed[b]) for a, b in ((0, 1), (0, 2), (1, 2))) > NearDuplicatePicture().max_bits
    assert bits(signed[0], signature(copied(desktop(ways[0]), crf=30), FRAMES)) <= NearDuplicatePicture().max_bits


def test_what_does_not_show_the_cursor_or_shows_next_to_nothing_is_not_judged(tmp_path: Path) -> None:
    rule, video = NearDuplicatePicture(), desktop([(100, 100), (400, 300)])
    about = {"kind": "desktop", "clock": {"frames": FRAMES}}
    measured = {cursor: rule.measure(StoredClip("a", {**about, "desktop": {"cursor": cursor}}, {"mp4": video}))
                for cursor in ("with", "both", "without")}  # fmt: skip
    assert measured["with"] == measured["both"] == signature(video, FRAMES).hex()
    assert measured["without"] is None
    assert rule.measure(filmed(tmp_path, [(0.0, " ")])) is None
    unjudged = [candidate(str(number), "r", b"") for number in range(3)]
    assert [(decision.keep, decision.score) for decision in rule.decide(unjudged)] == [(True, None)] * 3
    assert rule.groups(unjudged) == []


def test_a_video_that_is_cut_short_is_an_error_and_not_a_signature(build_video: bytes) -> None:
    with pytest.raises(TracekitError):
        signature(build_video, FRAMES + 1)
    with pytest.raises(TracekitError):
        signature(build_video[: len(build_video) // 2], FRAMES)


def flipped(signed: bytes, *places: int) -> bytes:
    found = np.unpackbits(np.frombuffer(signed, np.uint8))
    found[list(places)] ^= 1
    return np.packbits(found).tobytes()


SIGNED = np.random.default_rng(0).bytes(BITS // 8)


def test_a_clip_on_the_bound_goes_and_one_beyond_stays() -> None:
    rule = NearDuplicatePicture(max_bits=5)
    clips = [candidate("a-0", "r", SIGNED), candidate("a-1", "r", flipped(SIGNED, *range(0, 500, 100))),
             candidate("a-2", "r", flipped(SIGNED, *range(0, 600, 100)))]  # fmt: skip
    kept, rejected, beyond = rule.decide(clips)
    assert (kept.keep, kept.score, kept.reason, kept.filter) == (True, None, "", NAME)
    assert (rejected.keep, rejected.score, rejected.threshold, rejected.reason) == (False, 5, 5, "looks like a-0")
    assert beyond.keep


def test_the_recording_with_most_clips_is_kept_whole_and_the_earliest_of_its_own() -> None:
    others = [flipped(SIGNED, *range(start, start + 300)) for start in (0, 300)]
    old = [candidate("old-0", "o", SIGNED), candidate("old-1", "o", others[0]), candidate("old-2", "o", others[1])]
    new = [candidate("new-0", "n", flipped(SIGNED, 7)), candidate("new-1", "n", flipped(SIGNED, 7, 8))]
    for order in (old + new, new + old):
        rule = NearDuplicatePicture()
        decided = dict(zip((clip.key for clip in order), rule.decide(order), strict=True))
        assert [key for key, decision in decided.items() if not decision.keep] == ["new-0", "new-1"]
        assert decided["new-0"].reason == "looks like old-0"
        assert rule.groups(order) == [{"o" * 64, "n" * 64}]
    of_one = NearDuplicatePicture().decide(new)
    assert [decision.keep for decision in of_one] == [True, False]
    assert all(decision.keep for decision in NearDuplicatePicture(within=False).decide(new))
    assert NearDuplicatePicture().groups(new) == []


def plainly(signatures: NDArray[np.uint8], most: int, owners: NDArray[np.int64] | None) -> list[tuple[int, int, int]]:
    """The same by comparing each with every kept one."""
    found, kept = [], list[int]()
    for one, signed in enumerate(signatures):
        apart = [(bits(signed.tobytes(), signatures[other].tobytes()), other) for other in kept
                 if owners is None or owners[other] != owners[one]]  # fmt: skip
        if apart and min(apart)[0] <= most:
            found.append((one, min(apart)[1], min(apart)[0]))
        else:
            kept.append(one)
    return found


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 60), st.integers(0, 2**32 - 1), st.sampled_from([0, 1, 5, 48, 96]), st.booleans())
def test_the_index_finds_what_comparing_all_pairs_finds(count: int, seed: int, most: int, owned: bool) -> None:
    drawn = np.random.default_rng(seed)
    centres = drawn.integers(0, 2, (4, BITS), np.uint8)
    noise = drawn.random((count, BITS)) < drawn.choice([0, 0.003, 0.03, 0.06], (count, 1))
    signatures = np.packbits(centres[drawn.integers(0, 4, count)] ^ noise, axis=1)
    owners = drawn.integers(0, 3, count) if owned else None
    assert list(map(tuple, near(signatures, most, owners))) == plainly(signatures, most, owners)
