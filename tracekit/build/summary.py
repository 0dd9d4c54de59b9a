"""``summary.json``: what a finished build has come to. It is committed last: where it is, all else is."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tracekit.build.decide import Judged
from tracekit.build.funnel import Funnel, funnel
from tracekit.build.pack import Shard, all_refused
from tracekit.build.plan import Plan
from tracekit.core.files import Folder

FILE = "summary.json"


@dataclass(frozen=True)
class Summary:
    """The counts of a build. inputs = inputs_kept + inputs_rejected, and the same for clips."""

    settings: str
    """Digest of all that the data set depends on."""
    inputs: int
    inputs_kept: int
    """With a clip in the data set."""
    inputs_rejected: int
    clips: int
    clips_kept: int
    clips_rejected: int
    samples: dict[str, int]
    """By split."""
    shards: int
    shard_bytes: int
    reasons: dict[str, int]
    """Rejected clips, and inputs rejected whole, by reason."""
    funnel: Funnel
    """The inputs that are left after each stage."""

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


def read_summary(out: Folder) -> Summary | None:
    """The summary of a finished build, or None if it is not finished."""
    if not out.exists(FILE):
        return None
    try:
        found = json.loads(out.read(FILE))
        return Summary(**{**found, "funnel": Funnel(**found["funnel"])})
    except (ValueError, TypeError, KeyError):
        return None


def summarise(settings: str, plan: Plan, out: Folder, clips: Sequence[Judged], shards: Iterable[Shard]) -> Summary:
    """Count."""
    shards = list(shards)
    kept = [clip for clip in clips if clip.kept]
    refused = list(all_refused(plan, out))
    reasons = Counter(str(clip.verdict["reason"]) for clip in clips if not clip.kept)
    reasons.update(one.reason for one in refused)
    inputs_kept = len({clip.row["sample"]["provenance"]["sha256"] for clip in kept})
    all_clips = len(clips) + sum(one.key is not None for one in refused)
    return Summary(
        settings=settings,
        inputs=plan.inputs,
        inputs_kept=inputs_kept,
        inputs_rejected=plan.inputs - inputs_kept,
        clips=all_clips,
        clips_kept=len(kept),
        clips_rejected=all_clips - len(kept),
        samples=dict(sorted(Counter(str(clip.verdict["split"]) for clip in kept).items())),
        shards=len(shards),
        shard_bytes=sum(shard.content.bytes for shard in shards),
        reasons=dict(sorted(reasons.items())),
        funnel=funnel(plan, clips, refused),
    )
