"""The family ``tmux``: windows and panes. tmux has a terminal of its own inside, so runs may differ in a few events."""

import random

from tracekit.tapes.families import world
from tracekit.tapes.families.base import Draft
from tracekit.tapes.families.session import Session


class Tmux:
    """One split (level 1), a split and work in both panes (level 2), windows besides (level 3)."""

    def draft(self, rng: random.Random, level: int) -> Draft:
        """Compose a session."""
        name = rng.choice(world.NOUNS)
        session = Session(rng, characters=80 * level)
        session.does(f"[start|open] a tmux session called {name}", f"[{name}]")
        session.line(f"tmux new -s {name}", read_ms=(700, 1300))
        _say(rng, session)
        self._split(rng, session)
        if level > 1:
            session.does("go back to the first pane")
            _prefix(session, "o")
            _say(rng, session)
        if level == 3:
            title = rng.choice(world.STEMS)
            session.does(f"open a window called {title}", f"1:{title}")
            _prefix(session, "c")
            _prefix(session, ",")
            session.ctrl("u")
            session.line(title)
            _say(rng, session)
            session.does("go back to the window before")
            _prefix(session, "p")
        session.does("leave it running and list the sessions", f"{name}: {2 if level == 3 else 1} windows")
        _prefix(session, "d")
        session.line("tmux ls")
        return session.draft("Process", "Misc")

    def _split(self, rng: random.Random, session: Session) -> None:
        key, sides = rng.choice((("%", "side by side"), ('"', "one above the other")))
        session.does(f"[split the window|open a second pane], {sides}")
        _prefix(session, key)
        _say(rng, session)


def _prefix(session: Session, key: str) -> None:
    """A key that tmux itself takes."""
    session.ctrl("b")
    session.text(key)
    session.wait(300, 800)


def _say(rng: random.Random, session: Session) -> None:
    """A line of shell whose output is known and short, for a pane is narrow."""
    word, count = rng.choice(world.NOUNS), rng.randrange(2, 90)
    phrase, line, shown = rng.choice(
        (
            (f"write {word} in capitals", f"echo {word} | tr a-z A-Z", word.upper()),
            (f"write {word} backwards", f"echo {word} | rev", word[::-1]),
            (f"count {count} lines", f"seq {count} | wc -l", str(count)),
            (f"add up to {count}", f"seq -s+ {count} | bc", str(count * (count + 1) // 2)),
        )
    )
    session.does(phrase, shown)
    session.line(line)
