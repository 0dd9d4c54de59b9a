"""Clips that show secrets which nobody has taken out: of desktops, whose pictures can't be cleaned afterwards.

Recordings of terminals are scrubbed before they are drawn, so of those this filter finds nothing, unless a source of
another distribution does without.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import ClassVar

from pydantic import Field

from tracekit.casts.scrub.finder import MOST_WORK, Finder, Work
from tracekit.casts.scrub.people import People
from tracekit.casts.scrub.plausible import is_random
from tracekit.casts.scrub.rules import GENERIC, Rules
from tracekit.filters.base import Candidate, ClipFilter
from tracekit.filters.measure import StoredClip
from tracekit.filters.personal import OURS, is_ours
from tracekit.filters.personal_rules import NAMES
from tracekit.filters.texts import Run, read_clip, typed_runs
from tracekit.shards.sample import Decision

NAME = "secrets"
TYPED = "typed-password"
_RULES = Rules(off=frozenset({"public-address", *NAMES}))
_ASKS = re.compile(
    r"""(?xi) pass(?: word | phrase | code ) | passwort | kennwort | mot[ ]de[ ]passe | contrase[nñ]a | senha
      | wachtwoord | has[lł]o | пароль | 密码 | パスワード | \b PIN \b | authenticat | verification[ ]code
      | sign[ -]?in \b | log[ -]?in \b | unlock | keyring | \b 2FA \b"""
)
"""Titles of windows in which passwords are typed."""
_ASKED = re.compile(
    r"\s*(?:sudo|su|doas|passwd|ssh|scp|sftp|rsync|gpg|kinit|mysql\b.* -p|psql|docker login|cryptsetup)\b"
)
"""Commands after which one may be typed, into a terminal that does not show it."""


class Secret(ClipFilter):
    """Reject clips that show, or in which somebody types, more secrets than this."""

    measure_version: ClassVar[int] = 1

    most: int = Field(0, ge=0, description="Secrets that a clip may show, different values")
    ours: tuple[str, ...] = Field(OURS, description="Policies of desktops that type nothing of anybody's")

    def measure(self, clip: StoredClip) -> dict[str, int]:
        """How many different values each rule has found. The values themselves are not kept."""
        finder = Finder(_RULES, People(GENERIC), {}, Work(MOST_WORK))
        found = {(rule, line[start:end]) for line in read_clip(clip) for start, end, rule in finder.find(line)}
        if clip.grid is None:
            found |= {(TYPED, text) for text in _passwords(typed_runs(clip))}
        return dict(sorted(Counter(rule for rule, _ in found).items()))

    def judge(self, candidate: Candidate) -> Decision:
        """Score: different secrets; null of desktops that nobody has driven."""
        found: Mapping[str, int] = candidate.measured.get(NAME, {})
        if is_ours(candidate.sample, self.ours):
            return Decision(filter=NAME, keep=True)
        count = sum(found.values())
        keep = count <= self.most
        reason = "" if keep else "shows " + ", ".join(f"{number} by the rule {rule}" for rule, number in found.items())
        return Decision(filter=NAME, keep=keep, score=count, threshold=self.most, reason=reason)


def _passwords(runs: Sequence[Run]) -> Iterator[str]:
    """What was typed where passwords are: in a window whose title asks for one, or after a command that does."""
    yield from (run.text for run in runs if _ASKS.search(run.title))
    for before, run in pairwise(runs):
        if _ASKED.match(before.text) and is_random(run.text):
            yield run.text
