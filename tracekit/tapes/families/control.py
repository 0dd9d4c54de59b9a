"""The family ``control``: loops interrupted, jobs stopped and continued, input that ends, screens that clear."""

import random
from collections.abc import Callable

from tracekit.tapes.families import world
from tracekit.tapes.families.base import Draft
from tracekit.tapes.families.phrases import saying
from tracekit.tapes.families.session import Session


def _interrupt(rng: random.Random, session: Session) -> None:
    word, pause_s = rng.choice(world.NOUNS), rng.choice(("0.2", "0.3", "0.5", "0.7"))
    start = rng.randrange(1, 900)
    session.does(
        f"count up from {start} every {pause_s} s and [stop|interrupt] it with Ctrl+C",
        f"{word}-{start}",
        f"{word}-{start + 1}",
    )
    session.line(f"i={start}; while true; do echo {word}-$i; sleep {pause_s}; i=$((i+1)); done", read_ms=(1500, 3000))
    session.ctrl("c")
    session.wait(400, 800)


def _flood(rng: random.Random, session: Session) -> None:
    words = f"{rng.choice(world.ADJECTIVES)} {rng.choice(world.NOUNS)}"
    session.does(f"let yes flood the screen with '{words}' and stop it with Ctrl+C", "^C")
    session.line(f"yes {words}", read_ms=(300, 900))
    session.ctrl("c")
    session.wait(500, 900)


def _status(rng: random.Random, session: Session) -> None:
    nap = rng.randrange(20, 900)
    session.does(f"interrupt a sleep of {nap} s and ask for its exit status", "status 130")
    session.line(f"sleep {nap}", read_ms=(600, 1400))
    session.ctrl("c")
    session.line("echo status $?")


def _abandon(rng: random.Random, session: Session) -> None:
    session.does("begin a line and give it up with Ctrl+C", "^C")
    session.text(f"echo {world.phrase(rng)}")
    session.wait(300, 700)
    session.ctrl("c")


def _stop(rng: random.Random, session: Session) -> None:
    nap = rng.randrange(30, 900)
    session.does(f"stop a sleep of {nap} s with Ctrl+Z and list the jobs", "Stopped", "[1]+")
    session.line(f"sleep {nap}", read_ms=(500, 1100))
    session.ctrl("z")
    session.wait(300, 700)
    session.line("jobs")
    if rng.random() < 0.5:
        session.does("let it go on in the background", "Running")
        session.line("bg", read_ms=(400, 900))
        session.line("jobs")
        session.does("end it")
        session.line("kill %1; wait", read_ms=(500, 1000))
    else:
        session.does("bring it back and interrupt it")
        session.line("fg", read_ms=(500, 1200))
        session.ctrl("c")


def _end_of_input(rng: random.Random, session: Session) -> None:
    words = rng.sample(world.NOUNS, rng.randint(3, 5))
    program, phrase, shows = rng.choice(
        (
            ("sort", "sort them", sorted(words)),
            ("wc -l", "count them", [str(len(words))]),
            ("tr a-z A-Z", "write them in capitals", [word.upper() for word in words]),
            ("cat -n", "number them", [f"{number}  {word}" for number, word in enumerate(words, 1)]),
            ("rev", "write each backwards", [word[::-1] for word in words]),
        )
    )
    session.does(f"type {len(words)} words into {program}, end them with Ctrl+D, and {phrase}", *shows)
    session.line(program, read_ms=(200, 500))
    for word in words:
        session.line(word, read_ms=(150, 400))
    session.ctrl("d")
    session.wait(500, 1000)


def _file(rng: random.Random, session: Session) -> None:
    name, count = world.file_name(rng, "txt", "md"), rng.randint(2, 4)
    session.does(f"type a file called {name} into cat, end it with Ctrl+D, and count its words", f"{count * 4} {name}")
    session.line(f"cat > {name}", read_ms=(200, 500))
    for _ in range(count):
        session.line(world.phrase(rng), read_ms=(150, 400))
    session.ctrl("d")
    session.line(f"wc -w {name}")


def _clear(rng: random.Random, session: Session) -> None:
    said = saying(rng)
    session.does(f"{said.does}, then clear the screen with Ctrl+L", said.shows)
    session.line(said.line)
    session.ctrl("l")
    session.wait(300, 700)


def _subshell(rng: random.Random, session: Session) -> None:
    name, value = rng.choice(world.NOUNS), rng.choice(world.CITIES)
    session.does(
        f"set {name} in a shell of its own, leave that with Ctrl+D, and see that {name} is gone", f"[{value}]", "[]"
    )
    session.line("bash")
    session.line(f"{name}={value}", read_ms=(200, 500))
    session.line(f"printf [%s] ${name}; echo")
    session.ctrl("d")
    session.line(f"printf [%s] ${name}; echo")


_QUIET: tuple[Callable[[random.Random, Session], None], ...] = (_end_of_input, _file, _clear, _subshell)
_INTERRUPTED = (_interrupt, _flood, _status, _abandon, _stop)


class Control:
    """One use of a control key (level 1), two (level 2), three (level 3)."""

    def draft(self, rng: random.Random, level: int) -> Draft:
        """Compose a session."""
        _, setup = world.place(rng)
        session = Session(rng, setup, characters=70 * level)
        chosen = rng.sample((*_QUIET, *_INTERRUPTED), level)
        for use in chosen:
            use(rng, session)
        return session.draft("Process", "Basic", succeeds=not set(chosen) & set(_INTERRUPTED))
