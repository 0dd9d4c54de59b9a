"""`desktop check` finds what was tampered with; of a trace as recorded it says nothing."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from bare import Driven, bare

from tracekit.actions.cursor_track import CursorTrack
from tracekit.actions.events import InputEvent, dump_inputs, load_inputs
from tracekit.actions.npz import dump_arrays, load_arrays
from tracekit.core.errors import TracekitError
from tracekit.core.files import measure, to_json
from tracekit.desktop.check import TraceCheck, check_trace
from tracekit.desktop.check_inputs import input_problems
from tracekit.desktop.plan import Do
from tracekit.desktop.policies.base import Desktop
from tracekit.desktop.record import Job, record_job
from tracekit.desktop.trace import read_trace

FRAME_NS = 66_666_667


def stroll(desktop: Desktop) -> None:
    """Move all the time, three pixels a step, with a drag and keys in between."""
    plan = [Do(step * 20_000_000, "move", 30 + step * 3 % 220, 40 + step * 2 % 130) for step in range(1, 400)]
    plan[30:30] = [Do(plan[29].due_ns, "down", button="left"), Do(plan[29].due_ns, "key-down", keysym="Shift_L")]
    plan[35:35] = [Do(plan[34].due_ns, "key-down", keysym="b"), Do(plan[34].due_ns, "key-up", keysym="b")]
    plan[60:60] = [Do(plan[59].due_ns, "up", button="left"), Do(plan[59].due_ns, "key-up", keysym="Shift_L")]
    plan[100:100] = [Do(plan[99].due_ns, "down", button="left")]
    plan[110:110] = [Do(plan[109].due_ns, "up", button="left")]
    for what in plan:
        if not desktop.wait_until(what.due_ns):
            return
        desktop.do(what)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("traces")
    record_job(bare, Driven(stroll), out, Job("t", 4.0))
    return out / "t"


@pytest.fixture
def trace(original: Path, tmp_path: Path) -> Path:
    """A copy to do things to."""
    return shutil.copytree(original, tmp_path / "t")


def with_hashes(trace: Path, **changes: object) -> TraceCheck:
    """Say in trace.json what the files now are, as a forger would, and check."""
    told = read_trace(trace)
    files = {path.name: measure(path).sha256 for path in trace.iterdir() if path.name != "trace.json"}
    told = told.model_copy(update={"files": files, **changes})
    (trace / "trace.json").write_bytes(to_json(told.model_dump(mode="json")))
    return check_trace(trace)


def move_log(
    trace: Path, events: Callable[[InputEvent], InputEvent], cursor: Callable[[CursorTrack], CursorTrack]
) -> None:
    """Change where the log has the cursor, in both of its files alike."""
    path = trace / "events.jsonl"
    path.write_bytes(dump_inputs([events(event) for event in load_inputs(path.read_bytes())]))
    path = trace / "cursor.npz"
    path.write_bytes(cursor(CursorTrack.load(path.read_bytes())).save())


def placed(track: CursorTrack, positions: np.ndarray) -> CursorTrack:
    return CursorTrack(positions.astype(np.int32), track.shapes, track.images, track.hotspots)


def test_as_recorded_nothing_is_found(original: Path) -> None:
    check = check_trace(original)
    assert check.problems == ()
    assert check.facts["cursor_agreement"] == 1.0
    assert check.facts["cursor_frames"] >= 55
    assert check.facts["px_per_frame"] > 3
    assert check.facts["actions_per_s"] == 1.0


def test_a_log_two_pixels_off_is_found_in_the_picture(trace: Path) -> None:
    move_log(
        trace,
        lambda event: event._replace(x=event.x + 2),
        lambda track: placed(track, track.positions + np.array([2, 0])),
    )
    check = with_hashes(trace)
    assert [problem for problem in check.problems if "cursor is not where" in problem]
    assert check.facts["cursor_agreement"] < 0.1


def test_a_log_one_frame_off_is_found_in_the_picture(trace: Path) -> None:
    def later(track: CursorTrack) -> CursorTrack:
        return placed(track, np.concatenate([track.positions[:1], track.positions[:-1]]))

    move_log(trace, lambda event: event, later)
    check = with_hashes(trace)
    assert [problem for problem in check.problems if "cursor is not where" in problem]
    assert check.facts["cursor_agreement"] < 0.5


def test_a_cursor_that_is_not_where_the_events_have_it_is_found(trace: Path) -> None:
    move_log(trace, lambda event: event._replace(time_ns=event.time_ns + FRAME_NS), lambda track: track)
    check = with_hashes(trace)
    assert any("not where events.jsonl has the pointer" in problem for problem in check.problems)


def test_one_pixel_is_within_what_is_allowed(trace: Path) -> None:
    move_log(
        trace,
        lambda event: event._replace(y=event.y - 1),
        lambda track: placed(track, track.positions - np.array([0, 1])),
    )
    assert with_hashes(trace).problems == ()


@pytest.mark.parametrize("name", ["screen.mp4", "events.jsonl", "cursor.npz", "frames.npz", "windows.jsonl"])
def test_a_changed_byte_and_a_missing_file_are_found(trace: Path, name: str) -> None:
    data = bytearray((trace / name).read_bytes())
    data[-1] ^= 1
    (trace / name).write_bytes(data)
    assert any(problem.startswith(f"{name}: not what it was") for problem in check_trace(trace).problems)
    (trace / name).unlink()
    assert f"{name}: missing" in check_trace(trace).problems


def test_a_file_that_is_not_listed_is_found(trace: Path) -> None:
    (trace / "notes.txt").write_text("x")
    assert check_trace(trace).problems == ("notes.txt: trace.json knows nothing of it",)


def test_a_video_of_fewer_frames_is_found(trace: Path) -> None:
    data = (trace / "screen.mp4").read_bytes()
    (trace / "screen.mp4").write_bytes(data[: data.rindex(b"moof") - 4])
    assert "screen.mp4: 45 frames, trace.json says 60" in with_hashes(trace).problems


def test_events_after_the_last_frame_are_found(trace: Path) -> None:
    path = trace / "events.jsonl"
    events = load_inputs(path.read_bytes())
    path.write_bytes(dump_inputs([*events, events[-1]._replace(time_ns=4_000_000_000)]))
    problems = with_hashes(trace, events=len(events) + 1).problems
    assert "events.jsonl: goes on after the last frame" in problems


def test_times_that_go_back_are_found(trace: Path) -> None:
    lines = (trace / "events.jsonl").read_bytes().splitlines(keepends=True)
    lines[10], lines[20] = lines[20], lines[10]
    (trace / "events.jsonl").write_bytes(b"".join(lines))
    assert any("before that of the line above" in problem for problem in with_hashes(trace).problems)


def test_missed_frames_and_lateness_are_held_against_the_frames(trace: Path) -> None:
    told = read_trace(trace).timing
    better = told.model_copy(update={"lateness_max_ns": told.lateness_max_ns - 1})
    assert any("lateness_max_ns" in problem for problem in with_hashes(trace, timing=better).problems)
    arrays = dict(load_arrays((trace / "frames.npz").read_bytes(), "frames.npz"))
    arrays["missed"] = np.arange(60) == 30
    (trace / "frames.npz").write_bytes(dump_arrays(arrays))
    assert any("missed_frames is 1" in problem for problem in with_hashes(trace, timing=told).problems)


@pytest.mark.parametrize("code", ["button-down", "button-up", "key-down", "key-up"])
def test_a_press_or_release_taken_away_is_found(original: Path, code: str) -> None:
    events = load_inputs((original / "events.jsonl").read_bytes())
    assert input_problems(events) == []
    pick = max if code.endswith("down") else min  # what was held before, and after, nobody can tell
    gone = pick(number for number, event in enumerate(events) if event.code == code)
    assert input_problems(events[:gone] + events[gone + 1 :])


def test_a_folder_that_is_no_trace_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(TracekitError, match="no trace here"):
        check_trace(tmp_path)


def test_files_that_are_nonsense_are_problems_and_no_crash(trace: Path) -> None:
    for path in trace.iterdir():
        if path.name != "trace.json":
            path.write_bytes(b"\x00nonsense\n" * 50)
    names = {problem.partition(":")[0] for problem in with_hashes(trace).problems}
    assert {"screen.mp4", "events.jsonl", "cursor.npz", "frames.npz", "windows.jsonl"} <= names
