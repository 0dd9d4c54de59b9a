"""What was found of planted cases: by the scrubber, in what reaches pixels and files; by the filter, in a clip."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from labelled.harmless import Harmless
from labelled.planting import Case, Planted
from tracekit.casts.model import Header
from tracekit.casts.scrub import Guard, scrub
from tracekit.casts.scrub.sequences import strings, visible
from tracekit.clips.screen import Screen, SecretSeen
from tracekit.core.events import Event
from tracekit.filters.measure import StoredClip
from tracekit.filters.personal import NOBODY
from tracekit.filters.personal_rules import NAMES, PersonalData
from tracekit.filters.texts import read_clip, titles, wrapped
from tracekit.shards.events import dump_events
from tracekit.terminal.engine import open_engine
from tracekit.terminal.grid import Grid, GridBuilder

_ALLOWED = [re.compile(one) for one in NOBODY]
_WINDOW = 8
"""Characters that may not be seen in a row: shells that draw a line anew show the first seven of a secret."""
GROUPS = {"token": "secret", "key": "secret", "password": "secret", "home-path": "user-name"}
"""Kinds of cases that are found by rules which do not tell them apart."""


class Judged(NamedTuple):
    """How a set was dealt with, by one finder."""

    found: Counter[str]
    """Cases, by kind."""
    missed: list[Case]
    wrong: list[tuple[str, str]]
    """What was found and should not have been: the group of the rule, and the text."""


def scrubbed(planted: Iterable[Planted]) -> Judged:
    """Judge the scrubber: what is left in the events and on the screen, and which harmless lines have changed."""
    judged = Judged(Counter(), [], [])
    for one in planted:
        clean, shown = _scrubbed(one.header, one.events)
        seen = "\n".join(shown)
        for case in one.cases:
            if case.shown.kind in ("phone", "person-name", "postal-address", "iban", "ip-address", "coordinates"):
                continue  # the scrubber leaves them to the filter
            if any(window in seen for part in case.shown.drawn for window in _windows(part)):
                judged.missed.append(case)
            else:
                judged.found[case.shown.kind] += 1
        judged.wrong.extend((_rule_of(line), line.text) for line in one.harmless if line.text not in clean)
    return judged


def filtered(planted: Iterable[Planted]) -> Judged:
    """Judge the filter of personal data, on recordings as they are before they are scrubbed."""
    judged = Judged(Counter(), [], [])
    for one in planted:
        values = _personal(_clip(one.header, one.events))
        of_kind: dict[str, list[str]] = defaultdict(list)
        for kind, value in values:
            of_kind[kind].append(value)
        for case in one.cases:
            kind = GROUPS.get(case.shown.kind, case.shown.kind)
            if kind not in NAMES:
                continue
            if all(any(_same(part, value) for value in of_kind[kind]) for part in case.shown.drawn):
                judged.found[case.shown.kind] += 1
            else:
                judged.missed.append(case)
        texts = [case.shown.text for case in one.cases]
        judged.wrong.extend((kind, value) for kind, value in values if not any(value[:-1] in text for text in texts))
    return judged


def _personal(clip: StoredClip) -> list[tuple[str, str]]:
    lines = read_clip(clip)
    return list(PersonalData(lines, NAMES, _ALLOWED, titles(clip)).values(lines))


def _same(part: str, value: str) -> bool:
    """Whether a value that was found is, or holds, one that was planted, or all of it that makes it one."""
    return (
        part in value or (value in part and 2 * len(value) > len(part)) or part == "".join(filter(str.isdigit, value))
    )


def _windows(part: str) -> Sequence[str]:
    return [part[at : at + _WINDOW] for at in range(max(1, len(part) - _WINDOW + 1))]


def _scrubbed(header: Header, events: list[Event]) -> tuple[str, list[str]]:
    """The text of a scrubbed recording's events, and that with every row its screen shows."""
    clean = scrub(header, events)
    while True:
        try:
            grid = _replayed(clean.header, clean.events, clean.guard)
            break
        except SecretSeen:
            clean = scrub(header, events, known=clean.guard.known)
    told = list(_told(clean.events))
    return "\n".join(told), [*told, *grid.texts, *wrapped(grid)]


def _told(events: Sequence[Event]) -> Iterable[str]:
    for code in "oim":
        joined = "".join(event.data for event in events if event.code == code)
        yield joined
        yield visible(joined)
        yield from (text for _, text in strings(joined))


def _replayed(header: Header, events: Sequence[Event], guard: Guard | None) -> Grid:
    """What the screen shows after each event, a frame each."""
    screen = Screen(open_engine("pyte", header.columns, header.rows), guard)
    builder = GridBuilder()
    for event in events:
        changed = screen.play([event])
        builder.frame(screen.grid, changed, screen.cursor)
    return builder.build(screen.styles, screen.clusters)


def _clip(header: Header, events: Sequence[Event]) -> StoredClip:
    """A recording as one clip, as it is."""
    files = {"cells.npz": _replayed(header, events, None).save(), "events.jsonl": dump_events(events)}
    return StoredClip(
        "a", {"kind": "terminal", "provenance": {"title": header.title, "command": header.command}}, files
    )


def _rule_of(line: Harmless) -> str:
    """The group of the rule that takes a line for a secret; ``known`` if it does so only beside others."""
    rules = scrub(Header(2, 400, 4), [Event(0, "o", line.text)]).redactions
    return next((rule if rule in NAMES else "secret" for rule in rules), "known")


def given(
    recordings: Iterable[tuple[str, Header, list[Event]]],
) -> Iterable[tuple[str, str, str, str, str]]:
    """What is found in recordings that nobody has labelled: recording, finder, kind, value, a line that shows it."""
    for name, header, events in recordings:
        clip = _clip(header, events)
        raw = read_clip(clip)
        for value, rule in scrub(header, events).guard.known.items():
            yield name, "scrubber", rule, value, next((line for line in raw if value in line), "")
        for kind, value in _personal(clip):
            yield name, "filter  ", kind, value, next((line for line in raw if value in line), "")
