"""Clips that show personal data: mail addresses, telephone numbers, names and addresses of people, and the like.

The scrubber replaces mail addresses, cards, and names of users and machines in recordings of terminals, so of those
kinds this filter finds what is left; of the others, and of desktops, whose pictures can't be cleaned, all there is.
docs/personal_data.md says what is found, how well, and why by rules.
"""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from tracekit.filters.base import Candidate, ClipFilter
from tracekit.filters.measure import StoredClip
from tracekit.filters.personal_rules import NAMES, PersonalData
from tracekit.filters.texts import read_clip, titles
from tracekit.shards.sample import Decision

NAME = "personal-data"
OURS = ("random-slow", "random-fast", "tasks")
"""Policies of desktops that type what tracekit or a recipe has written."""
NOBODY = (
    r"""(?xi) [^@]+ @ (?: [\w-]+ \. )* (?: example | localhost | test | invalid | localdomain ) (?: \. \w{2,4} )?
      | [^@]+ @ (?: foo | bar | baz | domain | mydomain | yourdomain | acme ) \. \w+
      | [^@]+ @ (?: users\. )? noreply \. [\w.-]+ | [^@]+ \[bot\] @ .+
      | (?: you | your | user | username | name | email | mail | me | foo | bar | test | someone | somebody | bot | root
          | john\.?doe | jane\.?doe | admin | info | support | security | contact | hello | postmaster | webmaster
          | abuse | sales | help | (?: do-?not | no )-?reply ) @ .+""",
    r"51 Franklin St(?:reet|\.)?,.*",
    r"8\.8\.[48]\.[48]|1\.[01]\.[01]\.1|9\.9\.9\.9",
)
"""Placeholders of manuals, addresses of nobody in particular (RFC 2142, RFC 2606), the one in every copy of the GPL,
resolvers that all use."""


class Personal(ClipFilter):
    """Reject clips that show more pieces of personal data than this."""

    measure_version: ClassVar[int] = 1
    measure_options: ClassVar[tuple[str, ...]] = ("kinds", "allow")

    most: int = Field(0, ge=0, description="Findings that a clip may show, different values of all kinds together")
    kinds: tuple[str, ...] = Field(
        tuple(kind for kind in NAMES if kind != "ip-address"),
        description=f"What counts: {', '.join(NAMES)}. Public addresses by default do not: most are of servers",
    )
    allow: tuple[str, ...] = Field((), description="Regular expressions; what one matches as a whole is nobody's")
    ours: tuple[str, ...] = Field(OURS, description="Policies of desktops that type nothing of anybody's")

    @field_validator("kinds")
    @classmethod
    def _are_kinds(cls, kinds: tuple[str, ...]) -> tuple[str, ...]:
        for kind in kinds:
            if kind not in NAMES:
                raise PydanticCustomError("kind", "there is no kind {kind}", {"kind": repr(kind)})
        return kinds

    @field_validator("allow")
    @classmethod
    def _are_expressions(cls, allow: tuple[str, ...]) -> tuple[str, ...]:
        for one in allow:
            try:
                re.compile(one)
            except re.error as error:
                raise PydanticCustomError("expression", "{error}", {"error": f"not an expression: {error}"}) from None
        return allow

    def measure(self, clip: StoredClip) -> dict[str, int]:
        """How many different values of each kind a clip shows. The values themselves are not kept."""
        lines = read_clip(clip)
        data = PersonalData(lines, self.kinds, [re.compile(one) for one in (*NOBODY, *self.allow)], titles(clip))
        return dict(sorted(Counter(kind for kind, _ in data.values(lines)).items()))

    def judge(self, candidate: Candidate) -> Decision:
        """Score: different values of all kinds; null of desktops that nobody has driven."""
        found: Mapping[str, int] = candidate.measured.get(NAME, {})
        if is_ours(candidate.sample, self.ours):
            return Decision(filter=NAME, keep=True)
        count = sum(found.values())
        keep = count <= self.most
        reason = "" if keep else f"shows {in_words(found)}"
        return Decision(filter=NAME, keep=keep, score=count, threshold=self.most, reason=reason)


def is_ours(sample: Mapping[str, Any], ours: tuple[str, ...]) -> bool:
    """Whether a sample is of a desktop that one of these policies has driven."""
    return (sample.get("desktop") or {}).get("policy") in ours


def in_words(found: Mapping[str, int]) -> str:
    """``2 of mail address, 1 of telephone number``."""
    return ", ".join(f"{count} of {NAMES.get(kind, kind)}" for kind, count in found.items())
