"""The family ``banners``: big letters, boxes, aligned tables and colours."""

import random
from collections.abc import Callable

from tracekit.tapes.families import world
from tracekit.tapes.families.base import Draft
from tracekit.tapes.families.session import Session


def _figlet(rng: random.Random, session: Session) -> None:
    words = " ".join(rng.sample((*world.NOUNS, *world.CITIES), rng.randint(1, 2)))
    font = rng.choice(("", "-f small ", "-f slant ", "-f mini ", "-f standard "))
    session.does(f"[write|print|draw] '{words}' in big letters with figlet")
    session.line(f"figlet -w 70 {font}{words}", read_ms=(800, 1600))


def _box(rng: random.Random, session: Session) -> None:
    words = world.phrase(rng)
    edge, side = rng.choice((("-", "|"), ("=", "|"), ("*", "*"), ("#", "#")))
    bar = edge * (len(words) + 4)
    session.does(f"[draw a box around|box] '{words}'", f"{side} {words} {side}")
    session.line(f"t='{words}'; b=$(printf '%*s' $((${{#t}}+4)) '' | tr ' ' '{edge}')", bar, read_ms=(200, 500))
    session.line(rf"printf '%s\n{side} %s {side}\n%s\n' " + r'"$b" "$t" "$b"', read_ms=(700, 1400))


def _table(rng: random.Random, session: Session) -> None:
    name, rows = world.file_name(rng, "csv"), [("name", "city", "points")]
    people, cities = rng.sample(world.PEOPLE, 6), rng.sample(world.CITIES, 6)
    rows += [(people[n], cities[n], str(rng.randrange(1, 5_000))) for n in range(rng.randrange(3, 7))]
    session.setup.append(world.written(name, [",".join(row) for row in rows]))
    widths = [max(len(row[column]) for row in rows) for column in range(2)]
    aligned = [f"{first:<{widths[0]}}  {second:<{widths[1]}}  {third}" for first, second, third in rows]
    session.does(f"[show|print] {name} as an aligned table", *aligned)
    session.line(f"column -t -s, {name}", read_ms=(700, 1400))
    if rng.random() < 0.5:
        best = max(rows[1:], key=lambda row: int(row[2]))
        if [row[2] for row in rows].count(best[2]) == 1:
            session.does("find who has the most points", f"{best[0]} {best[2]}")
            session.line(f"tail -n +2 {name} | sort -t, -k3 -nr | head -1 | cut -d, -f1,3 | tr , ' '")


def _bars(rng: random.Random, session: Session) -> None:
    name, mark = world.file_name(rng, "txt", "dat"), rng.choice("#*=+")
    rows = [(goods, rng.randrange(3, 40)) for goods in rng.sample(world.GOODS, rng.randrange(3, 7))]
    session.setup.append(world.written(name, [f"{goods} {count}" for goods, count in rows]))
    session.does(
        f"[draw|print] the numbers of {name} as bars", *(f"{goods:<12}{mark * count}" for goods, count in rows)
    )
    session.line(
        f"while read g n; do printf '%-12s' $g; printf '%*s\\n' $n '' | tr ' ' '{mark}'; done < {name}",
        read_ms=(700, 1400),
    )


def _colors(rng: random.Random, session: Session) -> None:
    words = rng.sample(world.NOUNS, rng.randint(2, 4))
    color = rng.choice((31, 32, 33, 34, 35, 36, 91, 92, 93, 94, 95, 96))
    style = rng.choice(("", "1;", "4;", "7;", "3;", "2;"))
    names = {1: "red", 2: "green", 3: "yellow", 4: "blue", 5: "magenta", 6: "cyan"}
    session.does(
        f"[print|write] {' and '.join(words)} in {names[color % 10]}", " ".join(word.upper() for word in words)
    )
    session.line(rf"printf '\e[{style}{color}m%s\e[0m\n' " + f'"$(echo {" ".join(words)} | tr a-z A-Z)"')


def _palette(rng: random.Random, session: Session) -> None:
    first, base = rng.choice((("4", "background"), ("3", "text"), ("10", "bright background"), ("9", "bright text")))
    word = rng.choice(world.NOUNS)[:5]
    session.does(
        f"[show|print] {word} on the eight {base} colours"
        if "b" in base
        else f"show {word} in the eight {base} colours"
    )
    session.line(
        rf'for c in 0 1 2 3 4 5 6 7; do printf "\e[{first}${{c}}m {word} \e[0m"; done; echo', f" {word}  {word}  {word}"
    )


def _gradient(rng: random.Random, session: Session) -> None:
    start, count, mark = rng.randrange(16, 190), rng.randrange(12, 40), rng.choice("#@%=")
    session.does(f"[draw|print] {count} marks in colours from {start} on", mark * count)
    session.line(
        rf"for c in $(seq {start} {start + count - 1}); do printf '\e[38;5;%dm{_escaped(mark)}' $c; done;"
        r" printf '\e[0m\n'"
    )


def _escaped(mark: str) -> str:
    """As it stands in the format of printf."""
    return mark.replace("%", "%%")


def _ruler(rng: random.Random, session: Session) -> None:
    width, step, mark = rng.randrange(20, 60), rng.randrange(3, 9), rng.choice("-=._:")
    ruler = "".join("|" if column % step == 0 else mark for column in range(1, width + 1))
    session.does(f"[draw|print] a ruler of {width} columns with a tick every {step}", ruler)
    session.line(f"for i in $(seq {width}); do ((i % {step})) && printf %s {mark} || printf '|'; done; echo")


def _triangle(rng: random.Random, session: Session) -> None:
    height, mark = rng.randrange(4, 9), rng.choice("*#@o+x")
    rows = [" " * (height - row) + mark * (2 * row - 1) for row in range(1, height + 1)]
    session.does(f"[draw|print] a triangle of {height} rows of {mark}", rows[-1], rows[-2])
    session.line(
        f"for i in $(seq {height}); do printf '%*s' $(({height}-i)) '';"
        f" printf '%*s\\n' $((2*i-1)) '' | tr ' ' '{mark}'; done"
    )


_PICTURES: tuple[Callable[[random.Random, Session], None], ...] = (
    _figlet,
    _box,
    _table,
    _bars,
    _colors,
    _palette,
    _gradient,
    _ruler,
    _triangle,
)


class Banners:
    """One picture (level 1), two (level 2), three (level 3)."""

    def draft(self, rng: random.Random, level: int) -> Draft:
        """Compose a session."""
        _, setup = world.place(rng)
        session = Session(rng, setup, characters=100 * level)
        for picture in rng.sample(_PICTURES, level):
            picture(rng, session)
        return session.draft("Text", "Misc", interactive=False)
