"""Filters that look at where a clip is from and how it was described: licence, opting out, activity, captions."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tracekit.core.errors import TracekitError
from tracekit.filters.activity import Activity
from tracekit.filters.base import Candidate
from tracekit.filters.caption_quality import CaptionQuality
from tracekit.filters.deny_list import parse_deny_list
from tracekit.filters.licence import Licence
from tracekit.filters.opted_out import OptedOut
from tracekit.shards.sample import Captions

SHA = "ab" * 32
CLIP = Candidate("cast-ab-0001", "cast-ab", SHA, "somebody__tools__demo.cast", {}, b"", Captions())


def licensed(licence: str | None) -> Candidate:
    return replace(CLIP, sample={"provenance": {"licence": licence}})


@pytest.mark.parametrize(
    ("licence", "keep", "score"),
    [
        ("MIT", True, 1),
        ("mit", True, 1),
        ("GPL-3.0-only", False, 0),
        ("MIT OR GPL-3.0-only", True, 1),
        ("MIT AND GPL-3.0-only", False, 0),
        ("(GPL-2.0-only OR MIT) AND Apache-2.0", True, 1),
        ("GPL-2.0-only WITH Classpath-exception-2.0", False, 0),
        (None, False, None),
        ("", False, None),
        ("NOASSERTION", False, None),
        ("see the file", False, None),
        ("LicenseRef-mine", False, None),
        ("(MIT", False, None),
        ("(" * 400 + "MIT", False, None),
        ("MIT OR " * 50_000, False, None),
        ("\x00\x1b[31m", False, None),
    ],
)
def test_a_licence_is_wanted_or_not_or_not_known(licence: str | None, keep: bool, score: float | None) -> None:
    decision = Licence(allow=["MIT", "Apache-2.0"]).judge(licensed(licence))
    assert (decision.keep, decision.score) == (keep, score)
    assert bool(decision.reason) != keep
    if score is None:
        assert Licence(allow=["MIT"], unknown="keep").judge(licensed(licence)).keep


@given(st.text(max_size=60))
def test_no_text_in_the_place_of_a_licence_raises(licence: str) -> None:
    assert isinstance(Licence().judge(licensed(licence)).keep, bool)


def test_what_is_no_licence_can_t_be_allowed() -> None:
    with pytest.raises(ValidationError, match="No SPDX ids: MITT"):
        Licence(allow=["MIT", "MITT"])


@pytest.mark.parametrize(
    ("entry", "named"),
    [
        ("uri:somebody__tools__demo.cast", True),
        ("uri:somebody__*", True),
        ("uri: somebody__*__demo.cast  # asked on Monday", True),
        ("uri:somebody", False),
        ("uri:somebody__?ools__*", False),
        (f"sha256:{SHA.upper()}", True),
        ("recording:cast-ab", True),
        ("recording:cast-a", False),
        ("key:cast-ab-0001", True),
        ("key:cast-ab-0002", False),
        ("# uri:somebody__*", False),
    ],
)
def test_a_list_names_recordings_by_uri_hash_or_key_and_clips_by_key(entry: str, named: bool, tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text(f"# who opted out\n\n{entry}\nkey:another\n")
    decision = OptedOut(file=str(tmp_path / "list.txt")).judge(CLIP)
    assert decision.keep != named
    assert decision.filter == "opted-out"


@pytest.mark.parametrize("line", [b"somebody__*", b"url:x", b"uri:", b"sha256:abc", b"\xff\xfe", b"uri"])
def test_a_line_that_can_t_be_read_is_an_error_with_its_place(line: bytes) -> None:
    with pytest.raises(TracekitError, match="list:2"):
        parse_deny_list(b"key:a\n" + line + b"\n", "list")


@given(st.binary(max_size=200))
def test_whatever_a_list_holds_it_is_read_or_refused(data: bytes) -> None:
    try:
        found = parse_deny_list(data, "list")
    except TracekitError:
        return
    found.entry_for(uri="a", sha256=SHA, recording="b", key="c")


def test_the_list_itself_stays_out_of_what_a_build_tells_and_its_hash_decides(tmp_path: Path) -> None:
    file = tmp_path / "list.txt"
    file.write_text("uri:secret-name.cast\n")
    before = OptedOut(file=str(file)).model_dump(mode="json")
    assert before.keys() == {"sha256"}
    file.write_text("uri:secret-name.cast\nkey:a\n")
    assert OptedOut(file=str(file)).model_dump(mode="json") != before
    with pytest.raises(TracekitError, match="not at hand"):
        OptedOut(**before).judge(CLIP)
    with pytest.raises(TracekitError, match="no such file"):
        OptedOut(file=str(tmp_path / "absent.txt"))


def active(**statistics: Any) -> Candidate:
    found = {"inputs": 4, "outputs": 6, "keys": None, "changed_frames": 9} | statistics
    return replace(CLIP, sample={"statistics": found})


@pytest.mark.parametrize(
    ("rule", "stays", "goes"),
    [
        (Activity(min_events=10), {}, {"outputs": 5}),
        (Activity(max_events=10), {}, {"inputs": 5}),
        (Activity(min_changed_frames=9), {}, {"changed_frames": 8}),
        (Activity(max_changed_frames=9), {}, {"changed_frames": 10}),
        (Activity(min_keys=4), {}, {"inputs": 3}),
        (Activity(min_keys=4), {"keys": 4}, {"keys": 3}),
        (Activity(max_keys=0), {"inputs": 0}, {"inputs": 1}),
        (Activity(min_events=4), {"outputs": None}, {"outputs": None, "inputs": 3}),
    ],
)
def test_a_count_on_its_bound_stays_and_one_beyond_goes(rule: Activity, stays: Any, goes: Any) -> None:
    assert rule.judge(active(**stays)).keep
    rejected = rule.judge(active(**goes))
    assert (rejected.keep, bool(rejected.reason)) == (False, True)
    assert rejected.score != rejected.threshold


WORDS = "seven words are enough for a caption"
ALL = dict.fromkeys(("semantic", "regular", "detailed"), WORDS)


def described(details: Any = None, **captions: str | None) -> Candidate:
    return replace(CLIP, captions=Captions(**{**ALL, **captions}, details=details or {}))


def scored(score: float, replaced: bool = False) -> dict[str, Any]:
    return {"tiers": {"regular": {"score": score, "replaced": replaced}, "semantic": {"score": 1.0}}}


@pytest.mark.parametrize(
    ("rule", "stays", "goes"),
    [
        (CaptionQuality(), {}, {"detailed": None}),
        (CaptionQuality(tiers=["semantic"]), {"detailed": None}, {"semantic": ""}),
        (CaptionQuality(min_words=7), {}, {"regular": "six words are one too few"}),
        (CaptionQuality(max_words=7), {}, {"regular": WORDS + " more"}),
        (CaptionQuality(min_score=0.8), {"details": scored(0.8)}, {"details": scored(0.79)}),
        (CaptionQuality(min_score=0.8), {}, {"details": scored(0.0)}),
        (CaptionQuality(replaced="reject"), {"details": scored(0.1)}, {"details": scored(0.9, True)}),
    ],
)
def test_captions_that_are_good_enough_stay(rule: CaptionQuality, stays: Any, goes: Any) -> None:
    assert rule.judge(described(**stays)).keep
    rejected = rule.judge(described(**goes))
    assert (rejected.keep, bool(rejected.reason)) == (False, True)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["regular", "score", "x"]), inner),
)


@given(st.fixed_dictionaries({"tiers": JSON}))
def test_details_of_a_captioner_that_is_not_known_never_raise(details: dict[str, Any]) -> None:
    assert isinstance(CaptionQuality(min_score=0.5).judge(described(details)).keep, bool)
