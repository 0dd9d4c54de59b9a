"""What a program writes to the terminal, taken apart: text to draw, marks of the shell, modes, and questions.

Bytes become text with UTF-8 sequences joined over borders, and a sequence that is not whole yet waits for its rest.
That changes nothing that is seen (half a sequence draws nothing), and no event of a cast cuts one in two.
"""

import re
from codecs import getincrementaldecoder
from collections.abc import Iterator
from typing import NamedTuple

MOST_HELD_CHARS = 4096
"""A sequence longer than that is passed on before it is whole."""

_END = r"(?:\x07|\x1b\\)"
_sequence = re.compile(
    rf"(?P<mark>\x1b\]133;(?P<says>[A-D][^\x07\x1b]{{0,64}}){_END})"
    r"|\x1b\[\?(?P<modes>[0-9;]{1,64})(?P<set>[hl])"
    r"|(?P<hard>\x1bc)|(?P<soft>\x1b\[!p)"
    r"|(?P<question>\x1b\[[>]?0?c|\x1b\[\??[56]n|\x1b\[\??[0-9]{1,5}\$p|\x1b\[>0?q|\x1b\[\?u"
    rf"|\x1b\](?:4;[0-9]{{1,3}}|1[0-2]);\?[^\x07\x1b]{{0,64}}{_END}|\x1bP[$+]q[^\x07\x1b]{{0,256}}\x1b\\)"
)
_unfinished = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|[\]P^_X][^\x07\x1b]*\x1b?|[ -/]*)\Z")

CURSOR_KEYS, CURSOR_VISIBLE = 1, 25
"""Private modes: DECCKM, DECTCEM."""
_AT_START = frozenset({7, CURSOR_VISIBLE})
_SOFT_RESET = {CURSOR_KEYS, 6, 66}
"""What DECSTR puts back to unset."""


class Piece(NamedTuple):
    """A run of output that ends where something is to be done about it, or at the end of what has come."""

    text: str
    """To draw; the question is in it, as it is in the recordings of others."""
    question: str = ""
    """The sequence at the end of ``text`` that asks the terminal something."""
    mark: str = ""
    """What a mark of the shell (OSC 133, taken out of the text) says: ``C`` or ``D;STATUS``, for example."""


class Wire:
    """Takes output as it comes.

    Attributes:
        modes: the private modes (DECSET) that are set.
    """

    def __init__(self) -> None:
        self._decoder = getincrementaldecoder("utf-8")("replace")
        self._held = ""
        self.modes: set[int] = set(_AT_START)

    def pieces(self, data: bytes, *, end: bool = False) -> Iterator[Piece]:
        """The pieces of the next output, ``modes`` being those at the end of each as it is yielded.

        Args:
            data: bytes, cut anywhere.
            end: whether no more will come: then nothing is held back.
        """
        text = self._held + self._decoder.decode(data, end)
        rest = None if end else _unfinished.search(text, max(0, len(text) - MOST_HELD_CHARS))
        whole = rest.start() if rest else len(text)
        text, self._held = text[:whole], text[whole:]
        start = 0
        for found in _sequence.finditer(text):
            if found["mark"]:
                yield Piece(text[start : found.start()], mark=found["says"])
                start = found.end()
            elif found["question"]:
                yield Piece(text[start : found.end()], question=found["question"])
                start = found.end()
            else:
                self._set_modes(found)
        if start < len(text):
            yield Piece(text[start:])

    def _set_modes(self, found: re.Match[str]) -> None:
        if found["hard"]:
            self.modes = set(_AT_START)
        elif found["soft"]:
            self.modes = self.modes - _SOFT_RESET | _AT_START
        else:
            named = {int(number) for number in found["modes"].split(";") if number and len(number) < 6}
            self.modes = self.modes | named if found["set"] == "h" else self.modes - named
