"""Cases planted in real recordings, a dozen in each, at moments when a line has just ended."""

import re
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from labelled.drawing import Draw
from labelled.harmless import Harmless, harmless
from labelled.people import people
from labelled.showing import LINE_WAYS, MANY_LINES, WAYS, Way
from labelled.values import Shown, keys, passwords, tokens
from tracekit.casts.model import Header
from tracekit.casts.read import read_cast
from tracekit.core.errors import TracekitError
from tracekit.core.events import Event

_TOGETHER = 12
"""Cases, and harmless lines, of a recording."""
_SIZE = re.compile(r"(\d+)x\d+")


class Case(NamedTuple):
    """Something that must be found, and how it is shown."""

    shown: Shown
    way: str


class Planted(NamedTuple):
    """A recording with cases in it."""

    name: str
    header: Header
    events: list[Event]
    cases: list[Case]
    harmless: list[Harmless]


def recordings(places: Sequence[Path]) -> list[tuple[str, Header, list[Event]]]:
    """The recordings in files and folders, those that can be read."""
    found = []
    for path in chain.from_iterable(sorted(place.iterdir()) if place.is_dir() else [place] for place in places):
        try:
            header, events, _ = read_cast(path)
        except (TracekitError, OSError):
            continue
        found.append((path.name, header, events))
    return found


def labelled_set(seed: int, casts: Sequence[tuple[str, Header, list[Event]]], each: int = 1) -> Iterator[Planted]:
    """All cases of a seed, planted.

    Args:
        seed: another one gives other values, other lines for them, and other ways of showing.
        casts: recordings to plant them in, in turn.
        each: how often each form comes.
    """
    draw = Draw(seed)
    shown = [*tokens(draw, 2 * each), *keys(draw, 2 * each), *passwords(draw, 2 * each), *people(draw, 3 * each)]
    lines = [*harmless(draw, 4 * each)]
    draw.shuffle(shown)
    draw.shuffle(lines)
    turns = -(-len(shown) // _TOGETHER)
    for turn in range(turns):
        name, header, events = casts[turn % len(casts)]
        yield _planted(draw, name, header, events, shown[turn::turns], lines[turn::turns], turn)


def _planted(
    draw: Draw, name: str, header: Header, events: list[Event], shown: list[Shown], lines: list[Harmless], turn: int
) -> Planted:
    cases: list[Case] = []
    texts: list[tuple[Way, str]] = []
    for number, one in enumerate(shown):
        ways = MANY_LINES if "\n" in one.text else LINE_WAYS if one.needs_line else WAYS
        way = ways[(turn + number) % len(ways)]
        cases.append(Case(one, way.__name__.replace("_", " ")))
        texts.append((way, one.text))
    texts += [(WAYS[(turn + number) % 3], line.text) for number, line in enumerate(lines)]
    draw.shuffle(texts)
    ends = [place for place, event in enumerate(events) if event.code == "o" and event.data.endswith("\n")]
    places = sorted(draw.choices(ends or [len(events) - 1], k=len(texts)))
    woven: list[Event] = []
    columns, done = header.columns, 0
    for place, (way, text) in zip(places, texts, strict=True):
        for event in events[done : place + 1]:
            size = _SIZE.match(event.data) if event.code == "r" else None
            columns = int(size[1]) if size else columns
            woven.append(event)
        done = max(done, place + 1)
        shown = [("o", "\r\n\x1b[J"), *way(draw, text, columns), ("o", "\r\n")]
        woven += [Event(woven[-1].time_ns, code, data) for code, data in shown]
    return Planted(name, header, woven + events[done:], cases, lines)
