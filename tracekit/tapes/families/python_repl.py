"""The family ``python``: variables, text, lists, dicts, functions, loops, modules and errors at the Python prompt.

What each entry prints is found by running it, so `Draft.expect` is what Python says and not what we think it says.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tracekit.tapes.families import world
from tracekit.tapes.families.base import Draft
from tracekit.tapes.families.math_pool import closed, is_held_out
from tracekit.tapes.families.session import Session

Topic = Callable[[random.Random], tuple[str, list[str]]]
"""Draws a phrase (`Step.does`) and the entries that do it; lines of one entry are divided by line breaks."""


@dataclass
class Interpreter:
    """Runs entries as the REPL does, and says which lines it prints for each."""

    names: dict[str, Any] = field(default_factory=dict)

    def enter(self, entry: str) -> list[str]:
        """Run an entry.

        Returns:
            the rows that it prints; of an error the name alone, as its wording differs between versions of Python.
        """
        printed: list[str] = []

        def show(*values: object) -> None:
            printed.append(" ".join(map(str, values)))

        # The entries are ours: the topics below compose them.
        self.names["print"] = show
        try:
            try:
                code = compile(entry, "<stdin>", "eval")
            except SyntaxError:
                exec(entry, self.names)
            else:
                value = eval(code, self.names)
                if value is not None:
                    printed.append(repr(value))
        except Exception as error:
            printed.append(f"{type(error).__name__}: ")
        return printed

    def asks_held_out(self, entry: str) -> bool:
        """Whether an entry, with the values of its names put in, is a held-out problem."""
        plain = {name: value for name, value in self.names.items() if isinstance(value, int | float | str | list)}
        return is_held_out(closed(entry, plain))


def _money(rng: random.Random) -> tuple[str, list[str]]:
    goods, price, count = rng.choice(world.GOODS), rng.randrange(20, 999), rng.randrange(3, 60)
    entries = [f"price = {price / 100}", f"count = {count}", "round(price * count, 2)"]
    if rng.random() < 0.5:
        entries += [f"discount = {rng.choice((5, 10, 15, 20, 25))}", "round(price * count * (100 - discount) / 100, 2)"]
    return f"[work out|compute] what {count} {goods} cost at {price / 100} each", entries


def _text(rng: random.Random) -> tuple[str, list[str]]:
    phrase = world.phrase(rng)
    operations = [
        "text.upper()",
        "text.title()",
        "text.split()",
        "text[::-1]",
        "len(text)",
        "text.replace(' ', '_')",
        "sorted(text.split())",
        f"text.count('{rng.choice('aeiou')}')",
        f"text.startswith('{rng.choice(world.VERBS)}')",
        f"text.center({rng.randrange(40, 50)}, '{rng.choice('*-=.')}')",
        "[len(word) for word in text.split()]",
    ]
    return f"[look at|play with] the text '{phrase}'", [
        f"text = '{phrase}'",
        *rng.sample(operations, rng.randint(2, 4)),
    ]


def _list(rng: random.Random) -> tuple[str, list[str]]:
    name = rng.choice(("numbers", "scores", "sizes", "ages", "points", "temps"))
    values = [rng.randrange(1, 200) for _ in range(rng.randrange(4, 8))]
    operations = [
        f"sum({name}) / len({name})",
        f"sorted({name})",
        f"max({name}) - min({name})",
        f"{name}[{rng.randrange(1, 3)}:]",
        f"{name}[::-1]",
        f"[n for n in {name} if n > {rng.randrange(20, 150)}]",
        f"[n * {rng.randrange(2, 12)} for n in {name}]",
        f"list(enumerate({name}))",
    ]
    entries = [f"{name} = {values}", *rng.sample(operations, rng.randint(2, 3))]
    if rng.random() < 0.5:
        entries += [f"{name}.append({rng.randrange(200, 400)})", name]
    return f"[make|build] the list {name} and [look at it|work on it|use it] in {len(entries) - 1} ways", entries


def _dict(rng: random.Random) -> tuple[str, list[str]]:
    goods = rng.sample(world.GOODS, rng.randint(3, 4))
    stock = {name: rng.randrange(1, 90) for name in goods}
    operations = [
        "sorted(stock)",
        "sum(stock.values())",
        "max(stock, key=stock.get)",
        "sorted(stock.items(), key=lambda item: item[1])",
        "{name: n for name, n in stock.items() if n > " + str(rng.randrange(10, 60)) + "}",
        "list(stock.values())",
    ]
    change = [f"stock['{goods[0]}'] += {rng.randrange(2, 40)}", f"stock['{goods[0]}']"]
    entries = [f"stock = {stock}", *rng.sample(operations, rng.randint(1, 3)), *change]
    return f"[keep|hold] the stock of {', '.join(goods[:-1])} and {goods[-1]} in a dict", entries


def _comprehension(rng: random.Random) -> tuple[str, list[str]]:
    words = rng.sample(world.NOUNS, rng.randint(3, 5))
    stop = rng.randrange(6, 15)
    forms = [
        f"[n * n - {rng.randrange(2, 99)} for n in range({stop})]",
        f"[(a, b) for a in range({rng.randrange(2, 4)}) for b in range({rng.randrange(2, 4)})]",
        "{word: len(word) for word in words}",
        "[word.upper() for word in words if len(word) > " + str(rng.randrange(3, 6)) + "]",
        "sorted({word[0] for word in words})",
        "[word[:3] for word in words]",
    ]
    return "[write|try] a few comprehensions over " + ", ".join(words), [
        f"words = {words}",
        *rng.sample(forms, rng.randint(2, 3)),
    ]


def _function(rng: random.Random) -> tuple[str, list[str]]:
    name, factor, extra = rng.choice(world.VERBS), rng.randrange(2, 30), rng.randrange(1, 100)
    body = rng.choice(
        (
            f"return x * {factor} + {extra}",
            f"return (x + {extra}) // {factor}",
            f"return x ** 2 - {extra}",
            f"return [x, x * {factor}, x + {extra}]",
            f"return str(x) * {rng.randrange(2, 5)}",
        )
    )
    calls = [f"{name}({rng.randrange(2, 90)})" for _ in range(rng.randint(1, 2))]
    entries = [f"def {name}(x):\n    {body}", *calls, f"[{name}(n) for n in range({rng.randrange(3, 7)})]"]
    return f"define a function called {name} and [call|use] it", entries


def _branches(rng: random.Random) -> tuple[str, list[str]]:
    low, high = sorted(rng.sample(range(10, 90), 2))
    bottom, middle, top = rng.sample(world.ADJECTIVES, 3)
    lines = (
        f"def size(n):\n    if n < {low}:\n        return '{bottom}'\n    return '{middle}' if n < {high} else '{top}'"
    )
    calls = [f"size({n})" for n in rng.sample(range(100), 3)]
    return f"define a function that calls numbers {bottom}, {middle} or {top}, and try it", [lines, *calls]


def _loop(rng: random.Random) -> tuple[str, list[str]]:
    words = rng.sample(world.PEOPLE, rng.randint(3, 4))
    if rng.random() < 0.5:
        entry = f"for name in {words}:\n    print(name.title(), len(name) * {rng.randrange(2, 20)})"
        return f"loop over the names {', '.join(words)}", [entry]
    start, factor = rng.randrange(1, 40), rng.randrange(2, 50)
    entry = (
        f"for n in range({start}, {start + rng.randrange(3, 6)}):\n    print(n, 'times', {factor}, 'is', n * {factor})"
    )
    return f"print a few rows of the {factor} times table from {start}", [entry]


def _module(rng: random.Random) -> tuple[str, list[str]]:
    a, b = rng.randrange(12, 400) * 6, rng.randrange(12, 400) * 4
    word = "".join(rng.sample(world.NOUNS, 2))
    day = f"date({rng.randrange(2019, 2031)}, {rng.randrange(1, 13)}, {rng.randrange(1, 29)})"
    return rng.choice(
        (
            (
                f"find the greatest common divisor of {a} and {b}",
                ["import math", f"math.gcd({a}, {b})", f"math.lcm({a}, {b})"],
            ),
            (
                f"count the letters of {word}",
                ["from collections import Counter", f"Counter('{word}').most_common({rng.randrange(2, 5)})"],
            ),
            (
                f"find the date {(days := rng.randrange(20, 400))} days after {day[5:-1].replace(', ', '-')}",
                [
                    "from datetime import date, timedelta",
                    f"print({day} + timedelta(days={days}))",
                    f"{day}.isoformat()",
                ],
            ),
            (
                f"write a dict about {word} as JSON",
                ["import json", f"json.dumps({{'name': '{word}', 'size': {a}, 'open': True, 'tags': ['{word[:3]}']}})"],
            ),
            (
                f"find the numbers in a text about {word}",
                ["import re", f"re.findall(r'[0-9]+', '{word} {a}, row {b}, page {rng.randrange(1, 99)}')"],
            ),
            (
                f"hash the word {word}",
                ["import hashlib", f"hashlib.sha256(b'{word}{a}').hexdigest()[:16]"],
            ),
            (
                f"take the median of a few numbers with {a} among them",
                ["import statistics", f"statistics.median({[a, b, rng.randrange(1, 900), rng.randrange(1, 900), 7]})"],
            ),
        )
    )


def _error(rng: random.Random) -> tuple[str, list[str]]:
    good, bad = rng.sample(world.GOODS, 2)
    count, name = rng.randrange(3, 90), rng.choice(world.NOUNS)
    phrase, entries = rng.choice(
        (
            (
                "look up a key that is not there",
                [f"stock = {{'{good}': {count}}}", f"stock['{bad}']", f"stock.get('{bad}', {count + 1})"],
            ),
            (f"add {count} to a text, which is an error", [f"'{name} ' + {count}", f"'{name} ' + str({count})"]),
            ("use a name before it has a value", [f"{name} * 2", f"{name} = {count * 7}", f"{name} * 2"]),
            (
                f"turn the word {name} into a number, which can't be",
                [f"int('{name}')", f"int('{count}') + {count * 3}"],
            ),
            (
                "reach past the end of a list",
                [f"rows = ['{good}', '{bad}', '{name}']", f"rows[{rng.randrange(3, 20)}]", "rows[-1][::-1]"],
            ),
            (
                "divide by zero",
                [
                    f"{count * 37} / 0",
                    "try:\n    1 / 0\nexcept ZeroDivisionError as error:\n    print('caught', type(error))",
                ],
            ),
            (f"misspell a method of the text {name}", [f"'{name}'.uper()", f"'{name} {count}'.upper()"]),
        )
    )
    return f"{phrase}, [read the traceback|see the error], and do it right", entries


_TOPICS: tuple[Topic, ...] = (_money, _text, _list, _dict, _comprehension, _function, _branches, _loop, _module)


class PythonRepl:
    """One topic (level 1), two (level 2), two and an error that is put right (level 3)."""

    def draft(self, rng: random.Random, level: int) -> Draft:
        """Compose a session."""
        topics = rng.sample(_TOPICS, 1 if level == 1 else 2)
        # The prompt of Python 3.13 indents by itself, on top of the spaces that are typed; older ones don't mind this.
        session = Session(rng, ["export PYTHON_BASIC_REPL=1"], characters=130 * level)
        session.does("[open|start] [Python|the Python REPL|a Python session]")
        session.line(rng.choice(("python3", "python3 -q")))
        python = Interpreter()
        for topic in (*topics, _error) if level == 3 else topics:
            _enter(session, python, *_drawn(rng, topic, python))
        if rng.random() < 0.4:
            session.ctrl("d")
        else:
            session.line(rng.choice(("exit()", "quit()")))
        return session.draft("Exec", "Misc")


def _drawn(rng: random.Random, topic: Topic, python: Interpreter) -> tuple[str, list[str]]:
    """What a topic draws, drawn again while it asks a held-out problem."""
    while True:
        phrase, entries = topic(rng)
        if _is_allowed(entries, Interpreter(dict(python.names))):
            return phrase, entries


def _is_allowed(entries: list[str], python: Interpreter) -> bool:
    for entry in entries:
        if python.asks_held_out(entry):
            return False
        python.enter(entry)
    return True


def _enter(session: Session, python: Interpreter, phrase: str, entries: list[str]) -> None:
    session.does(phrase)
    for entry in entries:
        *lines, last = entry.split("\n")
        for line in lines:
            session.line(line, read_ms=(150, 400))
        if lines:
            session.line(last, read_ms=(150, 400))
        shows = [row for row in python.enter(entry) if len(row) < 75]
        session.line("" if lines else last, *shows, read_ms=(350, 900))
