"""What each filter takes from a build: alone, first, and together with each of the others."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

NO_FILTERS = frozenset({"duplicate-key", "no-caption"})
"""Reasons by which a clip goes whatever filters say of it."""


@dataclass(frozen=True)
class Overlaps:
    """Counts of clips."""

    asked: int
    """About which every filter was asked, and which nothing else keeps out."""
    kept: int
    """Of them, those that no filter is against."""
    takes: dict[str, int]
    """By filter, in the order of the recipe: those that it is against, and would take if it were the only one."""
    first: dict[str, int]
    """Those that it is against and none before it: they are counted under its name. asked = kept + the sum of these."""
    only: dict[str, int]
    """Those that it alone is against: without it they would stay."""
    together: dict[str, dict[str, int]]
    """Of two filters: those that both are against. Of one and itself: what it takes."""


def overlaps(verdicts: Iterable[Mapping[str, Any]]) -> Overlaps:
    """Count.

    Args:
        verdicts: lines of ``decisions.jsonl``.
    """
    against = Counter[tuple[str, ...]]()
    names: list[str] = []
    for verdict in verdicts:
        if verdict["decisions"] and verdict["reason"] not in NO_FILTERS:
            names = names or [decision["filter"] for decision in verdict["decisions"]]
            against[tuple(decision["filter"] for decision in verdict["decisions"] if not decision["keep"])] += 1
        elif verdict["reason"] is None:  # a build without filters
            against[()] += 1

    def those(name: str, other: str) -> int:
        return sum(clips for filters, clips in against.items() if {name, other} <= {*filters})

    return Overlaps(
        asked=against.total(),
        kept=against[()],
        takes={name: those(name, name) for name in names},
        first={name: sum(n for filters, n in against.items() if filters[:1] == (name,)) for name in names},
        only={name: against[(name,)] for name in names},
        together={name: {other: those(name, other) for other in names} for name in names},
    )


def left_after(found: Overlaps) -> Iterator[tuple[str, int]]:
    """The clips that are left after each filter, in the order of the recipe."""
    left = found.asked
    for name, taken in found.first.items():
        left -= taken
        yield name, left
