"""Every reason for which a run is not kept, and the runs that it spares."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from tracekit.casts.model import Header
from tracekit.clips.timeline import leave_out_hidden
from tracekit.core.clock import NS_PER_S
from tracekit.core.errors import Rejected
from tracekit.core.events import Event
from tracekit.tapes.checks import Checks, check_run, check_tape
from tracekit.tapes.driver.drive import Run
from tracekit.tapes.families.math_pool import pool
from tracekit.tapes.language.program import Command, Press, Program, Type
from tracekit.tapes.meta import TapeMeta
from tracekit.tapes.seen import Seen, look

HEADER = Header(2, 20, 5)
LABEL = TapeMeta(id="a-0-1", family="a", level=1, instruction="Add two numbers.")
ADD: list[tuple[str, str]] = [
    ("o", "> "), ("i", "1"), ("o", "1"), ("i", "+"), ("o", "+"), ("i", "2"), ("o", "2"),
    ("i", "\r"), ("o", "\r\n3\r\n> "),
]  # fmt: skip


def run_of(steps: Sequence[tuple[str, str]], statuses: Sequence[int] = (), **more: object) -> Run:
    """A run with an event a second; the commands ended at its end, one nanosecond apart."""
    events = [Event(second * NS_PER_S, code, data) for second, (code, data) in enumerate(steps)]
    end_ns = len(steps) * NS_PER_S
    told = [(end_ns + place, status) for place, status in enumerate(statuses)]
    return replace(Run(HEADER, events, told, (), None, end_ns + len(told)), **more)  # type: ignore[arg-type]


def seen(run: Run) -> Seen:
    return look(run.header, leave_out_hidden(run.events, run.duration_ns), "pyte")


def reason(run: Run, meta: TapeMeta | None = LABEL, **checks: bool) -> str:
    """Why a run is rejected, or ''."""
    try:
        check_run(run, meta, seen(run), Checks(**checks))
    except Rejected as rejected:
        return rejected.reason
    return ""


def label(**more: object) -> TapeMeta:
    return LABEL.model_copy(update=more)


def test_a_run_that_did_what_it_was_meant_to_is_kept() -> None:
    assert reason(run_of(ADD, [0]), label(expect=("3",), answer="3")) == ""
    assert reason(run_of(ADD), None) == ""


def test_a_failed_command_is_a_reason_where_success_was_meant() -> None:
    assert reason(run_of(ADD, [0, 1, 0])) == "nonzero-exit"
    assert reason(run_of(ADD, [1]), None) == "nonzero-exit"
    assert reason(run_of(ADD, [1]), label(succeeds=False)) == ""
    assert reason(run_of(ADD, [1]), exit_status=False) == ""


def test_a_command_that_is_not_there_has_a_reason_of_its_own() -> None:
    told = [("o", "> "), ("o", "bash: frob: command not found\r\n")]
    assert reason(run_of(ADD, [127])) == "command-not-found"
    assert reason(run_of(told, [0])) == "command-not-found"
    assert reason(run_of(told, [127]), label(succeeds=False)) == ""


def test_the_set_up_may_not_fail_even_where_the_tape_means_to() -> None:
    steps = [("m", "hide"), ("i", "\r"), ("m", "show"), *ADD]
    run = replace(run_of(steps), statuses=[(NS_PER_S, 1), (len(steps) * NS_PER_S, 0)])
    assert reason(run, label(succeeds=False)) == "setup-failed"


def test_expected_text_must_be_seen_and_not_only_be_there() -> None:
    hidden = [("o", "> "), ("m", "hide"), ("o", "unseen\x1b[2J\x1b[H> "), ("m", "show"), ("o", "seen")]
    assert reason(run_of(hidden), label(expect=("seen",))) == ""
    assert reason(run_of(hidden), label(expect=("unseen",))) == "expected-text-absent"
    assert reason(run_of(hidden), label(expect=("unseen",)), expected_text=False) == ""


def test_text_that_was_there_for_an_instant_and_text_over_the_margin_are_seen() -> None:
    steps = [("o", "> "), ("o", "for an instant"), ("o", "\x1b[2J\x1b[H> "), ("o", "a wide line, wider than it")]
    assert reason(run_of(steps), label(expect=("instant", "line, wider than it"), interactive=True)) == ""


def test_the_answer_must_stand_in_a_line_that_nobody_typed() -> None:
    assert reason(run_of(ADD, [0]), label(answer="3", interactive=True)) == ""
    assert reason(run_of(ADD, [0]), label(answer="1+2", interactive=True)) == "answer-absent"
    assert reason(run_of(ADD, [0]), label(answer="4")) == "answer-absent"
    assert reason(run_of(ADD, [0]), label(answer="4"), answer=False) == ""


def test_in_a_repl_the_answer_is_a_line_of_its_own() -> None:
    banner = [("o", "Python 3.11.2 (12 May)\r\n>>> ")]
    assert reason(run_of(banner), label(answer="12", interactive=True)) == "answer-absent"
    assert reason(run_of(banner), label(answer="12")) == ""
    assert reason(run_of(banner), label(answer="11")) == "answer-absent"


def test_a_shell_session_that_ends_in_the_middle_of_a_command_is_truncated() -> None:
    assert reason(run_of(ADD)) == "truncated"
    assert reason(run_of(ADD), label(interactive=True)) == ""
    assert reason(run_of(ADD), None) == ""
    assert reason(run_of(ADD), ended=False) == ""


def test_a_run_that_shows_nothing_is_rejected() -> None:
    assert reason(run_of([("o", "> "), ("o", "\x1b[1m")])) == "nothing-on-screen"
    assert reason(run_of([("m", "hide"), *ADD]), label(interactive=True)) == "nothing-on-screen"


def test_what_kept_a_run_from_its_end_is_the_reason() -> None:
    assert reason(run_of(ADD, [1], problem=Rejected("wait-timed-out", "nothing came"))) == "wait-timed-out"


def test_a_flagged_run_is_rejected_where_that_is_asked_for() -> None:
    flagged = run_of(ADD, [0], flags=("inner-terminal",))
    assert reason(flagged) == ""
    assert reason(flagged, repeatable=True) == "not-repeatable"


def test_messages_do_not_quote_what_has_not_been_scrubbed() -> None:
    for meta in (label(expect=("hunter2",)), label(answer="hunter2")):
        with pytest.raises(Rejected) as rejected:
            check_run(run_of(ADD, [0]), meta, seen(run_of(ADD, [0])), Checks())
        assert "hunter2" not in str(rejected.value)


def entering(*lines: str) -> Program:
    commands: list[Command] = []
    for line in lines:
        commands += [Type(line[:2]), Type(line[2:]), Press("Enter")]
    return Program(tuple(commands))


@pytest.mark.parametrize("form", ["{}", "print({})", "answer = {}"])
def test_a_tape_that_enters_a_held_out_problem_is_rejected_in_whatever_form(form: str) -> None:
    for problem in pool()[::50]:
        with pytest.raises(Rejected) as rejected:
            check_tape(entering("python3", form.format(problem.source)), Checks())
        assert rejected.value.reason == "held-out"
        check_tape(entering("python3", form.format(problem.source)), Checks(held_out=False))


def test_what_a_shell_takes_is_no_problem_whatever_its_hash() -> None:
    lines = [f"{word} -{option}" for word in ("ls", "cat", "ps") for option in "abcdefghijklmnopqrstuvwxyz"]
    check_tape(entering(*lines, "exit()", "quit()", "x = 3", "7", *map(chr, range(97, 123))), Checks())
