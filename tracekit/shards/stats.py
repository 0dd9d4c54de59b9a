"""What is in a data set: numbers counted from its index."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tracekit.core.clock import FPS
from tracekit.core.errors import TracekitError
from tracekit.core.files import Folder
from tracekit.shards.index import read_index
from tracekit.shards.verify import INDEX

TIERS = ("semantic", "regular", "detailed", "script")


@dataclass(frozen=True)
class SplitStats:
    """One split."""

    samples: int
    hours: float
    """Of video."""
    recordings: int
    bytes: int
    """Of its samples in the shards."""


@dataclass(frozen=True)
class Stats:
    """A data set."""

    splits: dict[str, SplitStats]
    inputs: int
    inputs_rejected: dict[str, int]
    """Inputs that were rejected whole, by reason."""
    clips_rejected: dict[str, int]
    """Clips by reason."""
    licences: dict[str, int]
    """Samples by licence; ``unknown`` where there is none."""
    sizes: dict[str, int]
    """Samples by size of the video."""
    terminals: dict[str, int]
    """Samples of terminals by size of the terminal."""
    policies: dict[str, int]
    """Samples of desktops by policy."""
    caption_words: dict[str, float]
    """Mean words of the tiers that any sample has."""
    means: dict[str, float]
    """Of the measured statistics, over samples; samples without a value left out."""


_MEANS = (
    "duration_s", "events_per_s", "outputs", "inputs", "output_bytes", "typing_interval_mean_s", "changed_frames",
    "changed_cells_mean", "colors", "characters", "screen_clears", "text_density",
    "px_per_frame", "actions_per_s", "clicks", "drags", "scrolls", "keys",
)  # fmt: skip


def stats(url: str) -> Stats:
    """Count a data set.

    Raises:
        TracekitError: there is no index there, or it can't be read.
    """
    folder = Folder(url)
    if not folder.exists(INDEX):
        raise TracekitError("there is no data set here", place=url, remedy=f"give the folder that holds {INDEX}")
    with folder.open(INDEX) as file:
        index = read_index(file, folder.path(INDEX))
    kept = index.filter(pc.equal(index["status"], "kept"))
    rejected = index.filter(pc.equal(index["status"], "rejected"))
    whole = pc.equal(rejected["level"], "input")
    names = sorted(name for name in pc.unique(kept["split"]).to_pylist() if name is not None)
    return Stats(
        splits={name: _split(kept.filter(pc.equal(kept["split"], name))) for name in names},
        inputs=len(pc.unique(index["uri"])),
        inputs_rejected=_count(rejected.filter(whole)["reason"]),
        clips_rejected=_count(rejected.filter(pc.invert(whole))["reason"]),
        licences=_count(pc.fill_null(kept["licence"], "unknown")),
        sizes=_sizes(kept, "width_px", "height_px"),
        terminals=_sizes(kept.filter(pc.is_valid(kept["columns"])), "columns", "rows"),
        policies=_count(pc.drop_null(kept["policy"])),
        caption_words={tier: mean for tier in TIERS if (mean := _words(kept[f"caption_{tier}"])) is not None},
        means={name: mean for name in _MEANS if (mean := pc.mean(kept[name]).as_py()) is not None},
    )


def _split(kept: pa.Table) -> SplitStats:
    return SplitStats(
        samples=len(kept),
        hours=(pc.sum(kept["frames"]).as_py() or 0) / FPS / 3600,
        recordings=len(pc.unique(kept["recording"])),
        bytes=pc.sum(kept["bytes"]).as_py() or 0,
    )


def _count(values: Any) -> dict[str, int]:
    """How often each value is there, most often first."""
    return dict(sorted(Counter(values.to_pylist()).items(), key=lambda item: (-item[1], item[0])))


def _sizes(kept: pa.Table, width: str, height: str) -> dict[str, int]:
    text = [pc.cast(kept[name], pa.string()) for name in (width, height)]
    return _count(pc.binary_join_element_wise(*text, "x"))


def _words(captions: Any) -> float | None:
    mean: float | None = pc.mean(
        pc.list_value_length(pc.utf8_split_whitespace(pc.utf8_trim_whitespace(captions)))
    ).as_py()
    return mean
