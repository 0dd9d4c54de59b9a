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
_MORE = re.compile(r"\b(?:more|new|other|further)\b", re.IGNORECASE)
"""Lines so called are counted by who writes the caption, not by a program."""
_COUNT = re.compile(
    rf"(?P<some>\b(?:first|last|next|top|bottom|upper|lower)\s+)?(?<![\w.,/:-])(?P<number>{_NUMBER}|{'|'.join(_WORDS)})"
    rf"(?P<which>(?:[\s-]+(?:{_ADJECTIVE})){{0,2}})[\s-]*(?P<unit>{'|'.join(sorted(_UNITS, key=len, reverse=True))})\b",
    re.IGNORECASE,
)
_SHARE = re.compile(
    rf"(?<![\w.,/:-])(?P<number>{_NUMBER}|{'|'.join(_WORDS)})\s+(?:out\s+)?of\s+(?:the\s+|its\s+|all\s+)?"
    rf"(?P<all>{_NUMBER}|{'|'.join(_WORDS)})\s+(?:rows?|lines?)\b",
    re.IGNORECASE,
)
_FIRST = re.compile(r"\b(?:first|start|starts|begin|begins|beginning|initially)\b", re.IGNORECASE)
_LAST = re.compile(r"\b(?:last|end|ends|ending|final|finally)\b", re.IGNORECASE)
_CURSOR = re.compile(rf"\bcursor\b[^{QUOTE_MARK}]*$", re.IGNORECASE)
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
    for found in _SHARE.finditer(prose):
        yield found[0], _is_share(found, evidence) or evidence.names(found[0])
    prose = _SHARE.sub(QUOTE_MARK, prose)
    for found in _PLACE.finditer(prose):
        yield found[0], _is_place(found, quotes, evidence) or evidence.names(found[0])
    prose = _PLACE.sub(QUOTE_MARK, prose)
    for found in _COUNT.finditer(prose):
        number, unit = found["number"].lower(), found["unit"].lower()
        if _UNITS[unit] == "row" and _MORE.search(found["which"]):
            holds = _whole(number) in evidence.counts.get("more row", ())
        else:
            holds = _is_counted(number, unit, evidence, some=bool(found["some"]))
        yield found[0], holds or evidence.names(found[0])
    prose = _COUNT.sub(QUOTE_MARK, prose)
    known = evidence.numbers | {str(count) for counts in evidence.counts.values() for count in counts}
    for found in _PLAIN.finditer(prose):
        number = found["number"]
        if found["share"]:
            yield found[0], evidence.shows(f"{number}%") or evidence.shows(f"{number} %")
        else:
            yield found[0], known.issuperset(numbers_in(number)) or ("." in number and _is_time(number, evidence))


def _is_share(found: re.Match[str], evidence: Evidence) -> bool:
    """Whether so many of all rows hold text: at the start or the end where that is said, else at any time."""
    before = _sentence(found)
    when = " at last" if _LAST.search(before) else " at first" if _FIRST.search(before) else ""
    is_all = _whole(found["all"].lower()) in evidence.counts.get("all rows", ())
    return is_all and _whole(found["number"].lower()) in evidence.counts.get(f"filled row{when}", ())


def _is_place(found: re.Match[str], quotes: Sequence[str], evidence: Evidence) -> bool:
    """Whether a row or column, or a range of them, is one of those that can be named."""
    unit, number = found["unit"].lower(), int(found["number"])
    cursor = f"cursor {'column' if unit == 'column' else 'row'}"
    if cursor in evidence.counts and _CURSOR.search(_sentence(found)):
        return number in evidence.counts[cursor]
    if found["range"]:
        most = max(evidence.counts.get("all columns" if unit == "column" else "all rows", ()), default=0)
        return 0 < number < int(found["end"]) <= most
    if number in evidence.counts.get(f"{unit} number", ()):
        return True
    rows = {plain(screen[number - 1]) for screen in evidence.screens if unit != "column" and 0 < number <= len(screen)}
    return any(plain(quote) in text for quote in quotes for text in rows)


def _is_counted(number: str, unit: str, evidence: Evidence, *, some: bool) -> bool:
    """Whether there are so many; of the first or last so many, whether there are as many at all."""
    value = _whole(number)
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


def _sentence(found: re.Match[str]) -> str:
    """What stands before a match in its sentence."""
    return re.split(r"[.!?]\s", found.string[: found.start()])[-1]


def _whole(number: str) -> float:
    """The value of a number in figures or words."""
    return float(_WORDS[number]) if number in _WORDS else _value(number)


def _value(number: str) -> float:
    try:
        return float(number.replace(",", ""))
    except ValueError:  # a version: 3.10.2
        return -1.0
