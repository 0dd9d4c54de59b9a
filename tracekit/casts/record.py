"""Recording casts with asciinema, without the names of whoever records."""

import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from tracekit.casts.console import Console
from tracekit.casts.identity import Neutral
from tracekit.casts.model import Header
from tracekit.casts.read import read_cast
from tracekit.casts.write import write_cast
from tracekit.core.errors import Rejected, TracekitError

Typist = Callable[[Console], None]
"""Types into a console; the recording goes on until its program ends."""


@dataclass(frozen=True)
class Recording:
    """A recording that was made."""

    path: Path
    header: Header
    duration_ns: int
    events: int
    isolated: bool
    """Whether the program saw neutral names wherever it asked (see ``identity.Neutral``)."""


def record_cast(
    out: str | Path,
    command: Sequence[str] = (),
    *,
    version: Literal[1, 2, 3] = 2,
    columns: int | None = None,
    rows: int | None = None,
    title: str | None = None,
    idle_limit_s: float | None = None,
    keystrokes: bool = False,
    overwrite: bool = False,
    keep_identity: bool = False,
    typist: Typist | None = None,
    folder: Path | None = None,
    skeleton: Path | None = None,
) -> Recording:
    """Record a program, or the shell, into a cast.

    On a terminal the person there types. Elsewhere the program gets a terminal of its own, and standard input or
    ``typist`` types. Unless ``keep_identity`` is set the program runs under the neutral names of ``identity`` (and so
    without the right to become another user), with a fresh home and few variables.

    Args:
        out: the file, compressed if its name ends in ``.gz`` or ``.zst``. It appears when the recording is whole.
        command: the program and its arguments; the shell if empty.
        version: of the format to write.
        columns: width; the terminal's own if None, or 80 where there is none.
        rows: height; likewise, or 24.
        title: for the header.
        idle_limit_s: for the header: what players cut pauses to.
        keystrokes: also record what is typed, passwords included.
        overwrite: replace a file that is there.
        keep_identity: record under the user's and the host's own names.
        typist: what types, on a terminal of its own.
        folder: where the program starts; here if None.
        skeleton: a folder whose files the fresh home has from the start, as /etc/skel does for new accounts.

    Raises:
        TracekitError: the file is there already or can't be written, asciinema failed, or nothing was printed.
    """
    out = Path(out)
    _check_target(out, overwrite)
    # What a killed program still writes while its home is removed must not hide why it was killed.
    with tempfile.TemporaryDirectory(prefix="cast-", ignore_cleanup_errors=True) as scratch:
        raw = Path(scratch) / "raw.cast"
        machine = Path(scratch) / "machine"
        machine.mkdir()
        neutral = None if keep_identity else Neutral(machine, skeleton)
        environment = dict(os.environ) if neutral is None else neutral.environment()
        environment["ASCIINEMA_CONFIG_HOME"] = scratch
        inner = list(command) or [environment.get("SHELL", "/bin/sh")]
        inner = ["env", "-u", "ASCIINEMA_CONFIG_HOME", *inner]
        if neutral is not None and neutral.isolated:
            inner = neutral.command(inner)
        recorder = [sys.executable, "-m", "asciinema", "rec", "--quiet", "--env", "SHELL,TERM"]
        recorder += ["--command", shlex.join(inner)] + ["--stdin"] * keystrokes
        recorder += ["--idle-time-limit", str(idle_limit_s)] if idle_limit_s else []
        if typist is None and sys.stdin.isatty():
            recorder += [f"--cols={columns}"] * bool(columns) + [f"--rows={rows}"] * bool(rows)
            status = subprocess.run([*recorder, str(raw)], env=environment, cwd=folder).returncode
            remark = ""
        else:
            environment["TERM"] = "xterm-256color"
            size = (columns or 80, rows or 24)
            status, remark = _record_alone([*recorder, str(raw)], environment, size, typist, folder)
        if status != 0:
            raise TracekitError(f"asciinema ended with status {status}", place=str(out), remedy=remark)
        try:
            header, events, _ = read_cast(raw)
        except Rejected as error:
            raise TracekitError(f"nothing was recorded: {error.message}", place=str(out)) from error
    title, line = title or None, shlex.join(command) or None
    if neutral is not None:
        events = neutral.events(events)
        title, line = title and neutral.text(title), line and neutral.text(line)
    header = replace(header, title=title, command=line)
    write_cast(out, header, events, version=version)
    return Recording(out, header, events[-1].time_ns, len(events), neutral is not None and neutral.isolated)


def _check_target(out: Path, overwrite: bool) -> None:
    if out.exists() and not overwrite:
        raise TracekitError("is there already", place=str(out), remedy="--overwrite replaces it")
    if not os.access(out.parent, os.W_OK | os.X_OK):
        raise TracekitError("can't be written: its folder is not there, or not yours", place=str(out))


def _record_alone(
    recorder: Sequence[str],
    environment: dict[str, str],
    size: tuple[int, int],
    typist: Typist | None,
    folder: Path | None,
) -> tuple[int, str]:
    """Run asciinema on a terminal of its own; return its status and the end of what it showed."""
    columns, rows = size
    with Console(recorder, environment, columns=columns, rows=rows, folder=str(folder or ".")) as console:
        console.wait_until_raw()
        if typist is None:
            console.relay(sys.stdin.fileno())
        else:
            typist(console)
        status = console.finish()
        return status, console.last_words()
