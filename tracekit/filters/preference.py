"""Which of like clips is kept: the order in which clips are gone through, worked out on disk for any number of them."""

import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tracekit.filters.base import Candidate

_CLIPS = "CREATE TABLE clips (number INTEGER PRIMARY KEY, input TEXT, key TEXT, signature BLOB)"
_SIGNED = "SELECT count(*) FROM clips WHERE length(signature) > 0"
_IN_ORDER = """
SELECT number, input, signature
FROM clips JOIN (SELECT input, count(*) AS clips FROM clips GROUP BY input) USING (input)
WHERE length(signature) > 0 ORDER BY clips DESC, input, key, number
"""


class Ranked(NamedTuple):
    """Clips that have a signature, the most preferred first: those of the recording with the most clips (of equals, of
    the one whose bytes hash lowest), and of one recording in the order of their keys."""

    numbers: NDArray[np.int32]
    """Of each clip its place among the candidates, shape (n,)."""
    owners: NDArray[np.int32]
    """Of each clip the number of its recording, shape (n,)."""
    signatures: NDArray[np.uint8]
    """Shape (n, bytes of a signature), in a temporary file."""


class Likes(NamedTuple):
    """What became of candidates that were held against each other."""

    kept: NDArray[np.int32]
    """Of each that is not to be kept, the number of the kept one that is most like it; -1 of all others."""
    degree: NDArray[np.float32]
    """How like it is, in the filter's own measure."""

    def pairs(self) -> Iterator[tuple[int, int]]:
        """The numbers of those that are not to be kept, each with that of the kept one."""
        return ((number, kept) for number, kept in enumerate(self.kept) if kept >= 0)


def nothing_like(candidates: Sequence[Candidate]) -> Likes:
    """Before anything is held against anything."""
    return Likes(np.full(len(candidates), -1, np.int32), np.zeros(len(candidates), np.float32))


def ranked(candidates: Sequence[Candidate], signature: Callable[[Candidate], bytes], width: int) -> Ranked:
    """Put clips in order. In memory are eight bytes a clip; SQLite sorts the rest on disk.

    Args:
        candidates: gone through once.
        signature: of a clip; empty for one that is not to be compared.
        width: bytes of a signature.
    """
    with closing(sqlite3.connect("")) as database:  # a temporary file of its own
        database.execute(_CLIPS)
        rows = ((number, one.input_sha256, one.key, signature(one)) for number, one in enumerate(candidates))
        database.executemany("INSERT INTO clips VALUES (?, ?, ?, ?)", rows)
        (count,) = database.execute(_SIGNED).fetchone()
        found = Ranked(np.empty(count, np.int32), np.empty(count, np.int32), on_disk((count, width), np.uint8))
        owner, of_input = -1, None
        for place, (number, sha256, signed) in enumerate(database.execute(_IN_ORDER)):
            owner, of_input = owner + (sha256 != of_input), sha256
            found.numbers[place], found.owners[place] = number, owner
            found.signatures[place] = np.frombuffer(signed, np.uint8)
    return found


def on_disk(shape: tuple[int, int], dtype: type[Any]) -> NDArray[Any]:
    """An array of zeros in a temporary file, which is gone when the array is. The system drops its pages as it needs
    memory; the folder for temporary files (TMPDIR) should not be one in memory."""
    if not all(shape):
        return np.empty(shape, dtype)
    with tempfile.TemporaryFile() as file:
        return np.asarray(np.memmap(file, dtype, "w+", shape=shape))  # whose slices cost less than those of a memmap
