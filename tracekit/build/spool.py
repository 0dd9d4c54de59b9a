"""Candidates of a whole corpus on disk, behind the interface of a list."""

import os
import pickle
from array import array
from collections.abc import Sequence
from typing import IO, overload

from tracekit.filters.base import Candidate


class Spool(Sequence[Candidate]):
    """A sequence of candidates in a file; in memory are eight bytes of each.

    Each is read when it is asked for, so asked twice it gives equal candidates that are not the same object.

    Args:
        file: an empty one, open for reading and writing for as long as the sequence is used.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._ends = array("q", [0])

    def append(self, candidate: Candidate) -> None:
        """Put one at the end."""
        self._ends.append(self._ends[-1] + self._file.write(pickle.dumps(candidate, pickle.HIGHEST_PROTOCOL)))

    def __len__(self) -> int:
        return len(self._ends) - 1

    @overload
    def __getitem__(self, at: int) -> Candidate: ...
    @overload
    def __getitem__(self, at: slice) -> list[Candidate]: ...
    def __getitem__(self, at: int | slice) -> Candidate | list[Candidate]:
        places = range(len(self))[at]
        return self._read(places) if isinstance(places, int) else list(map(self._read, places))

    def _read(self, place: int) -> Candidate:
        self._file.flush()
        start, end = self._ends[place], self._ends[place + 1]
        candidate: Candidate = pickle.loads(os.pread(self._file.fileno(), end - start, start))
        return candidate
