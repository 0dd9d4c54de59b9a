"""The data set card, ``README.md``: what is in the data set and how it was made, with the metadata that hubs read."""

import json
from collections.abc import Mapping
from typing import Any

import yaml

from tracekit.build.funnel import retention, stages
from tracekit.build.lock import Lock
from tracekit.build.overlaps import Overlaps, left_after
from tracekit.build.summary import Summary


def card(lock: Lock, summary: Summary) -> str:
    """Write the card of a finished build, in Markdown."""
    recipe = lock.recipe
    head = {
        "pretty_name": recipe["name"],
        **({"license": recipe["licence"].lower()} if recipe["licence"] else {}),
        "tags": ["webdataset", "world-model", "video", "tracekit", str(recipe["source"]["kind"])],
        "configs": [{"config_name": "default", "data_files": _data_files(summary)}],
    }
    reasons = "\n".join(f"| {reason} | {count} |" for reason, count in summary.reasons.items()) or "| none | 0 |"
    samples = ", ".join(f"{count} {split}" for split, count in summary.samples.items()) or "none"
    return f"""---
{yaml.safe_dump(head, sort_keys=False, allow_unicode=True).strip()}
---

# {recipe["name"]}

{recipe["description"].strip() or "Clips of computers being used, with their events and what they show."}

Samples: {samples}, in {summary.shards} WebDataset shards under `shards/`. `index.parquet` has a row for every one of
them, and one for every clip and every input that is not there, with the reason.

| | all | kept | rejected |
|---|---|---|---|
| inputs | {summary.inputs} | {summary.inputs_kept} | {summary.inputs_rejected} |
| clips | {summary.clips} | {summary.clips_kept} | {summary.clips_rejected} |

| reason of a rejection | count |
|---|---|
{reasons}

{_filters(summary.filters)}{_funnel(summary, str(recipe["source"]["kind"]))}

Made by tracekit from this recipe:

```json
{json.dumps(recipe, ensure_ascii=False, indent=2)}
```

with {_versions(lock.tools)}.
"""


def _filters(found: Overlaps) -> str:
    """What each filter takes, where there are any."""
    rows = "\n".join(
        f"| {name} | {found.takes[name]} | {found.first[name]} | {found.only[name]} | {left} |"
        for name, left in left_after(found)
    )
    head = "| filter | takes alone | takes first | only it takes | clips left |\n|---|---|---|---|---|\n"
    return f"{head}{rows}\n\n" if rows else ""


def _funnel(summary: Summary, kind: str) -> str:
    """How many inputs are left after each stage, and in each group where there are several."""
    found = summary.funnel
    left = "\n".join(f"| {stage} | {count} |" for stage, count in stages(found))
    text = f"| stage | inputs left |\n|---|---|\n{left}\n\n{retention(found, kind)}"
    if len(found.groups) < 2:
        return text
    groups = "\n".join(
        f"| {name} | {group['inputs']} | {group['kept']} | {_reasons(group['reasons'])} |"
        for name, group in found.groups.items()
    )
    return f"{text}\n\n| group | inputs | kept | not kept for |\n|---|---|---|---|\n{groups}"


def _reasons(reasons: Mapping[str, int]) -> str:
    return ", ".join(f"{reason} {count}" for reason, count in reasons.items())


def _data_files(summary: Summary) -> list[dict[str, str]]:
    return [{"split": split, "path": f"shards/{split}-*.tar"} for split in summary.samples]


def _versions(tools: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {version}" for name, version in tools.items())
