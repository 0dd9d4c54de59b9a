"""What commands leave behind, as tests look at it."""

from collections.abc import Callable
from typing import NamedTuple


class Answer(NamedTuple):
    """What a command printed, and its exit status."""

    returncode: int
    stdout: str
    stderr: str


Tracekit = Callable[..., Answer]
"""The fixture ``tracekit``: called with a command's words."""
