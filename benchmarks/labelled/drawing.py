"""Values drawn by lot, from patterns such as ``ghp_{alnum:36}``."""

import random
import re
import string
from typing import NamedTuple

LETTERS, DIGITS = string.ascii_letters, string.digits
ALPHABETS = {
    "alnum": LETTERS + DIGITS,
    "word": LETTERS + DIGITS + "_-",
    "base64": LETTERS + DIGITS + "+/",
    "hex": "0123456789abcdef",
    "upper": string.ascii_uppercase + DIGITS,
    "lower": string.ascii_lowercase + DIGITS,
    "bech": "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L",
    "letters": LETTERS,
    "digits": DIGITS,
    "symbols": LETTERS + DIGITS + "!#%+-_.~",
}
_DRAWN = re.compile(r"\{(\w+):(\d+)\}")
_MIXED = 6
"""From this length on, a value has letters and digits, as all but few drawn by lot have."""


class Value(NamedTuple):
    """What must not be shown."""

    text: str
    drawn: tuple[str, ...]
    """The parts of it that were drawn by lot. The rest, such as a prefix, is no secret."""


class Draw(random.Random):
    """Draws."""

    def chars(self, alphabet: str, length: int) -> str:
        """Characters of an alphabet. Its first and last are letters or digits."""
        chars = ALPHABETS[alphabet]
        wanted = {kind for kind in (str.isdigit, str.isalpha) if length >= _MIXED and any(map(kind, chars))}
        while True:
            drawn = "".join(self.choices(chars, k=length))
            if drawn[0].isalnum() and drawn[-1].isalnum() and all(any(map(kind, drawn)) for kind in wanted):
                return drawn

    def value(self, pattern: str) -> Value:
        """A value by a pattern."""
        drawn: list[str] = []

        def fill(match: re.Match[str]) -> str:
            drawn.append(self.chars(match[1], int(match[2])))
            return drawn[-1]

        text = _DRAWN.sub(fill, pattern)
        return Value(text, tuple(part for part in drawn if len(part) >= _MIXED) or (text,))

    def text(self, pattern: str) -> str:
        """The text of a value by a pattern."""
        return self.value(pattern).text
