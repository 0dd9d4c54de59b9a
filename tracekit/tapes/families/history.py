"""The families ``typos`` and ``history``: mistakes at the prompt that are put right, and lines that come again.

A mistaken line is edited with the keys of readline, so what runs in the end is known.
"""

import random
import string
from collections.abc import Callable

from tracekit.tapes.families import world
from tracekit.tapes.families.base import Draft
from tracekit.tapes.families.phrases import Saying, saying
from tracekit.tapes.families.session import Session

Slip = Callable[[random.Random, Session, Saying], str]
"""Types a line with a mistake in it and mends it; says what that was. The Enter is not pressed."""


def _backspace(rng: random.Random, session: Session, said: Saying) -> str:
    """Characters that don't belong, found at once."""
    cut = rng.randrange(6, len(said.line))
    wrong = "".join(rng.choice(string.ascii_lowercase) for _ in range(rng.randint(1, 5)))
    session.text(said.line[:cut] + wrong)
    session.wait(200, 600)
    session.press("Backspace", len(wrong))
    session.text(said.line[cut:])
    return "backspacing over a slip of the fingers"


def _left(rng: random.Random, session: Session, said: Saying) -> str:
    """A letter left out, put in afterwards."""
    cut = rng.randrange(max(1, len(said.line) - 14), len(said.line) - 1)
    session.text(said.line[:cut] + said.line[cut + 1 :])
    session.wait(200, 600)
    session.press("Left", len(said.line) - cut - 1)
    session.text(said.line[cut])
    session.ctrl("e")
    return "going back for a letter that was left out"


def _start(rng: random.Random, session: Session, said: Saying) -> str:
    """The first word forgotten: Ctrl+A, type it, Ctrl+E."""
    command, rest = said.line.split(" ", 1)
    session.text(rest)
    session.wait(200, 600)
    session.ctrl("a")
    session.text(f"{command} ")
    session.ctrl("e")
    return f"adding the forgotten {command} with Ctrl+A"


def _word(rng: random.Random, session: Session, said: Saying) -> str:
    """A word taken back: Ctrl+W."""
    spaces = [place for place, char in enumerate(said.line) if char == " "]
    cut = rng.choice(spaces) + 1
    session.text(said.line[:cut] + rng.choice(world.NOUNS))
    session.wait(200, 600)
    session.ctrl("w")
    session.text(said.line[cut:])
    return "taking back a wrong word with Ctrl+W"


def _line(rng: random.Random, session: Session, said: Saying) -> str:
    """The whole line taken back: Ctrl+U."""
    session.text(f"{rng.choice(('ecko', 'echi', 'prinft', 'sec'))} {world.phrase(rng)}")
    session.wait(200, 600)
    session.ctrl("u")
    session.text(said.line)
    return "wiping a wrong line with Ctrl+U"


def _swap(rng: random.Random, session: Session, said: Saying) -> str:
    """Two letters in the wrong order: Ctrl+T at the end of the line."""
    if said.line[-1] == said.line[-2] or not said.line[-2:].strip().isalnum():
        return _backspace(rng, session, said)
    session.text(said.line[:-2] + said.line[-1] + said.line[-2])
    session.wait(200, 600)
    session.ctrl("t")
    return "swapping two letters with Ctrl+T"


def _yank(rng: random.Random, session: Session, said: Saying) -> str:
    """The tail cut off and put back: Ctrl+K and Ctrl+Y."""
    session.text(said.line)
    steps = rng.randrange(4, min(20, len(said.line)))
    session.press("Left", steps)
    session.ctrl("k")
    session.ctrl("y")
    return "cutting the end off and putting it back"


_SLIPS: tuple[Slip, ...] = (_backspace, _left, _start, _word, _line, _swap, _yank)


class Typos:
    """One mistake mended while typing (level 1), two (level 2), three after a command that fails for one (level 3)."""

    def draft(self, rng: random.Random, level: int) -> Draft:
        """Compose a session."""
        session = Session(rng, characters=60 * level)
        if level == 3:
            said, wrong = saying(rng), rng.choice(("ehco", "ecoh", "ceho", "pritnf", "sqe", "gerp"))
            session.does(f"misspell a command as {wrong}", f"{wrong}: command not found")
            session.line(f"{wrong} {said.line.split(' ', 1)[1].split(' | ')[0]}")
            session.does(f"{said.does} after that", said.shows)
            session.line(said.line)
        for slip in rng.sample(_SLIPS, level):
            said = saying(rng)
            how = slip(rng, session, said)
            session.does(f"{said.does}, {how}", said.shows)
            session.line("")
        return session.draft("Basic", succeeds=level < 3, interactive=False)


def _up(rng: random.Random, session: Session, before: list[Saying]) -> None:
    back = rng.randint(1, len(before))
    session.does(f"run the command {_ago(back)} again with the Up key")
    session.press("Up", back)
    session.line("")


def _bang_bang(rng: random.Random, session: Session, before: list[Saying]) -> None:
    word = rng.choice(world.NOUNS)
    session.does(f"run the last command again with !! and say {word}", word.upper())
    session.line(f"!!; echo {word} | tr a-z A-Z")


def _bang_number(rng: random.Random, session: Session, before: list[Saying]) -> None:
    back = rng.randint(1, len(before))
    session.does(f"repeat the command {_ago(back)} by its number")
    session.line(f"!-{back}")


def _search(rng: random.Random, session: Session, before: list[Saying]) -> None:
    said = before[0]
    part = said.line.split(" | ")[0].split()[-1]
    session.does(f"search back for {part} with Ctrl+R and run what is found")
    session.ctrl("r")
    session.text(part)
    session.wait(400, 900)
    session.line("")


def _list(rng: random.Random, session: Session, before: list[Saying]) -> None:
    count = len(before) + 1
    session.does("list the history")
    session.line(f"history {count}")


def _change(rng: random.Random, session: Session, before: list[Saying]) -> None:
    old, new = rng.choice(world.NOUNS), rng.choice(world.ADJECTIVES)
    session.does(f"write {old} backwards, then {new} by changing the last line", old[::-1], new[::-1])
    session.line(f"echo {old} | rev")
    session.line(f"^{old}^{new}")


def _last_word(rng: random.Random, session: Session, before: list[Saying]) -> None:
    word = rng.choice(world.NOUNS)
    session.does(f"use the last word of the line before, {word}, again", word[::-1])
    session.line(f"echo {word}")
    session.text("rev <<< ")
    session.alt(".")
    session.line("")


def _edit(rng: random.Random, session: Session, before: list[Saying]) -> None:
    session.does("bring back the last command and turn its output around")
    session.press("Up")
    session.line(" | rev")


def _ago(back: int) -> str:
    return ("just before", "two back", "three back", "four back")[back - 1]


_AGAIN = (_up, _bang_bang, _bang_number, _search, _list, _change, _last_word, _edit)


class History:
    """A command that comes again once (level 1); several, two or three times (level 2, level 3)."""

    def draft(self, rng: random.Random, level: int) -> Draft:
        """Compose a session."""
        session = Session(rng, ["history -c"], characters=70 * level)
        before: list[Saying] = []
        for _ in range(level):
            said = saying(rng)
            before.append(said)
            session.does(said.does, said.shows)
            session.line(said.line, read_ms=(400, 900))
        # The first comes right after the lines whose place in the history it counts on.
        first, *others = rng.sample(_AGAIN, level)
        first(rng, session, before)
        for again in others:
            again(rng, session, before[-1:])
        return session.draft("Basic", interactive=False)
