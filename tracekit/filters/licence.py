"""Clips of recordings whose licence is not among those that are wanted."""

from functools import lru_cache
from typing import Any, Literal

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from tracekit.filters.base import Candidate, ClipFilter
from tracekit.shards.sample import Decision

UNKNOWN = {"", "noassertion", "none", "unknown", "other", "n/a"}
"""Ways to say that nothing is known; SPDX has NOASSERTION and NONE."""


class Licence(ClipFilter):
    """Reject clips whose recording has another licence, or none that is known.

    A licence is an SPDX id or an expression of them: of ``MIT OR GPL-3.0-only`` one must be wanted, of ``MIT AND
    CC-BY-4.0`` both. ``WITH`` an exception it is another licence.
    """

    allow: list[str] = Field(
        [
            "Apache-2.0",
            "BSD-2-Clause",
            "BSD-3-Clause",
            "CC0-1.0",
            "CC-BY-4.0",
            "ISC",
            "MIT",
            "MIT-0",
            "Unlicense",
            "Zlib",
        ],
        description="SPDX ids",
    )
    unknown: Literal["reject", "keep"] = Field("reject", description="What becomes of clips without a known licence")

    @field_validator("allow")
    @classmethod
    def _are_spdx_ids(cls, allow: list[str]) -> list[str]:
        if wrong := [name for name in allow if _parsed(name) is None]:
            raise PydanticCustomError("licence", "No SPDX ids: {wrong}", {"wrong": ", ".join(wrong)})
        return allow

    def judge(self, candidate: Candidate) -> Decision:
        """Score: 1 of a licence that is wanted, 0 of another, null where none is known."""
        licence = (candidate.sample["provenance"].get("licence") or "").strip()
        parsed = None if licence.lower() in UNKNOWN else _parsed(licence)
        if parsed is None:
            keep = self.unknown == "keep"
            reason = (
                "" if keep else f"its licence is not known: {licence[:80]!r} is no SPDX id" if licence else "no licence"
            )
            return Decision(filter="licence", keep=keep, reason=reason)
        keep = _holds(parsed, frozenset(map(str.lower, self.allow)))
        reason = "" if keep else f"its licence is {licence[:80]}"
        return Decision(filter="licence", keep=keep, score=float(keep), threshold=1, reason=reason)


def _holds(expression: Any, allowed: frozenset[str]) -> bool:
    operator = getattr(expression, "operator", "").strip()
    if operator in ("OR", "AND"):
        return (any if operator == "OR" else all)(_holds(one, allowed) for one in expression.args)
    return expression.render().lower() in allowed


@lru_cache(maxsize=4096)
def _parsed(text: str) -> Any:
    """The expression, or None if it is none, or has an id that SPDX does not."""
    if len(text) > 500:  # the parser recurses
        return None
    from license_expression import ExpressionError, ExpressionParseError

    try:
        return _spdx().parse(text, validate=True)
    except (ExpressionError, ExpressionParseError):
        return None


@lru_cache(maxsize=1)
def _spdx() -> Any:
    from license_expression import get_spdx_licensing

    return get_spdx_licensing()
