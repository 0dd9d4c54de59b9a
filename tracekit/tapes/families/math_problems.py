"""Problems for the Python REPL, each an expression whose value Python itself gives.

A problem is one closed expression: it names nothing but built-in functions, so its value depends on nothing else, and
however a session puts it (at the prompt, in ``print``, over variables) the expression says which problem it is.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tracekit.tapes.families.world import NOUNS

FUNCTIONS: dict[str, Any] = {
    function.__name__: function for function in (abs, divmod, int, len, max, min, range, round, sorted, str, sum)
}
"""All that a problem may call."""


@dataclass(frozen=True)
class Problem:
    """A closed Python expression.

    Attributes:
        kind: its family, a key of ``KINDS``.
        source: the expression as a person types it.
    """

    kind: str
    source: str

    @property
    def value(self) -> Any:
        """What Python makes of it."""
        # The text is ours: the grammars below compose it from numbers, words and the functions above.
        return eval(self.source, {"__builtins__": FUNCTIONS})

    @property
    def answer(self) -> str:
        """What the REPL prints for it."""
        return repr(self.value)


def _integer(rng: random.Random, digits: int) -> int:
    """A number of exactly that many digits."""
    return rng.randrange(10 ** (digits - 1) if digits > 1 else 2, 10**digits)


def _some(rng: random.Random) -> int:
    """A number of one to four digits, small ones seldom: there are few of them."""
    return _integer(rng, rng.choices((1, 2, 3, 4), weights=(1, 3, 8, 8))[0])


def _decimal(rng: random.Random) -> str:
    return f"{rng.randrange(1, 1000)}.{rng.randrange(1, 100)}".rstrip("0")


def _sum(rng: random.Random) -> str:
    return f"{_some(rng)} + {_some(rng)}"


def _difference(rng: random.Random) -> str:
    return f"{_some(rng)} - {_some(rng)}"


def _product(rng: random.Random) -> str:
    return f"{_some(rng)} * {_some(rng)}"


def _quotient(rng: random.Random) -> str:
    divisor = _integer(rng, rng.choice((1, 2, 2)))
    dividend = divisor * _some(rng) if rng.random() < 0.7 else _some(rng)
    return f"{dividend} / {divisor}"


def _floor_quotient(rng: random.Random) -> str:
    return f"{_integer(rng, rng.choice((3, 4, 5)))} // {_integer(rng, rng.choice((1, 2, 3)))}"


def _remainder(rng: random.Random) -> str:
    return f"{_integer(rng, rng.choice((3, 4, 5)))} % {_integer(rng, rng.choice((1, 2, 3)))}"


def _power(rng: random.Random) -> str:
    power = rng.choice(
        (f"{_integer(rng, 3)} ** 2", f"{_integer(rng, 2)} ** {rng.randrange(2, 6)}", f"2 ** {rng.randrange(3, 25)}")
    )
    return f"{power} {rng.choice(('+', '-', '*', '%'))} {_some(rng)}" if rng.random() < 0.9 else power


def _decimals(rng: random.Random) -> str:
    return f"{_decimal(rng)} {rng.choice('+-*')} {_decimal(rng)}"


def _rounded(rng: random.Random) -> str:
    return f"round({_decimal(rng)} {rng.choice('*/')} {_decimal(rng)}, {rng.choice((1, 2, 3))})"


def _division(rng: random.Random) -> str:
    return f"divmod({_integer(rng, rng.choice((3, 4)))}, {_integer(rng, rng.choice((1, 2)))})"


def _precedence(rng: random.Random) -> str:
    low, high = rng.choice("+-"), rng.choice(("*", "//", "%"))
    a, b, c = _some(rng), _integer(rng, rng.choice((2, 3))), _integer(rng, rng.choice((1, 2)))
    return f"{a} {low} {b} {high} {c}" if rng.random() < 0.5 else f"{b} {high} {c} {low} {a}"


def _parentheses(rng: random.Random) -> str:
    a, b, c = _integer(rng, rng.choice((2, 3))), _integer(rng, rng.choice((1, 2, 3))), _integer(rng, rng.choice((1, 2)))
    inner = f"({a} {rng.choice('+-')} {b})"
    return f"{inner} {rng.choice(('*', '//', '%'))} {c}" if rng.random() < 0.6 else f"{c} * {inner}"


def _compound(rng: random.Random) -> str:
    left = f"({_integer(rng, 2)} {rng.choice('+-')} {_integer(rng, rng.choice((1, 2)))})"
    right = f"({_integer(rng, 2)} {rng.choice('+*')} {_integer(rng, rng.choice((1, 2)))})"
    tail = rng.choice(("", f" - {_some(rng)}", f" + {_integer(rng, 2)} ** 2", f" % {_integer(rng, 2)}"))
    return f"{left} {rng.choice('*-+')} {right}{tail}"


def _comparison(rng: random.Random) -> str:
    sign = rng.choice(("<", ">", "==", "!="))
    return f"{_integer(rng, 2)} * {_integer(rng, 2)} {sign} {_integer(rng, rng.choice((3, 4)))}"


def _numbers(rng: random.Random) -> str:
    return repr([_integer(rng, rng.choice((1, 2, 2))) for _ in range(rng.randrange(3, 7))])


def _list(rng: random.Random) -> str:
    numbers = _numbers(rng)
    form = rng.choice(
        ("sum({})", "max({})", "min({})", "sorted({})", "sorted({}, reverse=True)", "{}[::-1]", "{}[1:3]", "{}[-1]")
    )
    return form.format(numbers)


def _comprehension(rng: random.Random) -> str:
    start = rng.randrange(1, 60)
    numbers = f"range({start}, {start + rng.randrange(3, 13)})"
    term = rng.choice(
        (
            "n * n",
            f"n * {rng.randrange(2, 100)}",
            f"n + {rng.randrange(2, 400)}",
            f"{rng.randrange(60, 900)} - n",
            "n ** 3",
        )
    )
    keep = rng.choice(
        ("", "", " if n % 2", " if n % 2 == 0", f" if n % {rng.randrange(3, 6)} == 0", f" if n > {start + 1}")
    )
    return rng.choice((f"[{term} for n in {numbers}{keep}]", f"sum({term} for n in {numbers}{keep})"))


def _string(rng: random.Random) -> str:
    first, second = rng.sample(NOUNS, 2)
    number = rng.randrange(2, 9)
    return rng.choice(
        (
            f"'{first}' + '{second}'",
            f"'{first}' * {number}",
            f"len('{first} {second}')",
            f"'{first} {second}'.upper()",
            f"'{first} {second}'.title()",
            f"'{first}'[::-1] + '{second}'",
            f"'{first}-{second}-{number}'.split('-')",
            f"'{first}'.replace('{rng.choice(first)}', '{number}') + '{second}'",
            f"'{first} {second}'.count('{rng.choice(first)}')",
            f"'-'.join(sorted('{first}')) + '{number}'",
        )
    )


KINDS: dict[str, Callable[[random.Random], str]] = {
    "sum": _sum,
    "difference": _difference,
    "product": _product,
    "quotient": _quotient,
    "floor-quotient": _floor_quotient,
    "remainder": _remainder,
    "power": _power,
    "decimals": _decimals,
    "rounded": _rounded,
    "division": _division,
    "precedence": _precedence,
    "parentheses": _parentheses,
    "compound": _compound,
    "comparison": _comparison,
    "list": _list,
    "comprehension": _comprehension,
    "string": _string,
}
"""The kinds of problems, and what draws the source of one."""


def draw(rng: random.Random, *kinds: str) -> Problem:
    """Draw a problem of one of these kinds, or of any; all are equally likely. It may be a held-out one."""
    kind = rng.choice(kinds or tuple(KINDS))
    return Problem(kind, KINDS[kind](rng))
