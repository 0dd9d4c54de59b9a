"""What was typed: the input stream read as lines, and what was typed blind."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tracekit.casts.scrub.sequences import TOKEN, visible
from tracekit.core.events import Event

_PROMPT = re.compile(
    r"(?i)(?:pass(?:word|phrase|code)|passwort|kennwort|mot de passe|contrase[nñ]a|senha|wachtwoord|has[lł]o|пароль"
    r"|密码|密碼|パスワード|암호|\bPIN\b|\btoken|\bsecret|api key|access key|verification code|one-time)"
    r"[^\n]{0,80}[:：>?]\s{0,3}$"
)
_TAIL = 400
"""Characters of output that a prompt is looked for in."""
_ENDS = "\r\n\x03\x04"


class Line(NamedTuple):
    """A line as it was typed, corrections applied."""

    text: str
    origins: list[int]
    """Index into the joined input, per character."""
    keys: list[int]
    """Indices of all keys that wrote something, also those taken back."""
    blind: bool
    """Whether a program had asked for something that it does not show, such as a password."""


def typed_lines(typed: str, asked: frozenset[int]) -> Iterator[Line]:
    """Read joined input as lines.

    Args:
        typed: the input, as terminals send it: backspace is DEL or BS, Ctrl-U and Ctrl-W take back a line and a word.
        asked: the indices in it of keys that were struck when a secret had just been asked for.
    """
    text: list[str] = []
    origins: list[int] = []
    keys: list[int] = []
    for token in TOKEN.finditer(typed):
        if token.lastindex == 1:
            text += token[1]
            origins += range(*token.span(1))
            keys += range(*token.span(1))
        elif token.lastindex == 6 and token[6] in _ENDS:
            yield Line("".join(text), origins, keys, not asked.isdisjoint(keys))
            text, origins, keys = [], [], []
        elif token.lastindex == 6 and text:
            kept = _kept("".join(text), token[6])
            del text[kept:], origins[kept:]
    yield Line("".join(text), origins, keys, not asked.isdisjoint(keys))


def _kept(text: str, key: str) -> int:
    """How many characters an editing key leaves of those before the cursor."""
    if key in "\b\x7f":
        return len(text) - 1
    if key == "\x17":
        return len(text.rstrip()) - len(text.rstrip().rpartition(" ")[2])
    return 0 if key == "\x15" else len(text)


def asked_at(events: Sequence[Event]) -> frozenset[int]:
    """The indices in the joined input of the first keys after output that ends in a prompt for a password."""
    asked = []
    index, tail = 0, ""
    for event in events:
        if event.code == "o":
            tail = (tail + event.data)[-_TAIL:]
        elif event.code == "i":
            if tail and _PROMPT.search(visible(tail)):
                asked.append(index)
            index, tail = index + len(event.data), ""
    return frozenset(asked)
