"""What a caption's detail is worth: the same clips, rolled out with each tier's caption (Neural Computers, table 3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

from tracekit.core.errors import TracekitError
from tracekit.metrics.intervals import RESAMPLES, Interval, bootstrap


@dataclass(frozen=True)
class TierDifference:
    """Of two tiers, on the same clips."""

    tier: str
    than: str
    difference: Interval
    """Mean of the score with the one less that with the other, clip by clip."""


@dataclass(frozen=True)
class TierComparison:
    """Of a score."""

    clips: list[str]
    """Keys of those that have it with every tier, and are compared."""
    left_out: list[str]
    """Keys of the others."""
    means: dict[str, Interval]
    """By tier."""
    differences: list[TierDifference]
    """Of each tier to the one before it; then, of three or more, of the last to the first."""


def compare_tiers(
    scores: Mapping[str, Mapping[str, float | None]],
    recordings: Mapping[str, str] | None = None,
    *,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> TierComparison:
    """Compare tiers by a score of the same clips.

    Args:
        scores: by tier, in the order to compare them, the score of each clip by its key; None where there is none.
        recordings: of each clip, by its key, the recording that it is of: intervals are of recordings drawn anew. None:
            each clip is one of its own.
        seed: of the bootstrap.
        resamples: of the bootstrap.

    Raises:
        TracekitError: there are fewer than two tiers.
    """
    if len(scores) < 2:
        raise TracekitError("there is only one tier to compare" if scores else "there are no tiers to compare")
    known = {tier: {key: one for key, one in clips.items() if one is not None} for tier, clips in scores.items()}
    every = sorted({key for clips in scores.values() for key in clips})
    shared = [key for key in every if all(key in clips for clips in known.values())]
    tiers = list(scores)
    groups = [recordings.get(key, key) for key in shared] if recordings else None
    resampled = partial(bootstrap, groups=groups, seed=seed, resamples=resamples)
    pairs = [*pairwise(tiers), *([(tiers[0], tiers[-1])] if len(tiers) > 2 else [])]
    return TierComparison(
        clips=shared,
        left_out=[key for key in every if key not in set(shared)],
        means={tier: resampled([known[tier][key] for key in shared]) for tier in tiers},
        differences=[
            TierDifference(tier, than, resampled([known[tier][key] - known[than][key] for key in shared]))
            for than, tier in pairs
        ],
    )
