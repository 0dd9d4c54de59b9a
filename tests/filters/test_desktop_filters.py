"""Filters on clips of desktops: each says for every clip whether it stays; those of the other kind let them pass."""

from typing import Any

import pytest

from tracekit.core.plugins import names
from tracekit.filters.base import Candidate
from tracekit.filters.blank import Blank
from tracekit.filters.failed_task import FailedTask
from tracekit.filters.frozen import Frozen
from tracekit.filters.near_duplicate import NearDuplicate
from tracekit.filters.no_action import NoAction
from tracekit.filters.no_cursor import NoCursor
from tracekit.filters.size import Size
from tracekit.filters.sync import Sync
from tracekit.filters.too_short import TooShort
from tracekit.shards.sample import Captions


def candidate(**changed: Any) -> Candidate:
    """A clip of a desktop; its sample has nothing but numbers that filters ask for."""
    values = {"missed_frames": 0, "success": None, "sync_error_ns": 0, "frames": 75, "actions": 3,
              "cursor_visible_frames": 75, "changed_frames": 9} | changed  # fmt: skip
    sample = {
        "kind": "desktop",
        "geometry": {"columns": None, "rows": None},
        "desktop": {name: values[name] for name in ("missed_frames", "success")},
        "clock": {name: values[name] for name in ("sync_error_ns", "frames")},
        "statistics": {name: values[name] for name in ("actions", "cursor_visible_frames", "changed_frames")}
        | {"duration_s": 5.0, "text_density": None},
    }
    return Candidate("a", "r", "0" * 64, "r", sample, b"", Captions())


@pytest.mark.parametrize(
    ("rule", "stays", "goes"),
    [
        (Sync(), {"missed_frames": 0}, {"missed_frames": 1}),
        (Sync(max_missed_frames=2), {"missed_frames": 2}, {"missed_frames": 3}),
        (Sync(max_error_ms=5), {"sync_error_ns": 5_000_000}, {"sync_error_ns": 5_000_001}),
        (NoCursor(max_share=0.2), {"cursor_visible_frames": 60}, {"cursor_visible_frames": 59}),
        (NoAction(), {"actions": 1}, {"actions": 0}),
        (NoAction(min_actions=4), {"actions": 4}, {"actions": 3}),
        (FailedTask(), {"success": True}, {"success": False}),
        (FailedTask(), {"success": None}, {"success": False}),
        (FailedTask(require_outcome=True), {"success": True}, {"success": None}),
        (Frozen(), {"changed_frames": 1}, {"changed_frames": 0}),
    ],
)
def test_a_clip_on_the_bound_stays_and_one_beyond_goes_with_a_reason(rule: Any, stays: Any, goes: Any) -> None:
    kept, rejected = rule.decide([candidate(**stays), candidate(**goes)])
    assert (kept.keep, kept.reason, rejected.keep) == (True, "", False)
    assert rejected.reason
    assert kept.filter == rejected.filter
    assert kept.filter in names("filters")


def test_a_rejection_has_the_score_and_the_threshold_that_decided() -> None:
    missed, far = Sync(max_error_ms=5).decide([candidate(missed_frames=2), candidate(sync_error_ns=7_000_000)])
    assert (missed.score, missed.threshold) == (2, 0)
    assert (far.score, far.threshold) == (7, 5)


@pytest.mark.parametrize("rule", [Blank(), Size(), NearDuplicate(), TooShort()])
def test_filters_that_were_made_for_terminals_let_desktops_pass(rule: Any) -> None:
    assert [decision.keep for decision in rule.decide([candidate(), candidate()])] == [True, True]


@pytest.mark.parametrize("rule", [Sync(), NoCursor(), NoAction(), FailedTask(require_outcome=True)])
def test_filters_of_desktops_let_terminals_pass(rule: Any) -> None:
    terminal = candidate()
    terminal.sample.update(desktop=None, kind="terminal")
    assert [decision.keep for decision in rule.decide([terminal])] == [True]
