"""What the driver makes of what the agent says: a stand-in here; test_drive_real.py has the real one."""

from pathlib import Path

import pytest
from hypothesis import given
from tapes.fake_agent import FakeSandbox, FakeSession, echo
from tapes.programs import PROGRAMS

from tracekit.casts.check import check_cast
from tracekit.casts.write import write_cast
from tracekit.core.events import Event
from tracekit.sandbox.base import Ended
from tracekit.tapes.driver.drive import EPOCH_S, Run, epoch_s, run_tape
from tracekit.tapes.driver.keys import Stroke
from tracekit.tapes.driver.schedule import Strike, schedule
from tracekit.tapes.language.program import (
    Chord,
    Command,
    Env,
    Hide,
    Press,
    Program,
    Require,
    Screenshot,
    Setting,
    Show,
    Sleep,
    Type,
    Wait,
)
from tracekit.tapes.language.settings import settings_of

MS = 1_000_000


def run(session: FakeSession, *commands: Command, seed: int = 0) -> Run:
    return run_tape(Program(commands), FakeSandbox(session), seed=seed)


def told(run: Run, codes: str = "oim") -> list[tuple[int, str, str]]:
    """Events, their times in ms."""
    return [(time_ns // MS, code, data) for time_ns, code, data in run.events if code in codes]


def test_keys_and_what_they_bring_stand_at_their_instants() -> None:
    done = run(FakeSession(), Type("ls"), Press("Enter"), Sleep(100 * MS))
    assert told(done) == [
        (0, "o", "> "),
        (0, "i", "l"),
        (0, "o", "l"),
        (50, "i", "s"),
        (50, "o", "s"),
        (100, "i", "\r"),
        (100, "o", "\r\n> "),
        (250, "o", ""),
    ]
    assert (done.problem, done.duration_ns, done.flags) == (None, 250 * MS, ())


@given(PROGRAMS)
def test_every_key_that_sends_something_is_an_input_at_its_nominal_instant(program: Program) -> None:
    plan, time_ns, wanted = schedule(program), 0, []
    for step in plan.steps:
        time_ns += step.after_ns
        if isinstance(step, Strike) and step.stroke.text():
            wanted.append(Event(time_ns, "i", step.stroke.text()))
    # What is waited for is there from the start, so no Wait waits.
    done = run_tape(program, FakeSandbox(FakeSession(program=lambda keys: b"\r\n>")))
    assert done.problem is None
    assert [event for event in done.events if event.code == "i"] == wanted
    assert done.duration_ns == plan.nominal_ns == done.events[-1].time_ns


def test_markers_stand_where_the_tape_has_them_and_keys_go_on_while_hidden() -> None:
    done = run(FakeSession(), Hide(), Type("x"), Show(), Screenshot("a.png"), Press("ScrollUp"))
    assert told(done, "im") == [
        (0, "m", "hide"),
        (0, "i", "x"),
        (50, "m", "show"),
        (50, "m", "screenshot a.png"),
        (50, "m", "ScrollUp"),
    ]


def test_the_header_says_size_theme_shell_and_when_the_programs_think_it_is() -> None:
    sandbox = FakeSandbox(FakeSession())
    head = (Setting("Theme", "Dracula"), Setting("Width", 900), Setting("Height", 500), Env("A", "b c"))
    done = run_tape(Program(head), sandbox, seed=3, title="demo")
    assert (done.header.title, done.header.timestamp_s) == ("demo", epoch_s(3))
    assert epoch_s(0) == EPOCH_S != epoch_s(3)
    assert done.header.theme is not None
    assert done.header.theme.palette == settings_of(Program(head)).theme.palette
    assert done.header.env == {"SHELL": "/bin/bash", "TERM": "xterm-256color"}
    asked = dict(zip(sandbox.command[1:-6:2], sandbox.command[2:-5:2], strict=True))
    assert asked["--columns"] == str(done.header.columns)
    assert asked["--rows"] == str(done.header.rows)
    assert (asked["--clock"], asked["--seed"]) == ("virtual", "3")
    assert sandbox.environment == {"A": "b c"}


def test_wait_waits_for_what_a_timer_brings() -> None:
    timers = [(700 * MS, b"50 %\r\n"), (1500 * MS, b"done\r\n")]
    done = run(FakeSession(timers=timers), Type("x"), Wait("screen", "done", None), Type("y"))
    assert told(done, "i") == [(0, "i", "x"), (1500, "i", "y")]


def test_wait_looks_at_the_line_of_the_cursor_or_at_the_whole_screen() -> None:
    session = FakeSession(first=b"one\r\ntwo\r\n> ")
    assert run(session, Wait("screen", "^one\ntwo\n>", 1)).problem is None
    done = run(FakeSession(first=b"one\r\ntwo\r\n> "), Wait("line", "two", 2000 * MS))
    assert done.problem is not None
    assert (done.problem.reason, done.duration_ns) == ("wait-timed-out", 2000 * MS)
    assert "'>'" in done.problem.message
    assert told(done)[-1] == (2000, "m", "problem: wait-timed-out")


def test_a_prompt_like_that_of_vhs_ends_a_wait_without_a_pattern() -> None:
    assert run(FakeSession(first=b"\x1b[38;2;90;86;224m> \x1b[0m"), Wait(), Type("a")).problem is None


def test_cursor_keys_follow_the_mode_that_the_program_has_just_set() -> None:
    keys = []

    def program(typed: bytes) -> bytes:
        keys.append(typed)
        return {b"a": b"\x1b[?1h", b"b": b"\x1b[?1l"}.get(typed, b"")

    run(FakeSession(program=program), Type("a"), Press("Up"), Type("b"), Press("Up"))
    assert keys == [b"a", b"\x1bOA", b"b", b"\x1b[A"]


def test_a_question_is_answered_from_what_the_screen_shows_when_it_is_asked() -> None:
    # As programs ask for the size: the cursor goes to the far corner, and back when the question has been put.
    session = FakeSession(program=lambda keys: b"\x1b7\x1b[999;999H\x1b[6n\x1b8\x1b[c")
    done = run(session, Setting("Width", 800), Type("x"))
    assert session.replies == [f"\x1b[{done.header.rows};{done.header.columns}R".encode(), b"\x1b[?1;2c"]
    assert "\x1b[6n" in "".join(event.data for event in done.events)


def test_exit_statuses_are_told_with_their_times_and_not_seen() -> None:
    ends = {b"\r": b"\r\n\x1b]133;C\x07no\r\n\x1b]133;D;127\x07> ", b"\x03": b"^C\r\n\x1b]133;D;130\x07> "}
    session = FakeSession(program=lambda keys: ends.get(keys, keys))
    done = run(session, Type("a"), Press("Enter"), Chord("c", ctrl=True))
    assert done.statuses == [(50 * MS, 127)]
    assert "133" not in "".join(event.data for event in done.events)


def test_output_that_is_no_utf_8_is_replaced_and_cut_nowhere() -> None:
    outputs = iter([b"\xe6\xbc", b"\xa2\xff", b"\xc3"])
    done = run(FakeSession(program=lambda keys: next(outputs)), Type("abc"))
    assert told(done, "o")[1:] == [(50, "o", "漢\ufffd"), (150, "o", "\ufffd")]


def test_flags_of_the_agent_are_kept_and_marked_in_the_trace() -> None:
    session = FakeSession()
    session._say("flag", "inner-terminal", "tmux")
    done = run(session, Type("a"))
    assert done.flags == ("inner-terminal tmux",)
    assert (0, "m", "flag: inner-terminal tmux") in told(done)


def test_a_shell_that_ends_too_early_is_a_problem_and_one_that_ends_last_is_none() -> None:
    def program(keys: bytes) -> bytes:
        return b"exit" if keys == b"\r" else keys

    done = run(FakeSession(program=program), Type("x"), Press("Enter"), Sleep(500 * MS), Type("more"))
    assert done.problem is not None
    assert done.problem.reason == "shell-ended"
    done = run(FakeSession(program=program), Type("x"), Press("Enter"), Sleep(500 * MS), Hide(), Sleep(MS))
    assert (done.problem, done.duration_ns) == (None, 601 * MS)
    assert told(done)[-2:] == [(600, "m", "hide"), (601, "o", "")]
    done = run(FakeSession(program=program), Press("Enter"), Wait("line", "never", None))
    assert done.problem is not None
    assert done.problem.reason == "shell-ended"


def test_a_missing_program_is_named_before_anything_is_typed() -> None:
    sandbox = FakeSandbox(FakeSession(first=b"tracekit-missing nosuch\r\n", timers=[(0, b"exit")]))
    done = run_tape(Program((Require("ls"), Require("nosuch"), Sleep(MS))), sandbox)
    assert done.problem is not None
    assert done.problem.reason == "program-missing"
    assert "'nosuch'" in str(done.problem)
    assert list(sandbox.command[-2:]) == ["ls", "nosuch"]


@pytest.mark.parametrize(
    "line",
    [b"what is this\n", b"o x 00\n", b"o 5\n", b"o 0 zz\n", b"sync -1\n", b"\xff\xfe\n", b"o 99999999999999999999 00\n",
     b"flag\n", b"\n"],
)  # fmt: skip
def test_a_broken_line_ends_the_run_with_a_reason(line: bytes) -> None:
    session = FakeSession()
    session.said.append(line)
    done = run(session, Type("a"))
    assert done.problem is not None
    assert done.problem.reason == "agent-broken"


def test_time_that_runs_backwards_is_a_broken_line() -> None:
    session = FakeSession(first=b"")
    session.said += [b"o 1000 61\n", b"o 999 61\n"]
    done = run(session, Type("a"))
    assert done.problem is not None
    assert done.problem.reason == "agent-broken"


@pytest.mark.parametrize(
    ("ended", "reason"),
    [
        (Ended("exited", 1, "no such file"), "agent-ended"),
        (Ended("timed-out", None, "120 s"), "timed-out"),
        (Ended("out-of-memory", None, "512 MB"), "out-of-memory"),
        (Ended("killed", None, ""), "agent-ended"),
    ],
)
def test_a_session_that_ends_on_its_own_gives_what_came_and_the_reason(ended: Ended, reason: str) -> None:
    session = FakeSession(ended=ended, over=True)
    done = run(session, Type("a"))
    assert told(done) == [(0, "o", "> "), (0, "m", f"problem: {reason}")]
    assert done.problem is not None
    assert done.problem.reason == reason
    assert ended.detail in str(done.problem)


def test_a_long_tape_is_not_sent_ahead_of_what_is_read() -> None:
    most = 0

    class Watched(FakeSession):
        def write(self, data: bytes) -> None:
            nonlocal most
            super().write(data)
            most = max(most, len(self.said))

    done = run(Watched(program=echo), Press("Space", 5000))
    assert len([event for event in done.events if event.code == "i"]) == 5000
    assert most < 2000


def test_a_trace_is_a_clean_cast(tmp_path: Path) -> None:
    path = tmp_path / "a.cast"
    done = run(FakeSession(), Hide(), Type("ls\té"), Show(), Press("Enter"), Sleep(2000 * MS))
    write_cast(path, done.header, done.events)
    verdict = check_cast(path)
    assert (verdict.ok, verdict.problems) == (True, [])
    assert verdict.duration_s == done.duration_ns / 1e9


def test_the_stroke_of_a_chord_is_named_where_it_sends_nothing() -> None:
    done = run(FakeSession(), Chord("c", ctrl=True, shift=True))
    assert told(done, "m") == [(0, "m", str(Stroke("c", ctrl=True, shift=True)))]
