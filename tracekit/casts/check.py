"""The verdict on a cast."""

from dataclasses import dataclass, field
from pathlib import Path

from tracekit.casts.limits import Limits
from tracekit.casts.model import Problem
from tracekit.casts.read import CastReader, open_cast
from tracekit.core.clock import seconds
from tracekit.core.errors import Rejected, TracekitError


@dataclass
class Verdict:
    """What reading a cast to its end has shown. Of a file beyond repair, what was known up to there."""

    file: str
    ok: bool = True
    """Whether it can be used, perhaps after repairs."""
    version: int | None = None
    columns: int | None = None
    rows: int | None = None
    duration_s: float | None = None
    """Time of the last event."""
    events: int = 0
    problems: list[Problem] = field(default_factory=list)
    """In order; the last one is not repaired if ``ok`` is false. At most some 1,000 are kept."""
    problem_counts: dict[str, int] = field(default_factory=dict)
    """How often each code came up, all of them."""
    reason: str | None = None
    """The code of what is beyond repair."""
    remedy: str | None = None
    """What to do about that."""


def check_cast(uri: str | Path, limits: Limits = Limits()) -> Verdict:  # noqa: B008 - frozen
    """Read a cast to its end and say what is wrong with it. Raises nothing on account of the file."""
    verdict = Verdict(str(uri))
    try:
        with open_cast(uri, limits) as reader:
            _look(reader, verdict)
    except TracekitError as error:
        reason = error.reason if isinstance(error, Rejected) else "unreadable"
        line = error.place.rpartition(":")[2]
        verdict.ok, verdict.reason, verdict.remedy = False, reason, error.remedy or None
        verdict.problems.append(Problem(int(line) if line.isdecimal() else 1, reason, error.message, repaired=False))
    return verdict


def _look(reader: CastReader, verdict: Verdict) -> None:
    header = reader.header
    verdict.file, verdict.problems, verdict.problem_counts = reader.name, reader.problems, reader.problem_counts
    verdict.version, verdict.columns, verdict.rows = header.version, header.columns, header.rows
    try:
        for _ in reader:
            pass
    finally:
        verdict.duration_s, verdict.events = seconds(reader.end_ns), reader.event_count
