"""What stands where a secret stood: text of the same width that nobody takes for a secret.

Each character is replaced by itself alone, whatever follows, so that a secret that grows on the screen key by key is
replaced by a text that grows the same way, and no cell moves.
"""

from functools import lru_cache

from tracekit.terminal import width as widths

USER, HOST = "user-name", "host-name"
_WORDS = {USER: "user", HOST: "host"}
_KEPT = {HOST: ".", "public-address": ".", "mail": "@.", "private-key": " ", "ssh-key": " "}


width = lru_cache(maxsize=4096)(widths.width)
"""Cells that a character takes: 0, 1 or 2."""


def disguise(value: str, rule: str) -> list[str]:
    """The replacement of each character of a value, of the same width in cells.

    Secrets become asterisks, which no rule takes for part of one; of a mail address the ``@`` and the dots stay. Names
    of people and machines become ``useruser...`` and ``hosthost...``: prompts of asterisks would teach a wrong picture.
    """
    word, kept = _WORDS.get(rule), _KEPT.get(rule, "")
    if value.isascii() and value.isprintable():  # each takes a cell
        plain = ((word or "*") * len(value))[: len(value)]
        return [char if char in kept else mask for char, mask in zip(value, plain, strict=True)] if kept else [*plain]
    replaced, cells = [], 0
    for char in value:
        if char in kept:
            replaced.append(char)
        elif word:
            replaced.append("".join(word[(cells + cell) % len(word)] for cell in range(width(char))))
        else:
            replaced.append("*" * width(char))
        cells += width(char)
    return replaced


def is_disguised(value: str, rule: str) -> bool:
    """Whether a value is what ``disguise`` leaves."""
    return "".join(disguise(value, rule)) == value
