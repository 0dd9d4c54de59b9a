"""What every family of interactive sessions keeps to, and what some of them know about the programs they drive."""

import random
from itertools import pairwise
from pathlib import Path

import pytest

from tracekit.clips.timeline import leave_out_hidden
from tracekit.sandbox.base import Sandbox
from tracekit.tapes.checks import Checks, check_run, check_tape
from tracekit.tapes.driver.drive import run_tape
from tracekit.tapes.families.banners import Banners
from tracekit.tapes.families.base import CLASSES, LEVELS, Draft, Family
from tracekit.tapes.families.bc_node import Bc, Node
from tracekit.tapes.families.control import Control
from tracekit.tapes.families.debugging import Debugging
from tracekit.tapes.families.dynamic import Dynamic
from tracekit.tapes.families.editors import Nano, Vim
from tracekit.tapes.families.editors_buffer import Buffer
from tracekit.tapes.families.history import History, Typos
from tracekit.tapes.families.math_pool import is_held_out
from tracekit.tapes.families.math_session import Math
from tracekit.tapes.families.pagers import Pager
from tracekit.tapes.families.python_repl import Interpreter, PythonRepl
from tracekit.tapes.families.session import Session
from tracekit.tapes.families.tmux import Tmux
from tracekit.tapes.families.tui import Tui
from tracekit.tapes.generate import tapes
from tracekit.tapes.language.parser import parse
from tracekit.tapes.language.program import Hide, Press, Program, Show, Sleep, Type
from tracekit.tapes.language.writer import write
from tracekit.tapes.meta import meta_of
from tracekit.tapes.seen import look

FAMILIES: dict[str, Family] = {
    "math": Math(),
    "python-repl": PythonRepl(),
    "bc": Bc(),
    "node": Node(),
    "vim": Vim(),
    "nano": Nano(),
    "pager": Pager(),
    "tui": Tui(),
    "tmux": Tmux(),
    "typos": Typos(),
    "history": History(),
    "control": Control(),
    "dynamic": Dynamic(),
    "banners": Banners(),
    "debugging": Debugging(),
}
OWN_TAPES = sorted((Path(__file__).parents[2] / "vhs_scripts").rglob("*.tape"))
DRAWN = 30
FEW_WORDS = {"tui", "tmux"}
"""Families of thousands of sessions; the others have millions."""

every_family = pytest.mark.parametrize("name", FAMILIES)


def drafts(name: str, count: int = DRAWN) -> list[Draft]:
    return [FAMILIES[name].draft(random.Random(f"{name} {n}"), LEVELS[n % 3]) for n in range(count)]


def check_for_real(program: Program, sandbox: Sandbox) -> None:
    """Run a tape, and reject it as a build would."""
    run = run_tape(program, sandbox)
    timeline = leave_out_hidden(run.events, run.duration_ns)
    check_run(run, meta_of(program), look(run.header, timeline, "pyte"), Checks())


def visible(draft: Draft) -> tuple[object, ...]:
    return draft.commands[draft.commands.index(Show()) + 1 :]


def lines(draft: Draft) -> list[str]:
    """What is typed in sight, up to each key."""
    typed = [""]
    for command in visible(draft):
        if isinstance(command, Type):
            typed[-1] += command.text
        elif not isinstance(command, Sleep):
            typed.append("")
    return typed


def nominal_s(draft: Draft) -> float:
    total_ns = 0
    for command in visible(draft):
        if isinstance(command, Type):
            total_ns += len(command.text) * (command.delay_ns or 50_000_000)
        elif isinstance(command, Press):
            total_ns += command.count * (command.delay_ns or 50_000_000)
        elif isinstance(command, Sleep):
            total_ns += command.duration_ns
    return total_ns / 1e9


@every_family
def test_the_same_chance_gives_the_same_session(name: str) -> None:
    assert drafts(name, 6) == drafts(name, 6)


@every_family
def test_what_is_composed_is_a_tape(name: str) -> None:
    for draft in drafts(name):
        program = Program(draft.commands)
        assert parse(write(program)) == program


@every_family
def test_sessions_differ_in_what_they_do_and_in_what_is_said_of_it(name: str) -> None:
    count = 120
    drawn = drafts(name, count)
    least = count * (0.9 if name in FEW_WORDS else 0.98)
    assert len({tuple(lines(draft)) for draft in drawn}) >= least
    assert len({draft.instruction for draft in drawn}) >= least


@every_family
def test_a_session_sets_up_out_of_sight_and_ends_in_sight(name: str) -> None:
    for draft in drafts(name):
        assert isinstance(draft.commands[0], Hide)
        assert [isinstance(command, Hide | Show) for command in draft.commands].count(True) == 2
        assert isinstance(draft.commands[-1], Sleep)


