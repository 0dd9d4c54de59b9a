"""What every score of an evaluation is: something that is given clip after clip, and says what it found."""

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from typing import Any, NamedTuple, Protocol

from tracekit.core.errors import TracekitError
from tracekit.evaluate.pairs import Case


class Outcome(NamedTuple):
    """What a score says of one clip."""

    values: Mapping[str, float | None]
    """By measure; None: undefined of this clip."""
    by_frame: Mapping[str, list[float | None]] = {}
    compared: Sequence[int] = ()
    """Numbers of the frames that ``by_frame`` is of."""
    note: str = ""
    """Why something is undefined."""


class Whole(NamedTuple):
    """What a score says of all clips together."""

    value: float | None
    clips: int
    """That it is made of."""
    note: str = ""


class Score(Protocol):
    """One score of an evaluation. Clips are given to it one after the other."""

    def clip(self, case: Case) -> Outcome:
        """Score one pair.

        Raises:
            TracekitError: it can't be read.
        """

    def whole(self) -> dict[str, Whole]:
        """By measure, what is of all clips together; nothing where means over clips say all."""

    def told(self) -> dict[str, Any]:
        """What is to be known of how it was made, such as hashes of weights."""


class OfClips:
    """A score whose means over clips say all."""

    def whole(self) -> dict[str, Whole]:
        """Nothing."""
        return {}

    def told(self) -> dict[str, Any]:
        """Nothing."""
        return {}


def needed(path: str | None, score: str, key: str, what: str) -> str:
    """A file that a score can't do without.

    Raises:
        TracekitError: it is not given.
    """
    if path is None:
        raise TracekitError(f"{score} needs weights", remedy=f"scores.{score}.{key}: the path of {what}")
    return path


def with_package(name: str, what: str, extra: str = "train") -> None:
    """See that a package is here.

    Args:
        name: of the package.
        what: needs it.
        extra: of tracekit, that brings it.

    Raises:
        TracekitError: it is not.
    """
    if find_spec(name) is None:
        raise TracekitError(f"{what} needs the package {name}", remedy=f"pip install 'tracekit[{extra}]'")
