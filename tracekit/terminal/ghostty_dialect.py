"""What xterm understands, said in Ghostty's terms.

Where the two read a text in different ways, it is changed on its way to Ghostty, so far as that is cheap: many texts
pass with one search for an escape character. What differs still is listed in tests/terminal/test_engines_agree.py.
"""

import re
from collections.abc import Callable

from tracekit.terminal.width import ZERO_WIDTH

STAND_IN = 0xF0000
"""A private character ``STAND_IN + code`` goes to Ghostty for a character that is to be one cell wide there too."""
FIRST_STAND_IN = STAND_IN + 0x2630
"""The lowest of them; fonts of icons use the private characters below it. Those from here on are not passed on."""

# Characters of two cells in Ghostty (Unicode 16 and emoji newer than it), and of one in xterm.js with Unicode 11.
_WIDER = "2630-2637 268A-268F 2E3A-2E3B 2FFC-2FFF 31BB-31BF 31E4-31E5 31EF 4DC0-4DFF"
_WIDER_ABOVE = """
    16FF0-16FF6 187F8-187FF 18AF3-18CDA 18CFF-18D20 18D80-18DF2 18E00-19191 191A0-191D2 1AFF0-1AFF3 1AFF5-1AFFB
    1AFFD-1AFFE 1B11F-1B128 1B132 1B155 1B168 1D300-1D356 1D360-1D376 1F1AE 1F1E6-1F1FF 1F6D6-1F6D9 1F6DC-1F6DF
    1F6FB-1F6FC 1F7DA 1F7F0 1F90C 1F972 1F977-1F979 1F9A3-1F9A4 1F9AB-1F9AD 1F9CB-1F9CC 1FA74-1FA77 1FA7B-1FA7C
    1FA83-1FA8F 1FA96-1FAC6 1FAC8 1FACC-1FADD 1FADF-1FAEB 1FAEF-1FAFA
"""


def _any_of(ranges: str) -> re.Pattern[str]:
    return re.compile("[" + "".join(re.sub("[0-9A-F]+", lambda code: chr(int(code[0], 16)), ranges).split()) + "]")


# Apart, as an expression is quick for characters below U+10000 only if there are no others in it.
_FOREIGN, _FOREIGN_ABOVE = _any_of(f"80-9F {_WIDER}"), _any_of(f"{_WIDER_ABOVE} F2630-10FFFF")
_ABOVE = re.compile("[\U00010000-\U0010ffff]")
_UNLIKE = re.compile(
    r"\x1b(?:(?P<reset>c)"
    r"|\](?P<prompt>133;)"
    r"|\[(?:(?P<clear>2J)"
    r"|\?(?:[\d;]*;)?(?:47|1047|1049)(?:;[\d;]*)?(?P<switch>[hl])"
    r"|0(?P<zero>[@ILMPSTZae])"
    r"|(?P<tab>g)"
    r"|(?P<soft>!p)"
    r"|(?P<erase>0?K)))"
)
"""Sequences that clear the screen or switch it, and those that mean something else in Ghostty."""
_SOFT_RESET = "\x1b[m\x1b(B\x1b)B\x0f\x1b[4l\x1b[?25h\x1b7\x1b[r\x1b8"
_FIRST = re.compile("[\0-\u02ff]*([\u0300-\U0010ffff])")
_UNFINISHED = frozenset("\x1b[]!?;0123456789")
_PARTIAL = re.compile(r"\x1b(?:\[[\d;!?]{0,64}|\]1?3{0,2})?")


class Dialect:
    """The way of a text into Ghostty.

    Args:
        write: takes UTF-8 for the terminal.
        wrap_pending: whether the terminal will wrap before the next character.

    Attributes:
        clears: how often the whole screen was cleared or switched.
        has_stand_ins: whether stand-ins may be on the screen.
    """

    def __init__(self, write: Callable[[bytes], None], wrap_pending: Callable[[], bool]) -> None:
        self._write_bytes, self._wrap_pending = write, wrap_pending
        self.clears = 0
        self.has_stand_ins = False
        self._alternate = False
        self._held = ""

    def write(self, text: str) -> None:
        """Write a text to the terminal. A sequence that is not finished is held back until the next text."""
        if self._held or "\x1b" in text:
            text = self._translated(self._held + text)
        self._send(text)

    def _translated(self, text: str) -> str:
        self._held = ""
        if text[-1] in _UNFINISHED:
            start = text.rfind("\x1b")
            if start >= 0 and _PARTIAL.fullmatch(text, start):
                self._held, text = text[start:], text[:start]
        done, ready = 0, ""
        for match in _UNLIKE.finditer(text):
            start, kind = match.start(), match.lastgroup
            instead = None
            if kind == "clear":
                self.clears += 1
            elif kind == "reset":
                self.clears += 1
                self._alternate = False
            elif kind == "switch":
                if (match[kind] == "h") != self._alternate:
                    self._alternate = not self._alternate
                    self.clears += 1
                elif match[0] == "\x1b[?1049h":  # there already: xterm only saves the cursor, Ghostty clears
                    instead = "\x1b7"
            elif kind == "zero":  # 0 stands for the default, which is 1
                instead = "\x1b[" + match[kind]
            elif kind == "tab":  # TBC without a parameter does nothing
                instead = "\x1b[0g"
            elif kind == "prompt":  # marks of shell integration: Ghostty starts a new line for a prompt
                instead = "\x1b]10133;"
            elif kind == "soft":  # DECSTR, which Ghostty does not know
                instead = _SOFT_RESET
            elif not start or text[start - 1] >= " ":  # a wrap may be pending: xterm's cursor is past the last column
                self._send(ready + text[done:start])
                ready, done = "", start
                if self._wrap_pending():
                    instead = ""
            if instead is not None:
                ready += text[done:start] + instead
                done = match.end()
        return ready + text[done:]

    def _send(self, text: str) -> None:
        if not text.isascii():
            if _ABOVE.search(text):
                text = _FOREIGN_ABOVE.sub(self._stand_in, text)
            text = _FOREIGN.sub(self._stand_in, text)  # after it: stand-ins are above
        self._write_bytes(text.encode("utf-8", "replace"))

    def _stand_in(self, foreign: re.Match[str]) -> str:
        """The two-character form of an 8-bit control (ECMA-48, 5.3), or the stand-in of a character.

        A private character that could be taken for a stand-in becomes U+FFFD.
        """
        code = ord(foreign[0])
        if code < 0xA0:
            return "\x1b" + chr(code - 0x40)
        if code >= FIRST_STAND_IN:
            return "\ufffd"
        self.has_stand_ins = True
        return chr(code + STAND_IN)


def joins(text: str) -> bool:
    """Whether the first character of a text that may be a mark is one: it may join what is on the screen."""
    first = _FIRST.match(text)
    return first is not None and first[1] in ZERO_WIDTH
