"""Taking samples out of a finished data set in place, whose owners opted out, say.

Shards that lose samples are written anew under new names; then the index is exchanged, which is the instant of the
removal; then the manifest, and what held the removed is deleted. A removal that is killed leaves the index of before or
of after, whose shards are all there; ``removal.json`` tells of it, and the next one sets it right first.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import ValidationError

from tracekit.core.errors import TracekitError
from tracekit.core.files import Folder, measure, to_json
from tracekit.select.copy import Origin, copy_samples
from tracekit.select.opt_out import Deny, is_denied
from tracekit.shards.index import Row, read_index, write_tables
from tracekit.shards.manifest import Manifest, ShardRecord
from tracekit.shards.verify import INDEX, MANIFEST, SHARDS
from tracekit.shards.write import Place

JOURNAL, RECORD, CARD, PARTS = "removal.json", "removed.json", "README.md", "parts"
WORKING = (
    "build.json", "inputs.jsonl", "summary.json", "report.html", "records", "selection.json", "selection.parquet",
    PARTS, ".cache",
)  # fmt: skip
"""What builds and selections keep beside a data set. It names or shows what is removed, or would bring it back."""
_SECTION = re.compile(r"\n## Removed\n.*", re.DOTALL)


@dataclass(frozen=True)
class Removed:
    """What a removal came to."""

    samples: int
    """That are not in the data set any more."""
    rows: int
    """That are not in the index any more; clips and inputs that were rejected before included."""
    shards: int
    """That were written anew, or deleted."""
    left: int
    """Samples in the data set."""


def remove(url: str, deny: Deny, *, drop_parts: bool = False) -> Removed:
    """Take out of a data set all that a list names. One that was killed is ended, or taken back and done again.

    Args:
        url: its folder.
        deny: the list.
        drop_parts: whether to delete what captions and filters are made again from, where the folder is a build.

    Raises:
        TracekitError: there is no data set, it is damaged, or it is a build whose parts are not to be deleted.
    """
    folder = Folder(url)
    if not folder.exists(INDEX):
        raise TracekitError("there is no data set here", place=url, remedy=f"give the folder that holds {INDEX}")
    folder.sweep()
    _settle(folder)
    with folder.open(INDEX) as file:
        before = read_index(file, folder.path(INDEX))
    denied = pa.array(is_denied(before, deny), pa.bool_())
    gone, after = before.filter(denied), before.filter(pc.invert(denied))
    touched, left = _shards(gone), _shards(after)
    samples, kept = (table["shard"].drop_null().length() for table in (gone, after))
    result = Removed(samples, len(gone), len(touched), kept)
    if not len(gone):
        return result
    if folder.names(PARTS) and not drop_parts:
        raise TracekitError("this is a build, and its parts hold what is to be removed, too", place=folder.path(PARTS),
                            remedy="--drop-parts deletes them: no captions and filters again then")  # fmt: skip
    renamed = _new_names(_shards(before), sorted(touched & left))
    total = samples + _removed_before(folder)
    journal = {"index": measure(folder.path(INDEX)).sha256, "old": sorted(touched), "new": list(renamed.values()),
               "samples": total, "card": _card(folder, gone, after, total)}  # fmt: skip
    folder.write(JOURNAL, to_json(journal))
    moved: dict[tuple[str, int], Row] = {}
    for old, new in renamed.items():
        moved |= _rewrite(folder, after, old, new)
    folder.write(INDEX, lambda file: write_tables(file, [_placed(after, moved)]))
    _settle(folder)
    return result


def _shards(index: pa.Table) -> set[str]:
    return set(pc.unique(index["shard"].drop_null()).to_pylist())


def _new_names(all_names: set[str], rewritten: Sequence[str]) -> dict[str, str]:
    """The names of the shards that are written anew, by those they had: numbers behind the last."""
    last = max((int(name.removesuffix(".tar").rpartition("-")[2]) for name in all_names), default=0)
    return {name: f"{name.rpartition('-')[0]}-{last + place:06d}.tar" for place, name in enumerate(rewritten, 1)}


def _rewrite(folder: Folder, index: pa.Table, old: str, new: str) -> dict[tuple[str, int], Row]:
    """Write a shard of what stays of another, and give its rows of the index by the shard and offset they had."""
    kept = index.filter(pc.equal(index["shard"], old)).select(["key", "offset", "bytes"]).sort_by("offset").to_pylist()
    origins = [Origin(folder, old, Place(row["offset"], row["bytes"]), row["key"], row["key"]) for row in kept]
    rows: list[Row] = []

    def write(file: IO[bytes]) -> None:
        rows.extend(copy_samples(file, new, origins))

    folder.write(f"{SHARDS}/{new}", write)
    return {(old, before["offset"]): row for before, row in zip(kept, rows, strict=True)}


def _placed(index: pa.Table, moved: Mapping[tuple[str, int], Row]) -> pa.Table:
    """An index in which some samples are elsewhere."""
    places = list(zip(index["shard"].to_pylist(), index["offset"].to_pylist(), strict=True))
    for name in ("shard", "offset", "bytes"):
        values = zip(places, index[name].to_pylist(), strict=True)
        field = index.schema.field(name)
        column = pa.array([moved[place][name] if place in moved else value for place, value in values], field.type)
        index = index.set_column(index.schema.get_field_index(name), field, column)
    return index


def _removed_before(folder: Folder) -> int:
    return int(json.loads(folder.read(RECORD))["samples"]) if folder.exists(RECORD) else 0


def _card(folder: Folder, gone: pa.Table, after: pa.Table, total: int) -> str | None:
    """The card with a word on what was removed, and without the groups of inputs that nothing is left of."""
    if not folder.exists(CARD):
        return None
    groups = [{str(uri).partition("/")[0] for uri in table["uri"].to_pylist()} for table in (gone, after)]
    lost = tuple(f"| {name} |" for name in groups[0] - groups[1])
    lines = _SECTION.sub("", folder.read(CARD).decode("utf-8", "replace")).rstrip().split("\n")
    kept = "\n".join(line for line in lines if not line.startswith(lost))
    return f"{kept}\n\n## Removed\n\nSamples removed on request since, which all counts above include: {total}.\n"


def _settle(folder: Folder) -> None:
    """Set right what a removal left: take it back if it came to no index, and else do the rest of it."""
    if not folder.exists(JOURNAL):
        return
    journal = json.loads(folder.read(JOURNAL))
    if measure(folder.path(INDEX)).sha256 == journal["index"]:
        unwanted = journal["new"]
    else:
        _tell(folder, journal)
        unwanted = journal["old"]
    for name in unwanted:
        folder.remove(f"{SHARDS}/{name}")
    folder.remove(JOURNAL)


def _tell(folder: Folder, journal: Mapping[str, Any]) -> None:
    """Write the manifest and the card of what is left, and delete what holds or names what is not."""
    with folder.open(INDEX) as file:
        shards = read_index(file, folder.path(INDEX))["shard"].drop_null()
    counts = {row["values"]: row["counts"] for row in pc.value_counts(shards).to_pylist()}
    known = _known(folder)
    manifest = Manifest(shards=[known.get(name) or _record(folder, name, counts[name]) for name in sorted(counts)])
    folder.write(f"{SHARDS}/{MANIFEST}", to_json(manifest.model_dump(mode="json")))
    if journal["card"] is not None:
        folder.write(CARD, journal["card"].encode())
    folder.write(RECORD, to_json({"samples": journal["samples"]}))
    for name in folder.names():
        if name.partition("/")[0] in WORKING:
            folder.remove(name)


def _known(folder: Folder) -> dict[str, ShardRecord]:
    """What the manifest tells of shards: those that stay need not be read."""
    try:
        found = Manifest.model_validate_json(folder.read(f"{SHARDS}/{MANIFEST}"))
    except (TracekitError, ValidationError):
        return {}
    return {record.name: record for record in found.shards}


def _record(folder: Folder, name: str, samples: int) -> ShardRecord:
    return ShardRecord(name=name, samples=samples, **measure(folder.path(f"{SHARDS}/{name}"))._asdict())
