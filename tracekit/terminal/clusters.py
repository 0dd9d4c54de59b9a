"""From text to the characters that cells hold: wide ones with their tails, marks joined to what they stand on."""

import re

from tracekit.terminal.row import CLUSTER_PLANE, TAIL
from tracekit.terminal.width import ZERO_WIDTH, width

MAX_CLUSTERS = 0xFFFE
MAX_CLUSTER_CHARS = 32
"""Marks past this many are left out: a text of nothing but marks must not grow one cell without end."""

_MARKS = "".join(sorted(ZERO_WIDTH))
_leading = re.compile(f"[{_MARKS}]*")
_marked = re.compile(f"([^{_MARKS}\0])(\0?)([{_MARKS}]+)")
_plain: set[str] = set()
"""Characters that were found to be plain: few in any recording."""


def is_plain(text: str) -> bool:
    """Whether each character of a text is a cell of its own, as it is."""
    if _plain.issuperset(text):
        return True
    unknown = set(text) - _plain
    found = {char for char in unknown if width(char) == 1 and not _needs_stand_in(char) and not _is_surrogate(char)}
    _plain.update(found)
    return found == unknown


def leading_marks(text: str) -> int:
    """How many characters without width a text begins with."""
    found = _leading.match(text)
    return found.end() if found else 0


def _needs_stand_in(char: str) -> bool:
    return ord(char) >= CLUSTER_PLANE


def _is_surrogate(char: str) -> bool:
    return "\ud800" <= char <= "\udfff"


class Clusters:
    """The clusters that a screen has shown, by number. Grows only, to MAX_CLUSTERS.

    Attributes:
        texts: the text of each cluster.
    """

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._numbers: dict[str, int] = {}
        self._singles = _Singles(self)

    def cells(self, text: str) -> str:
        """The characters that stand for a text in a row: as many as it takes cells.

        Marks at the start of the text have nothing to stand on, and take a cell each.
        """
        cells = text.translate(self._singles)
        if ZERO_WIDTH.isdisjoint(text):
            return cells
        return _marked.sub(lambda found: self.joined(found[1], found[3]) + found[2], cells)

    def joined(self, character: str, marks: str) -> str:
        """The character of a row that stands for another one (or a cluster) with marks on it."""
        return self.stand_in(self.text_of(character) + marks)

    def text_of(self, character: str) -> str:
        """The text that a character of a row stands for."""
        number = ord(character) - CLUSTER_PLANE
        return character if number < 0 else self.texts[number]

    def stand_in(self, text: str) -> str:
        """The character that stands for a cluster."""
        text = text[:MAX_CLUSTER_CHARS]
        number = self._numbers.get(text)
        if number is None:
            if len(self.texts) == MAX_CLUSTERS:
                return "\ufffd" if _needs_stand_in(text[0]) else text[0]
            number = self._numbers[text] = len(self.texts)
            self.texts.append(text)
        return chr(CLUSTER_PLANE + number)


class _Singles(dict[int, str]):
    """What each character is in a row, apart from its marks; found when it is needed (a table for str.translate)."""

    def __init__(self, clusters: Clusters) -> None:
        self._clusters = clusters

    def __missing__(self, code: int) -> str:
        char = chr(code)
        if _is_surrogate(char):
            cells = "\ufffd"
        elif _needs_stand_in(char):
            cells = self._clusters.stand_in(char)
        else:
            cells = char + TAIL if width(char) == 2 else char
        self[code] = cells
        return cells
