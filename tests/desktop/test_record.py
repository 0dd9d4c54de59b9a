"""A trace is whole under its final name, whatever happened while it was recorded."""

import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from bare import Bare, Driven, bare

from tracekit.actions.cursor_track import CursorTrack
from tracekit.actions.events import load_inputs
from tracekit.core.clock import frame_of, frame_time_ns
from tracekit.core.errors import TracekitError
from tracekit.desktop import record as recording
from tracekit.desktop.check import check_trace
from tracekit.desktop.plan import Do
from tracekit.desktop.policies.base import Desktop, Outcome
from tracekit.desktop.record import Job, record_job
from tracekit.desktop.record_many import Task, record_many
from tracekit.desktop.salvage import salvage
from tracekit.desktop.session import DesktopConfig, DesktopSession
from tracekit.desktop.trace import Trace, read_trace
from tracekit.video.decode import frame_count

HERE = Path(__file__).parent


def wander(desktop: Desktop) -> Outcome:
    """Move about, press a button, type."""
    plan = [Do(step * 16_000_000, "move", 20 + step * 5 % 250, 30 + step * 3 % 150) for step in range(1, 300)]
    plan[20:20] = [Do(plan[19].due_ns, "down", button="left"), Do(plan[19].due_ns, "key-down", keysym="a")]
    plan[40:40] = [Do(plan[39].due_ns, "up", button="left"), Do(plan[39].due_ns, "key-up", keysym="a")]
    done = 0
    while done < len(plan) and desktop.wait_until(plan[done].due_ns):
        desktop.do(plan[done])
        done += 1
    return Outcome(plan=plan, task={"done": done})


