"""Tapes as the inputs of a build: files, or numbers of a seed from which they are composed again."""

import hashlib
from collections.abc import Iterator, Mapping

import fsspec

from tracekit.clips.clip import Input
from tracekit.core.errors import Rejected
from tracekit.tapes.generate import Tape, tapes
from tracekit.tapes.language.parser import parse
from tracekit.tapes.language.program import Comment, Output, Program, Setting, Source
from tracekit.tapes.language.writer import write

MOST_BYTES = 1 << 20
"""Of a tape's file."""


def generated(families: Mapping[str, float], count: int, seed: int) -> Iterator[Input]:
    """Compose tapes and name them ``FAMILY/NUMBER.tape``; their text is not kept.

    One that types what an earlier one does is a ``duplicate``, whatever it is called and looks like.

    Args:
        families: names and weights.
        count: how many.
        seed: of the corpus.
    """
    bodies: dict[bytes, int] = {}
    for number, tape in enumerate(tapes(families, count, seed)):
        text = write(tape.program).encode()
        first = bodies.setdefault(_body(tape.program), number)
        problem = "" if first == number else f"it types what tape {first} types"
        uri, sha256 = f"{tape.family}/{number:06d}.tape", hashlib.sha256(text).hexdigest()
        yield Input(uri, sha256, len(text), str(number), problem, "duplicate")


def generated_tape(families: Mapping[str, float], seed: int, number: int) -> Tape:
    """The tape of a number, as `generated` has it."""
    return next(tapes(families, 1, seed, first=number))


def read_tape(locator: str, name: str) -> Program:
    """Read a tape from a path or URL.

    One that takes in other tapes is refused: what the plan hashes is one file.

    Raises:
        Rejected: ``unreadable``, ``too-large`` or ``has-sources``.
        TapeError: it is no tape.
    """
    try:
        with fsspec.open(locator, "rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise Rejected("unreadable", error.strerror or "it can't be read", place=name) from error
    if len(data) > MOST_BYTES:
        raise Rejected("too-large", f"a tape of more than {MOST_BYTES:,} bytes", place=name)
    program = parse(data.decode(errors="replace"), name)  # as where vhs types it
    if any(isinstance(command, Source) for command in program.commands):
        raise Rejected("has-sources", "it takes in other tapes", place=name, remedy="put them in the place of Source")
    return program


def _body(program: Program) -> bytes:
    """A digest of what a tape does, without its label and look."""
    body = tuple(command for command in program.commands if not isinstance(command, Comment | Output | Setting))
    return hashlib.blake2b(write(Program(body)).encode(), digest_size=16).digest()
