"""What every family of shell sessions keeps to, and that its sessions show what they promise when they are run."""

import random
from collections.abc import Iterator

import pytest

from tracekit.clips.timeline import leave_out_hidden
from tracekit.sandbox.base import Sandbox
from tracekit.tapes.checks import Checks, check_run
from tracekit.tapes.driver.drive import run_tape
from tracekit.tapes.families.base import CLASSES, LEVELS, Draft, Family
from tracekit.tapes.families.files import Files
from tracekit.tapes.families.git import Git
from tracekit.tapes.families.logs import Logs
from tracekit.tapes.families.packages import Packages
from tracekit.tapes.families.shell import Shell
from tracekit.tapes.families.system import System
from tracekit.tapes.families.text import Text
from tracekit.tapes.families.world_logs import make_log
from tracekit.tapes.generate import tapes
from tracekit.tapes.language.parser import parse
from tracekit.tapes.language.program import Hide, Press, Program, Show, Sleep, Type
from tracekit.tapes.language.writer import write
from tracekit.tapes.meta import meta_of
from tracekit.tapes.seen import look

FAMILIES: dict[str, Family] = {
    "shell": Shell(),
    "files": Files(),
    "text": Text(),
    "logs": Logs(),
    "system": System(),
    "git": Git(),
    "packages": Packages(),
}
DRAWN = 60
MOST_HIDDEN_CHARS = 1800

every_family = pytest.mark.parametrize("name", FAMILIES)


def drafts(name: str, count: int = DRAWN) -> Iterator[Draft]:
    return (FAMILIES[name].draft(random.Random(f"{name} {n}"), LEVELS[n % 3]) for n in range(count))


def parts(draft: Draft) -> tuple[Program, Program]:
    """The hidden part and the visible one."""
    border = draft.commands.index(Show())
    return Program(draft.commands[: border + 1]), Program(draft.commands[border + 1 :])


def typed(program: Program) -> str:
    return "".join(command.text for command in program.commands if isinstance(command, Type))


@every_family
def test_the_same_chance_gives_the_same_session(name: str) -> None:
    assert list(drafts(name, 9)) == list(drafts(name, 9))


@every_family
def test_what_is_composed_is_a_tape(name: str) -> None:
    for draft in drafts(name):
        program = Program(draft.commands)
        assert parse(write(program)) == program


@every_family
def test_a_session_lasts_3_to_30_seconds(name: str) -> None:
    for draft in drafts(name):
        total_ns = 0
        for command in parts(draft)[1].commands:
            match command:
                case Type(text=text, delay_ns=delay_ns):
                    total_ns += len(text) * (delay_ns or 0)
                case Sleep(duration_ns=duration_ns):
                    total_ns += duration_ns
                case Press(count=count, delay_ns=delay_ns):
                    total_ns += count * (delay_ns or 50_000_000)
        assert 3 <= total_ns / 1e9 <= 30


@every_family
def test_what_is_expected_is_not_what_is_typed(name: str) -> None:
    for draft in drafts(name):
        assert all(string and string not in typed(parts(draft)[1]) for string in draft.expect)


@every_family
def test_nearly_every_session_has_something_to_expect(name: str) -> None:
    assert sum(bool(draft.expect) for draft in drafts(name)) >= 0.95 * DRAWN


@every_family
def test_a_session_is_told_in_a_sentence_and_classed(name: str) -> None:
    for draft in drafts(name):
        assert draft.instruction[0].isupper()
        assert draft.instruction.endswith(".")
        assert not set("[]|") & set(draft.instruction)
        assert draft.classes
        assert set(draft.classes) <= set(CLASSES)


@every_family
def test_a_world_is_made_out_of_sight_by_little_typing(name: str) -> None:
    for draft in drafts(name):
        hidden, _ = parts(draft)
        assert hidden.commands[0] == Hide()
        assert len(typed(hidden)) <= MOST_HIDDEN_CHARS


@every_family
def test_higher_levels_have_more_to_do(name: str) -> None:
    entered = [sum(isinstance(one, Press) for one in parts(draft)[1].commands) for draft in drafts(name)]
    assert sum(entered[0::3]) < sum(entered[1::3]) < sum(entered[2::3])


@every_family
@pytest.mark.parametrize("level", LEVELS)
def test_a_session_shows_what_it_promises_when_it_is_run(name: str, level: int, bwrap: Sandbox) -> None:
    for tape in tapes({name: 1.0}, 2, seed=21, level=level):
        run = run_tape(tape.program, bwrap, seed=21)
        timeline = leave_out_hidden(run.events, run.duration_ns)
        check_run(run, meta_of(tape.program), look(run.header, timeline, "pyte"), Checks())


def test_a_log_is_in_order_of_time() -> None:
    for seed in range(50):
        rows = make_log(random.Random(seed), "a.log").rows
        assert [row.time for row in rows] == sorted(row.time for row in rows)
        assert len({row.level for row in rows}) >= 2
