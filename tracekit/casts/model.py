"""What a cast says besides its events, the same for all versions of the format.

asciicast v1, v2 and v3: https://docs.asciinema.org/manual/asciicast/v3/ and its older siblings.
"""

from dataclasses import dataclass, field
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Theme:
    """The colours of the terminal that was recorded, each 0xRRGGBB."""

    foreground: int
    background: int
    palette: tuple[int, ...]
    """The 16 ANSI colours. Of a theme that names 8, the bright half repeats the normal one."""


@dataclass(frozen=True, slots=True)
class Header:
    """The header of a cast. What the file does not say, or says in a way nobody can use, is None."""

    version: int
    """Of the format: 1, 2 or 3."""
    columns: int
    rows: int
    timestamp_s: int | None = None
    """When the recording began, Unix time."""
    idle_time_limit_s: float | None = None
    """What the author asks players to cut pauses to; > 0."""
    command: str | None = None
    title: str | None = None
    env: dict[str, str] = field(default_factory=dict)
    theme: Theme | None = None
    term_type: str | None = None
    """TERM as version 3 gives it; in versions 1 and 2 it stands in ``env``."""
    duration_s: float | None = None
    """As the header claims, >= 0; the time of the last event is the truth."""


class Problem(NamedTuple):
    """Something in a file that is not as the format has it."""

    line: int
    """From 1. A version 1 cast is one JSON document: its problems are on line 1."""
    code: str
    """A short name, ``[a-z0-9-]+``, that reports are counted by."""
    message: str
    repaired: bool
    """Whether reading goes on as if it were right; if not, the file is rejected for it."""
