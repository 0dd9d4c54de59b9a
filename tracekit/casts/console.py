"""A pseudo-terminal with a program in it, for recording where nobody sits at a terminal."""

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

from tracekit.core.errors import TracekitError

START_S = 30.0
"""How long a program may take until it reads keys."""
READY_S = 1.0
"""How long it may take to print something, before it is taken for one that waits in silence."""
AGAIN_S = 1.0
END = b"\x04"
"""Ctrl-D: a terminal's end of file."""
SEEN_BYTES = 65_536


class Console:
    """A program on a terminal of its own, and hands to type. A context manager: what still runs at its end is killed.

    Args:
        command: the program and its arguments.
        environment: all of its variables.
        columns: width of the terminal.
        rows: height of the terminal.
        folder: where it starts; here if None.

    Attributes:
        seen: what it has printed since the last ``send``, at most the last ``SEEN_BYTES`` bytes.
        open: whether it still runs, as far as is known.
    """

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        *,
        columns: int,
        rows: int,
        folder: str | None = None,
    ) -> None:
        self.seen = b""
        self.open = True
        self._status: int | None = None
        self._pid, self._fd = pty.fork()
        if self._pid == 0:
            try:
                _set_size(0, columns, rows)
                for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGPIPE):
                    signal.signal(number, signal.SIG_DFL)  # ignored in jobs of the background and by Python
                os.chdir(folder or ".")
                os.execvpe(command[0], list(command), dict(environment))
            finally:
                os._exit(127)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._status is None:
            # Not SIGHUP: asciinema would wait for its own child first.
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
        os.close(self._fd)

    def wait_until_raw(self) -> None:
        """Wait until the program takes single keys: what is typed before that is thrown away when it starts to.

        Raises:
            TracekitError: it never does.
        """
        deadline = time.monotonic() + START_S
        while self.open and time.monotonic() < deadline:
            if not termios.tcgetattr(self._fd)[3] & termios.ECHO:
                return
            self.wait(0.01)
        raise TracekitError("the recorder did not start", remedy=self.last_words())

    def send(self, text: str | bytes) -> None:
        """Type."""
        data = memoryview(text.encode() if isinstance(text, str) else text)
        self.seen = b""
        while data and self.open:
            # Reading all the while: a program that is not read from stops reading.
            _, writable, _ = select.select([], [self._fd], [], 0.01)
            if writable:
                data = data[os.write(self._fd, data[:1024]) :]
            self.wait(0)

    def resize(self, columns: int, rows: int) -> None:
        """Change the size of the terminal; the program is told."""
        _set_size(self._fd, columns, rows)

    def wait(self, seconds: float) -> None:
        """Let this much time pass, or less if the program ends, while reading what it prints."""
        deadline = time.monotonic() + seconds
        while self.open:
            left = max(0.0, deadline - time.monotonic())
            readable, _, _ = select.select([self._fd], [], [], left)
            if not readable:
                return
            self._read()

    def wait_for(self, text: str, seconds: float = 30.0) -> None:
        """Wait until the program prints ``text`` after the last ``send``.

        Raises:
            TracekitError: it has not for so long.
        """
        deadline = time.monotonic() + seconds
        while text.encode() not in self.seen:
            if not self.open or time.monotonic() > deadline:
                raise TracekitError(f"the program did not print {text!r}", remedy=self.last_words())
            self.wait(0.02)

    def relay(self, source: int) -> None:
        """Type what comes from a file descriptor, and Ctrl-D at its end, until the program ends."""
        # A shell throws away what was typed before it was ready, and its terminal echoes it twice.
        patience = time.monotonic() + READY_S
        while self.open and not self.seen and time.monotonic() < patience:
            self.wait(0.02)
        ended = False
        while self.open:
            readable, _, _ = select.select([self._fd] if ended else [self._fd, source], [], [], AGAIN_S)
            if self._fd in readable:
                self._read()
            elif source in readable:
                typed = os.read(source, 1024)
                ended = not typed
                self.send(typed or END)
            elif ended:
                self.send(END)  # the end of a file stays the end, and a program may have missed it

    def finish(self) -> int:
        """Read until the program ends; return its exit status (negative: the signal that ended it)."""
        while self.open:
            self._read()
        self._status = os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])
        return self._status

    def last_words(self) -> str:
        """The end of what it has printed, for messages."""
        return self.seen.decode(errors="replace").strip()[-500:]

    def _read(self) -> None:
        try:
            data = os.read(self._fd, 65_536)
        except OSError:  # EIO: the other side is closed
            data = b""
        self.open = bool(data)
        self.seen = (self.seen + data)[-SEEN_BYTES:]


def _set_size(fd: int, columns: int, rows: int) -> None:
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
