"""What a sandbox is: a place that starts one program, talks to it over its standard streams, and leaves nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Literal, Protocol, Self, cast

from tracekit.core.plugins import load

HOME = "/home/user"
"""The one folder, beside /tmp, that can be written. Fresh in every session, filled with the image's fixture files."""
AGENT = "/opt/tracekit/agent"
CLOCK_SHIM = "/opt/tracekit/clock.so"
BASHRC = "/opt/tracekit/bashrc"

ENVIRONMENT: Mapping[str, str] = {
    "HOME": HOME,
    "HOSTNAME": "sandbox",
    "LANG": "C.UTF-8",
    "LOGNAME": "user",
    "PATH": "/home/user/.local/bin:/usr/local/bin:/usr/bin:/bin:/usr/games",
    "SHELL": "/bin/bash",
    "TERM": "xterm-256color",
    "TZ": "UTC",
    "USER": "user",
}
"""What every program in a sandbox starts with, and nothing of the host's environment."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on one session. They stop what runs away; no honest tape comes near them."""

    memory_mb: int = 512
    """Of all processes together, files in memory included (of each process where the machine offers no cgroup)."""
    processes: int = 128
    """Threads count, too."""
    disk_mb: int = 64
    """Of the home folder; as much again of /tmp."""
    open_files: int = 1024
    """Of one process."""
    cpu_s: int = 60
    """Processor seconds of one process."""
    wall_s: float = 120.0
    """Real seconds from the start of the session; then everything in it is killed."""
    output_mb: int = 64
    """What the program may write to its standard streams, altogether."""
    cpus: float = 1.0
    """Processors that all processes together may use at once (in containers; elsewhere one)."""


DEFAULT_LIMITS = Limits()

Reason = Literal["exited", "timed-out", "out-of-memory", "too-much-output", "killed"]


@dataclass(frozen=True, slots=True)
class Ended:
    """How a session ended."""

    reason: Reason
    status: int | None
    """Of the program, 128 + n if signal n ended it; None if the sandbox ended it."""
    detail: str
    """Which limit was reached; the last that the program wrote to its standard error."""


class Session(Protocol):
    """A program at work in a sandbox. Leaving the ``with`` block kills it and removes every trace of it."""

    def write(self, data: bytes) -> None:
        """Hand bytes to the program's standard input. Bytes for one that has ended are dropped.

        Raises:
            Rejected: ``timed-out`` or ``too-much-output``.
        """

    def readline(self) -> bytes:
        """The program's next line with its end; the rest of its output if that ends without one; b"" at the end.

        Raises:
            Rejected: ``timed-out`` or ``too-much-output``.
        """

    def finish(self) -> Ended:
        """Close the program's input, wait for it to end within the limits, and remove the session."""

    def kill(self) -> None:
        """End everything in the session at once. ``finish`` then says ``killed``."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Sandbox(Protocol):
    """Starts sessions of one image. May be used by several threads."""

    image_digest: str
    """Of the image's content, ``sha256:...``."""

    def start(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str] = {},
        files: Mapping[str, bytes] = {},
        limits: Limits = DEFAULT_LIMITS,
    ) -> Session:
        """Start a program as pid 1 of its own, in a fresh home folder, as user 1000.

        Args:
            command: program and arguments; the program's path is absolute.
            environment: variables beside those of ``ENVIRONMENT``, or in their place.
            files: content of files by path below the home folder.
            limits: bounds on the session.

        Raises:
            TracekitError: the sandbox itself does not work; the message says what to do.
        """

    def close(self) -> None:
        """Remove what the sandbox keeps ready."""


def open_sandbox(name: str, image: str = "terminal") -> Sandbox:
    """The sandbox of a name, ready to start sessions.

    Args:
        name: a plug-in of the kind ``sandboxes``: ``docker`` or ``bwrap``.
        image: the image whose programs run.

    Raises:
        TracekitError: there is no such sandbox, its program or engine is missing, or the image has not been made.
    """
    return cast(Sandbox, load("sandboxes", name)(image))
