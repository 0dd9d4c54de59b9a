"""Finding secrets in one line of text."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import NamedTuple

from tracekit.casts.scrub import library
from tracekit.casts.scrub.contexts import CONTEXTS
from tracekit.casts.scrub.disguise import HOST, USER, is_disguised
from tracekit.casts.scrub.people import People
from tracekit.casts.scrub.plausible import is_distinct
from tracekit.casts.scrub.rules import Rule, Rules, Span
from tracekit.casts.scrub.tokens import MAIL, TOKENS, VAGUE
from tracekit.core.errors import Rejected

MOST_WORK, MOST_DRAWN_WORK = 50_000_000, 1_000_000_000
"""Characters that rules may have to look through: of a recording's text, of which a log of 10 MB that says ``key`` in
every line takes half; and of the rows of its screen, which change as long as it lasts."""
_PREFIX = 8
"""Characters of a known secret that are enough to know it by, as while it is being typed."""
_REMEMBERED, _LINE = 4096, 1024
"""Lines, of so many characters at most, whose spans are kept: screens show the same line many times."""
_TELLING = 32
"""Characters by which a known secret must be distinct from common words."""
_ALIKE = 8
"""Known secrets with the same beginning that are told apart."""
_LONG = re.compile(r"[!-~]{15}|\d{4}[ -]\d{4,6}[ -]\d{4}").search
"""What every token has, 15 characters without a blank, and a card number. Most lines have neither."""


class Work:
    """What finding secrets has taken: the characters that each rule had to look through, added up.

    Rules take time linear in the text, and most texts are passed over at a quick look.

    Args:
        most: how many there may be.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self.chars = 0

    def add(self, chars: int) -> None:
        """Count some more.

        Raises:
            Rejected: ``secrets``: they are too many now.
        """
        self.chars += chars
        if self.chars > self._most:
            raise Rejected("secrets", f"over {self._most:,} characters of what may be secrets are to be looked through")


class _Known(NamedTuple):
    """A secret known from elsewhere."""

    telling: str
    whole: str
    rule: str


class _Group(NamedTuple):
    """Rules, and an expression for what one of them needs at least."""

    rules: tuple[Rule, ...]
    needs: re.Pattern[str]

    def look(self, text: str, lower: str, work: Work) -> Iterator[Span]:
        if self.needs.search(lower):
            for rule in self.rules:
                if rule.may_match(lower):
                    work.add(len(text))
                    for start, end in rule.find(text):
                        yield Span(start, end, rule.name)


def _group(rules: Iterable[Rule], off: frozenset[str]) -> _Group:
    on = tuple(rule for rule in rules if rule.name not in off)
    needs = dict.fromkeys(re.escape(need) for rule in on for need in rule.needs)
    return _Group(on, re.compile("|".join(needs) or "(?!)"))


@cache
def _groups(off: frozenset[str]) -> tuple[_Group, list[_Group]]:
    """Rules for any text, and those for text that is long enough."""
    return _group((MAIL, *CONTEXTS), off), [_group(rules, off) for rules in (TOKENS, VAGUE, library.rules())]


class Finder:
    """Tells secrets in lines of text.

    Args:
        rules: what to look for.
        people: names to look for besides.
        values: secrets known from elsewhere in the recording, with the names of their rules. They are told wherever
            they stand, also by their first 8 characters or more, as long as those could not be a common word.
        work: what is counted, for several finders together.
    """

    def __init__(self, rules: Rules, people: People, values: Mapping[str, str], work: Work) -> None:
        self._work = work
        self._names = _group(people.rules(), rules.off)
        self._any, self._long = _groups(rules.off)
        self._known: dict[str, list[_Known]] = {}
        for value, name in values.items():
            if name in (USER, HOST):
                continue  # people.rules() tells names, and only as whole words
            telling = _telling(value)
            alike = self._known.setdefault(value[:_PREFIX], []) if telling else []
            if telling and len(alike) < _ALIKE:
                alike.append(_Known(telling, value, name))
        self._remembered: dict[str, tuple[Span, ...]] = {}

    def find(self, text: str) -> tuple[Span, ...]:
        """The secrets in a line, in order and apart from each other."""
        if len(text) < 4:
            return ()
        spans = self._remembered.get(text)
        if spans is None:
            spans = self._look(text)
            if len(self._remembered) >= _REMEMBERED:
                self._remembered.clear()
            if len(text) <= _LINE:
                self._remembered[text] = spans
        return spans

    def _look(self, text: str) -> tuple[Span, ...]:
        lower = text.lower()
        found = [*self._names.look(text, lower, self._work), *self._any.look(text, lower, self._work)]
        if self._known:
            self._work.add(len(text))
            found += self._look_for_known(text)
        if _LONG(text):
            for group in self._long:
                found += group.look(text, lower, self._work)
        return _apart([span for span in found if not is_disguised(text[span.start : span.end], span.rule)])

    def _look_for_known(self, text: str) -> Iterator[Span]:
        known, end = self._known, 0
        for start in range(len(text) - _PREFIX + 1):
            if text[start : start + _PREFIX] in known and start >= end:
                alike = known[text[start : start + _PREFIX]]
                if text.startswith(tuple([value.telling for value in alike]), start):
                    end, rule = max((_common_end(text, start, value.whole), value.rule) for value in alike)
                    yield Span(start, end, rule)


def _telling(value: str) -> str:
    """The shortest beginning by which a known secret can be told, if any."""
    lengths = range(_PREFIX, min(len(value), _TELLING) + 1)
    return next((value[:length] for length in lengths if is_distinct(value[:length])), "")


def _common_end(text: str, start: int, value: str) -> int:
    """Where text that begins like a value stops being like it."""
    end = start + _PREFIX
    while end < len(text) and end - start < len(value) and text[end] == value[end - start]:
        end += 1
    return end


def _apart(spans: list[Span]) -> tuple[Span, ...]:
    """Spans that overlap made one, named as the longest of them."""
    if len(spans) < 2:
        return tuple(spans)
    names = {(span.start, span.rule) for span in spans if span.rule == USER} | {
        (span.end, span.rule) for span in spans if span.rule == HOST
    }
    merged: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        if span.rule == "mail" and {(span.start, USER), (span.end, HOST)} <= names:
            continue  # a prompt that looks like an address
        if merged and span.start < merged[-1].end:
            last = merged[-1]
            longest = max(last, span, key=lambda span: span.end - span.start)
            merged[-1] = Span(last.start, max(last.end, span.end), longest.rule)
        else:
            merged.append(span)
    return tuple(merged)
