"""Numbers that a caption says in its own words, each with what it counts: rows, seconds, clicks, percent."""

import re
from collections.abc import Iterator, Sequence

from tracekit.captions.keys import NUMBERS
from tracekit.captions.llm.known import Evidence, numbers_in, plain
from tracekit.core.clock import FPS

QUOTE_MARK = "\ufffc"
"""Stands for a quotation, or for what has been looked at, in prose: OBJECT REPLACEMENT CHARACTER."""
_WORDS = {word: value for value, word in enumerate(NUMBERS) if value > 1}
_NUMBER = r"\d+(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)*"
_UNITS = {
    "column": "column", "columns": "column", "row": "row", "rows": "row", "line": "row", "lines": "row",
    "time": "time", "times": "time", "moment": "moment", "moments": "moment", "entry": "entry", "entries": "entry",
    "frame": "frame", "frames": "frame", "key": "key", "keys": "key", "keystrokes": "key", "window": "window",
    "windows": "window", "click": "click", "clicks": "click", "notch": "notch", "notches": "notch",
    "character": "character", "characters": "character", "action": "action", "actions": "action",
    "s": "second", "second": "second", "seconds": "second",
}  # fmt: skip
_COUNTED_ON_SCREEN = ("line", "lines", "character", "characters")
"""What programs count and print."""
_ADJECTIVE = "more|new|other|further|short|separate|double|left|right|middle|of|the|output|text|final|last"
_COUNT = re.compile(
    rf"(?P<some>\b(?:first|last|next|top|bottom|upper|lower)\s+)?(?<![\w.,/:-])(?P<number>{_NUMBER}|{'|'.join(_WORDS)})"
    rf"(?:[\s-]+(?:{_ADJECTIVE})){{0,2}}[\s-]*(?P<unit>{'|'.join(sorted(_UNITS, key=len, reverse=True))})\b",
    re.IGNORECASE,
)
_SIZE = re.compile(
    r"(?P<columns>\d{1,6})[\s-]?(?:columns?(?: wide)?(?:,| and| by)*|[x×])\s?(?P<rows>\d{1,6})(?:[\s-]rows?)?\b",
    re.IGNORECASE,
)
_PLACE = re.compile(
    r"\b(?P<unit>row|column|line)s?\s+(?P<number>\d{1,6})(?:(?P<range>\s?(?:to|through|-)\s?)(?P<end>\d{1,6}))?\b",
    re.IGNORECASE,
)
_PLAIN = re.compile(rf"(?<![\w.,])(?P<number>{_NUMBER})(?!\d|st\b|nd\b|rd\b|th\b)(?P<share>\s?%)?")


def numbers_of(prose: str, quotes: Sequence[str], evidence: Evidence) -> Iterator[tuple[str, bool]]:
    """Each number as it is said, and whether it agrees with the clip.

    Sizes, numbers of rows and columns and counts of known things are held against the clip; other numbers must stand on
    the screen or be among those told.

    Args:
        prose: what the caption says in its own words.
        quotes: what it quotes: a row may be named by its number if it shows something of that.
        evidence: of the clip.
    """
    for found in _SIZE.finditer(prose):
        holds = all(int(found[unit]) in evidence.counts.get(f"all {unit}", ()) for unit in ("columns", "rows"))
        yield found[0], holds or evidence.names(found[0])
    prose = _SIZE.sub(QUOTE_MARK, prose)
    for found in _PLACE.finditer(prose):
        yield found[0], _is_place(found, quotes, evidence) or evidence.names(found[0])
    prose = _PLACE.sub(QUOTE_MARK, prose)
    for found in _COUNT.finditer(prose):
        number, unit = found["number"].lower(), found["unit"].lower()
        yield found[0], _is_counted(number, unit, evidence, some=bool(found["some"]))
    prose = _COUNT.sub(QUOTE_MARK, prose)
    known = evidence.numbers | {str(count) for counts in evidence.counts.values() for count in counts}
    for found in _PLAIN.finditer(prose):
        number = found["number"]
        if found["share"]:
            yield found[0], evidence.shows(f"{number}%") or evidence.shows(f"{number} %")
        else:
            yield found[0], known.issuperset(numbers_in(number)) or ("." in number and _is_time(number, evidence))


def _is_place(found: re.Match[str], quotes: Sequence[str], evidence: Evidence) -> bool:
    """Whether a row or column, or a range of them, is one of those that can be named."""
    unit, number = found["unit"].lower(), int(found["number"])
    if found["range"]:
        most = max(evidence.counts.get("all columns" if unit == "column" else "all rows", ()), default=0)
        return 0 < number < int(found["end"]) <= most
    if number in evidence.counts.get(f"{unit} number", ()):
        return True
    rows = {plain(screen[number - 1]) for screen in evidence.screens if unit != "column" and 0 < number <= len(screen)}
    return any(plain(quote) in text for quote in quotes for text in rows)


def _is_counted(number: str, unit: str, evidence: Evidence, *, some: bool) -> bool:
    """Whether there are so many; of the first or last so many, whether there are as many at all."""
    value = float(_WORDS[number]) if number in _WORDS else _value(number)
    counts = evidence.counts.get(_UNITS[unit], frozenset())
    if _UNITS[unit] == "second":
        if _is_time(str(_WORDS.get(number, number)), evidence):
            return True
    elif value in counts or (some and 0 < value <= max(counts, default=0)):
        return True
    if unit in _COUNTED_ON_SCREEN and evidence.numbers.issuperset(numbers_in(number) or [number]):
        return True
    return evidence.names(f"{number} {unit}") or evidence.names(f"{unit} {number}")


def _is_time(number: str, evidence: Evidence) -> bool:
    """Whether something happens then or lasts so long: rounded to the digits given, and as sure as a frame is long."""
    slack = 0.5 * 10.0 ** -len(number.partition(".")[2]) + 1 / FPS
    return any(abs(_value(number) - time) <= slack for time in evidence.times_s)


def _value(number: str) -> float:
    try:
        return float(number.replace(",", ""))
    except ValueError:  # a version: 3.10.2
        return -1.0
