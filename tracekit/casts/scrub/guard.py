"""The second line of defence: rows as they are really drawn."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from tracekit.casts.scrub.disguise import HOST, USER, disguise
from tracekit.casts.scrub.finder import Finder
from tracekit.casts.scrub.people import People
from tracekit.casts.scrub.plausible import is_distinct
from tracekit.casts.scrub.rules import Rules, Span


class Guard:
    """Watches rows of the grid for secrets that only the grid reveals, and says which cells to blank.

    It holds the secrets that were found, so it is never written to a file. It can be pickled.
    """

    def __init__(self, rules: Rules, people: People, values: Mapping[str, str]) -> None:
        self._rules, self._people, self._values = rules, people, dict(values)
        self._finder = Finder(rules, people, values)

    def __repr__(self) -> str:
        return f"Guard({len(self._values)} secrets)"

    @property
    def known(self) -> Mapping[str, str]:
        """The secrets, with the names of their rules."""
        return MappingProxyType(self._values)

    def suspicious(self, text: str) -> bool:
        """Whether a row of text shows a secret. It costs little, and next to nothing for a text seen before."""
        return bool(self._finder.find(text))

    def find(self, text: str) -> tuple[Span, ...]:
        """The secrets in a row of text: where, and by which rule."""
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
        self._finder = Finder(self._rules, self._people, self._values)
        return is_distinct(value) and not goes_on

    def mask(self, text: str) -> list[tuple[int, int]]:
        """The stretches ``(start, end)`` of a row's text that must not be drawn."""
        return [(span.start, span.end) for span in self._finder.find(text)]

    def mask_lines(self, lines: Sequence[str]) -> list[list[tuple[int, int]]]:
        """The stretches of each row that must not be drawn, rows that fill the width read on in the next.

        Args:
            lines: the text of rows one under the other, trailing blanks kept out.
        """
        masks = [self.mask(line) for line in lines]
        widest = max(map(len, lines), default=0)
        start = 0
        while start < len(lines):
            end = start + 1
            while end < len(lines) and len(lines[end - 1]) == widest and lines[end][:1].strip():
                end += 1
            if end - start > 1:
                self._mask_joined(lines[start:end], masks[start:end])
            start = end
        return masks

    def _mask_joined(self, lines: Sequence[str], masks: Sequence[list[tuple[int, int]]]) -> None:
        for begin, end in self.mask("".join(lines)):
            offset = 0
            for line, mask in zip(lines, masks, strict=True):
                first, last = max(begin - offset, 0), min(end - offset, len(line))
                if first < last and (first, last) not in mask:
                    mask.append((first, last))
                offset += len(line)
