"""What a tape says: its commands, as vhs has them.

A tape is a script for vhs (https://github.com/charmbracelet/vhs): it types into a terminal. See docs/tapes.md.
"""

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

KEYS = (
    *("Enter", "Space", "Backspace", "Delete", "Insert", "Tab", "Escape", "Up", "Down", "Left", "Right"),
    *("PageUp", "PageDown", "ScrollUp", "ScrollDown"),
)
"""What can be pressed by name. vhs has no command for Home and End."""

Scope = Literal["line", "screen"]
"""Where ``Wait`` looks: the line of the cursor, or all of the screen."""


class Place(NamedTuple):
    """Where something stands in a tape, both from 1; a column is a character."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Output:
    """Where vhs leaves a recording: a folder (with a slash at its end) or a file, by whose ending it tells the kind."""

    path: str
    place: Place | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Require:
    """A program that must be on PATH."""

    program: str
    place: Place | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Setting:
    """``Set NAME VALUE``. vhs heeds it in front of all else only, but ``TypingSpeed`` and ``Shell`` everywhere."""

    name: str
    """One of `tracekit.tapes.language.values.SETTINGS`."""
    value: str | float | int | bool
    """Of ``TypingSpeed`` and ``WaitTimeout`` nanoseconds, of ``LoopOffset`` per cent, of ``Theme`` a name or JSON.

    Where vhs passes it over it may be text that is no value.
    """
    place: Place | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Source:
    """The commands of another tape stand here, but for its ``Output``."""

    path: str
    place: Place | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Env:
    """A variable of the shell's environment; set before it starts, wherever the command stands."""

    name: str
    value: str
    place: Place | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Type:
    """Text that is typed, one key a character."""

    text: str
    """Without line breaks and NUL."""
    delay_ns: int | None = None
    """The time after each key; None for the typing speed that is set."""
    place: Place | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Press:
    """A key by its name, ``count`` times."""

    key: str
    """One of KEYS."""
    count: int = 1
    delay_ns: int | None = None
    """The time after each press; None for the typing speed that is set."""
    place: Place | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Chord:
    """A key with Ctrl, with Alt, with Shift, or with Ctrl and the others. vhs waits no time after it."""

    key: str
    """A character, the name of a key, or '' for the modifiers alone, which send nothing."""
    ctrl: bool = False
    alt: bool = False
    shift: bool = False
    place: Place | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Sleep:
    """Nothing is pressed for a while."""

    duration_ns: int
    place: Place | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing is pressed until the terminal shows what a regular expression matches."""

    scope: Scope = "line"
    pattern: str | None = None
    """In the syntax of RE2; None for the pattern that is set."""
    timeout_ns: int | None = None
    """> 0; None for the timeout that is set."""
    place: Place | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Hide:
    """What follows is not recorded."""

    place: Place | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Show:
    """What follows is recorded again."""

    place: Place | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Screenshot:
    """A picture of the next frame."""

    path: str
    """Ends in ``.png``."""
    place: Place | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Copy:
    """Text for the clipboard."""

    text: str
    place: Place | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Paste:
    """The text of the clipboard is typed, without a pause between its characters."""

    place: Place | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment, which vhs passes over."""

    text: str
    """What stands after the ``#``, to the end of the line."""
    place: Place | None = field(default=None, compare=False, repr=False)


Command = (
    Output
    | Require
    | Setting
    | Source
    | Env
    | Type
    | Press
    | Chord
    | Sleep
    | Wait
    | Hide
    | Show
    | Screenshot
    | Copy
    | Paste
    | Comment
)
"""Any of them."""


@dataclass(frozen=True, slots=True)
class Program:
    """A whole tape."""

    commands: tuple[Command, ...]
