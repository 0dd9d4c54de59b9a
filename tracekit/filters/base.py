"""What filters are given, and what they give back.

A filter is a plug-in of the kind ``filters``: a pydantic model whose fields are the options that a recipe may give. A
rule about single clips is a `ClipFilter`, which judges one at a time; a rule about the whole corpus (near-duplicates)
is a `Filter`, whose `decide` sees every clip of the build at once, in the order of the plan.

What the index and the captions do not tell, a filter measures: see `Filter.measure`.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from tracekit.clips.settings import Settings
from tracekit.core.files import digest
from tracekit.filters.measure import StoredClip
from tracekit.shards.sample import Captions, Decision


@dataclass(frozen=True)
class Candidate:
    """A clip as filters see it: everything but its pictures."""

    key: str
    recording: str
    """Key of the recording it is from."""
    input_sha256: str
    uri: str
    """The recording's input, as `tracekit.clips.clip.Input.uri`."""
    sample: dict[str, Any]
    """Provenance, geometry, look, clock and statistics, as in ``KEY.json``."""
    fingerprint: bytes
    captions: Captions
    measured: Mapping[str, Any] = field(default_factory=dict)
    """What `Filter.measure` returned, read back from JSON, by the name of the filter in the recipe."""


class Filter(Settings, ABC):
    """Base of filters. Subclasses add their options as fields."""

    needs: ClassVar[frozenset[str]] = frozenset({"sample", "fingerprint", "captions"})
    """Which of these a filter of the whole corpus reads; where none does, they are empty, and candidates take less room
    on disk. What a filter measured it always has."""
    measure_version: ClassVar[int] = 0
    """Of `measure`: another number, and every clip is measured again. 0: the filter measures nothing."""
    measure_options: ClassVar[tuple[str, ...]] = ()
    """The fields that `measure` reads. The others, thresholds above all, change without measuring again."""

    @abstractmethod
    def decide(self, candidates: Sequence[Candidate]) -> Iterable[Decision]:
        """Judge every clip.

        Args:
            candidates: all clips of the build, in the order of the plan, those that other filters reject included. They
                lie on disk, and each is read when it is asked for.

        Returns:
            A decision a candidate, in their order. The same candidates give the same decisions.
        """

    def groups(self, candidates: Sequence[Candidate]) -> Iterable[set[str]]:
        """Recordings, by ``input_sha256``, so near to each other that they belong in one split. By default none."""
        return []

    def measure(self, clip: StoredClip) -> Any:
        """Measure what takes the clip's files, on the worker that has them; `Candidate.measured` brings it to `decide`.

        It is done once a clip, and kept in the part: a filter that is added or changed measures only for itself.

        Args:
            clip: with all its files. The same clip gives the same value.

        Returns:
            A small JSON value.

        Raises:
            Rejected: the clip can't be measured, and is rejected as ``NAME-error``; so it is for any other error but
                a TracekitError, which stops the build (a program is not installed, say).
        """
        raise NotImplementedError

    @property
    def measure_digest(self) -> str:
        """Of all that a measure depends on, but for the clip."""
        options = self.model_dump(mode="json", include=set(self.measure_options))
        return digest([type(self).__qualname__, self.measure_version, options])


class ClipFilter(Filter):
    """Base of filters that judge each clip by itself."""

    @abstractmethod
    def judge(self, candidate: Candidate) -> Decision:
        """Judge one clip, whatever the others are."""

    def decide(self, candidates: Sequence[Candidate]) -> list[Decision]:
        """As `Filter.decide`."""
        return [self.judge(candidate) for candidate in candidates]


def joined(candidates: Sequence[Candidate], pairs: Iterable[tuple[int, int]]) -> list[set[str]]:
    """What `Filter.groups` gives where it is two clips at a time, by their places, that belong together."""
    inputs = (frozenset((candidates[one].input_sha256, candidates[other].input_sha256)) for one, other in pairs)
    return [set(pair) for pair in dict.fromkeys(inputs) if len(pair) > 1]
