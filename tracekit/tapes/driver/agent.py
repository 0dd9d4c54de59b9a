"""The agent's client: lines over a session, as docker/agent/README.md describes them."""

from typing import NamedTuple

from tracekit.core.errors import Rejected
from tracekit.sandbox.base import Session

_TIMED = {"ready", "o", "i", "sync", "query", "exit", "end"}
_MOST_NS = 1 << 62
_REASONS = {"timed-out": "timed-out", "out-of-memory": "out-of-memory", "too-much-output": "too-much-output"}


class Message(NamedTuple):
    """A line of the agent."""

    kind: str
    """``ready``, ``o``, ``i``, ``sync``, ``query``, ``flag``, ``exit`` or ``end``."""
    time_ns: int
    """Of the trace's clock; of a flag, that of the message before it."""
    data: bytes = b""
    """Of ``o`` and ``i``."""
    text: str = ""
    """Of a flag, its name and detail; of an exit, the status."""


class Agent:
    """The agent in a sandbox. What it says is checked: a program in the sandbox may have got at it."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._now_ns = 0

    def send(self, *words: object) -> int:
        """Write a command as one line; returns its bytes."""
        line = (" ".join(map(str, words)) + "\n").encode("ascii")
        self._session.write(line)
        return len(line)

    def receive(self) -> Message | None:
        """The next message, or None after the last.

        Raises:
            Rejected: ``agent-broken`` for a line that is none of its, or what the session ended for.
        """
        line = self._session.readline()
        if not line:
            return None
        try:
            return self._read(line.decode("ascii").rstrip("\n"))
        except (ValueError, IndexError) as error:
            message = f"the agent in the sandbox said {line[:60]!r}"
            raise Rejected("agent-broken", message, remedy="run make images") from error

    def ended(self) -> Rejected:
        """Why there is no more to read: waits for the session to end."""
        ended = self._session.finish()
        detail = f": {ended.detail}" if ended.detail else ""
        return Rejected(_REASONS.get(ended.reason, "agent-ended"), f"the session ended, {ended.reason}{detail}")

    def _read(self, line: str) -> Message:
        kind, _, rest = line.partition(" ")
        if kind == "flag":
            if not rest:
                raise ValueError(line)
            return Message(kind, self._now_ns, text=rest)
        if kind not in _TIMED:
            raise ValueError(line)
        words = rest.split(" ")
        time_ns = int(words[0])
        if not self._now_ns <= time_ns < _MOST_NS:
            raise ValueError(line)
        self._now_ns = time_ns
        if kind in ("o", "i"):
            return Message(kind, time_ns, bytes.fromhex(words[1]))
        return Message(kind, time_ns, text=" ".join(words[1:]))
