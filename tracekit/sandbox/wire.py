"""Bytes to and from a program in a sandbox, within the session's limits on time and output."""

import math
import os
import select
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from tracekit.core.errors import Rejected
from tracekit.sandbox.base import Limits

_BLOCK = 1 << 16
_LAST = 4096
"""Bytes of standard error that are kept."""
_LONGEST = 64 << 20
"""Bytes of a line."""


class Wire:
    """The host's end of a program's standard streams. Never waits beyond the session's time.

    While it writes it reads too, so that neither side can block the other for good. All methods that wait raise
    ``Rejected`` (``timed-out`` or ``too-much-output``) at a limit, and again each time after.

    Args:
        sources: the descriptors to read from; what came from one is told to ``receive``.
        sink: the descriptor to write to. All are made non-blocking; none is closed here.
        receive: takes a descriptor and its bytes, and hands them on to ``take_output`` or ``take_error``.
        limits: of the session, whose time begins now.
    """

    def __init__(
        self, sources: Sequence[int], sink: int, receive: Callable[[int, bytes], None], limits: Limits
    ) -> None:
        self._sources, self._sink, self._receive, self._limits = list(sources), sink, receive, limits
        self._deadline = time.monotonic() + limits.wall_s
        self._output = bytearray()
        self._searched = 0
        self._taken = 0
        self._error = b""
        self.reached: Rejected | None = None
        """The limit that was reached."""
        for descriptor in {*sources, sink}:
            os.set_blocking(descriptor, False)

    @property
    def error(self) -> str:
        """The last of what the program wrote to its standard error."""
        return self._error.decode(errors="replace").strip()

    def left_s(self) -> float:
        """Seconds that are left of the session's time, more than 0."""
        if self.reached:
            raise self.reached
        left_s = self._deadline - time.monotonic()
        if left_s <= 0:
            self._reject("timed-out", f"the session took longer than {self._limits.wall_s:g} s")
        return left_s

    def take_output(self, data: bytes) -> None:
        """Bytes of standard output have come."""
        self._output += data
        self._count(data)

    def take_error(self, data: bytes) -> None:
        """Bytes of standard error have come."""
        self._error = (self._error + data)[-_LAST:]
        self._count(data)

    def write(self, data: bytes) -> None:
        """Write all of it, unless the program has gone."""
        rest = memoryview(data)
        while rest:
            try:
                rest = rest[os.write(self._sink, rest) :]
            except BlockingIOError:
                self._wait([self._sink])
            except (BrokenPipeError, ConnectionResetError):
                return

    def readline(self, until_s: float = math.inf) -> bytes:
        """The next line with its end; at the end what is left, or nothing.

        Raises:
            TimeoutError: there is none at that instant of ``time.monotonic``; the next call goes on waiting for it.
        """
        if self.reached:
            raise self.reached
        while (end := self._output.find(b"\n", self._searched)) < 0 and self._sources:
            self._searched = len(self._output)
            if self._searched > _LONGEST:
                self._reject("too-much-output", f"the session wrote a line of more than {_LONGEST >> 20} MiB")
            self._wait(until_s=until_s)
        size = end + 1 if end >= 0 else len(self._output)
        line = bytes(self._output[:size])
        del self._output[:size]
        self._searched = 0
        return line

    def drain(self) -> None:
        """Read until the program has closed its streams, and drop what came."""
        while self._sources:
            self._wait()
            self._output.clear()
        self._searched = 0

    def await_readable(self, descriptor: int) -> None:
        """Wait until something, a process's end among others, can be read from a descriptor."""
        while not select.select([descriptor], [], [], self.left_s())[0]:
            pass

    def _wait(self, sinks: Sequence[int] = (), until_s: float = math.inf) -> None:
        """Wait until something can be read, or written to one of the sinks; read what there is."""
        wait_s = min(self.left_s(), until_s - time.monotonic())
        if wait_s <= 0:
            raise TimeoutError
        readable, _, _ = select.select(self._sources, sinks, [], wait_s)
        for descriptor in readable:
            with suppress(BlockingIOError):
                try:
                    data = os.read(descriptor, _BLOCK)
                except ConnectionResetError:
                    data = b""
                if data:
                    self._receive(descriptor, data)
                else:
                    self._sources.remove(descriptor)

    def _count(self, data: bytes) -> None:
        self._taken += len(data)
        if self._taken > self._limits.output_mb << 20:
            self._reject("too-much-output", f"the session wrote more than {self._limits.output_mb} MiB")

    def _reject(self, reason: str, message: str) -> None:
        self.reached = Rejected(reason, message)
        raise self.reached
