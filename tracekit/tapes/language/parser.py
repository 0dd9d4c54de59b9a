"""From the text of a tape, or its file, to a program: what vhs accepts, and why it refuses what it refuses."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from tracekit.core.errors import Rejected
from tracekit.tapes.language.grammar import Grammar, Line, Parsed
from tracekit.tapes.language.limits import MOST_CHARS, MOST_COMMANDS
from tracekit.tapes.language.problems import MOST_PROBLEMS, Problem, TapeError, problem, shown
from tracekit.tapes.language.program import Command, Comment, Output, Place, Program, Source
from tracekit.tapes.language.settings import first_settings, front

_START = Place(1, 1)


def parse(text: str, name: str = "tape") -> Program:
    """Read a tape.

    A problem is what vhs's parser refuses, and what vhs refuses when it runs, as far as that takes no program: a
    setting that it heeds and whose value is none, a picture too small for its padding. ``Source`` stays: `load_tape`.

    Args:
        text: of the tape.
        name: of its file, for errors.

    Raises:
        TapeError: with all that is wrong, up to a hundred problems.
    """
    lines, problems = _grammatical(text)
    return _judged(lines, problems, name)


def load_tape(path: str | Path) -> Program:
    """Read a tape from its file, and put the commands of its sources where they are named.

    vhs looks for a source in the folder that it was started in; one that isn't there is looked for beside the tape.

    Raises:
        TapeError: as `parse`; also of a source that is not there, empty, wrong, or has sources itself.
        Rejected: ``unreadable``: the file can't be read.
    """
    file = Path(path)
    try:
        text = _read(file)
    except OSError as error:
        raise Rejected("unreadable", error.strerror or "can't be read", place=str(path)) from error
    lines, problems = _grammatical(text)
    whole, missing = _Sources(file.parent).put_in(lines)
    return _judged(whole, [*problems, *missing], str(path))


def _grammatical(text: str) -> Parsed:
    if len(text) > MOST_CHARS:
        return Parsed([], [Problem(1, 1, "", f"a tape of more than {MOST_CHARS:,} characters", "cut it into several")])
    if "\0" in text:
        end = text.index("\0")
        place = Place(text.count("\n", 0, end) + 1, end - text.rfind("\n", 0, end))
        return Parsed([], [problem(place, "\0", "a NUL byte, where vhs takes the tape to end", "take it out")])
    return Grammar(text).parse()


def _judged(lines: list[Line], problems: list[Problem], name: str) -> Program:
    """The program, if nothing is wrong with it."""
    commands = tuple(line.command for line in lines)
    if len(commands) > MOST_COMMANDS:
        problems = [*problems, Problem(1, 1, "", f"more than {MOST_COMMANDS:,} commands", "cut the tape into several")]
    problems = sorted([*problems, *(line.fault for line in lines[: front(commands)] if line.fault)])
    if not problems:
        problems = list(_senseless(commands))
    if problems:
        raise TapeError(name, problems)
    return Program(commands)


def _senseless(commands: tuple[Command, ...]) -> Iterator[Problem]:
    """What vhs finds wrong with a tape whose every command is right."""
    if all(isinstance(command, Comment) for command in commands):
        yield Problem(1, 1, "", "no command", 'a tape says at least one thing, for example Type "hello"')
        return
    settings = first_settings(commands)
    width_px, height_px = settings.least_size_px
    if settings.width_px < width_px or settings.height_px < height_px:
        size = f"{settings.width_px}x{settings.height_px}"
        yield Problem(1, 1, size, f"a picture of {size} px", f"padding, margin and bar take {width_px}x{height_px}")


class _Sources:
    """Puts tapes in the place of the commands that name them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[str, list[Line]] = {}

    def put_in(self, lines: list[Line]) -> Parsed:
        """The lines with those of their sources, which are said to stand where the source is named."""
        problems: list[Problem] = []
        whole: list[Line] = []
        for line in lines:
            if not isinstance(line.command, Source):
                whole.append(line)
                continue
            place = line.command.place or _START
            try:
                whole.extend(_moved(found, place) for found in self._lines(line.command.path))
            except ValueError as error:
                problems.append(problem(place, line.command.path, f"Source {shown(line.command.path)}: {error}"))
            if len(whole) > MOST_COMMANDS or len(problems) >= MOST_PROBLEMS:
                break
        return Parsed(whole, problems)

    def _lines(self, path: str) -> list[Line]:
        """The lines of a source. Raises ValueError with what is wrong with it."""
        if path not in self._read:
            self._read[path] = self._load(path)
        return self._read[path]

    def _load(self, path: str) -> list[Line]:
        here = Path(path)
        try:
            text = _read(here if here.exists() else self._folder / path)
        except OSError as error:
            raise ValueError(error.strerror or "can't be read") from None
        if not text:
            raise ValueError("the tape is empty")
        lines, problems = _grammatical(text)
        if problems:
            raise ValueError(f"the tape has problems itself, the first at {problems[0]}")
        if any(isinstance(line.command, Source) for line in lines):
            raise ValueError("the tape has sources itself, which vhs does not take")
        return [line for line in lines if not isinstance(line.command, Output | Comment)]


def _moved(line: Line, place: Place) -> Line:
    fault = line.fault and line.fault._replace(line=place.line, column=place.column)
    return Line(replace(line.command, place=place), fault)


def _read(file: Path) -> str:
    """The text of a tape. Bytes that are not UTF-8 become U+FFFD, as where vhs types them."""
    if file.exists() and not file.is_file():
        raise OSError(None, "not a file")  # a pipe would keep us waiting
    with file.open("rb") as opened:
        return opened.read(4 * MOST_CHARS + 1).decode(errors="replace")