@every_family
def test_a_session_takes_between_three_seconds_and_forty(name: str) -> None:
    assert all(3 < nominal_s(draft) < 40 for draft in drafts(name))


@every_family
def test_what_is_expected_is_not_typed(name: str) -> None:
    for draft in drafts(name):
        typed = lines(draft)
        for text in draft.expect:
            assert text.strip()
            assert "\n" not in text
            assert not any(text in line for line in typed)


@every_family
def test_most_sessions_can_be_checked(name: str) -> None:
    assert sum(bool(draft.expect) for draft in drafts(name)) >= DRAWN * 0.8


@every_family
def test_no_session_asks_a_held_out_problem(name: str) -> None:
    assert not [line for draft in drafts(name, 100) for line in lines(draft) if is_held_out(line)]


@every_family
def test_instructions_are_sentences_and_subjects_are_known(name: str) -> None:
    for draft in drafts(name):
        assert draft.instruction[0].isupper()
        assert draft.instruction.endswith(".")
        assert "[" not in draft.instruction or name in {"math", "python-repl"}
        assert draft.classes
        assert set(draft.classes) <= set(CLASSES)


def test_the_answer_of_a_math_session_is_what_python_makes_of_what_is_typed() -> None:
    for draft in drafts("math", 150):
        python, printed = Interpreter(), []
        for line in lines(draft)[1:]:
            if line and line not in {"exit()", "quit()"}:
                printed += python.enter(line)
        assert draft.answer == printed[-1]


def test_a_math_session_of_level_one_holds_one_problem() -> None:
    for n in range(30):
        draft = Math().draft(random.Random(n), 1)
        python = Interpreter()
        shown = [row for line in lines(draft)[1:] if line not in {"", "exit()", "quit()"} for row in python.enter(line)]
        assert shown == [draft.answer]


def test_the_interpreter_prints_what_the_prompt_of_python_prints() -> None:
    python = Interpreter()
    entries = ["x = 5", "x * 2", "print('a', x)", "None", "def f(n):\n    return n + x", "f(1)", "1 / 0", "y"]
    assert [python.enter(entry) for entry in entries] == [
        *([], ["10"], ["a 5"], [], [], ["6"]),
        *(["ZeroDivisionError: "], ["NameError: "]),
    ]


def test_a_problem_hidden_behind_names_is_seen() -> None:
    python = Interpreter()
    held_out = next(f"{a} - {b}" for a in range(100, 200) for b in range(10, 60) if is_held_out(f"{a} - {b}"))
    first, second = held_out.split(" - ")
    python.enter(f"a = {first}")
    python.enter(f"b = {second}")
    assert python.asks_held_out("a - b")
    assert python.asks_held_out("c = a - b")
    assert not python.asks_held_out("a")


def test_a_search_starts_after_the_first_character_and_wraps() -> None:
    buffer = Buffer(["oak and oak", "elm", "oak"])
    assert buffer.found("oak") == 0
    assert Buffer(["oak", "elm", "an oak"]).found("oak") == 2
    assert Buffer(["oak", "elm"]).found("oak") == 0


def test_a_family_that_fails_on_purpose_says_so() -> None:
    assert not any(draft.succeeds for draft in drafts("debugging"))
    assert all(draft.succeeds for draft in drafts("math"))


def test_a_typist_keeps_a_speed() -> None:
    session = Session(random.Random(1))
    for _ in range(5):
        session.line("echo hello")
    session.does("say hello", "hi there")
    delays = [command.delay_ns for command in visible(session.draft("Basic")) if isinstance(command, Type)]
    assert all(one and other and abs(one - other) <= 20_000_000 for one, other in pairwise(delays))


@every_family
@pytest.mark.parametrize("level", LEVELS)
def test_a_session_shows_what_it_promises_when_it_is_run(name: str, level: int, bwrap: Sandbox) -> None:
    for tape in tapes({name: 1.0}, 2, seed=33, level=level):
        check_tape(tape.program, Checks())
        check_for_real(tape.program, bwrap)


@pytest.mark.parametrize("path", OWN_TAPES, ids=lambda path: path.stem)
def test_a_tape_of_our_own_is_labelled_and_shows_what_its_label_promises(path: Path, bwrap: Sandbox) -> None:
    program = parse(path.read_text("utf-8"), path.name)
    meta = meta_of(program)
    assert meta
    assert meta.id == path.stem
    assert meta.expect
    check_for_real(program, bwrap)