def made(out: Path, policy: Driven, **job: object) -> Trace:
    return record_job(bare, policy, out, Job("t", **{"seconds": 2.0, **job}))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def trace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trace of two seconds, with both videos."""
    out = tmp_path_factory.mktemp("traces")
    made(out, Driven(wander), cursor="both", seed=7, policy_name="wander")
    return out / "t"


def test_it_is_what_it_says(trace: Path) -> None:
    told = read_trace(trace)
    assert (told.status, told.frames, told.duration_ns) == ("complete", 30, 2_000_000_000)
    assert check_trace(trace).problems == ()
    assert {path.name for path in trace.iterdir()} == {*told.files, "trace.json"}
    assert {"screen.mp4", "clean.mp4", "events.jsonl", "cursor.npz", "frames.npz", "plan.jsonl"} <= set(told.files)
    assert not trace.with_name("t.partial").exists()


def test_each_frame_has_the_cursor_of_the_newest_event_up_to_its_instant(trace: Path) -> None:
    events = load_inputs((trace / "events.jsonl").read_bytes())
    positions = CursorTrack.load((trace / "cursor.npz").read_bytes()).positions
    assert len({tuple(place) for place in positions.tolist()}) > 10
    for frame in range(frame_of(events[0].time_ns), 30):
        newest = [event for event in events if event.time_ns <= frame_time_ns(frame)][-1]
        assert (newest.x, newest.y) == tuple(positions[frame])
    facts = check_trace(trace).facts
    assert facts["cursor_frames"] >= 28
    assert facts["cursor_agreement"] == 1.0


def test_what_is_there_is_left_as_it_is(trace: Path) -> None:
    before = (trace / "trace.json").stat().st_mtime_ns

    def refuse() -> Bare:
        raise AssertionError("opened")

    again = record_job(refuse, Driven(wander), trace.parent, Job("t", 9.0))
    assert (again.seed, (trace / "trace.json").stat().st_mtime_ns) == (7, before)


def test_a_policy_that_is_done_ends_the_recording(tmp_path: Path) -> None:
    def until_half(desktop: Desktop) -> Outcome:
        desktop.wait_until(500_000_000)
        return Outcome(success=True, instruction="wait")

    told = made(tmp_path, Driven(until_half), seconds=20.0)
    assert (told.status, told.success, told.instruction) == ("complete", True, "wait")
    assert 8 <= told.frames < 150
    assert check_trace(tmp_path / "t").problems == ()


def raises(desktop: Desktop) -> None:
    raise ValueError("no such thing")


def gives_up(desktop: Desktop) -> Outcome:
    return Outcome(failed="the model said nonsense", reason="api-error")


@pytest.mark.parametrize(
    ("policy", "reason", "problem"),
    [
        (Driven(raises), "policy-error", "no such thing"),
        (Driven(gives_up), "api-error", "the model said nonsense"),
        (Driven(wander, prepare=raises), "policy-error", "no such thing"),
    ],
)
def test_a_policy_that_fails_makes_a_failed_trace(tmp_path: Path, policy: Driven, reason: str, problem: str) -> None:
    told = made(tmp_path, policy)
    assert (told.status, told.reason, told.problem) == ("failed", reason, problem)
    assert read_trace(tmp_path / "t") == told
    assert check_trace(tmp_path / "t").problems == ()


def test_a_policy_that_does_not_return_makes_a_failed_trace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "LEAVE_S", 0.1)
    for_ever = threading.Event()
    told = made(tmp_path, Driven(lambda desktop: for_ever.wait() and None), seconds=0.4)
    for_ever.set()
    assert (told.status, told.reason, told.frames) == ("failed", "policy-hangs", 6)


def test_a_desktop_that_dies_makes_a_failed_trace_whole_up_to_there(tmp_path: Path) -> None:
    def kill(desktop: Desktop) -> None:
        desktop.wait_until(1_000_000_000)
        opened[0].server.process.kill()
        desktop.wait_until(9_000_000_000)

    opened: list[Bare] = []
    with bare() as desktop:
        opened.append(desktop)

        class Given:
            def __enter__(self) -> Bare:
                return desktop

            def __exit__(self, *_: object) -> None: ...

        told = record_job(Given, Driven(kill), tmp_path, Job("t", 10.0))
    assert (told.status, told.reason) == ("failed", "desktop-died")
    assert 10 <= told.frames < 150
    assert frame_count(tmp_path / "t" / "screen.mp4") == told.frames
    assert check_trace(tmp_path / "t").problems == ()


def test_a_desktop_that_does_not_open_leaves_nothing(tmp_path: Path) -> None:
    def refuse() -> Bare:
        raise TracekitError("no engine")

    with pytest.raises(TracekitError, match="no engine"):
        record_job(refuse, Driven(wander), tmp_path, Job("t", 1.0))
    assert list(tmp_path.iterdir()) == []


def start_recording(out: Path) -> subprocess.Popen[str]:
    """A process that records for long; returns when it has recorded two seconds."""
    script = "from bare import *; from test_record import *; import sys; from pathlib import Path\n"
    script += "say = lambda text: print(text, flush=True)\n"
    script += "record_job(bare, Driven(wander), Path(sys.argv[1]), Job('t', 60.0, 'both'), say)"
    path = os.pathsep.join([str(HERE), str(HERE.parent)])
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(out)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert process.stdout is not None
    assert any("45 of 900 frames" in line for line in process.stdout)
    return process


def test_killed_it_leaves_all_but_the_last_second(tmp_path: Path) -> None:
    process = start_recording(tmp_path)
    with pytest.raises(TracekitError, match="another process"):
        record_job(bare, Driven(wander), tmp_path, Job("t", 1.0))
    process.kill()
    process.communicate()
    assert not (tmp_path / "t").exists()
    left = check_trace(tmp_path / "t.partial")
    assert left.problems == ()
    assert left.facts["partial"]
    assert left.facts["frames"] >= 45
    told = salvage(tmp_path, "t")
    assert told is not None
    assert (told.status, told.reason) == ("failed", "recorder-died")
    assert told.frames == frame_count(tmp_path / "t" / "screen.mp4") >= 45
    assert told.events > 0
    assert check_trace(tmp_path / "t").problems == ()


def test_interrupted_it_leaves_whole_files_and_the_next_recording_replaces_them(tmp_path: Path) -> None:
    process = start_recording(tmp_path)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode != 0
    left = read_trace(tmp_path / "t.partial")
    assert (left.status, left.reason) == ("failed", "interrupted")
    assert left.frames >= 45
    assert check_trace(tmp_path / "t.partial").problems == ()
    said: list[str] = []
    told = record_job(bare, Driven(wander), tmp_path, Job("t", 0.4), said.append)
    assert (told.status, told.frames) == ("complete", 6)
    assert any("replaces" in line for line in said)
    assert [path.name for path in tmp_path.iterdir()] == ["t"]


def test_a_lock_is_what_tells_a_recorder_from_its_leftovers(tmp_path: Path) -> None:
    (tmp_path / "t.partial").mkdir()
    lock = os.open(tmp_path / "t.partial", os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    with pytest.raises(TracekitError, match="another process"):
        made(tmp_path, Driven(wander), seconds=0.2)
    os.close(lock)
    assert made(tmp_path, Driven(wander), seconds=0.2).status == "complete"


def _record_bare(task: Task, out: Path, say: object) -> Trace:
    """Of a task's seed 1 the recorder kills itself; seed 2 fails."""
    if task.job.seed == 2:
        raise TracekitError("it does not open")

    def run(desktop: Desktop) -> Outcome:
        if task.job.seed == 1:
            desktop.wait_until(1_400_000_000)
            os.kill(os.getpid(), signal.SIGKILL)
        return wander(desktop)

    return record_job(bare, Driven(run), out, task.job)


