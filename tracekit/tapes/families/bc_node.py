"""The families ``bc`` and ``node``: other prompts that work things out."""

import json
import random
from collections.abc import Callable
from decimal import ROUND_DOWN, Decimal, localcontext

from tracekit.tapes.families import world
from tracekit.tapes.families.base import Draft
from tracekit.tapes.families.math_pool import draw_for_training, is_held_out
from tracekit.tapes.families.session import Session

Entries = tuple[str, list[tuple[str, str]]]
"""A phrase (`Step.does`), and what is typed for it, each with what is shown or ''."""

_PLAIN = ("sum", "difference", "product", "precedence", "parentheses", "compound", "floor-quotient", "remainder")


def _exact(rng: random.Random) -> Entries:
    """A problem in whole numbers, where bc and Python agree: neither divides below zero."""
    while True:
        problem = draw_for_training(rng, *_PLAIN)
        if "-" not in problem.source or not {"/", "%"} & set(problem.source):
            break
    source = problem.source.replace("//", "/").replace("**", "^")
    return f"work out {source}", [(source if rng.random() < 0.5 else source.replace(" ", ""), problem.answer)]


def _scaled(rng: random.Random) -> Entries:
    """A division to some places, which bc cuts off and does not round."""
    places, divisor = rng.randrange(2, 9), rng.randrange(3, 99)
    dividend = rng.randrange(divisor, 9_999)
    cut = Decimal(dividend) / divisor
    answer = cut.quantize(Decimal(1).scaleb(-places), ROUND_DOWN)
    return (
        f"divide {dividend} by {divisor} to {places} places",
        [(f"scale={places}", ""), (f"{dividend}/{divisor}", str(answer)), ("scale=0", "")],
    )


def _root(rng: random.Random) -> Entries:
    places, number = rng.randrange(2, 12), rng.randrange(2, 5_000)
    with localcontext() as context:
        context.prec = 50
        root = Decimal(number).sqrt().quantize(Decimal(1).scaleb(-places), ROUND_DOWN)
    return (
        f"take the square root of {number} to {places} places",
        [(f"scale={places}", ""), (f"sqrt({number})", str(root)), ("scale=0", "")],
    )


def _power(rng: random.Random) -> Entries:
    base, exponent = rng.randrange(3, 60), rng.randrange(7, 22)
    return f"raise {base} to the power of {exponent}", [(f"{base}^{exponent}", str(base**exponent))]


def _base(rng: random.Random) -> Entries:
    number = rng.randrange(100, 60_000)
    base, digits = rng.choice(((2, f"{number:b}"), (16, f"{number:X}"), (8, f"{number:o}")))
    return f"write {number} in base {base}", [(f"obase={base}", ""), (str(number), digits), ("obase=10", "")]


def _variables(rng: random.Random) -> Entries:
    width, height, depth = (rng.randrange(3, 400) for _ in range(3))
    letters = rng.sample("abcdefghkmnpqrstuvwxyz", 3)
    entries = [(f"{letter}={value}", "") for letter, value in zip(letters, (width, height, depth), strict=True)]
    return (
        f"multiply {width}, {height} and {depth} as variables",
        [*entries, ("*".join(letters), str(width * height * depth))],
    )


def _loop(rng: random.Random) -> Entries:
    factor, count = rng.randrange(3, 90), rng.randrange(3, 7)
    return (
        f"print the first {count} multiples of {factor} in a loop",
        [(f"for (i=1; i<={count}; i++) i*{factor}", str(count * factor))],
    )


def _function(rng: random.Random) -> Entries:
    letter, factor, extra, x = rng.choice("fghpq"), rng.randrange(2, 50), rng.randrange(1, 99), rng.randrange(2, 900)
    return (
        f"define a function {letter} that takes x to {factor}x + {extra}, and call it with {x}",
        [(f"define {letter}(x) {{ return x*{factor}+{extra}; }}", ""), (f"{letter}({x})", str(x * factor + extra))],
    )


def _drawn(rng: random.Random, topic: Callable[[random.Random], Entries]) -> Entries:
    """What a topic draws, drawn again while it types a held-out problem."""
    while True:
        phrase, entries = topic(rng)
        if not any(is_held_out(typed) for typed, _ in entries):
            return phrase, entries


