"""The data set card of a selection, ``README.md``: what it is made of, and what was left out."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pyarrow.parquet as pq
import yaml

from tracekit.core.files import Folder
from tracekit.select.choose import REASONS
from tracekit.select.mix import Mix
from tracekit.select.summary import Summary
from tracekit.shards.verify import INDEX


def card(out: Folder, mix: Mix, asked: Mapping[str, Any], summary: Summary) -> str:
    """Write the card of a selection whose index is written, in Markdown."""
    with out.open(INDEX) as file:
        index = pq.read_table(file, columns=["licence", "source", "kind"])
    licences = Counter(index["licence"].to_pylist())
    known = sorted(licence.lower() for licence in licences if licence)
    head = {
        "pretty_name": mix.name,
        **({"license": known[0] if len(known) == 1 else known} if known else {}),
        "tags": ["webdataset", "world-model", "video", "tracekit", *sorted(set(index["source"].to_pylist()))],
        "configs": [
            {
                "config_name": "default",
                "data_files": [{"split": split, "path": f"shards/{split}-*.tar"} for split in summary.samples],
            }
        ],
    }
    samples = ", ".join(f"{count} {split}" for split, count in summary.samples.items()) or "none"
    return f"""---
{yaml.safe_dump(head, sort_keys=False, allow_unicode=True).strip()}
---

# {mix.name}

{mix.description.strip() or "Samples of other data sets, chosen and packed anew."}

Samples: {samples}, in {summary.shards} WebDataset shards under `shards/`, in an order drawn by the seed.
`index.parquet` has a row for every one of them; `selection.parquet` has a row for every sample of the data sets that
this one is made of: how often it is here, or why it is not.

| data set | sha256 of its index |
|---|---|
{_rows((one["name"], f"`{one['index_sha256']}`") for one in asked["data_sets"])}

| samples of these data sets | {summary.candidates} |
|---|---|
{_rows(_account(summary))}

| group | share asked for | wanted | available | samples | repeats | hours | recordings |
|---|---|---|---|---|---|---|---|
{_rows(_groups(summary))}

| licence | samples |
|---|---|
{_rows(sorted((licence or "unknown", count) for licence, count in licences.items()))}

Made by tracekit {asked["tracekit"]} of this mix{_besides(asked["where"])}:

```json
{json.dumps(asked["mix"], ensure_ascii=False, indent=2)}
```
"""


def _account(summary: Summary) -> Iterator[tuple[str, int]]:
    yield "chosen", summary.chosen
    yield from ((f"left out: {REASONS[reason]} (`{reason}`)", count) for reason, count in summary.left_out.items())
    yield "repeats of chosen ones", summary.repeats


def _groups(summary: Summary) -> Iterator[tuple[object, ...]]:
    for name, one in summary.groups.items():
        counts = one.wanted, one.available, one.samples, one.repeats
        yield name, f"{one.share:.2%}", *counts, f"{one.hours:.2f}", one.recordings


def _rows(rows: Iterable[tuple[object, ...]]) -> str:
    return "\n".join("| " + " | ".join(map(str, row)) + " |" for row in rows)


def _besides(where: str | None) -> str:
    return "" if where is None else f", and of samples of which this holds: `{' '.join(where.split())}`"
