"""The third stage, over all parts at once: what the filters say of each clip, and which split its recording is in."""

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from tracekit.build.plan import Plan
from tracekit.build.recipe import Recipe
from tracekit.build.records import CAPTIONS, DECISIONS, ROWS, PartFolder, Record
from tracekit.core.errors import TracekitError
from tracekit.core.files import Folder, digest
from tracekit.filters.base import Candidate, Filter
from tracekit.shards.sample import Captions, Decision

READERS = 16
"""Parts that are read at the same time: on an object store, reading is waiting."""


@dataclass(frozen=True)
class Judged:
    """A clip with everything known of it."""

    part: str
    row: Mapping[str, Any]
    """Its line in ``clips.jsonl``."""
    captions: Mapping[str, Any] | None
    verdict: Mapping[str, Any]
    """Its line in ``decisions.jsonl``: split, decisions, reason and message (null if it is kept)."""

    @property
    def key(self) -> str:
        """Of the clip."""
        return str(self.row["key"])

    @property
    def kept(self) -> bool:
        """Whether it goes into a shard."""
        return self.verdict["reason"] is None

    @property
    def sample(self) -> dict[str, Any]:
        """``KEY.json`` as far as it goes without the hashes of the files."""
        rest = {"split": self.verdict["split"], "decisions": self.verdict["decisions"]}
        return {**self.row["sample"], **rest, **({"captions": self.captions} if self.captions is not None else {})}


def decide(out: Folder, plan: Plan, recipe: Recipe, resolved: Mapping[str, Any], filters: Mapping[str, Filter]) -> str:
    """Do the stage for every part, unless it is done; return the digest of all that the decisions depend on.

    Raises:
        TracekitError: a part has not come so far, or a filter does not keep to its interface.
    """
    folders = [PartFolder(out, part.id) for part in plan.parts]
    records = [(folder.done("capture"), folder.done("caption")) for folder in folders]
    if not all(record for pair in records for record in pair):
        raise TracekitError(
            "not all of its clips are captured and captioned", place=out.url, remedy="run `tracekit build` first"
        )
    files = [record.digest for pair in records for record in pair if record]
    settings = digest([resolved["filters"], resolved["split"], recipe.captions.tier, files])
    if all(folder.done("filter", settings) for folder in folders):
        return settings
    with ThreadPoolExecutor(READERS) as readers:
        clips = list(readers.map(_clips, folders))
    verdicts = _verdicts([clip for part in clips for clip in part], recipe, filters)
    for folder, part in zip(folders, clips, strict=True):
        rows = [next(verdicts) for _ in part]
        folder.commit("filter", Record(settings, {DECISIONS: folder.write_rows(DECISIONS, rows)}, len(rows)))
    return settings


def judged(out: Folder, part_id: str) -> list[Judged]:
    """The clips of a part whose three stages are done."""
    folder = PartFolder(out, part_id)
    return [
        Judged(part_id, row, captions.get("captions"), verdict)
        for (row, captions), verdict in zip(_clips(folder), folder.rows(DECISIONS), strict=True)
    ]


_Clip = tuple[dict[str, Any], dict[str, Any]]
"""A line of ``clips.jsonl``, and the line of ``captions.jsonl`` that belongs to it."""


def _clips(folder: PartFolder) -> list[_Clip]:
    return list(zip(folder.rows(ROWS), folder.rows(CAPTIONS), strict=True))


def _verdicts(clips: Sequence[_Clip], recipe: Recipe, filters: Mapping[str, Filter]) -> Iterator[dict[str, Any]]:
    candidates = [_candidate(row, said["captions"]) for row, said in clips if "captions" in said]
    decisions: dict[int, list[Decision]] = {index: [] for index in range(len(candidates))}
    groups: list[set[str]] = []
    for name, one in filters.items():
        found = one.decide(candidates)
        if len(found) != len(candidates):
            raise TracekitError(f"{len(found)} decisions on {len(candidates)} clips", place=f"filters.{name}")
        for index, decision in enumerate(found):
            decisions[index].append(decision)
        groups += one.groups(candidates)
    split_of = _splits(candidates, groups, recipe)
    seen: set[str] = set()
    number = iter(range(len(candidates)))
    for row, said in clips:
        verdict: dict[str, Any] = {"key": row["key"], "split": None, "decisions": [], "reason": None, "message": None}
        if "captions" not in said:
            verdict |= {"reason": said["reason"], "message": said["message"]}
        else:
            made = decisions[index := next(number)]
            against = next((decision for decision in made if not decision.keep), None)
            verdict |= {
                "split": split_of[candidates[index].input_sha256],
                "decisions": [one.model_dump() for one in made],
            }
            if row["key"] in seen:
                verdict |= {"reason": "duplicate-key", "message": "an earlier clip has this key"}
            elif not said["captions"][recipe.captions.tier]:
                verdict |= {"reason": "no-caption", "message": f"it has no {recipe.captions.tier} caption"}
            elif against:
                verdict |= {"reason": against.filter, "message": against.reason}
        seen.add(row["key"])
        yield verdict


def _candidate(row: Mapping[str, Any], captions: Mapping[str, Any]) -> Candidate:
    provenance = row["sample"]["provenance"]
    return Candidate(
        key=row["key"],
        recording=provenance["recording"],
        input_sha256=provenance["sha256"],
        uri=provenance["uri"],
        sample=row["sample"],
        fingerprint=base64.b64decode(row["fingerprint"]),
        captions=Captions.model_validate(captions),
    )


def _splits(candidates: Sequence[Candidate], groups: Sequence[set[str]], recipe: Recipe) -> dict[str, str]:
    """The split of each input, by its hash; those that a filter groups go where the first of them goes."""
    leader = {candidate.input_sha256: candidate.input_sha256 for candidate in candidates}

    def lead(sha256: str) -> str:
        while leader[sha256] != sha256:
            leader[sha256] = sha256 = leader[leader[sha256]]
        return sha256

    for group in groups:
        first, *others = sorted(map(lead, group))
        for other in others:
            leader[other] = first
    return {sha256: _split(lead(sha256), recipe) for sha256 in leader}


def _split(sha256: str, recipe: Recipe) -> str:
    drawn = int(hashlib.sha256(f"{recipe.split.seed}:{sha256}".encode()).hexdigest()[:13], 16) / 16**13
    return "validation" if drawn < recipe.split.validation_fraction else "train"
