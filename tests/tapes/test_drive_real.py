"""Tapes run for real: the agent and a shell in a sandbox."""

import io
from itertools import accumulate
from pathlib import Path

import pytest

from tracekit.casts.write import write_cast
from tracekit.core.errors import Rejected
from tracekit.sandbox.base import Limits, Sandbox
from tracekit.tapes.driver.drive import Run, run_tape
from tracekit.tapes.driver.schedule import Await, Strike, schedule
from tracekit.tapes.language.parser import load_tape
from tracekit.tapes.language.program import (
    Chord,
    Command,
    Env,
    Hide,
    Press,
    Program,
    Require,
    Setting,
    Show,
    Sleep,
    Type,
    Wait,
)
from tracekit.terminal.engine import open_engine
from tracekit.terminal.text import screen_lines

S, MS = 1_000_000_000, 1_000_000
OWN = sorted((Path(__file__).parents[2] / "vhs_scripts").glob("*.tape"))


def entered(text: str) -> tuple[Command, ...]:
    return Type(text, 10 * MS), Press("Enter")


def screen(run: Run) -> str:
    engine = open_engine("pyte", run.header.columns, run.header.rows)
    engine.feed("".join(event.data for event in run.events if event.code == "o"))
    return "\n".join(screen_lines(engine)).rstrip()


def cast_of(run: Run) -> str:
    text = io.StringIO()
    write_cast(text, run.header, run.events)
    return text.getvalue()


def reason(run: Run) -> str:
    assert isinstance(run.problem, Rejected), screen(run)
    return run.problem.reason


def nominal_keys(program: Program) -> list[tuple[int, str]]:
    """Keys with their instants, up to the first Wait; those that follow the cursor keys' mode without their text."""
    plan, found = schedule(program), []
    for step, time_ns in zip(plan.steps, accumulate(step.after_ns for step in plan.steps), strict=True):
        if isinstance(step, Await):
            break
        if isinstance(step, Strike) and step.stroke.text():
            found.append((time_ns, "" if step.stroke.follows_mode else step.stroke.text()))
    return found


def assert_keys_are_nominal(program: Program, run: Run) -> None:
    seen = [(event.time_ns, event.data) for event in run.events if event.code == "i"]
    for (was_ns, sent), (meant_ns, text) in zip(seen, nominal_keys(program), strict=False):
        assert was_ns == meant_ns
        assert text in ("", sent)


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.stem)
def test_a_tape_runs_to_its_end_each_key_at_its_instant_and_gives_the_same_bytes_again(
    bwrap: Sandbox, path: Path
) -> None:
    program = load_tape(path)
    first = run_tape(program, bwrap)
    assert first.problem is None
    assert_keys_are_nominal(program, first)
    if not any(isinstance(command, Wait) for command in program.commands):
        assert first.duration_ns == schedule(program).nominal_ns
    assert cast_of(run_tape(program, bwrap)) == cast_of(first)


@pytest.mark.slow
def test_the_released_tapes_give_the_same_bytes_every_time(bwrap: Sandbox, shared_tapes: list[Path]) -> None:
    released = [path for path in shared_tapes if path.parent.name == "neuralcomputer"]
    assert released
    differ = []
    for path in released:
        program = load_tape(path)
        run = run_tape(program, bwrap)
        assert run.problem is None, path
        assert_keys_are_nominal(program, run)
        assert run.duration_ns == schedule(program).nominal_ns
        if cast_of(run_tape(program, bwrap)) != cast_of(run):
            differ.append(path.name)
    assert differ == []


def test_programs_see_the_tapes_time_and_sleeping_costs_none(bwrap: Sandbox) -> None:
    done = run_tape(Program((*entered("date +%T; sleep 1000; date +%T"), Wait("line", None, 2000 * S))), bwrap)
    assert done.problem is None
    assert done.duration_ns >= 1000 * S
    before, after = (line for line in screen(done).splitlines() if line.startswith("10:"))
    assert (before, after) == ("10:00:00", "10:16:40")


def test_wait_waits_for_the_screen_and_gives_up_at_its_timeout(bwrap: Sandbox) -> None:
    command = entered("sleep 3; echo re''ady")
    done = run_tape(Program((*command, Wait("screen", "ready"), Type("#"))), bwrap)
    assert done.problem is None
    asked_ns = next(event.time_ns for event in done.events if event.data == "\r")
    assert next(event.time_ns for event in done.events if event.data == "#") == asked_ns + 3 * S
    late = run_tape(Program((*command, Wait("screen", "ready", 2 * S), Type("#"))), bwrap)
    assert (reason(late), late.duration_ns) == ("wait-timed-out", asked_ns + 50 * MS + 2 * S)


