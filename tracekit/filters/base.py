"""What filters are given, and what they give back.

A filter is a plug-in of the kind ``filters``: a pydantic model whose fields are the options that a recipe may give, and
whose `decide` sees every clip of the build at once, in the order of the plan. Rules about single clips just loop;
rules about the whole corpus (near-duplicates) look at all.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tracekit.clips.settings import Settings
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


class Filter(Settings, ABC):
    """Base of filters. Subclasses add their options as fields."""

    @abstractmethod
    def decide(self, candidates: Sequence[Candidate]) -> list[Decision]:
        """Judge every clip.

        Args:
            candidates: all clips of the build, in the order of the plan, those that other filters reject included.

        Returns:
            A decision a candidate, in their order. The same candidates give the same decisions.
        """

    def groups(self, candidates: Sequence[Candidate]) -> list[set[str]]:
        """Recordings, by ``input_sha256``, so near to each other that they belong in one split. By default none."""
        return []
