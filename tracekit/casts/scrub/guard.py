"""The second line of defence: rows as they are really drawn."""

from collections.abc import Mapping
from types import MappingProxyType

from tracekit.casts.scrub.disguise import HOST, USER, disguise
from tracekit.casts.scrub.finder import MOST_DRAWN_WORK, Finder, Work
from tracekit.casts.scrub.people import People
from tracekit.casts.scrub.plausible import is_distinct
from tracekit.casts.scrub.rules import Rules, Span


class Guard:
    """Watches rows of the grid for secrets that only the grid reveals, and says which cells to blank.

    It holds the secrets that were found, so it is never written to a file. It can be pickled.
    """

    def __init__(self, rules: Rules, people: People, values: Mapping[str, str]) -> None:
        self._rules, self._people, self._values = rules, people, dict(values)
        self._work = Work(MOST_DRAWN_WORK)
        self._finder = Finder(rules, people, values, self._work)

    def __repr__(self) -> str:
        return f"Guard({len(self._values)} secrets)"

    @property
    def known(self) -> Mapping[str, str]:
        """The secrets, with the names of their rules."""
        return MappingProxyType(self._values)

    def find(self, text: str) -> tuple[Span, ...]:
        """The secrets in a row of text: where, and by which rule. It costs next to nothing for a text seen before.

        Raises:
            Rejected: ``secrets``: there is more to look through than any recording of somebody's work shows.
        """
        return self._finder.find(text)

    def clean(self, text: str) -> str:
        """A text about the recording, as a tape's script, with text of the same width where a secret stood."""
        chars = list(text)
        for start, end, rule in self._finder.find(text):
            chars[start:end] = disguise(text[start:end], rule)
        return "".join(chars)

    def learn(self, value: str, rule: str) -> bool:
        """Take a value for a secret from now on; return whether that may hide more of it than the rule alone does.

        If so, what was drawn before is to be drawn anew: the value may stand there without what gave it away, or half
        typed. It is not so for names, which rules tell anywhere, nor for a value that begins a known one or goes on
        where one ends.
        """
        if rule in (USER, HOST) or any(known.startswith(value) for known in self._values):
            return False
        goes_on = any(is_distinct(known) and value.startswith(known) for known in self._values)
        self._values[value] = rule
        self._finder = Finder(self._rules, self._people, self._values, self._work)
        return is_distinct(value) and not goes_on
