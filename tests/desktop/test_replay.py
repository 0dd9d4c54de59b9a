"""Replays: what was recorded is done again on a desktop set up the same way; agreement says how alike it is."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from desktops import needed
from fake_desktop import FakeDesktop
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from traces import write_trace

from tracekit.actions.events import InputEvent
from tracekit.core.clock import NS_PER_S
from tracekit.core.errors import TracekitError
from tracekit.desktop.agreement import Agreement, agreement, compare
from tracekit.desktop.plan import Do
from tracekit.desktop.policies.random_fast import FastSettings, RandomFast
from tracekit.desktop.policies.replay import Replay, ReplaySettings, plan_of
from tracekit.desktop.record import record
from tracekit.desktop.session import DesktopConfig

EVENTS = (
    InputEvent(100, "button-down", 5, 6, button="left"),
    InputEvent(200, "move", 9, 6, drag=True),
    InputEvent(300, "button-up", 9, 6, button="left"),
    InputEvent(400, "key-down", 9, 6, keycode=50, keysym="Shift_L", held=("Shift_L",)),
    InputEvent(500, "key-down", 9, 6, keycode=38, keysym="A", text="A", held=("Shift_L", "a")),
    InputEvent(510, "key-down", 9, 6, keycode=38, keysym="A", text="A", held=("Shift_L", "a")),
    InputEvent(600, "key-up", 9, 6, keycode=50, keysym="Shift_L", held=("a",)),
    InputEvent(700, "key-up", 9, 6, keycode=38, keysym="a"),
    InputEvent(800, "scroll", 9, 6, dy=2),
)
PLAN = [
    Do(100, "move", 5, 6),
    Do(100, "down", button="left"),
    Do(200, "move", 9, 6),
    Do(300, "up", button="left"),
    Do(400, "key-down", keysym="Shift_L"),
    Do(500, "key-down", keysym="a"),
    Do(600, "key-up", keysym="Shift_L"),
    Do(700, "key-up", keysym="a"),
    Do(800, "scroll", dy=2),
]


def test_inputs_are_those_that_caused_the_events() -> None:
    assert plan_of(EVENTS) == PLAN


def test_a_key_that_was_down_before_the_first_event_is_not_let_go() -> None:
    assert plan_of([InputEvent(1, "key-up", 0, 0, keycode=50, keysym="Shift_L")]) == [Do(1, "move", 0, 0)]


def test_a_replay_makes_the_inputs_at_their_instants_and_ends_with_the_trace(tmp_path: Path) -> None:
    trace = write_trace(tmp_path / "a", 30, events=EVENTS)
    desktop = FakeDesktop(trace.width_px, trace.height_px)
    replay = Replay(ReplaySettings(trace=tmp_path / "a"), 0)
    replay.prepare(desktop)
    assert desktop.done[-1][1] == Do(0, "move", 0, 100), "the pointer is where it was in the first frame"
    prepared, begun_ns = len(desktop.done), desktop.now_ns()
    outcome = replay.run(desktop, 3600)
    made = [do for _, do in desktop.done[prepared:]]
    assert [do for do in made if do.kind != "move"] == [do for do in PLAN if do.kind != "move"]
    assert outcome.plan == PLAN
    assert outcome.task["replayed"] == trace.key
    assert max(begun_ns, trace.duration_ns) <= desktop.now_ns() < begun_ns + trace.duration_ns + NS_PER_S


def test_a_replay_on_a_screen_of_another_size_is_refused(tmp_path: Path) -> None:
    write_trace(tmp_path / "a", 3)
    with pytest.raises(TracekitError, match="320x192"):
        Replay(ReplaySettings(trace=tmp_path / "a"), 0).prepare(FakeDesktop())


@pytest.mark.parametrize("task", [b"{", b'{"programs": 3}', b'{"programs": [3]}', b"\xff", b"[" * 10_000])
def test_what_was_opened_is_read_with_care(tmp_path: Path, task: bytes) -> None:
    write_trace(tmp_path / "a", 3)
    (tmp_path / "a" / "task.json").write_bytes(task)
    with pytest.raises(TracekitError, match=r"task\.json"):
        Replay(ReplaySettings(trace=tmp_path / "a"), 0)


def test_a_trace_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TracekitError, match="no trace here"):
        Replay(ReplaySettings(trace=tmp_path), 0)


def pictures(values: list[int]) -> Iterator[NDArray[np.uint8]]:
    return (np.full((8, 8), value, np.uint8) for value in values)


@given(st.lists(st.integers(0, 255), max_size=12))
def test_a_video_agrees_with_itself(values: list[int]) -> None:
    count = len(values)
    assert compare(pictures(values), pictures(values)) == Agreement(
        count, count, count, same=count, near=count, psnr_db=None, last_same=bool(count)
    )


@given(st.integers(0, 4), st.integers(5, 12))
def test_frames_that_come_some_frames_later_are_near_up_to_two(late: int, count: int) -> None:
    values = [20 * number for number in range(count)]
    found = compare(pictures(values), pictures([255] * late + values[: count - late]))
    assert found.same == (0 if late else count)
    assert found.near == (count - late if late <= 2 else 0)


def test_agreement_counts_what_only_one_of_them_has() -> None:
    found = compare(pictures([0, 0, 100, 0, 0]), pictures([0, 0, 0]))
    assert (found.frames, found.frames_a, found.frames_b) == (3, 5, 3)
    assert (found.same, found.near, found.last_same) == (2, 2, False)
    assert found.psnr_db == pytest.approx(10 * np.log10(255**2 / (100**2 / 3)), abs=1e-3)
    assert (found.same_share, found.near_share) == (2 / 3, 2 / 3)
    assert compare(pictures([1]), pictures([0, 0, 0])).frames_b == 3


def test_a_few_pixels_are_within_tolerance_and_many_are_not() -> None:
    def differing(pixels: int) -> bool:
        other = np.zeros((100, 100), np.uint8)
        other.ravel()[:pixels] = 255
        return compare(iter([np.zeros((100, 100), np.uint8)]), iter([other])).last_same

    assert differing(10)
    assert not differing(11)


def test_agreement_reads_the_videos_of_traces(tmp_path: Path) -> None:
    write_trace(tmp_path / "a", 20)
    write_trace(tmp_path / "b", 20, still=[10])
    write_trace(tmp_path / "c", 20, width_px=352)
    found = agreement(tmp_path / "a", tmp_path / "b")
    assert (found.frames, found.same, found.near) == (20, 19, 19)
    with pytest.raises(TracekitError, match="320x192 and 352x192"):
        agreement(tmp_path / "a", tmp_path / "c")


def test_a_real_trace_done_again_looks_the_same(tmp_path: Path) -> None:
    needed()
    config = FastSettings(programs=("mousepad",))
    options = config.model_dump(mode="json")
    first = record(
        DesktopConfig(),
        RandomFast(config, 3),
        tmp_path,
        key="first",
        seconds=4,
        policy_name="random-fast",
        policy_options=options,
        seed=3,
    )
    again = record(
        DesktopConfig(), Replay(ReplaySettings(trace=tmp_path / "first"), 0), tmp_path, key="again", seconds=60
    )
    assert (first.status, again.status) == ("complete", "complete")
    assert first.frames == 60
    assert 60 <= again.frames < 600, "it ends when the trace ended"
    told = json.loads((tmp_path / "again" / "task.json").read_bytes())
    assert (told["programs"], told["replayed"]) == (["mousepad"], "first")
    found = agreement(tmp_path / "first", tmp_path / "again")
    assert found.near_share > 0.5  # on a machine that is too busy, programs answer at other frames
