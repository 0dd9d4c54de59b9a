"""The real agent and shim, compiled here, under bubblewrap on this machine's own root file system."""

import subprocess
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, NamedTuple, Self, cast

MS = 1_000_000
S = 1_000_000_000
KEY_NS = 50 * MS
EPOCH_S = 1_768_471_200
SHELL = ("bash", "--norc", "--noprofile", "-i")
_ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "HOME": "/tmp",
    "TERM": "xterm-256color",
    "LANG": "C.UTF-8",
    "TZ": "UTC",
    "PS1": "$ ",
    "INPUTRC": "/dev/null",
}


class Said(NamedTuple):
    """A line of the agent."""

    kind: str
    time_ns: int
    rest: str

    @property
    def data(self) -> bytes:
        return bytes.fromhex(self.rest)


def read(line: bytes) -> Said:
    kind, first, rest = [*line.decode("ascii").split(maxsplit=2), "", ""][:3]
    return Said(kind, 0, f"{first} {rest}".strip()) if kind == "flag" else Said(kind, int(first), rest.strip())


@dataclass
class Conversation:
    """A running agent, to talk to line by line. What it says by the way is kept in ``said``."""

    process: subprocess.Popen[bytes]

    def __post_init__(self) -> None:
        self.said: list[Said] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            with suppress(BrokenPipeError):
                cast(IO[bytes], stream).close()

    def send(self, *lines: str) -> None:
        stdin = cast(IO[bytes], self.process.stdin)
        stdin.write("".join(f"{line}\n" for line in lines).encode())
        stdin.flush()

    def hear(self, *kinds: str) -> Said:
        """All up to the next line of one of these kinds."""
        for line in cast(IO[bytes], self.process.stdout):
            self.said.append(read(line))
            if self.said[-1].kind in kinds:
                return self.said[-1]
        raise AssertionError(f"the agent left before it said {kinds}: {cast(IO[bytes], self.process.stderr).read()!r}")

    @property
    def output(self) -> bytes:
        return b"".join(line.data for line in self.said if line.kind == "o")


@dataclass(frozen=True)
class RealAgent:
    """Starts agents.

    Attributes:
        folder: where the compiled agent and shim lie; the sandbox has it as /tmp/agent.
    """

    folder: Path

    def command(self, *options: str, shell: Sequence[str] = SHELL) -> list[str]:
        words = ["bwrap", "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--unshare-all"]
        words += ["--die-with-parent", "--as-pid-1", "--clearenv", "--chdir", "/tmp"]
        words += ["--ro-bind", str(self.folder), "/tmp/agent"]
        for name, value in _ENVIRONMENT.items():
            words += ["--setenv", name, value]
        return [*words, "--", "/tmp/agent/agent", "--shim", "/tmp/agent/clock.so", *options, "--", *shell]

    def start(self, *options: str, shell: Sequence[str] = SHELL) -> Conversation:
        pipe = subprocess.PIPE
        return Conversation(subprocess.Popen(self.command(*options, shell=shell), stdin=pipe, stdout=pipe, stderr=pipe))

    def transcript(self, lines: Iterable[str], *options: str, shell: Sequence[str] = SHELL) -> bytes:
        """All that the agent says when it is told everything at once."""
        told = "".join(f"{line}\n" for line in [*lines, "end"]).encode()
        done = subprocess.run(
            self.command(*options, shell=shell), input=told, capture_output=True, check=False, timeout=120
        )
        assert (done.returncode, done.stderr) == (0, b""), (done.returncode, done.stderr, done.stdout[-500:])
        return done.stdout

    def run(self, lines: Iterable[str], *options: str, shell: Sequence[str] = SHELL) -> list[Said]:
        return [read(line) for line in self.transcript(lines, *options, shell=shell).splitlines()]


def typed(*parts: str | float) -> list[str]:
    """Commands that type text, a key each 50 ms, and pause for seconds."""
    lines: list[str] = []
    for part in parts:
        if isinstance(part, str):
            lines += [f"key {KEY_NS} {char.encode().hex()}" for char in part]
        else:
            lines.append(f"sleep {round(part * S)}")
    return lines


def pasted(text: str, after_s: float = 1.0) -> str:
    """A command that types a whole line at once, so that what follows is easy to time."""
    return f"key {round(after_s * S)} {text.encode().hex()}"


def outputs(said: Iterable[Said]) -> dict[int, str]:
    """Text by the time at which it came, without the shell's brackets around what is pasted."""
    found: dict[int, str] = {}
    for line in said:
        if line.kind == "o":
            text = line.data.decode(errors="replace").replace("\x1b[?2004h", "").replace("\x1b[?2004l\r", "")
            found[line.time_ns] = found.get(line.time_ns, "") + text
    return found
