"""The commands about desktops: what they say, and how they end."""

import json
from pathlib import Path

import pytest
from traces import write_trace

from cli.conftest import Run
from tracekit.actions.events import InputEvent
from tracekit.core.clock import frame_time_ns
from tracekit.video.decode import frame_count


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    events = [InputEvent(frame_time_ns(frame), "move", frame, 100) for frame in range(75)]
    write_trace(tmp_path / "traces" / "one", 75, events=events, cursor="without")
    return tmp_path / "traces" / "one"


def test_a_trace_that_is_what_it_says_is_ok(run: Run, trace: Path) -> None:
    answer = run("desktop", "check", trace.parent, "--against", trace, "--json")
    facts = json.loads(answer.out)
    assert (answer.status, facts["problems"]) == (0, [])
    assert facts["agreement"]["same"] == 75


def test_a_trace_that_was_changed_is_not(run: Run, trace: Path) -> None:
    (trace / "events.jsonl").write_bytes(b"")
    answer = run("desktop", "check", trace)
    assert answer.status == 1
    assert "not ok" in answer.out
    assert "events.jsonl" in answer.out


def test_what_is_no_trace_is_an_error_that_says_what_one_is(run: Run, tmp_path: Path) -> None:
    answer = run("desktop", "check", tmp_path)
    assert (answer.status, answer.out) == (1, "")
    assert "trace.json" in answer.err


def test_an_overlay_has_the_frames_of_the_trace(run: Run, trace: Path, tmp_path: Path) -> None:
    answer = run("desktop", "overlay", trace, tmp_path / "o.mp4")
    assert (answer.status, answer.out) == (0, f"{tmp_path / 'o.mp4'}\n")
    assert frame_count(tmp_path / "o.mp4") == 75


def test_a_video_and_its_events_become_a_trace(run: Run, trace: Path, tmp_path: Path) -> None:
    out = tmp_path / "imported"
    answer = run("desktop", "import", trace / "screen.mp4", trace / "events.jsonl", out, "--json")
    facts = json.loads(answer.out)
    assert (answer.status, facts["frames"], facts["recorder"]) == (0, 75, "import")
    assert (out / "screen" / "trace.json").is_file()
    again = run("desktop", "import", trace / "screen.mp4", trace / "events.jsonl", out)
    assert again.status == 1
    assert "screen" in again.err


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("--policy", "random-slw"), 1, "random-slow"),
        (("--set", "programs"), 1, "key=value"),
        (("--set", "px_per_frme=3"), 1, "px_per_frame"),
        (("--size", "large"), 2, "WxH"),
        (("--size", "100x100"), 1, "640"),
    ],
)
def test_what_can_not_be_recorded_is_said_before_anything_is_opened(
    run: Run, tmp_path: Path, arguments: tuple[str, ...], status: int, said: str
) -> None:
    answer = run("desktop", "record", tmp_path / "out", *arguments)
    assert answer.status == status
    assert said in answer.err
    assert not (tmp_path / "out").exists()


def test_an_offset_that_is_none_is_a_usage_error(run: Run, trace: Path, tmp_path: Path) -> None:
    answer = run(
        "desktop", "import", trace / "screen.mp4", trace / "events.jsonl", tmp_path / "out", "--offset", "some"
    )
    assert answer.status == 2
    assert "measured" in answer.err
