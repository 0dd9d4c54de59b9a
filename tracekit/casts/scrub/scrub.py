"""Scrubbing a recording: find every secret that its text shows, replace it by text of the same width."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

from tracekit.casts.model import Header
from tracekit.casts.scrub.disguise import HOST, USER
from tracekit.casts.scrub.finder import MOST_WORK, Finder, Work
from tracekit.casts.scrub.guard import Guard
from tracekit.casts.scrub.people import People
from tracekit.casts.scrub.plausible import is_distinct
from tracekit.casts.scrub.reading import Reading
from tracekit.casts.scrub.rules import DEFAULT, Rules
from tracekit.casts.scrub.sequences import strings, visible
from tracekit.core.events import Event

_ROUNDS = _READINGS = 3
"""At most, of a recording: rounds, each of which scrubs the result of the one before, and readings in a round."""
_Found = dict[str, tuple[str, int]]
"""Value to rule and time in ns of its first showing."""


class Finding(NamedTuple):
    """A secret that was found. It says nothing of the value but a digest's beginning, to tell two of them apart."""

    rule: str
    time_ns: int
    """When it first shows; 0 if in the header."""
    sha256: str
    """The first 12 hex digits of the SHA-256 of the value in UTF-8."""


@dataclass(frozen=True, slots=True)
class Scrubbed:
    """A recording without secrets: the same events at the same times, the same sequences, the same cells."""

    header: Header
    events: list[Event]
    redactions: dict[str, int]
    """How many different secrets each rule has found, by the name of the rule."""
    guard: Guard
    findings: tuple[Finding, ...]


def scrub(
    header: Header, events: Sequence[Event], rules: Rules = DEFAULT, known: Mapping[str, str] = MappingProxyType({})
) -> Scrubbed:
    """Replace the secrets in a recording.

    Read are the rows of the screen as they come to stand on it, the strings of OSC, DCS and APC sequences, the input as
    it was typed, markers, and the header's title, command and environment.

    Args:
        header: the recording's header.
        events: its events, in order of time.
        rules: what to look for.
        known: secrets to look for besides, with the names of their rules; those that a guard has learnt, for one.

    Raises:
        Rejected: ``secrets``, as it holds more of them, or of what may be some, than any recording of somebody's work
            does.
    """
    people, work = People(rules.keep), Work(MOST_WORK)
    found: _Found = {}
    for _ in range(_ROUNDS):
        told = {**known, **{value: rule for value, (rule, _) in found.items()}}
        header, events, news = _round(header, events, rules, people, told, work)
        found = _whole(news | found)
        if not news:
            break
    findings = [Finding(rule, time_ns, _digest(value)) for value, (rule, time_ns) in found.items()]
    return Scrubbed(
        header=header,
        events=list(events),
        redactions=dict(sorted(Counter(finding.rule for finding in findings).items())),
        guard=Guard(rules, people, {**known, **{value: rule for value, (rule, _) in found.items()}}),
        findings=tuple(sorted(findings, key=lambda finding: (finding.time_ns, finding.rule, finding.sha256))),
    )


def _round(
    header: Header, events: Sequence[Event], rules: Rules, people: People, known: Mapping[str, str], work: Work
) -> tuple[Header, list[Event], _Found]:
    """Scrub a recording of what can be found in it; return it, and what was found, if anything.

    What one reading finds, the next looks for everywhere, also where nothing but the value itself tells it. All
    readings are of the same recording: where a line was drawn as it grew, masks would hide what is left of it.
    """
    _meet(people, header, events)
    for _ in range(_READINGS):
        reading = Reading(header, events, Finder(rules, people, known, work), rules.off)
        clean_header, clean_events = reading.header(), reading.events()
        news = _whole(reading.found)
        more = {value: rule for value, (rule, _) in news.items() if rule not in (USER, HOST) and _is_new(value, known)}
        if not people.learn_rows(reading.naming) and not more:
            break
        known = {**known, **more}
    return clean_header, clean_events, news


def _is_new(value: str, known: Mapping[str, str]) -> bool:
    return value not in known and is_distinct(value)


def _meet(people: People, header: Header, events: Sequence[Event]) -> None:
    """Learn the names that a recording tells."""
    output = "".join([event.data for event in events if event.code == "o"])
    people.learn_environment(header.env)
    for text in dict.fromkeys((header.title, header.command, *(text for _, text in strings(output)))):
        people.learn_string(text or "")
    people.learn_text(visible(output))
    people.learn_text(visible("".join([event.data for event in events if event.code == "i"])))


def _whole(found: _Found) -> _Found:
    """Those values that are no beginning of another one: of a secret seen growing, the whole."""
    names = {value: seen for value, seen in found.items() if seen[0] in (USER, HOST)}
    whole: _Found = {}
    last = ""
    for value in sorted(found.keys() - names, reverse=True):
        if not last.startswith(value):
            whole[value] = found[value]
            last = value
        elif found[value][1] < whole[last][1]:
            whole[last] = (whole[last][0], found[value][1])
    return names | whole


def _digest(value: str) -> str:
    return hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()[:12]
