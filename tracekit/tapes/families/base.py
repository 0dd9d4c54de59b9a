"""What a family of tapes is, and what it gives.

A family is a plug-in of the kind ``families``: a class that is made without arguments and whose `draft` composes one
session. It decides nothing but through the random generator that it is given, so the same generator gives the same tape
on every machine; `tracekit.tapes.generate` makes whole tapes of drafts.
"""

import random
from dataclasses import dataclass
from typing import Protocol

from tracekit.tapes.language.program import Command

LEVELS = (1, 2, 3)
"""One command; a few that belong together; a story with steps."""


@dataclass(frozen=True)
class Draft:
    """A session as a family composes it: everything of a tape but its settings and its name."""

    commands: tuple[Command, ...]
    """The hidden set-up that makes the session's world, then what is seen."""
    instruction: str
    """What the visible part does, in a sentence or a few."""
    expect: tuple[str, ...] = ()
    """Strings that the screen shows at some time of the visible part, if the commands did what they should.

    Each stands in one row of the screen. Computed from the world, and not to be found in what is typed.
    """
    answer: str | None = None
    """What the session finds out, where it is a question."""
    succeeds: bool = True
    """Whether every command is meant to exit with status 0."""
    interactive: bool = False
    """Whether a program other than the shell takes keys."""
    classes: tuple[str, ...] = ()
    """Subjects, of `CLASSES`."""


class Family(Protocol):
    """A kind of session."""

    def draft(self, rng: random.Random, level: int) -> Draft:
        """Compose a session.

        Args:
            rng: the only source of chance; the same state gives the same draft.
            level: one of `LEVELS`.
        """


CLASSES = (
    "Basic",
    "Files",
    "Text",
    "Process",
    "Network",
    "Package",
    "VCS",
    "Build",
    "Users",
    "Admin",
    "FS",
    "Security",
    "DB",
    "Container",
    "Editors",
    "Exec",
    "Misc",
)
"""Subjects of sessions: the labels that the released tapes of Neural Computers carry."""
