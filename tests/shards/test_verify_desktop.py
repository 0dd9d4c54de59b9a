"""Verification of desktops' samples: right ones pass, and whatever does not agree with the rest is found."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from shards import toy, toy_desktop
from shards.test_verify import file, told, value

from tracekit.actions.archive import ActionArchive, views_of
from tracekit.actions.events import InputEvent, dump_inputs
from tracekit.core.clock import frame_time_ns
from tracekit.shards.stats import stats
from tracekit.shards.verify import verify

Sample = tuple[dict[str, bytes], dict[str, Any]]


def dataset(change: Callable[[Sample], object] = lambda sample: None) -> toy.Dataset:
    """A terminal's sample to train on and one of a desktop to validate with."""
    wrong = toy_desktop.sample("desk", 0, "validation")
    change(wrong)
    return toy.Dataset({"train-000000.tar": [toy.sample("one", 0, "train")], "validation-000000.tar": [wrong]})


def test_a_right_data_set_of_both_kinds_passes(tmp_path: Path) -> None:
    report = verify(str(dataset().write(tmp_path / "set")))
    assert report.ok, told(report)
    assert report.samples == 2


def events(*changed: InputEvent) -> bytes:
    return dump_inputs(sorted([*toy_desktop.EVENTS, *changed]))


def actions_with_one_key_more() -> bytes:
    found = ActionArchive.load(views_of(toy_desktop.EVENTS, toy_desktop.cursor(), toy_desktop.FRAMES).save())
    found.raw.held[40] = True
    return found.save()


LATE, FAR = InputEvent(frame_time_ns(75), "move", 30, 20), InputEvent(frame_time_ns(70), "move", 900, 20)
WRONG: dict[str, tuple[Callable[[Sample], object], str]] = {
    "no cursor": (lambda sample: sample[0].pop("cursor.npz"), ".cursor.npz is missing"),
    "no actions": (lambda sample: sample[0].pop("actions.npz"), ".actions.npz is missing"),
    "an event after the end": (file("events.jsonl", events(LATE)), "after the last frame"),
    "an event off the screen": (file("events.jsonl", events(FAR)), "1 events outside the screen"),
    "no event": (file("events.jsonl", b'{"t":0}\n'), "events.jsonl:1: not an event"),
    "an event of a terminal": (file("events.jsonl", b'{"t":0,"code":"o","data":""}\n'), "not an event"),
    "an event that the actions lack": (
        file("events.jsonl", dump_inputs(toy_desktop.EVENTS[1:])),
        ".actions.npz: it is not what the events and the cursor give",
    ),
    "actions of another clip": (file("actions.npz", actions_with_one_key_more()), "not what the events and the cursor"),
    "no actions in it": (file("actions.npz", b"PK"), ".actions.npz: actions.npz: not a file of arrays"),
    "a cursor of another length": (
        file("cursor.npz", toy_desktop.cursor().cut(list(range(74))).save()),
        "74 frames instead of 75",
    ),
    "a cursor off the screen": (value("geometry.screen_width_px", 8), "a cursor outside the screen in 73 frames"),
    "another travel": (value("statistics.px_per_frame", 9.0), "statistics.px_per_frame is 9.0 in .json"),
    "another count": (value("statistics.actions", 9), "statistics.actions is 9 in .json, and 4 by this file"),
    "windows that are none": (file("windows.jsonl", b"{}\n"), "windows.jsonl:1: not a list of windows"),
    "windows after the end": (
        file("windows.jsonl", b'{"t":9000000000,"windows":[]}\n'),
        "after the last frame",
    ),
    "a clean video of another length": (file("clean.mp4", toy.video(frames=74)), ".clean.mp4: 74 frames instead of 75"),
    "nothing said of the desktop": (value("desktop", None), "a sample of a desktop without desktop"),
    "a statistic missing": (value("statistics.drags", None), "a sample of a desktop without drags"),
    "of the other kind": (value("kind", "terminal"), "a sample of a terminal without look, columns"),
}


@pytest.mark.parametrize(("change", "message"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_told(change: Callable[[Sample], object], message: str, tmp_path: Path) -> None:
    report = verify(str(dataset(change).write(tmp_path / "set")))
    assert message in told(report)


def test_statistics_of_desktops_are_means_of_desktops_alone(tmp_path: Path) -> None:
    found = stats(str(dataset().write(tmp_path / "set")))
    assert found.terminals == {"20x4": 1}
    assert found.policies == {"random-slow": 1}
    assert found.means["actions_per_s"] == 4 / 5
    assert found.means["px_per_frame"] == pytest.approx((20**2 + 10**2) ** 0.5 / 74, abs=1e-9)
    assert found.means["text_density"] == 0.05
