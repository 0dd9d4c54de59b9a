"""The held-out problems: 1,000 of them, the same everywhere, and never in a training tape."""

import random
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracekit.tapes.families import math_pool
from tracekit.tapes.families.math_pool import canonical, closed, draw_for_training, is_held_out, pool
from tracekit.tapes.families.math_problems import KINDS, Problem, draw


def test_the_pool_holds_a_thousand_distinct_problems_of_every_kind() -> None:
    problems = pool()
    assert len({canonical(problem.source) for problem in problems}) == len(problems) == math_pool.POOL_SIZE == 1_000
    assert {problem.kind for problem in problems} == set(KINDS)
    assert all(is_held_out(problem.source) for problem in problems)


def test_the_pool_is_the_same_in_every_process() -> None:
    script = "from tracekit.tapes.families.math_pool import pool; print([p.source for p in pool(20)])"
    done = subprocess.run(
        [sys.executable, "-c", script], env={"PYTHONHASHSEED": "7"}, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == repr([problem.source for problem in pool()[:20]])


@given(st.integers(), st.sampled_from(sorted(KINDS)))
def test_no_draw_for_training_is_held_out(seed: int, kind: str) -> None:
    problem = draw_for_training(random.Random(seed), kind)
    assert problem.kind == kind
    assert not is_held_out(problem.source)


def test_the_pool_and_what_is_drawn_for_training_have_nothing_in_common() -> None:
    held_out = {canonical(problem.source) for problem in pool()}
    rng = random.Random(5)
    assert held_out.isdisjoint(canonical(draw_for_training(rng).source) for _ in range(5_000))


@pytest.mark.parametrize("kind", ["sum", "product", "difference", "precedence", "compound", "decimals", "list"])
def test_a_kind_alone_has_more_than_a_million_problems(kind: str) -> None:
    # Of N equally likely problems, k draws repeat about k²/2N times; unequal chances only make repeats more frequent.
    rng, draws = random.Random(3), 4_000
    repeats = draws - len({canonical(draw(rng, kind).source) for _ in range(draws)})
    assert repeats <= draws**2 / 2 / 1_000_000 * 2


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("28-23", " 28  -  23 "),
        ("28 + 23", "23+28"),
        ("3 * (4 + 5)", "(5+4)*3"),
        ("print(28 - 23)", "28 - 23"),
        ("answer = 28 - 23", "(28 - 23)"),
        ("len('oak elm')", 'len("oak elm")'),
    ],
)
def test_spellings_of_a_problem_are_one_problem(one: str, other: str) -> None:
    assert canonical(one) == canonical(other) is not None


def test_different_problems_are_different() -> None:
    assert canonical("28 - 23") != canonical("23 - 28")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ls -l",
        "28",
        "'oak'",
        "pwd",
        "x = 5",
        "a, b = 28, 23",
        "[1, 2]",
        "a - b",
        "import math",
        "if",
        "(" * 500,
        "\0",
        "f(2)",
    ],
)
def test_what_is_no_problem_is_not_held_out(text: str) -> None:
    assert canonical(text) is None
    assert not is_held_out(text)


@given(st.text())
def test_any_text_may_be_asked_about(text: str) -> None:
    assert is_held_out(text) in (False, True)


def test_names_take_their_values() -> None:
    assert closed("c = a - b", {"a": 28, "b": 23, "c": 4}) == "c = 28 - 23"


@given(st.integers(), st.sampled_from(sorted(KINDS)))
def test_every_problem_has_an_answer_that_fits_a_row(seed: int, kind: str) -> None:
    problem = draw(random.Random(seed), kind)
    assert 0 < len(problem.answer) < 80
    assert "\n" not in problem.answer


@pytest.mark.parametrize(
    ("source", "answer"),
    [
        ("7 // 2 * 2", "6"),
        ("-7 // 2", "-4"),
        ("0.1 + 0.2", "0.30000000000000004"),
        ("'ab' * 2", "'abab'"),
        ("40 / 1", "40.0"),
    ],
)
def test_answers_are_what_python_says(source: str, answer: str) -> None:
    assert Problem("any", source).answer == answer
