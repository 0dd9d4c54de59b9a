"""Recorded text on its way into a prompt: fenced line by line, and cut to a budget.

Whatever a screen shows stands behind a bar, on a line that begins with what we say of it: ``12| text``. Recorded text
holds no line end and nothing that a chat template takes for a mark of its own, so that it can neither begin a line of
ours nor end a message, whatever it says.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

BAR = "| "
_LONGEST = 200
"""Characters of a line; wider terminals are rare, and their rows end in fillers."""
_TAG = re.compile(
    r"<(?=[^\s<>]{1,40}>|[|｜])|(?<=[|｜])(?=>)|\[(?=/?(?:INST|SYS|SYSTEM_PROMPT|[A-Z]+_TOOLS|TOOL_\w+)\])"
)
"""Where the marks of chat templates begin: ``<|eot_id|>``, ``</s>``, ``<<SYS>>``, ``<start_of_turn>``, ``[INST]``.

Servers turn them into tokens of their own wherever in a message they stand, so a bar does not keep them in.
"""


class Budget(NamedTuple):
    """How much evidence may go into a prompt."""

    tokens: int = 3000
    """At most so many, by the estimate below."""
    bytes_per_token: float = 3.0
    """Of UTF-8. English prose has over four with Llama 3's tokens; screens are full of names, digits and boxes."""

    @property
    def bytes(self) -> int:
        """The same in bytes of UTF-8."""
        return max(int(self.tokens * self.bytes_per_token), 0)


NORMAL: Final = Budget()


def defused(text: str) -> str:
    """Recorded text on one line, without what breaks lines or marks turns: a blank parts what looks like a mark."""
    text = "".join(" " if unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp", "Cs") else char for char in text)
    return _TAG.sub(lambda found: f"{found[0]} ", text)


def barred(label: str, text: str) -> str:
    """A line of evidence with recorded text: a label of ours, a bar, and the text, its far end cut."""
    text = defused(text)
    return f"{label}{BAR}{text if len(text) <= _LONGEST else text[: _LONGEST - 3] + '...'}".rstrip()


def size(lines: Iterable[str]) -> int:
    """Bytes of lines with their ends."""
    return sum(len(line.encode("utf-8", "replace")) + 1 for line in lines)


def fitted(blocks: Sequence[Sequence[str]], room: int, what: str) -> list[str]:
    """The lines of as many blocks as fit: taken from both ends in turn, and a note for those left out in the middle.

    Args:
        blocks: each is taken whole or not at all.
        room: bytes.
        what: the blocks' name in the note: ``rows``.
    """
    if sum(map(size, blocks)) <= room:
        return [line for block in blocks for line in block]
    left = room - size([_note(len(blocks), what)])
    head, tail = 0, len(blocks)
    while head < tail:
        at = head if head <= len(blocks) - tail else tail - 1
        left -= size(blocks[at])
        if left < 0:
            break
        head, tail = (head + 1, tail) if at == head else (head, at)
    if left < 0 and head == 0 and tail == len(blocks) and room < size([_note(len(blocks), what)]):
        return []
    note = [_note(tail - head, what)]
    return [line for part in (*blocks[:head], note, *blocks[tail:]) for line in part]


def _note(count: int, what: str) -> str:
    return f"({count} {what} left out here)"
