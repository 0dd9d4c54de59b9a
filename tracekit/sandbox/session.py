"""What sessions of all sandboxes share: how a program is started by ``docker/enter.c``, and how its session ends."""

import io
import math
import tarfile
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from types import TracebackType
from typing import Self, cast

from tracekit.core.errors import Rejected, TracekitError
from tracekit.sandbox.base import ENVIRONMENT, Ended, Limits, Reason
from tracekit.sandbox.wire import Wire

_ENTER = "/opt/tracekit/enter"
_WRITTEN_S = 1_735_689_600
"""The time that files handed to a session bear, 2025-01-01 00:00 UTC: none in an image is newer."""


def enter(command: Sequence[str], archive: bytes, limits: Limits, grouped: bool) -> list[str]:
    """The command line that starts a program.

    Args:
        command: the program's path and its arguments.
        archive: that will come first on standard input.
        limits: bounds on each process.
        grouped: whether a control group bounds memory and processes; else limits on each process and user do.
    """
    counts = 0 if grouped else limits.processes, 0 if grouped else limits.memory_mb
    return [_ENTER, *map(str, (len(archive), limits.open_files, limits.cpu_s, *counts)), *command]


def variables(environment: Mapping[str, str]) -> dict[str, str]:
    """A program's whole environment."""
    return {**ENVIRONMENT, **environment}


def pack(files: Mapping[str, bytes]) -> bytes:
    """Files for the home folder as a tar archive; nothing for none.

    Raises:
        TracekitError: a path that is not below the home folder.
    """
    if not files:
        return b""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, content in files.items():
            path = PurePosixPath(name)
            if path.is_absolute() or ".." in path.parts or not path.parts:
                raise TracekitError(f"the path {name!r} is not below the home folder")
            entry = tarfile.TarInfo(str(path))
            entry.size, entry.mtime, entry.mode = len(content), _WRITTEN_S, 0o644
            archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


class WiredSession(ABC):
    """A session over a wire. What is left to each sandbox: to end the program, and to remove what it ran in."""

    def __init__(self, wire: Wire, limits: Limits) -> None:
        self._wire, self._limits = wire, limits
        self._killed = False
        self._ended: Ended | None = None

    @abstractmethod
    def _close_input(self) -> None:
        """Let the program read the end of its input."""

    @abstractmethod
    def _await_end(self) -> None:
        """Wait for the program's end, whose streams are closed, as long as the wire allows."""

    @abstractmethod
    def _stop(self) -> None:
        """End everything in the session at once; harmless if it has ended."""

    @abstractmethod
    def _remove(self) -> tuple[int | None, bool]:
        """Remove the session, which has been stopped or has ended: the program's status, and whether memory ran out."""

    def write(self, data: bytes) -> None:
        """See ``Session.write``."""
        if self._ended is None:
            self._wire.write(data)

    def readline(self, until_s: float = math.inf) -> bytes:
        """See ``Session.readline``. ``TimeoutError`` at an instant of ``time.monotonic``."""
        return self._wire.readline(until_s)

    def kill(self) -> None:
        """See ``Session.kill``."""
        if self._ended is None:
            self._killed = True
            self._stop()

    def finish(self) -> Ended:
        """See ``Session.finish``."""
        if self._ended is None:
            try:
                self._close_input()
                self._wire.drain()
                self._await_end()
            except Rejected:
                self._stop()
            except BaseException:
                self._stop()
                self._remove()
                raise
            self._ended = self._told(*self._remove())
        return self._ended

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._ended is None:
            self.kill()
            self.finish()

    def _told(self, status: int | None, out_of_memory: bool) -> Ended:
        said = [self._wire.error] if self._wire.error else []
        if reached := self._wire.reached:
            return Ended(cast(Reason, reached.reason), None, "\n".join([reached.message, *said]))
        if out_of_memory:
            message = f"the session took more than {self._limits.memory_mb} MiB of memory"
            return Ended("out-of-memory", status, "\n".join([message, *said]))
        return Ended("killed", None, "\n".join(said)) if self._killed else Ended("exited", status, "\n".join(said))
