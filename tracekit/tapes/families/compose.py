"""From lines of shell to the commands of a tape: a typist's rhythm, hidden set-up, pauses, the sentence that tells it.

Strings of a tape have no escapes and three quotes, so a line that holds all three can't be typed (vhs, lexer); nor can
one that holds a line break. `Typist` refuses both.
"""

import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tracekit.tapes.families.base import Draft
from tracekit.tapes.language.program import Command, Hide, Press, Show, Sleep, Type

MS = 1_000_000
"""Nanoseconds of a millisecond."""

_VISIBLE_TYPING_MS = 16_000
"""Longest time that a session spends on typing, so that it stays within half a minute."""
_SETTLE_MS = 500
"""After the set-up: real vhs leaves the shell no other time to do it."""
_ROW = 60
"""Characters that fit in a row of every look."""
_CHOICE = re.compile(r"\[([^][]*\|[^][]*)\]")


class Typist:
    """Somebody at the keyboard: a speed of their own, kept with small changes from line to line.

    Args:
        rng: the session's source of chance.
        characters: how many the session types in sight; where they are many, the typist is a fast one.
    """

    def __init__(self, rng: random.Random, characters: int = 0) -> None:
        self._rng = rng
        slowest_ms = max(45, min(110, _VISIBLE_TYPING_MS // max(1, characters)))
        self._delay_ms = rng.randint(40, slowest_ms)

    def text(self, text: str) -> tuple[Command, ...]:
        """Type a line without ending it; now and then with a hesitation at a space."""
        if "\n" in text or {'"', "'", "`"} <= set(text):
            raise ValueError(f"a tape can't type {text!r}")
        spaces = [match.end() for match in re.finditer(r"(?<=\S) (?=\S)", text)]
        if len(spaces) < 2 or self._rng.random() < 0.8:
            return (Type(text, self._key_ns()),)
        cut = self._rng.choice(spaces)
        return (Type(text[:cut], self._key_ns()), self.pause(150, 450), Type(text[cut:], self._key_ns()))

    def line(self, text: str, read_ms: tuple[int, int] = (500, 1300)) -> tuple[Command, ...]:
        """Type a line, look it over, press Enter, and read what comes for a time within ``read_ms``."""
        return (*self.text(text), self.pause(100, 400), Press("Enter"), self.pause(*read_ms))

    def press(self, key: str, count: int = 1) -> Press:
        """Press a key, several times at the typist's speed."""
        return Press(key, count, self._key_ns() if count > 1 else None)

    def pause(self, least_ms: int, most_ms: int) -> Sleep:
        """Do nothing for a while, a multiple of 50 ms."""
        return Sleep(self._rng.randrange(least_ms, most_ms + 1, 50) * MS)

    def _key_ns(self) -> int:
        return max(40, min(120, self._delay_ms + self._rng.randint(-8, 8))) * MS


def hidden(lines: Iterable[str]) -> tuple[Command, ...]:
    """Run lines out of sight, and clear the screen; ends in sight."""
    typed = [command for line in (*lines, "clear") for command in (Type(line, MS), Press("Enter"))]
    return (Hide(), *typed, Sleep(_SETTLE_MS * MS), Show())


@dataclass(frozen=True)
class Step:
    """A thing that is done in a session: what is typed for it, what it is, what it shows."""

    lines: tuple[str, ...]
    does: str
    """A phrase that begins with a verb in the base form: ``list the files in notes``. ``[a|b]`` stands for either."""
    shows: tuple[str, ...] = ()
    """As `Draft.expect`."""
    sleeps_s: int = 0
    """How long the last line keeps the prompt away; only the virtual clock knows."""


def step(line: str, does: str, *shows: str, sleeps_s: int = 0) -> Step:
    """A step of one line."""
    return Step((line,), does, shows, sleeps_s)


def story(
    rng: random.Random,
    setup: Iterable[str],
    steps: Sequence[Step],
    *,
    classes: Sequence[str],
    succeeds: bool = True,
    answer: str | None = None,
) -> Draft:
    """A session of shell lines: the hidden set-up, the steps at a typist's pace, a pause at the end."""
    lines = [line for one in steps for line in one.lines]
    typist = Typist(rng, sum(map(len, lines)))
    seen: list[Command] = [typist.pause(400, 900)]
    for one in steps:
        for line in one.lines:
            seen += typist.line(line)
        if one.sleeps_s:
            seen.append(Sleep(one.sleeps_s * 1000 * MS))
    return Draft(
        commands=(*hidden(setup), *seen, typist.pause(1200, 2200)),
        instruction=sentence(rng, [wording(rng, one.does) for one in steps]),
        expect=expected(lines, [string for one in steps for string in one.shows]),
        answer=answer,
        succeeds=succeeds,
        classes=tuple(classes),
    )


def expected(typed: Iterable[str], shows: Iterable[str]) -> tuple[str, ...]:
    """What the screen must show: each once, cut to what fits in a row, and nothing that the typing itself shows."""
    typed = tuple(typed)
    cut = dict.fromkeys(string[:_ROW].rstrip() for string in shows)
    return tuple(string for string in cut if not any(string in line for line in typed))


def wording(rng: random.Random, text: str) -> str:
    """Choose in every ``[a|b|c]`` of a text one of its parts."""
    while found := _CHOICE.search(text):
        text = text[: found.start()] + rng.choice(found[1].split("|")) + text[found.end() :]
    return text


def sentence(rng: random.Random, phrases: Sequence[str]) -> str:
    """One to many phrases, each beginning with a verb in the base form, as an instruction in prose."""
    first, *rest = phrases
    if not rest:
        return _upper(rng.choice(_ONE).format(first))
    *middle, last = rest
    if not middle:
        return _upper(rng.choice(_TWO).format(first, last))
    if rng.random() < 0.5:
        then = [f"{rng.choice(('Then', 'Next,', 'After that,'))} {phrase}." for phrase in middle]
        return " ".join([f"{_upper(rng.choice(_START).format(first))}.", *then, f"Finally, {last}."])
    return _upper(f"{rng.choice(_START).format(first)}, {', '.join(middle)}, and {rng.choice(_END).format(last)}.")


_ONE = (
    "{}.",
    "{}.",
    "use the shell to {}.",
    "in the terminal, {}.",
    "at the prompt, {}.",
    "show how to {}.",
    "run one command to {}.",
)
_TWO = (
    "{}, then {}.",
    "first {}, and then {}.",
    "{}; after that, {}.",
    "in the shell, {} and then {}.",
    "{}. Then {}.",
)
_START = ("{}", "first, {}", "to begin with, {}", "start off: {}", "in the terminal, {}")
_END = ("{}", "finally {}", "at the end {}", "last of all {}")


def _upper(text: str) -> str:
    return text[0].upper() + text[1:]
