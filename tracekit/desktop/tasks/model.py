"""A task file: what is to be done, how, and how to tell that it was.

A file is a template. For a seed its parameters are drawn, and the file is read again with ``{name}`` of each replaced:
as it stands in what is typed or shown, quoted in lines for the shell, escaped in regular expressions. Braces around
anything else mean themselves.
"""

import random
import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

import yaml
from pydantic import AfterValidator, ConfigDict, Field, ValidationError, ValidationInfo, model_validator

from tracekit.core.errors import TracekitError
from tracekit.desktop.tasks.parameters import Parameter, draw_all
from tracekit.desktop.trace import Model

_M = TypeVar("_M", bound=Model)
_PLACE = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_NUMBER = re.compile(r"-?\d+(\.\d+)?$")
_ID = r"^[a-z0-9]+(?:-[a-z0-9]+)*$"


def _filled(quote: Callable[[str], str]) -> AfterValidator:
    def fill(text: str, info: ValidationInfo) -> str:
        values: Mapping[str, str] = info.context or {}
        unknown = sorted(set(_PLACE.findall(text)) - set(values))
        if unknown:
            raise ValueError(f"there is no parameter {unknown[0]!r}")
        return _PLACE.sub(lambda place: quote(values[place[1]]), text)

    return AfterValidator(fill)


def _compiles(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"no regular expression: {error}") from error
    return pattern


Text = Annotated[str, _filled(str)]
ShellLine = Annotated[str, _filled(shlex.quote)]
Pattern = Annotated[str, _filled(re.escape), AfterValidator(_compiles)]


class Target(Model):
    """A widget: what its properties must contain, as regular expressions. What is left out may be anything."""

    window: Pattern | None = Field(None, description="Name of the top-level that it is in: a window's title")
    role: Pattern | None = Field(None, description="Of AT-SPI: push button, menu item, text, table cell, ...")
    name: Pattern | None = None
    text: Pattern | None = Field(None, description="What it holds")
    nth: int = Field(0, description="Which of those that match, in the order of the tree; -1 the last")


class Step(Model):
    """Something that a person does in one go."""

    id: str = Field(pattern=_ID)
    sees: Target | None = Field(None, description="What must be there before: a dialog's question")
    limit_s: float = Field(10.0, gt=0, le=60, description="How long to wait for what it needs")


class Click(Step):
    """Press a button of the pointer on a widget."""

    do: Literal["click", "double-click", "right-click", "middle-click"]
    widget: Target
    at: tuple[float, float] = Field((0.5, 0.5), description="Where in the widget, as shares of its width and height")


class Drag(Step):
    """Press the left button on a widget, move, release."""

    do: Literal["drag"]
    widget: Target
    at: tuple[float, float] = (0.5, 0.5)
    to: Target | None = Field(None, description="None: the same widget")
    to_at: tuple[float, float] = (0.5, 0.5)


class Type(Step):
    """Type text into a widget, which is clicked first, or into what has the focus."""

    do: Literal["type"]
    text: Text
    widget: Target | None = None
    replace: bool = Field(False, description="Select what is there first, with Ctrl+A")
    window: Pattern | None = Field(None, description="What must have the focus, by its title")
    least_s: float = Field(0.0, ge=0, le=1, description="At least so long between keys: some programs drop quick ones")


class Keys(Step):
    """Press keys together: ``ctrl+s``, ``Return``; several such, one after another."""

    do: Literal["keys"]
    keys: tuple[Text, ...] = Field(min_length=1)
    window: Pattern | None = Field(None, description="What must have the focus, by its title")


class Menu(Step):
    """Open a menu and choose from it."""

    do: Literal["menu"]
    window: Pattern
    path: tuple[Pattern, ...] = Field(min_length=1, description="The names of its items, from the menu bar on")


class Scroll(Step):
    """Turn the wheel over a widget."""

    do: Literal["scroll"]
    widget: Target
    notches: int = Field(description="Down; up where negative")


class Wait(Step):
    """Wait for a widget, or until there is none."""

    do: Literal["wait"]
    widget: Target
    gone: bool = False


AnyStep = Annotated[Click | Drag | Type | Keys | Menu | Scroll | Wait, Field(discriminator="do")]


class Setup(Model):
    """What is there before the recording."""

    files: dict[str, Text] = Field(default_factory=dict, description="Content by path below the home folder")
    shell: tuple[ShellLine, ...] = Field((), description="Lines run in the home folder after that; each must succeed")
    start: tuple[ShellLine, ...] = Field((), description="Programs, by their command lines")
    wait: tuple[Target, ...] = Field((), description="What must be there then")

    @model_validator(mode="before")
    @classmethod
    def _fill_paths(cls, data: Any, info: ValidationInfo) -> Any:
        # Keys of mappings are templates, too.
        values = info.context or {}
        if isinstance(data, dict) and isinstance(files := data.get("files"), dict):
            filled = {_PLACE.sub(lambda place: values.get(place[1], place[0]), path): files[path] for path in files}
            data = {**data, "files": filled}
        return data


