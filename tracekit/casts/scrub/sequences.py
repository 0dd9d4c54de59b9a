"""The sequences in a terminal's output, told from its text."""

import re
from collections.abc import Iterator

_STRING_BEGINS = r"(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])"
_STRING_ENDS = r"(?:\x07|\x1b\\|\x9c)?"
_IN_STRING = r"[^\x07\x18\x1a\x1b\x9c]"
"""CAN, SUB and any ESC end a string as well."""
_CONTROL_BEGINS = r"(?:\x1b\[|\x9b)[0-?]*+[ -/]*+"
TOKEN = re.compile(
    r"(?:\x1b\[[0-9;:]*+m)*+([^\x00-\x1f\x7f-\x9f]++)"  # 1: text, with the colours before it
    r"|(?:\x1b\[[0-9;:]*+m)++"
    r"|(?:\x1b\[|\x9b)([0-?]*+)[ -/]*+([@-~])"  # 2, 3: parameters and final byte of a control sequence
    rf"|{_STRING_BEGINS}({_IN_STRING}*+){_STRING_ENDS}"  # 4: a string
    r"|\x1b[ -/]*+([0-~])"  # 5: final byte of an escape sequence
    r"|([\x00-\x1f\x7f-\x9f])"  # 6: a control character
)
"""The tokens of ECMA-48 (5th edition, clauses 5 and 8.3) and of xterm's control sequences; matches at every place."""
_STRING = re.compile(rf"{_STRING_BEGINS}({_IN_STRING}++)")
_UNSEEN = re.compile(
    rf"{_CONTROL_BEGINS}[KXh-qt]|{_STRING_BEGINS}{_IN_STRING}*+{_STRING_ENDS}"
    r"|\x1b[ -/]++[0-~]|\x1b[=>78]|[\x00-\x06\x0e-\x1a]"
)
_MOVES = re.compile(rf"{_CONTROL_BEGINS}[@-~]|\x1b[0-~]?|[\x07-\x0d\x7f-\x9f]")


def strings(output: str) -> Iterator[tuple[int, str]]:
    """The contents of OSC, DCS, APC, PM and SOS sequences, each with its index in the output."""
    for token in _STRING.finditer(output):
        yield token.start(1), token[1]


def visible(output: str) -> str:
    """The text of output in the order of writing, without sequences; a newline for each that moves the cursor."""
    return _MOVES.sub("\n", _UNSEEN.sub("", output))
