"""Runs a tape: its keys go to a shell in a sandbox, and what comes back becomes a trace with exact times.

The agent in the sandbox keeps the clock. On the virtual one, time passes as the tape says and as programs sleep, never
by computing, so a tape gives the same trace on any machine at any load. On the real one the same protocol runs in real
time, which is there to check the other.
"""

from dataclasses import dataclass
from typing import Literal

from tracekit.casts.model import Header
from tracekit.casts.model import Theme as CastTheme
from tracekit.core.errors import Rejected
from tracekit.core.events import Event
from tracekit.sandbox.base import AGENT, BASHRC, ENVIRONMENT, Limits, Sandbox
from tracekit.tapes.driver.agent import Agent
from tracekit.tapes.driver.player import MISSING, Player
from tracekit.tapes.driver.schedule import schedule
from tracekit.tapes.language.program import Program
from tracekit.tapes.language.settings import settings_of
from tracekit.terminal.engine import open_engine

Clock = Literal["virtual", "real"]

EPOCH_S = 1_768_471_200
"""When a tape of seed 0 begins, for the programs in it: 15 January 2026, 10:00 UTC."""
_YEAR_S, _SEED_S = 365 * 86_400, 40_503
_SHELL = ("/bin/bash", "--rcfile", BASHRC, "-i")
_REQUIRING = (
    f'for program; do command -v -- "$program" >/dev/null || {{ printf \'{MISSING}%s\\n\' "$program"; exit 127; }};'
    f" done; exec {' '.join(_SHELL)}"
)


@dataclass(frozen=True)
class Run:
    """What running a tape gave; up to where it ended, if there is a problem."""

    header: Header
    events: list[Event]
    """Output, keys (``i``, each at its instant), and markers: ``hide``, ``show``, ``screenshot PATH``, the name of a
    key that sends no bytes, ``flag: NAME`` and ``problem: REASON`` for what stands in ``flags`` and ``problem``. The
    last event is at the end of the tape, an output without text where nothing else happened then."""
    statuses: list[tuple[int, int]]
    """Of each command that the shell ran: when it ended, and its exit status."""
    flags: tuple[str, ...]
    """What made the run not exactly repeatable, or cut it: ``busy``, ``flood``, ``inner-terminal``, ..."""
    problem: Rejected | None
    """Why the tape could not be run to its end: ``wait-timed-out``, ``shell-ended``, ``program-missing``,
    ``timed-out``, ``out-of-memory``, ``too-much-output``, ``agent-broken``, ``agent-ended``."""
    duration_ns: int


def epoch_s(seed: int) -> int:
    """When a tape begins for its programs, Unix time: within a year that seeds spread over."""
    return EPOCH_S + seed * _SEED_S % _YEAR_S


def run_tape(
    program: Program,
    sandbox: Sandbox,
    *,
    clock: Clock = "virtual",
    seed: int = 0,
    engine: str = "pyte",
    limits: Limits = Limits(),  # noqa: B008 - frozen
    title: str | None = None,
) -> Run:
    """Run a tape in a session of its own.

    Args:
        program: the tape, sources put in.
        sandbox: where the shell runs.
        clock: ``virtual``, or ``real`` to check it.
        seed: what programs draw at random, and the date they see, follow from it.
        engine: the terminal that Wait looks at and that answers questions.
        limits: on the session.
        title: for the header.

    Raises:
        Rejected: ``tape-too-long``, or ``shell``: it wants another than bash.
        TracekitError: the sandbox does not work.
    """
    plan, settings = schedule(program), settings_of(program)
    if settings.shell != "bash":
        raise Rejected("shell", f"the tape wants the shell {settings.shell!r}", remedy="Set Shell bash, or use vhs")
    size = ["--columns", settings.columns, "--rows", settings.rows]
    agent = [AGENT, *map(str, size), "--clock", clock, "--epoch", str(epoch_s(seed)), "--seed", str(seed % 2**63), "--"]
    shell = ["/bin/sh", "-c", _REQUIRING, "sh", *plan.required] if plan.required else list(_SHELL)
    terminal = open_engine(engine, settings.columns, settings.rows)
    with sandbox.start([*agent, *shell], environment=plan.environment, limits=limits) as session:
        player = Player(Agent(session), terminal, settings.theme)
        problem = player.play(plan)
    header = Header(
        version=2,
        columns=settings.columns,
        rows=settings.rows,
        timestamp_s=epoch_s(seed),
        command="bash",
        title=title,
        env={name: ENVIRONMENT[name] for name in ("SHELL", "TERM")},
        theme=CastTheme(settings.theme.foreground, settings.theme.background, settings.theme.palette),
    )
    return Run(header, player.events, player.statuses, tuple(player.flags), problem, player.now_ns)
