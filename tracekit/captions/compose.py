"""Sentences chosen and joined into a caption of a wanted length."""

import random
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

_QUOTE = re.compile(r"`([^`]*)`")


class Sentence(NamedTuple):
    """A sentence that a caption may have."""

    text: str
    weight: int
    """What matters more is kept first when not all has room."""


class Voice:
    """Varies phrases, the same way each time for the same clip and tier.

    Args:
        seed: any text; `random.Random` takes its SHA-512, on every machine alike.
    """

    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed)

    def pick(self, *phrases: str) -> str:
        """One of several ways to say the same."""
        return self._random.choice(phrases)

    def length(self, words: float, spread: float = 0.3) -> int:
        """A length around ``words``, at most ``spread`` of it more or less."""
        return round(words * self._random.uniform(1 - spread, 1 + spread))


def compose(sentences: Sequence[Sentence], limit: int) -> str:
    """Join the sentences that matter most, in the order given, up to ``limit`` words; at least one, none twice."""
    sentences = list({sentence.text: sentence for sentence in sentences}.values())
    room = limit
    chosen: set[int] = set()
    for index in sorted(range(len(sentences)), key=lambda index: (-sentences[index].weight, index)):
        words = len(sentences[index].text.split())
        if words <= room or not chosen:
            chosen.add(index)
            room -= words
    return " ".join(sentences[index].text for index in sorted(chosen))


def grounded(sentences: Iterable[Sentence], evidence: str) -> list[Sentence]:
    """The sentences of which everything in backticks stands in the evidence."""
    return [sentence for sentence in sentences if all(quote in evidence for quote in _QUOTE.findall(sentence.text))]


def a(noun: str) -> str:
    """A noun, or an adjective before it, with the article that its first letter asks for."""
    return f"an {noun}" if noun[0] in "aeio" else f"a {noun}"


def plural(count: int, noun: str) -> str:
    """``1 row``, ``2 rows``."""
    return f"{count} {noun}" + ("" if count == 1 else "s")


def capital(text: str) -> str:
    """The text with a capital first letter."""
    return text[:1].upper() + text[1:]
