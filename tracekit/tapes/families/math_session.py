"""The family ``math``: problems worked out at the prompt of the Python REPL."""

import random
import re
from collections.abc import Iterator

from tracekit.tapes.families.base import Draft
from tracekit.tapes.families.math_pool import draw_for_training
from tracekit.tapes.families.math_problems import Problem
from tracekit.tapes.families.session import Session

_OVER_NAMES = (
    *("sum", "difference", "product", "quotient", "floor-quotient", "remainder"),
    *("precedence", "parentheses", "compound", "comparison"),
)
"""Kinds whose problems hold whole numbers and signs only, so that names can stand for the numbers."""

_NAMES = (
    ("a", "b", "c", "d", "e", "f"),
    ("x", "y", "z", "u", "v", "w"),
    ("n", "m", "k", "p", "q", "r"),
    ("first", "second", "third", "fourth", "fifth", "sixth"),
    ("width", "height", "depth", "scale", "rest", "step"),
    ("price", "count", "fee", "tax", "extra", "year"),
    ("left", "right", "top", "low", "high", "deep"),
    ("one", "two", "three", "four", "five", "six"),
)
"""As many as a problem over names has numbers."""


class Math:
    """One problem (level 1), a few (level 2), problems over variables and with stored results (level 3).

    None is a held-out one (`tracekit.tapes.families.math_pool`). The answer is that of the last problem.
    """

    def draft(self, rng: random.Random, level: int) -> Draft:
        """Compose a session."""
        session = Session(rng, characters=40 * level)
        session.does("[open|start] [Python|the Python REPL|a Python session]")
        session.line(rng.choice(("python3", "python3 -q")))
        answer = ""
        for number in range(1 if level == 1 else rng.randint(2, 3)):
            problem = draw_for_training(rng, *(_OVER_NAMES if level == 3 and number == 0 else ()))
            stored = level == 3 and problem.kind in _OVER_NAMES
            lines, answer = (_over_names if stored else _plain)(rng, problem)
            verb = "[work out|compute|evaluate|find]"
            session.does(f"{verb} {problem.source}" + (" [over|using|with] variables" if stored else ""), answer)
            for line in lines:
                session.line(line, read_ms=(600, 1400) if line is lines[-1] else (200, 500))
        if rng.random() < 0.4:
            session.ctrl("d")
        else:
            session.line(rng.choice(("exit()", "quit()")))
        return session.draft("Exec", "Misc", answer=answer)


def _plain(rng: random.Random, problem: Problem) -> tuple[list[str], str]:
    """A problem as it is, printed, or by way of a name; the lines and what the last one shows."""
    source = problem.source if rng.random() < 0.6 else _tight(problem.source)
    form = rng.random()
    if form < 0.6:
        return [source], problem.answer
    if form < 0.85:
        return [f"print({source})"], str(problem.value)
    name = rng.choice(("answer", "result", "r", "value"))
    return [f"{name} = {source}", name], problem.answer


def _over_names(rng: random.Random, problem: Problem) -> tuple[list[str], str]:
    """A problem whose numbers get names first."""
    names: Iterator[str] = iter(rng.choice(_NAMES))
    assigned: dict[str, str] = {}

    def name(number: re.Match[str]) -> str:
        assigned[chosen := next(names)] = number[0]
        return chosen

    source = re.sub(r"\d+", name, problem.source)
    lines = [f"{name} = {number}" for name, number in assigned.items()]
    if rng.random() < 0.3:
        lines = [f"{', '.join(assigned)} = {', '.join(assigned.values())}"]
    if rng.random() < 0.3:
        return [*lines, f"result = {source}", "print(result)"], str(problem.value)
    return [*lines, source], problem.answer


def _tight(source: str) -> str:
    """The same without the spaces around its signs, as many people type."""
    return source if re.search(r"[a-z'\[]", source) else source.replace(" ", "")
