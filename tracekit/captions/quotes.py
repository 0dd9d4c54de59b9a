"""Text that may be quoted: exact pieces of what a screen shows, without what reads badly in a sentence."""

import re
from functools import lru_cache

_BREAKS = re.compile(
    r"\s{3,}"  # columns of a table
    r"|[*]{3,}[*@.\s]*"  # what scrubbing leaves of a secret
    r"|[\x00-\x1f\x7f-\x9f`\ufffd]+"
    r"|\s*[\u2500-\u259f\u2800-\u28ff\ue000-\uf8ff\U000f0000-\U0010ffff]+\s*"  # boxes, blocks, braille, icons
)
_STOPS = re.compile(r"\s{3,}|[*]{3,}[*@.]*|[\x00-\x1f\x7f-\x9f`\ufffd\ue000-\uf8ff]+")
_WORDY = re.compile(r"[^\W_].*[^\W_]")


@lru_cache(maxsize=1024)
def quotable(line: str, limit: int = 56) -> str:
    """The piece of a line that is worth quoting, at most ``limit`` characters, cut between words; '' for none."""
    pieces = [piece.strip() for piece in _BREAKS.split(line)]
    pieces = [piece for piece in pieces if _WORDY.search(piece)]
    long = next((piece for piece in pieces if sum(map(str.isalpha, piece)) >= 4), None)
    return _cut(long or max(pieces, key=len, default=""), limit)


def quotable_input(text: str, limit: int = 72) -> str:
    """The beginning of what was typed, as far as it can be quoted; '' if it can't."""
    return _cut(_STOPS.split(text)[0].strip(), limit)


def is_wordy(text: str) -> bool:
    """Whether a text holds more than one letter or digit."""
    return bool(_WORDY.search(text))


def quoted(text: str) -> str:
    """A piece of text in backticks. It must hold none."""
    return f"`{text}`"


def listed(items: list[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return " and ".join(filter(None, [", ".join(items[:-1]), items[-1]])) if items else ""


def _cut(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    head = text[: limit + 1].rpartition(" ")[0].rstrip(" ,;:(-")
    if len(head) >= limit // 2:
        return head
    return re.sub(r"\w+$", "", text[:limit]).rstrip() or text[:limit]
