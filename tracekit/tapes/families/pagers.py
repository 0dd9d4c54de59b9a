"""The family ``pagers``: a long file, or a page of the manual, in less."""

import random

from tracekit.tapes.families import world
from tracekit.tapes.families.base import Draft
from tracekit.tapes.families.session import Session

_LEVELS = ("INFO", "INFO", "INFO", "DEBUG", "WARN", "ERROR")

_PAGES = {
    "ls": "LS(1)",
    "cp": "CP(1)",
    "sort": "SORT(1)",
    "grep": "GREP(1)",
    "find": "FIND(1)",
    "chmod": "CHMOD(1)",
    "tar": "TAR(1)",
    "wc": "WC(1)",
    "head": "HEAD(1)",
    "cut": "CUT(1)",
    "date": "DATE(1)",
    "mkdir": "MKDIR(1)",
}
"""Commands, and the head line of their pages."""


def _log(rng: random.Random, session_lines: int) -> tuple[str, list[str], str]:
    """A log of a service: its name, its rows, and the line of shell that writes it."""
    service, step, first = rng.choice(world.SERVICES), rng.randrange(2, 90), rng.randrange(100, 900)
    words = rng.sample(world.NOUNS, len(_LEVELS) + 1)
    rows = [
        f"{first + number * step} {_LEVELS[number % len(_LEVELS)]} {words[number % len(words)]} {number}"
        for number in range(1, session_lines + 1)
    ]
    awk = (
        f'awk -v w="{" ".join(words)}" -v l="{" ".join(_LEVELS)}"'
        " 'BEGIN { k = split(w, W); m = split(l, L); for (i = 1; i <= "
        f"{session_lines}; i++) print {first} + i * {step}, L[i % m + 1], W[i % k + 1], i }}'"
    )
    name = f"{service}-{rng.choice(world.NOUNS)}.log"
    return name, rows, f"{awk} > {name}"


class Pager:
    """One move in less (level 1), a few (level 2), many or a page of the manual (level 3)."""

    def draft(self, rng: random.Random, level: int) -> Draft:
        """Compose a session."""
        if level == 3 and rng.random() < 0.3:
            return _manual(rng)
        name, rows, command = _log(rng, rng.randrange(120, 900))
        _, setup = world.place(rng)
        session = Session(rng, [*setup, command], characters=60)
        option = rng.choice(("", "", "-N ", "-S "))
        session.does(f"[open|page through|look at] {name} [in|with] less", *([] if option == "-N " else [rows[0]]))
        session.line(f"less {option}{name}", read_ms=(700, 1400))
        moves = [_line, _end, _search, _percent, _pages, _filter]
        for move in rng.sample(moves, (1, 2, 4)[level - 1]):
            move(rng, session, rows)
        session.text("q")
        session.wait(300, 700)
        if level > 1:
            count = sum(" ERROR " in row for row in rows)
            session.does("[quit|leave it] and count the lines with ERROR")
            session.line(f"grep -c ERROR {name}", str(count))
        return session.draft("Text", "Files")


def _line(rng: random.Random, session: Session, rows: list[str]) -> None:
    number = rng.randrange(30, len(rows) - 40)
    session.does(f"[go|jump] to line {number}", rows[number - 1], rows[number])
    session.text(f"{number}g")
    session.wait(700, 1400)


def _end(rng: random.Random, session: Session, rows: list[str]) -> None:
    session.does("[go|jump] to the end and back to the start", rows[-1])
    session.text("G")
    session.wait(700, 1400)
    session.text("g")
    session.wait(400, 900)


def _search(rng: random.Random, session: Session, rows: list[str]) -> None:
    number = rng.randrange(40, len(rows) - 40)
    word = rows[number - 1].split()[-2]
    session.does(f"search for '{word} {number}'", rows[number - 1])
    session.text("g")
    session.line(f"/{word} {number}$", read_ms=(700, 1400))
    if rng.random() < 0.5:
        session.does(f"search backwards for '{rows[9].split()[-2]} 10'", rows[9])
        session.line(f"?{rows[9].split()[-2]} 10$", read_ms=(700, 1400))


def _percent(rng: random.Random, session: Session, rows: list[str]) -> None:
    share = rng.randrange(10, 90, 5)
    session.does(f"go to {share} % of it")
    session.text(f"{share}%")
    session.wait(600, 1200)


def _pages(rng: random.Random, session: Session, rows: list[str]) -> None:
    count = rng.randint(2, 4)
    session.does(f"page down {count} times and back up once")
    for _ in range(count):
        if rng.random() < 0.5:
            session.press("Space")
        else:
            session.press("PageDown")
        session.wait(200, 600)
    session.text("b")
    session.wait(300, 700)


def _filter(rng: random.Random, session: Session, rows: list[str]) -> None:
    kept = [row for row in rows if " ERROR " in row]
    session.does("show the lines with ERROR only", kept[0], kept[1])
    session.text("g")
    session.line("&ERROR", read_ms=(900, 1600))
    session.line("&", read_ms=(300, 600))


def _manual(rng: random.Random) -> Draft:
    """A page of the manual, and the command tried afterwards."""
    command = rng.choice(tuple(_PAGES))
    word = rng.choice(("option", "file", "output", "default", "name", "value"))
    session = Session(rng, characters=40)
    session.does(f"[read|look at|open] the manual page of {command}", _PAGES[command], "NAME")
    session.line(f"man {command}", read_ms=(1000, 1800))
    session.does(f"search for {word}")
    session.line(f"/{word}", read_ms=(600, 1200))
    for _ in range(rng.randrange(4)):
        session.text("n")
        session.wait(300, 700)
    steps = rng.randint(2, 20)
    session.does(f"go {steps} lines down")
    session.press("Down", steps)
    if rng.random() < 0.5:
        session.does("see the end of it", "SEE ALSO")
        session.text("G")
        session.wait(600, 1200)
    session.text("q")
    session.does(f"ask where {command} is", f"/bin/{command}")
    session.line(f"type -P {command}")
    return session.draft("Basic", "Text")
