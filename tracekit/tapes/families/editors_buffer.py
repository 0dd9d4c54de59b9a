"""What an editor has in its buffer, kept beside the keys that change it, so that the file it writes is known."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from tracekit.tapes.families import world

KINDS = ("note", "list", "settings", "table")


def text(rng: random.Random, kind: str) -> tuple[str, list[str]]:
    """A small file to edit.

    Args:
        rng: source of chance.
        kind: one of `KINDS`.

    Returns:
        its name, and its lines, no two of them alike.
    """
    if kind == "note":
        return world.file_name(rng, "txt", "md"), _distinct(rng, lambda: f"{world.phrase(rng)} by {rng.choice(_DAYS)}")
    if kind == "list":
        return world.file_name(rng, "txt", "list"), _distinct(
            rng, lambda: f"{rng.randrange(2, 60)} {rng.choice(world.GOODS)}"
        )
    if kind == "settings":
        return world.file_name(rng, "conf", "ini"), _distinct(
            rng, lambda: f"{rng.choice(world.NOUNS)} = {rng.randrange(1, 900)}"
        )
    return world.file_name(rng, "csv", "tsv"), _distinct(
        rng, lambda: f"{rng.choice(world.PEOPLE)},{rng.choice(world.CITIES)},{rng.randrange(18, 90)}"
    )


def new_line(rng: random.Random, kind: str) -> str:
    """A line that could stand in a file of that kind."""
    return text(rng, kind)[1][0]


_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _distinct(rng: random.Random, line: Callable[[], str]) -> list[str]:
    lines: dict[str, None] = {}
    count = rng.randint(4, 7)
    while len(lines) < count:
        lines[line()] = None
    return list(lines)


@dataclass
class Buffer:
    """Lines of text, and the line (from 0) that the cursor is in."""

    lines: list[str]
    row: int = 0

    def replace(self, old: str, new: str) -> None:
        """Put ``new`` for every ``old``."""
        self.lines = [line.replace(old, new) for line in self.lines]

    def word(self, rng: random.Random) -> str:
        """A word that stands in it."""
        words = [
            word for line in self.lines for word in line.replace(",", " ").split() if len(word) > 2 and word.isalpha()
        ]
        return rng.choice(words)

    def found(self, word: str) -> int:
        """The row that a search from the start of the text comes to: it begins after the first character."""
        text = "\n".join(self.lines)
        return text.count("\n", 0, max(0, text.find(word, 1)))
