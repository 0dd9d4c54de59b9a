"""What is wrong with a tape, and where."""

import difflib
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tracekit.core.errors import TracekitError
from tracekit.tapes.language.program import Place

MOST_PROBLEMS = 100
"""Of one tape; what comes after is not looked at."""

_SHOWN_CHARS = 40


class Problem(NamedTuple):
    """Something for which vhs refuses a tape, or which is beyond a limit of ours."""

    line: int
    """From 1."""
    column: int
    """From 1, in characters."""
    found: str
    """What stands there, shortened; '' for the end of the tape."""
    message: str
    remedy: str
    """What could stand there."""

    def __str__(self) -> str:
        return f"{self.line}:{self.column}: {self.message}" + (f" ({self.remedy})" if self.remedy else "")


class TapeError(TracekitError):
    """A tape that vhs refuses.

    Args:
        name: the file, for people.
        problems: all that was found, in order; one at least.
    """

    def __init__(self, name: str, problems: Sequence[Problem]) -> None:
        self.name, self.problems = name, tuple(problems)
        first, more = problems[0], len(problems) - 1
        message = first.message + (f", and {more} more problem{'s' * (more > 1)}" if more else "")
        super().__init__(message, place=f"{name}:{first.line}:{first.column}", remedy=first.remedy)


def problem(place: Place, found: str, message: str, remedy: str = "") -> Problem:
    """A problem at a place; ``found`` as it stands in the tape, of any length."""
    return Problem(*place, shown(found), message, remedy)


def shown(text: str) -> str:
    """A piece of a tape for a message: short and printable."""
    short = text if len(text) <= _SHOWN_CHARS else text[: _SHOWN_CHARS - 3] + "..."
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in short)


def nearest(text: str, known: Iterable[str], otherwise: str) -> str:
    """Which of the known words somebody may have meant, as a remedy; ``otherwise`` if none is like it."""
    by_lower = {word.lower(): word for word in known}
    found = difflib.get_close_matches(text.lower(), by_lower, n=1) if len(text) <= _SHOWN_CHARS else []
    return f"did you mean {by_lower[found[0]]}?" if found else otherwise
