"""What a rule is, and which of them are applied."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple


class Span(NamedTuple):
    """A stretch of a text that must not be shown: ``text[start:end]``, and the name of the rule that says so."""

    start: int
    end: int
    rule: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One way to tell a secret."""

    name: str
    """``[a-z0-9-]+``; several rules may share one. Reports count by it."""
    needs: tuple[str, ...]
    """One of these stands in every text, in lower case, that the rule can match."""
    pattern: re.Pattern[str]
    """The secret is its last group with a name, else the whole match."""
    accept: Callable[[str], bool] = bool
    """Whether a matched value is a secret, and not a placeholder, a word of a manual or a version number."""
    group: int | str | None = None
    """The group that holds the secret where it has no name; 0 is the whole match."""
    reach: int = 0
    """Longer texts are cut into overlapping pieces of this length, which bounds an expression that is not linear."""

    def may_match(self, lower: str) -> bool:
        """Whether the rule can match a text, given in lower case: a quick look."""
        return any(map(lower.__contains__, self.needs))

    def find(self, text: str) -> Iterator[tuple[int, int]]:
        """Where its secrets stand in a text."""
        if self.reach and len(text) > self.reach:
            for start in range(0, len(text), self.reach // 2):
                for begin, end in self._find(text[start : start + self.reach]):
                    yield start + begin, start + end
        else:
            yield from self._find(text)

    def _find(self, text: str) -> Iterator[tuple[int, int]]:
        for match in self.pattern.finditer(text):
            start, end = match.span(self.group if self.group is not None else match.lastgroup or 0)
            if start < end and self.accept(text[start:end]):
                yield start, end


_GENERIC = """
root user users admin administrator ubuntu debian fedora centos arch archlinux alpine kali vagrant docker podman
jenkins runner builder build circleci travis gitpod codespace codespaces vscode coder jovyan guest demo test tester
nobody daemon git hg svn www-data apache nginx postgres mysql redis node deno python python3 ruby rust golang app web
me pi ec2-user core default public shared home local localhost localdomain host hostname example computer container
desktop laptop server workstation macbook macbook-pro macbook-air mac pc vm box dev linux windows termux raspberrypi
raspberry master main origin cloudshell linuxbrew student developer anonymous username your-name yourname name project
projects workspace work code src data tmp opt system service staff wheel sudo sandbox tracekit
"""
GENERIC = frozenset(_GENERIC.split())
"""User and host names that many machines share, and that tell nobody apart."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Which rules are applied."""

    off: frozenset[str] = frozenset({"public-address"})
    """Names of rules left out. Public IP addresses stay by default: most of those on screens are of public servers, or
    version numbers; the address that somebody logs in to (``user@address``) counts as a host name all the same."""
    keep: frozenset[str] = GENERIC
    """User and host names, in lower case, that are not personal."""


DEFAULT = Rules()
