"""The family ``debugging``: a small program that fails, is mended, and runs.

A bug is a program with one line wrong. What the right one prints is found by running it here.
"""

import random
from collections.abc import Callable
from typing import NamedTuple

from tracekit.tapes.families import world
from tracekit.tapes.families.base import Draft
from tracekit.tapes.families.python_repl import Interpreter
from tracekit.tapes.families.session import Session


class Bug(NamedTuple):
    """A program of Python with a mistake."""

    does: str
    """What the program is for, after ``a script that``."""
    lines: tuple[str, ...]
    """The program as it should be; without single quotes."""
    wrong: str
    """What stands in the program in place of ``right``."""
    right: str
    fails: str
    """What the screen shows of the failure: an error, or the wrong output."""
    status: int = 1
    """The exit status of the wrong program."""


def _name(rng: random.Random) -> Bug:
    total, goods = rng.choice(("total", "result", "amount")), rng.choice(world.GOODS)
    numbers = [rng.randrange(2, 300) for _ in range(rng.randrange(3, 6))]
    lines = (
        f"{total} = 0",
        f"for n in {numbers}:",
        f"    {total} += n",
        f'print("{goods}:", {total} * {rng.randrange(2, 20)})',
    )
    wrong = total[:-2] + total[-1] + total[-2]
    return Bug(f"adds up {goods}", lines, f'print("{goods}:", {wrong}', f'print("{goods}:", {total}', "NameError: ")


def _index(rng: random.Random) -> Bug:
    words = rng.sample(world.NOUNS, rng.randrange(3, 6))
    items = ", ".join(f'"{word}"' for word in words)
    lines = (
        f"words = [{items}]",
        "for i in range(len(words)):",
        "    print(i * " + str(rng.randrange(2, 30)) + ", words[i].upper())",
    )
    return Bug("lists words", lines, "range(len(words) + 1)", "range(len(words))", "IndexError: ")


def _type(rng: random.Random) -> Bug:
    word, count = rng.choice(world.NOUNS), rng.randrange(3, 900)
    lines = (f"count = {count}", f'print("{word}: " + str(count * {rng.randrange(2, 30)}))')
    argument = lines[1][lines[1].index("str(") + 4 : -2]
    return Bug(f"says how many {word}s there are", lines, f" + {argument})", f" + str({argument}))", "TypeError: ")


def _key(rng: random.Random) -> Bug:
    first, second = rng.sample(world.GOODS, 2)
    one, two = rng.randrange(3, 500), rng.randrange(3, 500)
    lines = (
        f'stock = {{"{first}": {one}, "{second}": {two}}}',
        f'print("sum", stock["{first}"] * 2 + stock["{second}"])',
    )
    return Bug(f"adds up {first} and {second}", lines, f'["{second[:-1]}"]', f'["{second}"]', "KeyError: ")


def _zero(rng: random.Random) -> Bug:
    numbers = [rng.randrange(2, 300) for _ in range(rng.randrange(3, 6))]
    place = rng.choice(world.CITIES)
    lines = (
        "def mean(values):",
        "    return sum(values) // max(1, len(values))",
        f'print("{place}", mean({numbers}), mean([]))',
    )
    return Bug("takes means", lines, "// len(values)", "// max(1, len(values))", "ZeroDivisionError: ")


def _attribute(rng: random.Random) -> Bug:
    words = rng.sample(world.PEOPLE, rng.randrange(3, 5))
    method, misspelt = rng.choice((("title", "titel"), ("upper", "uper"), ("capitalize", "capitalise")))
    lines = (
        f'names = "{" ".join(words)}".split()',
        "for name in names:",
        f"    print(name.{method}(), len(name) * {rng.randrange(2, 90)})",
    )
    return Bug("greets " + " and ".join(words[:2]), lines, f".{misspelt}()", f".{method}()", "AttributeError: ")


def _syntax(rng: random.Random) -> Bug:
    limit, factor = rng.randrange(3, 7), rng.randrange(3, 200)
    lines = (f"for n in range({limit}):", f'    print(n, "times {factor} is", n * {factor})')
    return Bug(f"prints the {factor} times table", lines, f"range({limit})", f"range({limit}):", "SyntaxError: ")


def _wrong_sign(rng: random.Random) -> Bug:
    """No error but an assertion that does not hold."""
    name, price, percent = rng.choice(world.GOODS), rng.randrange(20, 400) * 100, rng.choice((5, 10, 15, 20, 25, 30))
    reduced = price - price * percent // 100
    lines = (
        "def reduced(price, percent):",
        "    return price - price * percent // 100",
        f"assert reduced({price}, {percent}) == {reduced}",
        f'print("{name} now cost", reduced({price}, {percent}))',
    )
    return Bug(
        f"takes {percent} per cent off {name}", lines, "return price + price", "return price - price", "AssertionError"
    )


_BUGS: tuple[Callable[[random.Random], Bug], ...] = (
    _name,
    _index,
    _type,
    _key,
    _zero,
    _attribute,
    _syntax,
    _wrong_sign,
)


class Debugging:
    """Run, mend with sed, run again (level 1); read it first (level 2); mend it in vim and check it (level 3)."""

    def draft(self, rng: random.Random, level: int) -> Draft:
        """Compose a session."""
        _, setup = world.place(rng)
        bug = rng.choice(_BUGS)(rng)
        name = f"{rng.choice(world.VERBS)}_{rng.choice(world.STEMS)}.py"
        session = Session(rng, [*setup, world.written(name, _broken(bug))], characters=60 * level)
        session.does(
            f"run {name}, a script that {bug.does}, and [see it fail|watch it fail|read the traceback]", bug.fails
        )
        if level > 1:
            session.line(f"cat {name}", *_broken(bug))
        session.line(f"python3 {name}", read_ms=(900, 1800))
        if level < 3:
            _mend_with_sed(rng, session, bug, name)
        else:
            _mend_with_vim(session, bug, name)
            session.does("check that it compiles")
            session.line(f"python3 -m py_compile {name} && echo $?", "0")
        session.does("[run it again|try again|see that it works now]", *Interpreter().enter("\n".join(bug.lines)))
        session.line(f"python3 {name}", read_ms=(900, 1800))
        return session.draft("Exec", "Editors", succeeds=False, interactive=level == 3)


def _broken(bug: Bug) -> list[str]:
    return [line.replace(bug.right, bug.wrong) for line in bug.lines]


def _changed(bug: Bug) -> int:
    """The row, from 1, of the line that is wrong."""
    return next(number for number, line in enumerate(bug.lines, 1) if bug.right in line)


def _mend_with_sed(rng: random.Random, session: Session, bug: Bug, name: str) -> None:
    row = _changed(bug)
    session.does(f"[mend|fix|correct] line {row} with sed")
    if rng.random() < 0.6 and not set(bug.wrong + bug.right) & set('/[]*\\"&'):
        session.line(f"sed -i '{row}s/{bug.wrong}/{bug.right}/' {name}")
    else:
        session.line(f"sed -i '{row}c\\{bug.lines[row - 1]}' {name}")


def _mend_with_vim(session: Session, bug: Bug, name: str) -> None:
    row = _changed(bug)
    session.does(f"[mend|fix|correct] line {row} in vim")
    session.line(f"vim +{row} {name}", read_ms=(600, 1200))
    session.text("0C" if bug.lines[row - 1][0] != " " else "^C")
    session.text(bug.lines[row - 1].lstrip())
    session.press("Escape")
    session.line(":wq")
