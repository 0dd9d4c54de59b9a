"""The verdict on a tape."""

from dataclasses import dataclass, field
from pathlib import Path

from tracekit.core.errors import Rejected, TracekitError
from tracekit.tapes.language import themes
from tracekit.tapes.language.parser import load_tape
from tracekit.tapes.language.problems import Problem, TapeError, problem
from tracekit.tapes.language.program import Place, Program, Setting
from tracekit.tapes.language.settings import front, settings_of

_START = Place(1, 1)


@dataclass
class Verdict:
    """What reading a tape, its sources included, has shown."""

    file: str
    ok: bool = True
    """Whether vhs accepts it, and we can run it."""
    commands: int = 0
    columns: int | None = None
    """Of the terminal, by our painter's cells."""
    rows: int | None = None
    problems: list[Problem] = field(default_factory=list)
    """What it is refused for, in order of place."""
    remarks: list[Problem] = field(default_factory=list)
    """What is no reason to refuse it, and yet is hardly meant."""


def check_tape(path: str | Path) -> Verdict:
    """Read a tape and say what is wrong with it. Raises nothing on account of the file."""
    verdict = Verdict(str(path))
    try:
        program = load_tape(path)
        verdict.commands, verdict.remarks = len(program.commands), remarks(program)
        settings = settings_of(program)
        verdict.columns, verdict.rows = settings.columns, settings.rows
    except TapeError as error:
        verdict.problems = list(error.problems)
    except TracekitError as error:
        reason = error.reason if isinstance(error, Rejected) else ""
        verdict.problems = [problem(_START, reason, error.message, error.remedy)]
    verdict.ok = not verdict.problems
    return verdict


def remarks(program: Program) -> list[Problem]:
    """What vhs passes over in a good tape, and what we draw otherwise than vhs."""
    found = []
    in_front = front(program.commands)
    for index, command in enumerate(program.commands):
        if not isinstance(command, Setting):
            continue
        place, value = command.place or _START, str(command.value)
        if index >= in_front and command.name not in ("TypingSpeed", "Shell"):
            found.append(
                problem(place, command.name, f"vhs passes over Set {command.name} here", "settings stand in front")
            )
        elif command.name == "Theme" and value in themes.names() and not themes.has_colors(value):
            found.append(problem(place, value, f"the colours of {value} are not known here", "vhs's own are drawn"))
    return found