class Bc:
    """One calculation in bc, a few, or many."""

    def draft(self, rng: random.Random, level: int) -> Draft:
        """Compose a session."""
        topics = (_exact, _scaled, _root, _power, _base, _variables, _loop, _function)
        session = Session(rng, characters=40 * level)
        session.does("[open|start] [bc|the calculator bc]")
        session.line("bc -q")
        for topic in rng.sample(topics, (1, 2, 4)[level - 1]):
            phrase, entries = _drawn(rng, topic)
            session.does(phrase)
            for typed, shown in entries:
                session.line(typed, *filter(None, [shown]), read_ms=(500, 1200) if shown else (200, 400))
        if rng.random() < 0.5:
            session.ctrl("d")
        else:
            session.line("quit")
        return session.draft("Exec", "Misc")


def _node_problem(rng: random.Random) -> Entries:
    problem = draw_for_training(rng, "sum", "difference", "product", "parentheses", "compound")
    while {"%", "/"} & set(problem.source):  # Python rounds these down, JavaScript towards zero
        problem = draw_for_training(rng, "sum", "difference", "product", "parentheses", "compound")
    return f"work out {problem.source}", [(problem.source, problem.answer)]


def _node_array(rng: random.Random) -> Entries:
    # node breaks arrays of more than six numbers into columns
    numbers = [rng.randrange(1, 100) for _ in range(rng.randrange(3, 7))]
    factor, least = rng.randrange(2, 30), rng.randrange(10, 80)
    name = rng.choice(("values", "sizes", "scores", "ages"))
    operations = [
        (f"{name}.map(n => n * {factor})", _array([n * factor for n in numbers])),
        (f"{name}.filter(n => n > {least})", _array([n for n in numbers if n > least])),
        (f"{name}.reduce((a, b) => a + b)", str(sum(numbers))),
        (f"Math.max(...{name}) * {factor}", str(max(numbers) * factor)),
        (f"{name}.sort((a, b) => a - b)", _array(sorted(numbers))),
    ]
    chosen = rng.sample(operations, 2)
    return f"work on an array of {len(numbers)} {name}", [(f"const {name} = {json.dumps(numbers)}", ""), *chosen]


def _array(numbers: list[int]) -> str:
    return f"[ {', '.join(map(str, numbers))} ]" if numbers else "[]"


def _node_text(rng: random.Random) -> Entries:
    phrase, number = world.phrase(rng), rng.randrange(2, 90)
    first = phrase.split()[0]
    operations = [
        ("text.toUpperCase()", f"'{phrase.upper()}'"),
        ("text.split('').reverse().join('')", f"'{phrase[::-1]}'"),
        (f"text.replace('{first}', '{number} x')", f"'{phrase.replace(first, f'{number} x', 1)}'"),
        (f"`${{text.length * {number}}} points`", f"'{len(phrase) * number} points'"),
    ]
    return f"change the text '{phrase}'", [(f"const text = '{phrase}'", ""), *rng.sample(operations, 2)]


def _node_function(rng: random.Random) -> Entries:
    name, factor, extra, x = rng.choice(world.VERBS), rng.randrange(2, 40), rng.randrange(1, 99), rng.randrange(2, 900)
    name = f"{name}It"  # some verbs are words of the language
    return (
        f"define the function {name} and call it with {x}",
        [(f"const {name} = x => x * {factor} + {extra}", ""), (f"{name}({x})", str(x * factor + extra))],
    )


def _node_object(rng: random.Random) -> Entries:
    goods = rng.sample(world.GOODS, 2)
    counts = [rng.randrange(1, 99) for _ in goods]
    pairs = dict(zip(goods, counts, strict=True))
    return (
        f"write a shop's {goods[0]} and {goods[1]} as JSON",
        [
            (f"const shop = {{ {', '.join(f'{name}: {count}' for name, count in pairs.items())} }}", ""),
            ("JSON.stringify(shop)", f"'{json.dumps(pairs, separators=(',', ':'))}'"),
            ("Object.keys(shop).length", ""),
        ],
    )


class Node:
    """One topic in node's REPL, two, or three."""

    def draft(self, rng: random.Random, level: int) -> Draft:
        """Compose a session."""
        topics = (_node_problem, _node_array, _node_text, _node_function, _node_object)
        session = Session(rng, characters=100 * level)
        session.does("[open|start] [node|the Node.js REPL]")
        session.line("node", "Welcome to Node.js")
        for topic in rng.sample(topics, level):
            phrase, entries = _drawn(rng, topic)
            session.does(phrase)
            for typed, shown in entries:
                session.line(typed, *filter(None, [shown]), read_ms=(500, 1200))
        if rng.random() < 0.5:
            session.ctrl("d")
        else:
            session.line(".exit")
        return session.draft("Exec", "Misc")
