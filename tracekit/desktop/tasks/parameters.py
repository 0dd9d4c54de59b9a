"""What varies in a task: parameters, each drawn from the task's seed."""

import math
import operator
import random
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Annotated, Literal

from pydantic import Field, model_validator

from tracekit.desktop.policies.keystrokes import WORDS
from tracekit.desktop.trace import Model

Values = Mapping[str, str]
"""What was drawn: the text that stands for each parameter."""
Range = tuple[int, int]

_OPERATIONS = {"sum": operator.add, "difference": operator.sub, "product": operator.mul}


class Draws(Model):
    """Base of the kinds of parameters."""

    @abstractmethod
    def draw(self, rng: random.Random, drawn: Values) -> str:
        """One value.

        Args:
            rng: the only source of chance.
            drawn: the values of the parameters above this one.
        """


class Word(Draws):
    """A word that no other parameter of the task has."""

    kind: Literal["word"]
    capital: bool = Field(False, description="Begin with a capital letter")

    def draw(self, rng: random.Random, drawn: Values) -> str:
        """See ``Draws``."""
        word = _fresh(rng, drawn)
        return word.capitalize() if self.capital else word


class FileName(Draws):
    """The name of a file or folder: one or two words, which no other parameter has, and an ending."""

    kind: Literal["file-name"]
    ending: str = Field("", pattern=r"^[a-z0-9.]*$", description="Without the dot; '' for a folder")

    def draw(self, rng: random.Random, drawn: Values) -> str:
        """See ``Draws``."""
        first = _fresh(rng, drawn)
        stem = f"{first}{rng.choice('-_')}{_fresh(rng, {**drawn, '': first})}" if rng.random() < 0.5 else first
        return f"{stem}.{self.ending}" if self.ending else stem


class Number(Draws):
    """A whole number."""

    kind: Literal["number"]
    least: int
    most: int
    step: int = Field(1, ge=1, description="Counted from the least")

    @model_validator(mode="after")
    def _ordered(self) -> "Number":
        if self.least > self.most:
            raise ValueError("least is more than most")
        return self

    def draw(self, rng: random.Random, drawn: Values) -> str:
        """See ``Draws``."""
        return str(rng.randrange(self.least, self.most + 1, self.step))


class Choice(Draws):
    """One of some texts."""

    kind: Literal["choice"]
    among: tuple[str, ...] = Field(alias="of", min_length=1)
    other_than: tuple[str, ...] = Field((), description="Parameters whose values are not to be drawn")

    def draw(self, rng: random.Random, drawn: Values) -> str:
        """See ``Draws``."""
        taken = {drawn[name] for name in self.other_than}
        return rng.choice([text for text in self.among if text not in taken])


class Lookup(Draws):
    """What belongs to another parameter's value: a menu's label to the setting that it makes."""

    kind: Literal["lookup"]
    among: Mapping[str, str] = Field(alias="of", description="By the other parameter's value")
    by: str

    def draw(self, rng: random.Random, drawn: Values) -> str:
        """See ``Draws``."""
        return self.among[drawn[self.by]]


class Sentence(Draws):
    """A line of words: a capital letter first, a full stop last."""

    kind: Literal["sentence"]
    words: Range = (3, 6)

    def draw(self, rng: random.Random, drawn: Values) -> str:
        """See ``Draws``."""
        return _line(rng, self.words).capitalize() + "."


class Lines(Draws):
    """Lines of words, with line feeds between them; no two lines are the same."""

    kind: Literal["lines"]
    count: Range = (2, 4)
    words: Range = (1, 3)

    def draw(self, rng: random.Random, drawn: Values) -> str:
        """See ``Draws``."""
        lines: dict[str, None] = {}
        wanted = rng.randint(*self.count)
        while len(lines) < wanted:
            lines[_line(rng, self.words)] = None
        return "\n".join(lines)


class Sorted(Draws):
    """The lines of another parameter, in the order of their letters."""

    kind: Literal["sorted"]
    among: str = Field(alias="of", description="The other parameter")

    def draw(self, rng: random.Random, drawn: Values) -> str:
        """See ``Draws``."""
        return "\n".join(sorted(drawn[self.among].split("\n")))


class Changed(Draws):
    """Another parameter's text with something done to it."""

    kind: Literal["upper", "lower", "title", "reverse"]
    among: str = Field(alias="of", description="The other parameter")

    def draw(self, rng: random.Random, drawn: Values) -> str:
        """See ``Draws``."""
        text = drawn[self.among]
        return text[::-1] if self.kind == "reverse" else str(getattr(text, self.kind)())


class Joined(Draws):
    """The texts of other parameters, one after another: digits that make a number."""

    kind: Literal["joined"]
    among: tuple[str, ...] = Field(alias="of", min_length=1, description="The other parameters")
    by: str = Field("", description="What is put between them")

    def draw(self, rng: random.Random, drawn: Values) -> str:
        """See ``Draws``."""
        return self.by.join(drawn[name] for name in self.among)


class Result(Draws):
    """What comes of numbers."""

    kind: Literal["sum", "difference", "product", "square"]
    among: tuple[str, ...] = Field(alias="of", min_length=1, description="Parameters that are numbers")

    def draw(self, rng: random.Random, drawn: Values) -> str:
        """See ``Draws``."""
        numbers = [int(drawn[name]) for name in self.among]
        return str(math.prod(numbers) ** 2 if self.kind == "square" else reduce(_OPERATIONS[self.kind], numbers))


Parameter = Annotated[
    Word | FileName | Number | Choice | Lookup | Sentence | Lines | Sorted | Changed | Joined | Result,
    Field(discriminator="kind"),
]


def draw_all(parameters: Mapping[str, Parameter], rng: random.Random) -> dict[str, str]:
    """Draw every parameter, in the order in which they are written.

    Raises:
        KeyError: one refers to a parameter that is not above it.
        IndexError: a choice has nothing left to choose.
    """
    drawn: dict[str, str] = {}
    for name, parameter in parameters.items():
        drawn[name] = parameter.draw(rng, drawn)
    return drawn


def _fresh(rng: random.Random, drawn: Values) -> str:
    taken = " ".join(drawn.values()).lower()
    return rng.choice([word for word in WORDS if word not in taken])


def _line(rng: random.Random, words: Sequence[int]) -> str:
    return " ".join(rng.choice(WORDS) for _ in range(rng.randint(*words)))
