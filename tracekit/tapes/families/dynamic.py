"""The family ``dynamic``: output that changes while it is watched: bars, spinners, countdowns, growing tables."""

import random
from collections.abc import Callable

from tracekit.tapes.families import world
from tracekit.tapes.families.base import Draft
from tracekit.tapes.families.session import Session

Show = Callable[[random.Random, Session], None]
"""Adds something that moves to a session."""


def _bar(rng: random.Random, session: Session) -> None:
    word, steps, pause_s = rng.choice(world.VERBS), rng.randrange(8, 25), rng.choice(("0.05", "0.1", "0.15", "0.2"))
    mark = rng.choice("#=*o")
    name = f"{word}.sh"
    script = [
        f"for i in $(seq {steps}); do",
        f'  bar=$(printf "%${{i}}s" | tr " " "{mark}")',
        f'  printf "\\r[%-{steps}s] %3d%%" "$bar" $((100 * i / {steps}))',
        f"  sleep {pause_s}",
        "done",
        "echo",
    ]
    session.setup.append(world.written(name, script))
    session.does(
        f"[watch|run] {name}, a bar of {steps} steps",
        f"[{mark * steps}] 100%",
        f"[{mark}{' ' * (steps - 1)}] {100 // steps:3}%",
    )
    session.line(f"bash {name}", read_ms=_while(steps * float(pause_s)))


def _inline_bar(rng: random.Random, session: Session) -> None:
    steps, pause_s, mark = rng.randrange(6, 40), rng.choice(("0.05", "0.1", "0.2")), rng.choice("#.=+-*")
    word = rng.choice(world.NOUNS)
    session.does(f"[draw|print] {steps} marks one by one, then {word}", f"{mark * steps} {word}")
    session.line(
        f"for i in $(seq {steps}); do printf %s '{mark}'; sleep {pause_s}; done; echo ' {word}'",
        read_ms=_while(steps * float(pause_s)),
    )


def _countdown(rng: random.Random, session: Session) -> None:
    start, word = rng.randrange(3, 10), rng.choice(world.NOUNS)
    pause_s = rng.choice(("0.3", "0.5", "1"))
    session.does(f"count down from {start} every {pause_s} s and say {word}", word.upper(), f"T-{start}")
    session.line(
        rf'for i in $(seq {start} -1 1); do printf "\rT-$i "; sleep {pause_s}; done; echo {word} | tr a-z A-Z',
        read_ms=_while(start * float(pause_s)),
    )


def _spinner(rng: random.Random, session: Session) -> None:
    word, turns, pause_s = rng.choice(world.NOUNS), rng.randrange(2, 7), rng.choice(("0.05", "0.1", "0.12"))
    frames = rng.choice(("-+|+", "<^>v", ".oOo", "bdqp", "_-=-"))
    name = f"spin_{word}.py"
    script = [
        "import time",
        f"for n in range({turns * len(frames)}):",
        f'    print("{frames}"[n % {len(frames)}], end="\\r", flush=True)',
        f"    time.sleep({pause_s})",
        f'print("{word}".upper(), {turns * len(frames)})',
    ]
    session.setup.append(world.written(name, script))
    session.does(f"run {name}, a spinner that turns {turns} times", f"{word.upper()} {turns * len(frames)}")
    session.line(f"python3 {name}", read_ms=_while(turns * len(frames) * float(pause_s)))


def _growing(rng: random.Random, session: Session) -> None:
    rows, pause_s, factor = rng.randrange(4, 12), rng.choice(("0.1", "0.2", "0.4")), rng.randrange(3, 200)
    word = rng.choice(world.GOODS)
    session.does(
        f"print a table of {rows} rows about {word}, a row every {pause_s} s", f"{word:<12}{rows:>4}{rows * factor:>8}"
    )
    session.line(
        f"for i in $(seq {rows}); do printf '%-12s%4d%8d\\n' {word} $i $((i*{factor})); sleep {pause_s}; done",
        read_ms=_while(rows * float(pause_s)),
    )


def _watch(rng: random.Random, session: Session) -> None:
    words = rng.sample(world.NOUNS, 4)
    name, pause_s = world.file_name(rng, "log", "txt"), rng.choice((1, 2))
    count = rng.randrange(3, 7)
    session.setup.append(
        f"(for i in $(seq 40); do echo {' '.join(words[:2])} $((i*{count})) >> {name}; sleep 0.5; done &)"
    )
    session.does(
        f"watch the last {count} lines of {name} every {pause_s} s, and leave it with Ctrl+C", f"Every {pause_s}.0s"
    )
    session.line(f"watch -n {pause_s} tail -n {count} {name}", read_ms=(2500, 4500))
    session.ctrl("c")
    session.does(f"write {words[2]} in capitals", words[2].upper())
    session.line(f"echo {words[2]} | tr a-z A-Z")


def _follow(rng: random.Random, session: Session) -> None:
    word, factor, name = rng.choice(world.NOUNS), rng.randrange(2, 80), world.file_name(rng, "log")
    rows = rng.randrange(4, 9)
    session.does(f"follow {name} while {rows} lines are written to it", f"{word} {rows * factor}")
    session.line(
        f"(for i in $(seq {rows}); do echo {word} $((i*{factor})); sleep 0.4; done > {name} &)", read_ms=(200, 500)
    )
    session.line(f"timeout {rows // 2 + 1} tail -f {name}; echo", read_ms=_while(rows // 2 + 1))


def _clock(rng: random.Random, session: Session) -> None:
    seconds, word = rng.randrange(2, 6), rng.choice(world.NOUNS)
    session.does(f"time a sleep of {seconds} s after {word}", f"{seconds} s for {word}")
    session.line(f"SECONDS=0; sleep {seconds}; echo $SECONDS s for {word}", read_ms=_while(seconds))


def _while(seconds: float) -> tuple[int, int]:
    """A time to read that lasts as long as something runs, and a bit; in steps of 50 ms."""
    least_ms = 50 * round(seconds * 20) + 400
    return least_ms, least_ms + 800


_SHOWS: tuple[Show, ...] = (_bar, _inline_bar, _countdown, _spinner, _growing, _watch, _follow, _clock)


class Dynamic:
    """One thing that moves (level 1), two (level 2), three (level 3)."""

    def draft(self, rng: random.Random, level: int) -> Draft:
        """Compose a session."""
        _, setup = world.place(rng)
        session = Session(rng, setup, characters=80 * level)
        for show in rng.sample(_SHOWS, level):
            show(rng, session)
        return session.draft("Exec", "Process", interactive=False)