def test_one_that_fails_stops_no_other_and_is_recorded(tmp_path: Path) -> None:
    tasks = [Task(DesktopConfig(), Job(f"t{seed}", 2.0, seed=seed)) for seed in range(4)]
    traces = record_many(tasks, tmp_path, parallel=2, record=_record_bare)
    assert [told.key for told in traces] == ["t0", "t1", "t2", "t3"]
    assert [told.reason for told in traces] == ["", "recorder-died", "desktop-not-opened", ""]
    assert traces[1].frames >= 15
    assert json.loads((tmp_path / "t1" / "trace.json").read_bytes())["reason"] == "recorder-died"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["t0", "t1", "t3"]
    assert [check_trace(tmp_path / name).problems for name in ("t0", "t1", "t3")] == [(), (), ()]


def test_parallel_recordings_read_their_frames_at_different_instants(tmp_path: Path) -> None:
    tasks = [Task(DesktopConfig(), Job(f"t{seed}", 0.2, seed=seed + 5)) for seed in range(2)]
    seen: list[str] = []
    record_many(tasks, tmp_path, parallel=2, record=_phase, progress=seen.append)
    assert sorted(seen) == ["0", "33333333"]


def _phase(task: Task, out: Path, say: object) -> Trace:
    assert callable(say)
    say(str(task.job.phase_ns))
    return record_job(bare, Driven(wander), out, task.job)


def test_a_real_desktop_is_recorded(session: DesktopSession, tmp_path: Path) -> None:
    class Given:
        def __enter__(self) -> DesktopSession:
            return session

        def __exit__(self, *_: object) -> None: ...

    def look(desktop: Desktop) -> Outcome:
        picture = desktop.picture()
        assert picture.shape == (session.height_px, session.width_px, 3)
        return Outcome(task={"colours": len(np.unique(picture))}, plan=wander(desktop).plan)

    told = record_job(
        Given, Driven(look, prepare=lambda desktop: desktop.wait_still() and None), tmp_path, Job("t", 3.0)
    )
    assert (told.status, told.frames, told.image) == ("complete", 45, session.image_digest)
    assert json.loads((tmp_path / "t" / "task.json").read_bytes())["colours"] > 20
    check = check_trace(tmp_path / "t")
    assert check.problems == ()
    assert check.facts["cursor_agreement"] == 1.0
    assert told.cpu["desktop"] > 0
