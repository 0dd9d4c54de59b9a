"""The family ``tui``: programs that take the whole screen and measure the machine. No two runs of them are alike."""

import random

from tracekit.tapes.families import world
from tracekit.tapes.families.base import Draft
from tracekit.tapes.families.session import Session


class Tui:
    """top or htop with one or more keys, over a few processes that sleep in the background."""

    def draft(self, rng: random.Random, level: int) -> Draft:
        """Compose a session."""
        naps = [rng.randrange(200, 9_000) for _ in range(rng.randint(1, 2 * level))]
        session = Session(rng, [f"(sleep {nap} &)" for nap in naps], characters=60)
        if level > 1:
            found = rng.choice(naps)
            session.does(f"[find|look for] the process that sleeps for {found} seconds", f"sleep {found}")
            session.line(f"pgrep -af {str(found)[:-1]}.", read_ms=(600, 1200))
        if rng.random() < 0.5:
            _top(rng, session, level)
        else:
            _htop(rng, session, level)
        word = rng.choice(world.NOUNS)
        session.does(f"quit it and say {word}", word.upper())
        session.line(f"echo {word} | tr a-z A-Z")
        return session.draft("Process", "Admin")


def _top(rng: random.Random, session: Session, level: int) -> None:
    delay_s = rng.choice(("0.5", "1", "1.5", "2"))
    session.does(f"[watch|look at] the processes in top, every {delay_s} s", "load average", "Tasks:")
    session.line(f"top -d {delay_s}", read_ms=(1500, 2500))
    keys = {
        "M": "sort them by memory",
        "P": "sort them by CPU time",
        "N": "sort them by number",
        "c": "show whole command lines",
        "1": "show each processor",
        "t": "change how CPU use is drawn",
        "m": "change how memory is drawn",
        "R": "turn the order around",
    }
    for key in rng.sample(tuple(keys), level):
        session.does(keys[key])
        session.text(key)
        session.wait(700, 1700)
    session.text("q")
    session.wait(300, 600)


def _htop(rng: random.Random, session: Session, level: int) -> None:
    delay = rng.randrange(5, 25)
    session.does(f"[watch|look at] the processes in htop, every {delay / 10} s", "Load average", "Tasks:")
    session.line(f"htop -d {delay}", read_ms=(1500, 2500))
    keys = {
        "t": "show them as a tree",
        "M": "sort them by memory",
        "P": "sort them by CPU time",
        "I": "turn the order around",
        "p": "show the programs' paths",
        "H": "hide user threads",
    }
    for key in rng.sample(tuple(keys), level):
        session.does(keys[key])
        session.text(key)
        session.wait(700, 1700)
    if level == 3:
        session.does("[step|walk] down the list")
        session.press("Down", rng.randint(2, 5))
    session.text("q")
    session.wait(300, 600)
