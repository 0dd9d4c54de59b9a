"""Everything in a tape has its nominal instant."""

from itertools import accumulate

import pytest
from hypothesis import given
from tapes.programs import PROGRAMS

from tracekit.core.errors import Rejected, TracekitError
from tracekit.tapes.driver.keys import Stroke
from tracekit.tapes.driver.schedule import MOST_S, MOST_STEPS, TYPING_DELAY_NS, Await, Mark, Schedule, Strike, schedule
from tracekit.tapes.language.program import (
    Chord,
    Comment,
    Copy,
    Env,
    Hide,
    Output,
    Paste,
    Press,
    Program,
    Require,
    Screenshot,
    Setting,
    Show,
    Sleep,
    Source,
    Type,
    Wait,
)

MS = 1_000_000


def of(*commands: object) -> Schedule:
    return schedule(Program(commands))  # type: ignore[arg-type]


def instants(plan: Schedule) -> list[tuple[int, str]]:
    """When, in ms, and what."""
    times = accumulate(step.after_ns for step in plan.steps)
    return [
        (time // MS, str(step.stroke) if isinstance(step, Strike) else step.label if isinstance(step, Mark) else "wait")
        for time, step in zip(times, plan.steps, strict=True)
    ]


def test_the_typing_delay_follows_each_key() -> None:
    plan = of(Type("ls"), Press("Enter"), Sleep(200 * MS), Press("Up", 2, 10 * MS), Type("x", 0), Press("Enter"))
    assert instants(plan) == [(0, "l"), (50, "s"), (100, "Enter"), (350, "Up"), (360, "Up"), (370, "x"), (370, "Enter")]
    assert (plan.rest_ns, plan.nominal_ns) == (50 * MS, 420 * MS)


def test_the_typing_speed_may_change_on_the_way() -> None:
    plan = of(Setting("TypingSpeed", 10 * MS), Type("ab"), Setting("TypingSpeed", 70 * MS), Type("cd"))
    assert instants(plan) == [(0, "a"), (10, "b"), (20, "c"), (90, "d")]
    assert plan.nominal_ns == 160 * MS


def test_chords_and_paste_take_no_time() -> None:
    plan = of(Copy("hi"), Chord("c", ctrl=True), Paste(), Chord(".", alt=True), Copy(""), Paste(), Press("Enter"))
    assert instants(plan) == [(0, "Ctrl+c"), (0, "h"), (0, "i"), (0, "Alt+."), (0, "Enter")]


def test_a_text_presses_keys_where_vhs_does() -> None:
    assert [step.stroke for step in of(Type("a\té↑")).steps if isinstance(step, Strike)] == [
        Stroke("a"), Stroke("Tab"), Stroke("é"), Stroke("Up"),
    ]  # fmt: skip


def test_markers_stand_between_the_keys_and_take_no_time() -> None:
    plan = of(Hide(), Type("a"), Show(), Screenshot("now.png"), Sleep(5 * MS), Hide())
    assert instants(plan) == [(0, "hide"), (0, "a"), (50, "show"), (50, "screenshot now.png"), (55, "hide")]


def test_a_wait_has_its_own_pattern_and_timeout_or_those_that_are_set() -> None:
    plan = of(Setting("WaitTimeout", 2000 * MS), Setting("WaitPattern", r"\$ $"), Wait("line"), Wait("screen", "x", 5))
    assert plan.steps == (Await(0, "line", r"\$ $", 2000 * MS), Await(0, "screen", "x", 5))
    assert of(Wait("line")).steps == (Await(0, "line", ">$", 15_000 * MS),)


def test_env_and_require_count_from_the_start_wherever_they_stand() -> None:
    plan = of(Comment(" x"), Output("a.gif"), Require("git"), Type("a"), Env("B", "1"), Env("B", "2"), Require("git"))
    assert (plan.environment, plan.required) == ({"B": "2"}, ("git",))


@given(PROGRAMS)
def test_the_times_of_all_steps_add_up_to_what_the_tape_says(program: Program) -> None:
    total_ns, delay_ns, plan = 0, TYPING_DELAY_NS, schedule(program)
    for command in program.commands:
        match command:
            case Setting("TypingSpeed", int() as value):
                delay_ns = value
            case Type(text, own_ns):
                total_ns += len(text) * (delay_ns if own_ns is None else own_ns)
            case Press(_, count, own_ns):
                total_ns += count * (delay_ns if own_ns is None else own_ns)
            case Sleep(duration_ns):
                total_ns += duration_ns
    assert plan.nominal_ns == total_ns
    assert all(step.after_ns >= 0 for step in plan.steps)


@pytest.mark.parametrize("command", [Sleep(MOST_S * 1000 * MS + 1), Press("Enter", MOST_STEPS + 1, 0)], ids=str)
def test_a_tape_without_end_is_rejected_before_it_runs(command: object) -> None:
    with pytest.raises(Rejected, match="over") as caught:
        of(command)
    assert caught.value.reason == "tape-too-long"


def test_a_source_that_was_not_put_in_is_an_error() -> None:
    with pytest.raises(TracekitError, match=r"other\.tape"):
        of(Source("other.tape"))
