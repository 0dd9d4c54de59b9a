"""``summary.json`` of a selection: what it has come to. It is committed last: where it is, all else is."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tracekit.core.files import Folder
from tracekit.select.choose import Choice, GroupCount
from tracekit.shards.manifest import ShardRecord

FILE = "summary.json"


@dataclass(frozen=True)
class Summary:
    """The counts of a selection. candidates = chosen + those left out."""

    settings: str
    """Digest of all that the selection depends on."""
    candidates: int
    """Samples of the data sets."""
    chosen: int
    left_out: dict[str, int]
    """The others, by reason: `tracekit.select.choose.REASONS`."""
    repeats: int
    """Samples that the selection has beside a first copy."""
    samples: dict[str, int]
    """By split, repeats included."""
    groups: dict[str, GroupCount]
    shards: int
    shard_bytes: int

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)

    @property
    def short(self) -> dict[str, int]:
        """The groups that have less than the mix wanted, and what it wanted."""
        return {name: group.wanted for name, group in self.groups.items() if group.available < group.wanted}


def summarise(settings: str, choice: Choice, records: Sequence[ShardRecord]) -> Summary:
    """Count."""
    return Summary(
        settings=settings,
        candidates=choice.candidates,
        chosen=choice.candidates - sum(choice.left_out.values()),
        left_out=choice.left_out,
        repeats=sum(group.repeats for group in choice.groups.values()),
        samples=choice.splits,
        groups=choice.groups,
        shards=len(records),
        shard_bytes=sum(record.bytes for record in records),
    )


def read_summary(out: Folder) -> Summary | None:
    """The summary of a finished selection, or None if it is not finished."""
    if not out.exists(FILE):
        return None
    try:
        found = json.loads(out.read(FILE))
        return Summary(**{**found, "groups": {name: GroupCount(**group) for name, group in found["groups"].items()}})
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
