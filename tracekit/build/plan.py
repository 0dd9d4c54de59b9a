"""The plan of a build: which inputs there are, and how they are cut into parts. A function of the inputs' content."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from tracekit.build.recipe import PartSection
from tracekit.clips.clip import Input
from tracekit.core.errors import TracekitError


class Refused(NamedTuple):
    """An input, or a clip of it, that will not be in the data set."""

    uri: str
    sha256: str
    key: str | None
    """Of the clip; None where the whole input is rejected."""
    reason: str
    message: str


@dataclass(frozen=True)
class Part:
    """Inputs that are worked on together."""

    id: str
    """Six digits, from 000000."""
    inputs: tuple[Input, ...]

    @property
    def bytes(self) -> int:
        """Of the inputs as stored."""
        return sum(item.bytes for item in self.inputs)


@dataclass(frozen=True)
class Plan:
    """All inputs of a build, each either in a part or refused."""

    parts: tuple[Part, ...]
    refused: tuple[Refused, ...]

    @property
    def inputs(self) -> int:
        """How many there are."""
        return sum(len(part.inputs) for part in self.parts) + len(self.refused)


def make_plan(inputs: Iterable[Input], limits: PartSection) -> Plan:
    """Sort inputs by their hash, leave out exact duplicates and those that can't be read, and cut the rest into parts.

    Raises:
        TracekitError: there are no inputs, or two of one name.
    """
    ordered = sorted(inputs, key=lambda item: (item.sha256, item.uri))
    if not ordered:
        raise TracekitError("the source found no inputs", place="source", remedy="check its paths")
    if len({item.uri for item in ordered}) < len(ordered):
        names = [item.uri for item in ordered]
        twice = next(name for name in sorted(names) if names.count(name) > 1)
        raise TracekitError(f"two inputs are named {twice!r}", place="source", remedy="give paths that do not overlap")
    good: list[Input] = []
    refused: list[Refused] = []
    for item in ordered:
        if item.problem:
            refused.append(Refused(item.uri, item.sha256, None, item.reason, item.problem))
        elif good and good[-1].sha256 == item.sha256:
            refused.append(Refused(item.uri, item.sha256, None, "duplicate-of", f"the same bytes as {good[-1].uri}"))
        else:
            good.append(item)
    return Plan(tuple(_cut(good, limits)), tuple(refused))


def _cut(inputs: list[Input], limits: PartSection) -> Iterable[Part]:
    parts: list[list[Input]] = []
    filled = 0
    for item in inputs:
        if not parts or len(parts[-1]) >= limits.inputs or filled + item.bytes > limits.max_bytes:
            parts.append([])
            filled = 0
        parts[-1].append(item)
        filled += item.bytes
    return (Part(f"{number:06d}", tuple(part)) for number, part in enumerate(parts))