def test_arrows_move_in_less_and_vim_which_set_the_mode_of_the_cursor_keys(bwrap: Sandbox) -> None:
    less = run_tape(Program((*entered("seq 200 | less"), Sleep(S), Press("Down", 3), Sleep(S))), bwrap)
    assert screen(less).splitlines()[0] == "4"
    assert [event.data for event in less.events if event.code == "i"][-3:] == ["\x1bOB"] * 3
    commands = (*entered("seq 9 > n; vim n"), Sleep(S), Press("Down", 2), Type("dd:wq"), Press("Enter"), Sleep(S))
    vim = run_tape(Program((*commands, *entered("clear; cat n"), Sleep(S))), bwrap)
    assert screen(vim).splitlines()[:4] == ["1", "2", "4", "5"]


def test_a_program_that_asks_the_terminal_is_answered(bwrap: Sandbox) -> None:
    asks = r"""printf '\e[6n'; IFS=';' read -rs -d R row column; echo "at ${row#*[} $column" """
    wide = Setting("Width", 1600)
    done = run_tape(Program((wide, *entered("clear"), Sleep(S), *entered(asks), Sleep(S))), bwrap)
    assert done.problem is None
    assert "\nat 2 1\n" in screen(done) + "\n"


def test_exit_statuses_are_those_of_the_commands(bwrap: Sandbox) -> None:
    lines = (*entered("true"), *entered("false"), Press("Enter"), *entered("(exit 7)"), *entered("nosuch"))
    done = run_tape(Program((*lines, *entered("sleep 5"), Sleep(S), Chord("c", ctrl=True), Sleep(S))), bwrap)
    assert [status for _, status in done.statuses] == [0, 1, 7, 127, 130]
    assert "\x1b]133" not in cast_of(done)


def test_hide_and_show_are_markers_and_the_environment_is_the_tapes(bwrap: Sandbox) -> None:
    program = Program((Env("NAME", "x y"), Hide(), *entered('cd /tmp; echo "$NAME"'), Show(), Sleep(S)))
    done = run_tape(program, bwrap)
    assert [event.data for event in done.events if event.code == "m"] == ["hide", "show"]
    assert "x y" in screen(done)


def test_a_shell_that_exits_early_is_a_problem(bwrap: Sandbox) -> None:
    assert reason(run_tape(Program((*entered("exit 3"), Sleep(S), Type("more"))), bwrap)) == "shell-ended"
    assert run_tape(Program((*entered("exit 3"), Sleep(S))), bwrap).problem is None


def test_a_missing_program_is_named_and_one_that_is_there_is_not(bwrap: Sandbox) -> None:
    assert run_tape(Program((Require("bash"), *entered("ls"), Sleep(S))), bwrap).problem is None
    done = run_tape(Program((Require("bash"), Require("no-such-program"), Type("ls"))), bwrap)
    assert reason(done) == "program-missing"
    assert "'no-such-program'" in str(done.problem)


def test_a_tape_that_computes_for_ever_is_ended_by_the_wall_limit(bwrap: Sandbox) -> None:
    done = run_tape(Program((*entered("while :; do :; done"), Sleep(S))), bwrap, limits=Limits(wall_s=2))
    assert reason(done) == "timed-out"
    assert done.events


def test_a_flood_ends_with_ctrl_c(bwrap: Sandbox) -> None:
    commands = (*entered("yes"), Sleep(500 * MS), Chord("c", ctrl=True), Sleep(S), *entered("echo calm"), Sleep(S))
    done = run_tape(Program(commands), bwrap)
    assert done.problem is None
    assert screen(done).splitlines()[-2] == "calm"


def test_output_that_is_no_utf_8_is_replaced(bwrap: Sandbox) -> None:
    done = run_tape(Program((*entered(r"printf 'a\xff\xe6\xbc\xa2b\n'"), Sleep(S))), bwrap)
    assert "a\ufffd漢b" in screen(done)


def test_the_real_clock_gives_the_same_screen(bwrap: Sandbox) -> None:
    head = (Setting("Width", 900), Setting("Height", 500))
    program = Program((*head, *entered("seq 3; sleep 0.2; echo end"), Sleep(700 * MS), Press("Up"), Sleep(200 * MS)))
    virtual, real = run_tape(program, bwrap), run_tape(program, bwrap, clock="real")
    assert real.problem is None
    assert screen(real) == screen(virtual)
    assert real.duration_ns >= virtual.duration_ns
