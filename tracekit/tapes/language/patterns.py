"""Regular expressions of ``Wait``, in the syntax of Go's ``regexp``.

Go's engine is RE2's twin: the same syntax, and time linear in the text, whatever the pattern. Python's ``re`` has
neither: it knows look-behind, which vhs rejects, and a tape could keep it busy for years. So RE2 itself matches.
"""

import re
from functools import lru_cache

import re2

MOST_CHARS = 1000
_ONE_BYTE = re.compile(r"(?<!\\)(?:\\\\)*\\C")
"""One byte of a character: RE2 has it, Go does not."""


class Pattern:
    """A compiled pattern."""

    def __init__(self, text: str) -> None:
        options = re2.Options()
        options.log_errors = False
        options.max_mem = 1 << 20
        if len(text) > MOST_CHARS:
            raise ValueError(f"a pattern of more than {MOST_CHARS:,} characters")
        if _ONE_BYTE.search(text):
            raise ValueError("invalid escape sequence: \\C")
        try:
            self._compiled = re2.compile(text, options)
        except re2.error as error:
            reason = error.args[0]
            raise ValueError(reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)) from None

    def found_in(self, text: str) -> bool:
        """Whether it matches anywhere in a text. ``^`` and ``$`` are the ends of all of it unless ``(?m)`` is given."""
        return self._compiled.search(text) is not None


@lru_cache(maxsize=64)
def pattern(text: str) -> Pattern:
    """Compile a pattern.

    Raises:
        ValueError: Go would not; says why.
    """
    return Pattern(text)
