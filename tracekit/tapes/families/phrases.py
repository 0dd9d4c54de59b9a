"""Lines of shell that turn a few words into something else, with what they print."""

import random
from typing import NamedTuple

from tracekit.tapes.families import world


class Saying(NamedTuple):
    """A line of shell and its output."""

    line: str
    does: str
    shows: str


def saying(rng: random.Random) -> Saying:
    """Draw one. The line has no quotes and no `!`; what it shows is seldom in it."""
    words = [rng.choice(world.ADJECTIVES), *rng.sample(world.NOUNS, rng.randint(1, 3))]
    text, letter = " ".join(words), rng.choice("XYZ")
    first = rng.randrange(11, 400)
    last = first + len(words)
    dashed = "".join(f"{word}-" for word in words)
    consonants = "".join(char for char in text if char not in "aeiou")
    return Saying(
        *rng.choice(
            (
                (f"echo {text} | tr a-z A-Z", f"write '{text}' in capitals", text.upper()),
                (f"echo {text} | rev", f"write '{text}' backwards", text[::-1]),
                (f"echo {text} | tr a-z A-Z | rev", f"write '{text}' backwards in capitals", text.upper()[::-1]),
                (f"printf %s- {text}", f"put dashes after the words '{text}'", dashed),
                (f"echo {text} | tr {text[0]} {letter}", f"put {letter} in '{text}'", text.replace(text[0], letter)),
                (f"echo {text} | cut -c3- | rev", f"cut two letters off '{text}' and turn it around", text[:1:-1]),
                (f"echo {text} | tr -d aeiou", f"take the vowels out of '{text}'", consonants),
                (
                    f"seq -s+ {first} {last} | tr + _",
                    f"count from {first} to {last} in one line",
                    "_".join(map(str, range(first, last + 1))),
                ),
            )
        )
    )
