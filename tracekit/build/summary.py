"""``summary.json``: what a finished build has come to. It is committed last: where it is, all else is."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tracekit.build.decide import Judged
from tracekit.build.funnel import Funnel, funnel
from tracekit.build.overlaps import Overlaps, overlaps
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
    filters: Overlaps
    """What each filter takes of the clips."""

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


def read_summary(out: Folder) -> Summary | None:
    """The summary of a finished build, or None if it is not finished."""
    if not out.exists(FILE):
        return None
    try:
        found = json.loads(out.read(FILE))
        parts = {"funnel": Funnel(**found["funnel"]), "filters": Overlaps(**found["filters"])}
        return Summary(**{**found, **parts})
    except (ValueError, TypeError, KeyError):
        return None


def summarise(settings: str, plan: Plan, out: Folder, clips: Iterable[Judged], shards: Sequence[Shard]) -> Summary:
    """Count. The clips are gone through more than once, and never all in memory."""
    refused = list(all_refused(plan, out))
    reasons, samples = Counter(one.reason for one in refused), Counter[str]()
    inputs: set[str] = set()
    for clip in clips:
        if clip.kept:
            samples[str(clip.verdict["split"])] += 1
            inputs.add(clip.row["sample"]["provenance"]["sha256"])
        else:
            reasons[str(clip.verdict["reason"])] += 1
    kept, inputs_kept = samples.total(), len(inputs)
    all_clips = kept + reasons.total() - sum(one.key is None for one in refused)
    return Summary(
        settings=settings,
        inputs=plan.inputs,
        inputs_kept=inputs_kept,
        inputs_rejected=plan.inputs - inputs_kept,
        clips=all_clips,
        clips_kept=kept,
        clips_rejected=all_clips - kept,
        samples=dict(sorted(samples.items())),
        shards=len(shards),
        shard_bytes=sum(shard.content.bytes for shard in shards),
        reasons=dict(sorted(reasons.items())),
        funnel=funnel(plan, clips, refused),
        filters=overlaps(clip.verdict for clip in clips),
    )
