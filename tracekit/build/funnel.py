"""What becomes of a build's inputs: how many are left after each stage, and of which group they are."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tracekit.build.decide import Judged
from tracekit.build.plan import Plan, Refused

PAPER_KEPT = {"tapes": 0.5121}
"""Share of its inputs that the paper kept, by the kind of source where it tells (Neural Computers, section 3.1.1)."""


@dataclass(frozen=True)
class Funnel:
    """Counts of inputs."""

    planned: int
    """All that there were."""
    readable: int
    """Of them, neither unreadable nor copies of others."""
    captured: int
    """Of them, with a clip before any filter."""
    kept: int
    """Of them, with a clip in the data set."""
    groups: dict[str, dict[str, Any]]
    """``inputs``, ``kept`` and ``reasons`` by group: the first folder of an input's uri, where it has one; of composed
    tapes that is their family. An input that is not kept counts under its reason, or that of its first clip."""


def funnel(plan: Plan, clips: Iterable[Judged], refused: Sequence[Refused]) -> Funnel:
    """Count the inputs of a build.

    Args:
        plan: the inputs.
        clips: with the filters' verdicts.
        refused: what was refused before it could be filtered.
    """
    kept, captured = set(), set()
    reasons: dict[str, str] = {}
    for clip in clips:
        uri = clip.row["sample"]["provenance"]["uri"]
        captured.add(uri)
        if clip.kept:
            kept.add(uri)
        else:
            reasons.setdefault(uri, str(clip.verdict["reason"]))
    for one in refused:
        reasons.setdefault(one.uri, one.reason)
    planned = [item.uri for part in plan.parts for item in part.inputs]
    uris = planned + [one.uri for one in plan.refused]
    return Funnel(
        planned=len(uris),
        readable=len(planned),
        captured=len(captured),
        kept=len(kept),
        groups=_groups(uris, kept, reasons),
    )


def _groups(uris: Sequence[str], kept: set[str], reasons: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    inputs, held, against = Counter[str](), Counter[str](), dict[str, Counter[str]]()
    for uri in uris:
        group, slash, _ = uri.partition("/")
        if not slash:
            continue
        inputs[group] += 1
        held[group] += uri in kept
        if uri not in kept:
            against.setdefault(group, Counter())[reasons[uri]] += 1
    return {
        group: {"inputs": count, "kept": held[group], "reasons": dict(sorted(against.get(group, {}).items()))}
        for group, count in sorted(inputs.items())
    }


def stages(found: Funnel) -> list[tuple[str, int]]:
    """The stages in words, with the inputs that are left after each."""
    return [
        ("inputs", found.planned),
        ("readable, no copies", found.readable),
        ("made into clips", found.captured),
        ("kept", found.kept),
    ]


def retention(found: Funnel, kind: str) -> str:
    """The share that was kept, in words; beside the paper's, where it tells one for this kind of source."""
    share = found.kept / found.planned if found.planned else 0.0
    paper = f" The paper kept {PAPER_KEPT[kind]:.2%}." if kind in PAPER_KEPT else ""
    return f"{share:.2%} of the inputs are in the data set.{paper}"
