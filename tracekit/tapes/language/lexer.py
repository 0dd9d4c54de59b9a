"""From the text of a tape to its words, as vhs's lexer has them.

Spaces and line breaks only part words; no command ends with its line. A string has no escapes and ends at its quote or
at the end of the line, JSON at the first closing brace, and a word that begins with neither a letter nor a dot is none.
"""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from tracekit.tapes.language.program import Place
from tracekit.tapes.language.values import SETTINGS

Kind = Literal["string", "keyword", "number", "boolean", "unit", "json", "regex", "comment", "symbol", "end"]

COMMANDS = (
    *("Output", "Require", "Set", "Source", "Env", "Type", "Enter", "Space", "Backspace", "Delete", "Insert", "Tab"),
    *("Escape", "Up", "Down", "Left", "Right", "PageUp", "PageDown", "ScrollUp", "ScrollDown", "Ctrl", "Alt", "Shift"),
    *("Sleep", "Wait", "Hide", "Show", "Screenshot", "Copy", "Paste"),
)
"""What a command begins with."""

KEYWORDS = frozenset((*COMMANDS, *SETTINGS, "End"))
"""Words that are no strings. ``End`` is one of them and yet no command."""
UNITS = frozenset(("ms", "s", "m", "em", "px"))

_TOKEN = re.compile(
    r"""(?P<space>[ \t\r\n]+)
      | (?P<comment>\#[^\r\n]*)
      | (?P<string>"[^"\r\n]*"? | '[^'\r\n]*'? | `[^`\r\n]*`?)
      | (?P<regex>/[^/\r\n]*/?)
      | (?P<json>\{[^}]*\}?)
      | (?P<number>(?:[0-9]|\.[0-9])[0-9.]*)
      | (?P<word>[A-Za-z.][A-Za-z0-9._/%-]*)
      | (?P<symbol>.)
    """,
    re.VERBOSE,
)


class Token(NamedTuple):
    """A word of a tape."""

    kind: Kind
    text: str
    """Of a string, a regex and a comment what is inside."""
    place: Place


def tokens(text: str) -> Iterator[Token]:
    """The words of a tape, the last of kind ``end``. Takes any text; what nothing begins with is a symbol."""
    line, line_start = 1, 0
    for match in _TOKEN.finditer(text):
        kind, found, start = match.lastgroup, match[0], match.start()
        place = Place(line, start - line_start + 1)
        if breaks := found.count("\n"):
            line, line_start = line + breaks, start + found.rindex("\n") + 1
        if kind != "space":
            yield Token(*_reading(kind, found), place)
    yield Token("end", "", Place(line, len(text) - line_start + 1))


def _reading(kind: str | None, found: str) -> tuple[Kind, str]:
    match kind:
        case "comment":
            return "comment", found[1:]
        case "string" | "regex":
            closed = len(found) > 1 and found[-1] == found[0]
            return ("string" if kind == "string" else "regex"), found[1:-1] if closed else found[1:]
        case "json":
            return "json", found if found.endswith("}") else found + "}"
        case "number":
            return "number", found
        case "word" if found in KEYWORDS:
            return "keyword", found
        case "word" if found in ("true", "false"):
            return "boolean", found
        case "word":
            return ("unit" if found in UNITS else "string"), found
    return "symbol", found
