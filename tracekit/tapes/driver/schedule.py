"""From a tape to what is done when: steps, each with the time that passes before it.

Times are vhs's (its ``command.go``), with nothing added for the work of a computer:

- A key of Type, and each press of a named key, is followed by the typing delay: that of the command (``@``) or else
  ``TypingSpeed``, which may change on the way.
- Chords (``Ctrl+``, ``Alt+``, ``Shift+``) and Paste take no time; Paste types the text of the last Copy.
- Env counts from the start, wherever it stands; all other settings are `tracekit.tapes.language.settings`'.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from tracekit.core.clock import NS_PER_S
from tracekit.core.errors import Rejected, TracekitError
from tracekit.tapes.driver.keys import Stroke, typed
from tracekit.tapes.language.program import (
    Chord,
    Command,
    Copy,
    Env,
    Hide,
    Paste,
    Press,
    Program,
    Require,
    Scope,
    Screenshot,
    Setting,
    Show,
    Sleep,
    Source,
    Type,
    Wait,
)
from tracekit.tapes.language.settings import settings_of

TYPING_DELAY_NS = 50_000_000
"""Until the tape sets another."""
MOST_S = 86_400
"""Length of a tape, as of a cast; Waits may add to it."""
MOST_STEPS = 500_000


class Strike(NamedTuple):
    """A key is pressed."""

    after_ns: int
    """Time since the step before."""
    stroke: Stroke


class Mark(NamedTuple):
    """Something is noted that no program notices."""

    after_ns: int
    label: str
    """``hide``, ``show``, ``screenshot PATH``."""


class Await(NamedTuple):
    """Time passes until the screen shows something."""

    after_ns: int
    scope: Scope
    """The cursor's line, or the whole screen."""
    pattern: str
    """A regular expression in Go's syntax (RE2)."""
    timeout_ns: int


Step = Strike | Mark | Await


@dataclass(frozen=True)
class Schedule:
    """All that the driver has to know of a tape."""

    steps: tuple[Step, ...]
    rest_ns: int
    """Time that passes after the last step."""
    environment: Mapping[str, str] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    """Programs without which the tape does not begin."""

    @property
    def nominal_ns(self) -> int:
        """Length of the tape if no Wait has to wait."""
        return sum(step.after_ns for step in self.steps) + self.rest_ns


def schedule(program: Program) -> Schedule:
    """What is done when.

    Raises:
        Rejected: ``tape-too-long``.
        TracekitError: a setting has no meaning, or a Source has not been put in (`flatten`).
    """
    timed = _Timed(program)
    steps = list(islice(timed.steps(), MOST_STEPS + 1))
    if len(steps) > MOST_STEPS or timed.total_ns > MOST_S * NS_PER_S:
        raise Rejected("tape-too-long", f"a tape of over {MOST_STEPS:,} keys or {MOST_S:,} s", remedy="shorten it")
    return Schedule(
        tuple(steps),
        timed.pending_ns,
        {command.name: command.value for command in program.commands if isinstance(command, Env)},
        tuple(dict.fromkeys(command.program for command in program.commands if isinstance(command, Require))),
    )


class _Timed:
    """Goes through a program and keeps account of the time."""

    def __init__(self, program: Program) -> None:
        self._program, settings = program, settings_of(program)
        self._delay_ns = TYPING_DELAY_NS
        self._pattern, self._timeout_ns = settings.wait_pattern, settings.wait_timeout_ns
        self._clipboard = ""
        self.pending_ns = self.total_ns = 0

    def steps(self) -> Iterator[Step]:
        for command in self._program.commands:
            yield from self._of(command)

    def _of(self, command: Command) -> Iterator[Step]:
        match command:
            case Type(text, delay_ns):
                yield from self._strikes(map(typed, text), self._delay_ns if delay_ns is None else delay_ns)
            case Press(key, count, delay_ns):
                strokes = (Stroke(key) for _ in range(count))
                yield from self._strikes(strokes, self._delay_ns if delay_ns is None else delay_ns)
            case Chord(key, ctrl, alt, shift):
                yield from self._strikes([Stroke(key, ctrl, alt, shift)], 0)
            case Paste():
                yield from self._strikes(map(typed, self._clipboard), 0)
            case Copy(text):
                self._clipboard = text
            case Sleep(duration_ns):
                self._pass(duration_ns)
            case Wait(scope, pattern, timeout_ns):
                timeout_ns = self._timeout_ns if timeout_ns is None else timeout_ns
                yield Await(self._spent(), scope, self._pattern if pattern is None else pattern, timeout_ns)
            case Hide():
                yield Mark(self._spent(), "hide")
            case Show():
                yield Mark(self._spent(), "show")
            case Screenshot(path):
                yield Mark(self._spent(), f"screenshot {path}")
            case Setting("TypingSpeed", int() as delay_ns):
                self._delay_ns = delay_ns
            case Source(path):
                raise TracekitError(
                    f"the tape {path} has not been put in the place of its Source",
                    place=f"line {command.place.line}" if command.place else "",
                    remedy="run the tape from its file",
                )

    def _strikes(self, strokes: Iterable[Stroke], delay_ns: int) -> Iterator[Step]:
        for stroke in strokes:
            yield Strike(self._spent(), stroke)
            self._pass(delay_ns)

    def _pass(self, duration_ns: int) -> None:
        self.pending_ns += duration_ns
        self.total_ns += duration_ns

    def _spent(self) -> int:
        spent_ns, self.pending_ns = self.pending_ns, 0
        return spent_ns
