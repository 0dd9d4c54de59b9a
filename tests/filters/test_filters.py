"""Filters: each says for every clip whether it stays, with a score and, where it goes, the reason."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from components import require
from hypothesis import given
from hypothesis import strategies as st
from pictured_clips import filmed

from tracekit.clips.fingerprint import fingerprint
from tracekit.core.plugins import load, names
from tracekit.filters.base import Candidate
from tracekit.filters.blank import Blank
from tracekit.filters.frozen import Frozen
from tracekit.filters.near_duplicate import NearDuplicate
from tracekit.filters.size import Size
from tracekit.filters.too_short import TooShort
from tracekit.shards.sample import Captions
from tracekit.terminal.cells import Cursor, Style
from tracekit.terminal.grid import GridBuilder


def signature(*lines: str) -> bytes:
    builder = GridBuilder()
    rows = [np.array([ord(character) for character in line.ljust(60)], dtype=np.uint64) for line in lines]
    builder.frame(rows, None, Cursor(0, 0))
    return fingerprint(builder.build([Style()], []))


def candidate(key: str = "a", recording: str = "r", *, text: bytes = b"", **sample: Any) -> Candidate:
    statistics = {"duration_s": 5.0, "text_density": 0.1, "changed_frames": 9, "inputs": 2, "outputs": 3} | sample
    geometry = {"columns": sample.get("columns", 80), "rows": sample.get("rows", 24)}
    return Candidate(
        key=key,
        recording=recording,
        input_sha256=recording * 64,
        uri=f"{recording}.cast",
        sample={"statistics": statistics, "geometry": geometry, "provenance": {"licence": "MIT"}},
        fingerprint=text,
        captions=Captions(),
    )


@pytest.mark.parametrize(
    ("rule", "stays", "goes"),
    [
        (TooShort(min_s=1), {"duration_s": 1.0}, {"duration_s": 0.99}),
        (Blank(min_text_density=0.01), {"text_density": 0.01}, {"text_density": 0.0}),
        (Frozen(min_changed_frames=2), {"changed_frames": 2}, {"changed_frames": 1}),
        (Size(min_columns=20), {"columns": 20}, {"columns": 19}),
        (Size(max_rows=50), {"rows": 50}, {"rows": 51}),
    ],
)
def test_a_clip_on_the_bound_stays_and_one_beyond_goes_with_a_reason(rule: Any, stays: Any, goes: Any) -> None:
    kept, rejected = rule.decide([candidate(**stays), candidate(**goes)])
    assert (kept.keep, kept.reason) == (True, "")
    assert not rejected.keep
    assert rejected.reason
    assert kept.filter == rejected.filter
    assert kept.filter in names("filters")


def test_every_filter_that_ships_is_a_plug_in_whose_decisions_carry_its_name(tmp_path: Path) -> None:
    require("tesseract", remedy="apt-get install tesseract-ocr")
    clip = filmed(tmp_path, [(0.0, "a line of text")])
    for name in names("filters"):
        one = load("filters", name)()
        found = {name: json.loads(json.dumps(one.measure(clip)))} if one.measure_version else {}
        assert {decision.filter for decision in one.decide([replace(candidate(), measured=found)])} == {name}


PAGE = [f"line {number} of a page that says {word} and more" for number, word in enumerate("abcdefghijkl")]
OTHER = [f"{number * 37} quite another text, about {word}" for number, word in enumerate("mnopqrstuvwx")]


def test_revisions_of_a_recording_are_found_and_the_one_with_most_clips_is_kept_whole() -> None:
    old = [candidate("old-1", "o", text=signature(*PAGE)), candidate("old-2", "o", text=signature(*OTHER))]
    new = [candidate("new-1", "n", text=signature(*PAGE, "one line more"))]
    for order in (old + new, new + old):
        decided = dict(zip((c.key for c in order), NearDuplicate().decide(order), strict=True))
        assert [decided[key].keep for key in ("old-1", "old-2", "new-1")] == [True, True, False]
        assert "old-1" in decided["new-1"].reason
        assert decided["new-1"].score is not None
        assert decided["new-1"].score >= 0.85
        assert NearDuplicate().groups(order) == [{"o" * 64, "n" * 64}]


def test_clips_of_one_recording_and_clips_without_words_are_never_duplicates() -> None:
    alike = [candidate(f"a-{n}", "r", text=signature(*PAGE)) for n in range(3)]
    wordless = [candidate(f"b-{n}", str(n), text=signature("   ")) for n in range(3)]
    assert all(decision.keep for decision in NearDuplicate().decide(alike + wordless))


@given(st.lists(st.tuples(st.sampled_from("rstu"), st.sampled_from([0, 1, 2])), max_size=12))
def test_of_every_group_of_near_duplicates_one_stays(drawn: list[tuple[str, int]]) -> None:
    texts = [signature(*PAGE), signature(*OTHER), signature("short")]
    clips = [candidate(f"{n}", recording, text=texts[text]) for n, (recording, text) in enumerate(drawn)]
    decisions = list(NearDuplicate().decide(clips))
    for text in range(3):
        mine = [(c, d) for c, d, (_, t) in zip(clips, decisions, drawn, strict=True) if t == text]
        recordings_kept = {c.recording for c, d in mine if d.keep}
        assert len(recordings_kept) == min(1, len(mine))


def test_within_a_recording_the_earlier_clip_stays_where_that_is_asked_for() -> None:
    clips = [candidate(f"a-{n}", "r", text=signature(*PAGE)) for n in range(3)]
    rule = NearDuplicate(within=0.9)
    assert [decision.keep for decision in rule.decide(clips)] == [True, False, False]
    assert rule.groups(clips) == []
    others = [candidate("b-0", "s", text=signature(*PAGE)), *clips]
    apart = NearDuplicate(threshold=None, within=0.9)
    assert [decision.keep for decision in apart.decide(others)] == [True, True, False, False]


def test_without_a_threshold_nothing_is_compared() -> None:
    clips = [candidate(f"{n}", str(n), text=signature(*PAGE)) for n in range(3)]
    assert all(decision.keep for decision in NearDuplicate(threshold=None).decide(clips))


def test_pairs_are_worked_out_once_for_the_same_clips(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    compared = NearDuplicate._compared
    monkeypatch.setattr(NearDuplicate, "_compared", lambda *a: asked.append(1) or compared(*a))
    clips = [candidate("a", "r", text=signature(*PAGE)), candidate("b", "s", text=signature(*PAGE))]
    rule = NearDuplicate()
    rule.decide(clips)
    assert len(rule.groups(clips)) == len(asked) == 1
    other = clips[:1]
    rule.decide(other)
    assert rule.groups(other) == []
    assert len(asked) == 2
