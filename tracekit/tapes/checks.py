"""What a run must be like to be worth keeping: the reasons for which tapes are left out of a data set.

The paper kept 51.21 % of its scripts and does not say by which criteria (Neural Computers, section 3.1.1). Ours are
those below, each with a name that reports count by.
"""

import re
from collections.abc import Iterator, Sequence

from pydantic import Field

from tracekit.clips.settings import Settings
from tracekit.clips.timeline import HIDE, SHOW
from tracekit.core.clock import seconds
from tracekit.core.errors import Rejected
from tracekit.core.events import Event
from tracekit.tapes.driver.drive import Run
from tracekit.tapes.families.math_pool import is_held_out
from tracekit.tapes.language.program import Hide, Press, Program, Show, Type
from tracekit.tapes.meta import TapeMeta
from tracekit.tapes.seen import Seen

_NOT_FOUND = 127
"""The exit status of a shell that finds no such command (POSIX.1-2017, XCU 2.8.2)."""
_NOT_FOUND_LINE = re.compile(r"(?:^|: )command not found(?:: |$)|: not found$")


class Checks(Settings):
    """What is looked at after a tape was run. A tape without a label is taken to be meant to succeed."""

    exit_status: bool = Field(True, description="Reject where a command failed that was meant to succeed")
    expected_text: bool = Field(True, description="Reject where text that the label expects never shows")
    answer: bool = Field(True, description="Reject where the label's answer is no line of output")
    ended: bool = Field(
        True, description="Reject where the last command of a shell session is still at work at the end"
    )
    held_out: bool = Field(True, description="Reject a tape that enters a held-out problem")
    repeatable: bool = Field(False, description="Reject a run that the sandbox flags as not exactly repeatable")


def check_tape(program: Program, checks: Checks) -> None:
    """Check what needs no run.

    Raises:
        Rejected: ``held-out``.
    """
    if checks.held_out and any(map(is_held_out, _entered(program))):
        raise Rejected("held-out", "it enters a problem that is kept for evaluation")


def check_run(run: Run, meta: TapeMeta | None, seen: Seen, checks: Checks) -> None:
    """Check a run.

    Args:
        run: of the tape, up to where it went.
        meta: the tape's label, if it has one.
        seen: what the visible part shows.
        checks: which rules apply.

    Raises:
        Rejected: the run's own problem, ``setup-failed``, ``command-not-found``, ``nonzero-exit``, ``truncated``,
            ``nothing-on-screen``, ``expected-text-absent``, ``answer-absent`` or ``not-repeatable``.
    """
    if run.problem is not None:
        raise run.problem
    succeeds = meta is None or meta.succeeds
    if checks.exit_status:
        _check_statuses(run, succeeds)
    if checks.exit_status and succeeds and any(map(_NOT_FOUND_LINE.search, seen.outputs)):
        raise Rejected("command-not-found", "the screen says that there is no such command")
    if checks.ended and meta is not None and not meta.interactive:
        _check_ended(run)
    if not seen.lines.keys() - {seen.first}:
        raise Rejected("nothing-on-screen", "nothing is ever to be seen but what was there at the start")
    if meta is not None:
        _check_text(meta, seen, checks)
    if checks.repeatable and run.flags:
        raise Rejected("not-repeatable", f"another run may differ: {', '.join(run.flags)}")


def _check_statuses(run: Run, succeeds: bool) -> None:
    hidden = list(_hidden_ns(run.events, run.duration_ns))
    for time_ns, status in run.statuses:
        at = f"a command that ended at {seconds(time_ns):.3f} s"
        if status and any(start_ns <= time_ns <= end_ns for start_ns, end_ns in hidden):
            raise Rejected("setup-failed", f"{at}, out of sight, had exit status {status}")
        if status == _NOT_FOUND and succeeds:
            raise Rejected("command-not-found", f"{at} was not found")
        if status and succeeds:
            raise Rejected("nonzero-exit", f"{at} had exit status {status}")


def _check_ended(run: Run) -> None:
    entered_ns = max((event.time_ns for event in run.events if event.code == "i" and "\r" in event.data), default=None)
    ended_ns = max((time_ns for time_ns, _ in run.statuses), default=None)
    if entered_ns is not None and (ended_ns is None or ended_ns < entered_ns):
        raise Rejected("truncated", "its last command is still at work at the end")


def _check_text(meta: TapeMeta, seen: Seen, checks: Checks) -> None:
    absent = sum(not any(text in line for line in seen.lines) for text in meta.expect)
    if checks.expected_text and absent:
        # In numbers: what is expected has not been scrubbed.
        raise Rejected("expected-text-absent", f"{absent} of {len(meta.expect)} expected texts never show")
    if checks.answer and meta.answer is not None and not _answers(meta, seen):
        raise Rejected("answer-absent", "the answer is not among the lines of output")


def _answers(meta: TapeMeta, seen: Seen) -> bool:
    """Whether the answer shows: as a line of its own, or outside of REPLs as a word of one."""
    answer = (meta.answer or "").strip()
    word = re.compile(rf"(?<![\w.-]){re.escape(answer)}(?![\w-]|\.\w)")
    return any(line.strip() == answer or (not meta.interactive and word.search(line)) for line in seen.outputs)


def _hidden_ns(events: Sequence[Event], duration_ns: int) -> Iterator[tuple[int, int]]:
    """The stretches of a run that are out of sight."""
    since_ns = None
    for event in events:
        if event.code == "m" and event.data == HIDE and since_ns is None:
            since_ns = event.time_ns
        elif event.code == "m" and event.data == SHOW and since_ns is not None:
            yield since_ns, event.time_ns
            since_ns = None
    if since_ns is not None:
        yield since_ns, duration_ns


def _entered(program: Program) -> Iterator[str]:
    """The lines that a tape types, each up to a key that is none of its text."""
    line = ""
    for command in program.commands:
        if isinstance(command, Type):
            line += command.text
        elif isinstance(command, Press) and command.key == "Space":
            line += " " * command.count
        elif isinstance(command, Press | Hide | Show):
            yield line
            line = ""
    yield line
