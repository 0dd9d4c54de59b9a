"""Logs of a made-up service, written by one line of shell and known here to the letter.

The rows come from modular arithmetic that the shell and this module do alike, so a long log takes little typing.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from tracekit.tapes.families.world import SERVICES

LEVELS = ("INFO", "INFO", "DEBUG", "WARN", "INFO", "ERROR", "INFO")
_MESSAGES = (
    "cache miss",
    "cache warm",
    "slow query",
    "login failed",
    "login accepted",
    "disk almost full",
    "connection reset",
    "connection closed",
    "job started",
    "job finished",
    "retry later",
    "token expired",
    "queue empty",
    "request handled",
    "request timed out",
    "config reloaded",
)


class Row(NamedTuple):
    """A row of a log: ``08:41:07 ERROR auth: login failed ms=182``."""

    time: str
    level: str
    service: str
    message: str
    ms: int

    def __str__(self) -> str:
        return f"{self.time} {self.level} {self.service}: {self.message} ms={self.ms}"


@dataclass(frozen=True)
class Log:
    """A log, and the line of shell that writes it."""

    name: str
    command: str
    rows: tuple[Row, ...]

    @property
    def lines(self) -> list[str]:
        """Its rows as text."""
        return [str(row) for row in self.rows]

    def having(self, test: Callable[[Row], bool]) -> list[str]:
        """The rows, as text, of which something holds."""
        return [str(row) for row in self.rows if test(row)]


def make_log(rng: random.Random, name: str) -> Log:
    """A log of 30 to 90 rows on one morning, of two to four parts of a service."""
    count = rng.randint(30, 90)
    services = tuple(rng.sample(SERVICES, rng.randint(2, 4)))
    messages = tuple(rng.sample(_MESSAGES, rng.randint(4, 6)))
    levels = tuple(rng.sample(LEVELS, len(LEVELS)))
    start_s, gap_s = rng.randint(6, 9) * 3600 + rng.randint(0, 3599), rng.randint(20, 110)
    # Primes, so that the four columns repeat in rhythms of their own.
    a, b, c, d = (rng.choice((17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59)) for _ in range(4))
    rows = []
    for i in range(count):
        at_s = start_s + i * gap_s + i * a % gap_s
        rows.append(
            Row(
                f"{at_s // 3600:02}:{at_s // 60 % 60:02}:{at_s % 60:02}",
                levels[i * b % 101 % len(levels)],
                services[i * c % 67 % len(services)],
                messages[i * d % 89 % len(messages)],
                i * a * b % 97 * 5 + 3,
            )
        )
    command = (
        f"(l=({' '.join(levels)}); s=({' '.join(services)}); m=({' '.join(repr(message) for message in messages)});"
        f" for ((i = 0; i < {count}; i++)); do ((t = {start_s} + i * {gap_s} + i * {a} % {gap_s}));"
        " printf '%02d:%02d:%02d %s %s: %s ms=%d\\n' $((t / 3600)) $((t / 60 % 60)) $((t % 60))"
        f" ${{l[i * {b} % 101 % {len(levels)}]}} ${{s[i * {c} % 67 % {len(services)}]}}"
        f' "${{m[i * {d} % 89 % {len(messages)}]}}" $((i * {a} * {b} % 97 * 5 + 3)); done) > {name}'
    )
    return Log(name, command, tuple(rows))
