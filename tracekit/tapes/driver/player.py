"""Plays a schedule on an agent, and keeps the trace: keys, output and markers, each with its time."""

from tracekit.core.clock import seconds
from tracekit.core.errors import Rejected
from tracekit.core.events import Event
from tracekit.tapes.driver.agent import Agent, Message
from tracekit.tapes.driver.answers import answer
from tracekit.tapes.driver.schedule import Await, Mark, Schedule, Strike
from tracekit.tapes.driver.wire import CURSOR_KEYS, Wire
from tracekit.tapes.language.patterns import pattern
from tracekit.terminal.engine import Engine
from tracekit.terminal.palette import Theme
from tracekit.terminal.text import line_text, screen_lines

MISSING = "tracekit-missing "
"""What the shell's place is taken by, with a program's name, where the sandbox has not got a program."""

_MOST_UNREAD_BYTES = 8192
"""Commands on their way to the agent: few enough that no pipe fills while the agent waits for its output to be read."""
_MOST_IDLE_STEPS = 10_000
"""Steps in a row in which neither time passes nor anything is written."""


class Player:
    """One run of a tape.

    Attributes:
        events: the trace so far.
        statuses: when each command ended, and its exit status.
        flags: what made the run not exactly repeatable, or cut it.
        now_ns: the time of the trace's clock.
    """

    def __init__(self, agent: Agent, terminal: Engine, theme: Theme) -> None:
        self._agent, self._terminal, self._theme = agent, terminal, theme
        self._wire = Wire()
        self._undrawn: list[str] = []  # drawn when somebody looks: most tapes never do
        self._replies: list[str] = []
        self._unread_bytes = self._keys_sent = self._keys_seen = 0
        self._at_work = False  # whether the shell has started a command and not told its end
        self._shell_ended = self._agent_left = False
        self.events: list[Event] = []
        self.statuses: list[tuple[int, int]] = []
        self.flags: list[str] = []
        self.now_ns = 0
        self._due_ns = 0  # the time when all that was sent has been done

    def play(self, plan: Schedule) -> Rejected | None:
        """Go through all steps; returns what kept it from getting to the end of them."""
        problem = None
        try:
            self._play(plan)
        except Rejected as found:
            problem = found
            self._note("m", f"problem: {problem.reason}")
        self._output(b"", end=True)
        if not self.events or self.events[-1].time_ns < self.now_ns:
            self._note("o", "")
        return problem

    def _play(self, plan: Schedule) -> None:
        for step in plan.steps:
            match step:
                case Strike():
                    self._strike(step)
                case Mark(after_ns, label):
                    self._mark(after_ns, label)
                case Await():
                    self._await(step)
        self._let_pass(plan.rest_ns)
        self._agent.send("end")

    def _strike(self, step: Strike) -> None:
        if step.stroke.follows_mode:
            self._sync()  # what the keys before it have made of the mode
        text = step.stroke.text(CURSOR_KEYS in self._wire.modes)
        if not text:
            self._mark(step.after_ns, str(step.stroke))
            return
        if self._shell_ended:
            raise self._no_shell()
        self._keys_sent += 1
        self._due_ns += step.after_ns
        self._send("key", step.after_ns, text.encode().hex())
        if self._unread_bytes > _MOST_UNREAD_BYTES:
            self._sync()

    def _mark(self, after_ns: int, label: str) -> None:
        self._let_pass(after_ns)
        self._note("m", label)

    def _await(self, step: Await) -> None:
        self._let_pass(step.after_ns)
        wanted = pattern(step.pattern)
        end_ns, idle = self.now_ns + step.timeout_ns, 0
        while not wanted.found_in(shown := self._shown(step)):
            if self._shell_ended:
                raise self._no_shell()
            if self.now_ns >= end_ns or idle > _MOST_IDLE_STEPS:
                last = shown.rstrip("\n").rpartition("\n")[2]
                raise Rejected(
                    "wait-timed-out",
                    f"in {seconds(step.timeout_ns):g} s nothing matched /{step.pattern}/; the last was {last[:80]!r}",
                    remedy="wait for what the screen will show, or for longer",
                )
            before = self.now_ns, len(self.events)
            self._send("step", end_ns - self.now_ns)
            self._read_to_sync()
            idle = idle + 1 if before == (self.now_ns, len(self.events)) else 0

    def _shown(self, step: Await) -> str:
        self._draw()
        if step.scope == "screen":
            return "\n".join(screen_lines(self._terminal))
        return line_text(self._terminal, self._terminal.cursor.y)

    def _let_pass(self, duration_ns: int) -> None:
        """Let time pass, and see all that has happened by then."""
        self._due_ns += duration_ns
        if not self._agent_left:
            self._send("sleep", duration_ns)
            self._sync()
        if self._agent_left:
            self.now_ns = self._due_ns

    def _send(self, *words: object) -> None:
        self._unread_bytes += self._agent.send(*words)

    def _sync(self) -> None:
        """Wait until the agent has done all that it was told."""
        self._send("sync")
        self._read_to_sync()

    def _read_to_sync(self) -> None:
        while message := self._agent.receive():
            self._take(message)
            if message.kind == "sync":
                break
        else:
            if not self._shell_ended:
                raise self._agent.ended()
            self._agent_left = True
        self._unread_bytes = 0
        self._due_ns = max(self._due_ns, self.now_ns)
        if self._shell_ended and self._keys_seen < self._keys_sent:
            raise self._no_shell()

    def _take(self, message: Message) -> None:
        self.now_ns = message.time_ns
        match message.kind:
            case "o":
                self._output(message.data)
            case "i":
                self._keys_seen += 1
                self._note("i", message.data.decode(errors="replace"))
            case "query":
                for reply in filter(None, self._replies):
                    self._agent.send("reply", reply.encode().hex())
                self._agent.send("go")
            case "flag":
                self.flags.append(message.text)
                self._note("m", f"flag: {message.text}")
            case "exit":
                self._shell_ended = True
                self._expect_programs()

    def _output(self, data: bytes, *, end: bool = False) -> None:
        text, self._replies = "", []
        for piece in self._wire.pieces(data, end=end):
            text += piece.text
            self._undrawn.append(piece.text)
            if piece.question:
                self._draw()
                self._replies.append(answer(piece.question, self._terminal, self._wire.modes, self._theme))
            elif piece.mark:
                self._hear_shell(piece.mark)
        if text:
            self._note("o", text)

    def _hear_shell(self, mark: str) -> None:
        """Take note of a mark: C, a command has been read, or D, the shell is back, with the status of the last one."""
        kind, _, status = mark.partition(";")
        if kind == "D" and self._at_work and status.isdecimal():
            self.statuses.append((self.now_ns, int(status)))
        if kind in "CD":
            self._at_work = kind == "C"

    def _draw(self) -> None:
        self._terminal.feed("".join(self._undrawn))
        self._undrawn.clear()

    def _note(self, code: str, data: str) -> None:
        self.events.append(Event(self.now_ns, code, data))

    def _expect_programs(self) -> None:
        first = next((event.data for event in self.events if event.code == "o"), "")
        if first.startswith(MISSING):
            name = first.removeprefix(MISSING).strip()
            raise Rejected("program-missing", f"the sandbox has no program {name!r}, which the tape requires")

    def _no_shell(self) -> Rejected:
        return Rejected("shell-ended", "the shell ended before the tape did", remedy="keep `exit` to its end")