class Check(Model):
    """One thing by which to tell: read before and after, from exactly one place."""

    file: Text | None = Field(None, description="The content of a file below the home folder; '' where there is none")
    shell: ShellLine | None = Field(None, description="What a line prints, without the last line feed")
    widget: Target | None = Field(None, description="What a widget holds, or its value or name where it holds nothing")
    title: Pattern | None = Field(None, description="The title of the window in which this is found; '' if none")
    states: Target | None = Field(None, description="What a widget is, of checked, selected, pressed, expanded ...")
    before: Text | None = Field(None, description="What is read before; null: anything but what is read after")
    after: Text | None = Field(None, description="What is to be read after, all of it")
    matches: Pattern | None = Field(None, description="What must be found in it")
    number: Text | None = Field(None, description="The number that it must be, within 1e-6")
    unchanged: bool = Field(False, description="It is to be the same before and after")

    @property
    def source(self) -> str:
        """Which place it is read from."""
        return next(name for name in _SOURCES if getattr(self, name) is not None)

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if sum(getattr(self, name) is not None for name in _SOURCES) != 1:
            raise ValueError(f"a check has one of {', '.join(_SOURCES)}")
        if not self.unchanged and all(wanted is None for wanted in (self.after, self.matches, self.number)):
            raise ValueError("a check says what is to be read after: after, matches, number or unchanged")
        if self.number is not None and not _NUMBER.match(self.number):
            raise ValueError(f"{self.number!r} is no number")
        return self


_SOURCES = ("file", "shell", "widget", "title", "states")


class Negative(Model):
    """How the check is tested: without these steps it must fail."""

    without: tuple[str, ...] = Field(min_length=1, description="Ids of steps")


class Task(Model):
    """A task with its parameters filled in."""

    id: str = Field(pattern=_ID)
    program: str = Field(description="The one it is about: galculator")
    instruction: tuple[Text, ...] = Field(min_length=1, description="Ways to say what is wanted; the seed chooses")
    parameters: dict[str, Parameter] = Field(default_factory=dict)
    setup: Setup = Setup()
    steps: tuple[AnyStep, ...] = Field(min_length=1)
    check: tuple[Check, ...] = Field(min_length=1)
    negative: Negative

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        ids = [step.id for step in self.steps]
        if len(set(ids)) < len(ids):
            raise ValueError("two steps have the same id")
        if missing := [name for name in self.negative.without if name not in ids]:
            raise ValueError(f"negative: there is no step {missing[0]!r}")
        if all(check.unchanged for check in self.check):
            raise ValueError("nothing that it checks is to change")
        return self


class _Head(Model):
    """What is read before parameters can be filled in."""

    model_config = ConfigDict(extra="ignore")

    id: str = Field(pattern=_ID)
    parameters: dict[str, Parameter] = Field(default_factory=dict)


class Drawn(Model):
    """A task for one seed."""

    task: Task
    seed: int
    values: dict[str, str] = Field(description="Of its parameters")
    instruction: str


class TaskFile:
    """A task file that has been read and found right for one seed.

    Args:
        path: of the YAML file.

    Raises:
        TracekitError: no such file, not YAML, or not a task; the place is the file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._data = yaml.safe_load(path.read_text("utf-8"))
        except FileNotFoundError:
            raise TracekitError("there is no such task", place=str(path)) from None
        except (OSError, UnicodeDecodeError) as error:
            raise TracekitError(f"the task can't be read: {error}", place=str(path)) from error
        except (yaml.YAMLError, RecursionError) as error:
            raise TracekitError("not YAML: " + " ".join(str(error).split()), place=str(path)) from error
        self._head = self._read(_Head, None)
        self.draw(0)

    @property
    def id(self) -> str:
        """Of the task."""
        return self._head.id

    def draw(self, seed: int) -> Drawn:
        """The task for a seed: the same seed gives the same.

        Raises:
            TracekitError: what was drawn makes no task.
        """
        rng = random.Random(f"{self.id} {seed}")
        try:
            values = draw_all(self._head.parameters, rng)
        except (KeyError, IndexError, ValueError) as error:
            raise TracekitError(f"parameters can't be drawn: {error!r}", place=str(self.path)) from error
        task = self._read(Task, values)
        return Drawn(task=task, seed=seed, values=values, instruction=rng.choice(task.instruction))

    def _read(self, model: type[_M], values: Mapping[str, str] | None) -> _M:
        try:
            return model.model_validate(self._data, context=values)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"]) or "the task"
            raise TracekitError(f"{where}: {first['msg']}", place=str(self.path)) from error


def load_tasks(folder: Path, only: Sequence[str] = ()) -> list[TaskFile]:
    """The tasks of a folder, ``*.yaml``, in the order of their ids.

    Args:
        folder: where they are.
        only: ids, or patterns of them (``mousepad-*``); none: all.

    Raises:
        TracekitError: no such folder, no such task, two of the same id, or a file that is none.
    """
    if not folder.is_dir():
        raise TracekitError("there is no folder of tasks", place=str(folder), remedy="recipes/tasks has some")
    tasks = sorted((TaskFile(path) for path in sorted(folder.glob("*.yaml"))), key=lambda task: task.id)
    for one, other in pairwise(tasks):
        if one.id == other.id:
            raise TracekitError(f"the id {one.id} is that of {one.path.name}, too", place=str(other.path))
    for pattern in only:
        if not any(fnmatchcase(task.id, pattern) for task in tasks):
            raise TracekitError(f"there is no task {pattern!r}", place=str(folder))
    chosen = [task for task in tasks if not only or any(fnmatchcase(task.id, pattern) for pattern in only)]
    if not chosen:
        raise TracekitError("there are no tasks", place=str(folder))
    return chosen
