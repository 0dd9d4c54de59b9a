"""The agent's side of the line protocol, in this process: a terminal whose program is a Python function."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from tracekit.sandbox.base import Ended, Limits

Program = Callable[[bytes], bytes]
"""From keys to output; b"exit" ends it."""
PROMPT = b"\x1b]133;D;0\x07> "


def echo(keys: bytes) -> bytes:
    return keys.replace(b"\r", b"\r\n> ")


@dataclass
class FakeSession:
    """Keeps the clock, echoes keys, runs timers: what the agent does with a program that is asleep at once."""

    program: Program = echo
    timers: list[tuple[int, bytes]] = field(default_factory=list)
    """Output that comes by itself: when, and what; in order of time."""
    first: bytes = PROMPT
    asks: bytes = b"\x1b["
    """Output that holds this is followed by a ``query``."""
    ended: Ended = field(default_factory=lambda: Ended("exited", 0, ""))
    said: list[bytes] = field(default_factory=list)
    replies: list[bytes] = field(default_factory=list)
    now_ns: int = 0
    over: bool = False

    def __post_init__(self) -> None:
        self._say("ready", 0)
        self._output(self.first)

    def write(self, data: bytes) -> None:
        for line in data.decode().splitlines():
            if not self.over:
                self._obey(*line.split(" "))

    def readline(self) -> bytes:
        return self.said.pop(0) if self.said else b""

    def finish(self) -> Ended:
        return self.ended

    def kill(self) -> None:
        self.over = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    def _obey(self, command: str, *words: str) -> None:
        if command == "key":
            self._pass(int(words[0]))
            keys = bytes.fromhex(words[1])
            self._say("i", self.now_ns, keys.hex())
            self._output(self.program(keys))
        elif command == "sleep":
            self._pass(int(words[0]))
        elif command == "step":
            end_ns = self.now_ns + int(words[0])
            due_ns = self.timers[0][0] if self.timers else end_ns
            self._pass((min(due_ns + 1, end_ns) if due_ns < end_ns else end_ns) - self.now_ns)
            self._say("sync", self.now_ns)
        elif command == "sync":
            self._say("sync", self.now_ns)
        elif command == "reply":
            self.replies.append(bytes.fromhex(words[0]))
        elif command == "end":
            self._say("end", self.now_ns)
            self.over = True

    def _pass(self, duration_ns: int) -> None:
        end_ns = self.now_ns + duration_ns
        while self.timers and self.timers[0][0] < end_ns:
            self.now_ns, output = self.timers.pop(0)
            self._output(output)
        self.now_ns = end_ns

    def _output(self, output: bytes) -> None:
        if output == b"exit":
            self._say("exit", self.now_ns, 0)
            self._say("end", self.now_ns)
            self.over = True
        elif output:
            self._say("o", self.now_ns, output.hex())
            if self.asks in output:
                self._say("query", self.now_ns)

    def _say(self, *words: object) -> None:
        self.said.append((" ".join(map(str, words)) + "\n").encode())


class FakeSandbox:
    """Starts the sessions that it was given."""

    image_digest = "sha256:fake"

    def __init__(self, *sessions: FakeSession) -> None:
        self._sessions = list(sessions)
        self.command: Sequence[str] = ()
        self.environment: Mapping[str, str] = {}

    def start(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str] = {},
        files: Mapping[str, bytes] = {},
        limits: Limits = Limits(),  # noqa: B008
    ) -> FakeSession:
        self.command, self.environment = command, environment
        return self._sessions.pop(0)

    def close(self) -> None:
        pass
