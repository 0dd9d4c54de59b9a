"""The third stage, over all parts at once: what the filters say of each clip, and which split its recording is in."""

import base64
import hashlib
import tempfile
from array import array
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import Any, NamedTuple, TypeVar

import numpy as np

from tracekit.build.measure import measures, measures_record
from tracekit.build.plan import Plan
from tracekit.build.recipe import Recipe
from tracekit.build.records import CAPTIONS, DECISIONS, ROWS, PartFolder, Record
from tracekit.build.spool import Spool
from tracekit.core.errors import TracekitError
from tracekit.core.files import Folder, digest
from tracekit.filters.base import Candidate, ClipFilter, Filter
from tracekit.shards.sample import Captions, Decision

READERS = 16
"""Parts that are read at the same time: on an object store, reading is waiting."""

Item = TypeVar("Item")
Result = TypeVar("Result")


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

    Parts are read twice: for what filters of the whole corpus need of every clip, which lies in a temporary file
    meanwhile, and then, one after the other, for what those of single clips do.

    Raises:
        TracekitError: a part has not come so far, or a filter does not keep to its interface.
    """
    folders = [PartFolder(out, part.id) for part in plan.parts]
    measuring = [name for name, one in filters.items() if one.measure_version]
    stages = ("capture", "caption")
    records = [
        record
        for folder in folders
        for record in (*map(folder.done, stages), *(measures_record(folder, name) for name in measuring))
    ]
    if not all(records):
        raise TracekitError(
            "not all of its clips are captured, captioned and measured", place=out.url, remedy="run `tracekit build`"
        )
    files = [record.digest for record in records if record]
    settings = digest([resolved["filters"], resolved["split"], recipe.captions.tier, files])
    if all(folder.done("filter", settings) for folder in folders):
        return settings
    read = partial(_read, measuring=measuring)
    with tempfile.TemporaryFile() as file:
        found = _over_all(filters, read, folders, Spool(file))
        split_of, seen = _splits(found.inputs, found.groups, recipe), set[str]()
        for folder, clips in zip(folders, ahead(read, folders), strict=True):
            rows = []
            for clip, made in zip(clips, _decisions(filters, clips, found.decisions), strict=True):
                rows.append(_verdict(clip, made, split_of, seen, recipe.captions.tier))
                if _short(clip.key) in found.repeated:
                    seen.add(clip.key)
            folder.commit("filter", Record(settings, {DECISIONS: folder.write_rows(DECISIONS, rows)}, len(rows)))
    return settings


@dataclass(frozen=True)
class AllJudged:
    """The clips of a build whose stages are done. Going through them reads the parts, and keeps none in memory."""

    out: Folder
    plan: Plan

    def __iter__(self) -> Iterator[Judged]:
        for clips in ahead(partial(judged, self.out), (part.id for part in self.plan.parts)):
            yield from clips


def judged(out: Folder, part_id: str) -> list[Judged]:
    """The clips of a part whose stages are done."""
    folder = PartFolder(out, part_id)
    return [
        Judged(part_id, row, captions.get("captions"), verdict)
        for row, captions, verdict in zip(folder.rows(ROWS), folder.rows(CAPTIONS), folder.rows(DECISIONS), strict=True)
    ]


def ahead(read: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """What ``read`` makes of each item, in order; a few are read ahead, and no more of them are in memory."""
    with ThreadPoolExecutor(READERS) as readers:
        waiting: deque[Future[Result]] = deque()
        for item in items:
            waiting.append(readers.submit(read, item))
            if len(waiting) >= READERS:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


class _Clip(NamedTuple):
    """A clip before it is judged."""

    key: str
    candidate: Candidate | None
    """None where it could not be captioned or measured, which the next two tell."""
    reason: str = ""
    message: str = ""


class _Found(NamedTuple):
    """What filters of the whole corpus say."""

    decisions: dict[str, Iterator[Decision]]
    """By the filter's name, a decision a candidate, in the order of the plan."""
    groups: Iterable[set[str]]
    inputs: Collection[str]
    """The ``input_sha256`` of all candidates, each once."""
    repeated: frozenset[int]
    """Short hashes that several clips' keys have: a key with another one is that of one clip."""


def _read(folder: PartFolder, measuring: Sequence[str]) -> list[_Clip]:
    values = {name: measures(folder, name) for name in measuring}
    clips = []
    for number, (row, said) in enumerate(zip(folder.rows(ROWS), folder.rows(CAPTIONS), strict=True)):
        measured = {name: lines[number] for name, lines in values.items()}
        wrong = next((name for name, line in measured.items() if "error" in line), None)
        if "captions" not in said:
            clips.append(_Clip(row["key"], None, said["reason"], said["message"]))
        elif wrong is not None:
            clips.append(_Clip(row["key"], None, f"{wrong}-error", measured[wrong]["error"]))
        else:
            found = {name: line["value"] for name, line in measured.items()}
            clips.append(_Clip(row["key"], _candidate(row, said["captions"], found)))
    return clips


def _over_all(
    filters: Mapping[str, Filter],
    read: Callable[[PartFolder], list[_Clip]],
    folders: Sequence[PartFolder],
    candidates: Spool,
) -> _Found:
    """Have the filters judge that must see every clip, for which all clips go into ``candidates``."""
    corpus = {name: one for name, one in filters.items() if not isinstance(one, ClipFilter)}
    needs = frozenset[str]().union(*(one.needs for one in corpus.values()))
    unread = {name: value for name, value in _UNREAD.items() if name not in needs}
    measuring = [name for name, one in corpus.items() if one.measure_version]
    inputs, keys = dict[str, None](), array("Q")
    for clips in ahead(read, folders):
        keys.extend(_short(clip.key) for clip in clips)
        for candidate in (clip.candidate for clip in clips if clip.candidate):
            inputs[candidate.input_sha256] = None
            if corpus:
                measured = {name: candidate.measured[name] for name in measuring}
                candidates.append(replace(candidate, measured=measured, **unread))
    return _Found(
        {name: _asked(name, one, candidates) for name, one in corpus.items()},
        (group for one in corpus.values() for group in one.groups(candidates)),
        inputs,
        _repeated(keys),
    )


def _short(key: str) -> int:
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest(), "big")


def _repeated(numbers: "array[int]") -> frozenset[int]:
    """Those that are there more than once."""
    ordered = np.sort(np.array(numbers, np.uint64))
    return frozenset(ordered[1:][ordered[1:] == ordered[:-1]].tolist())


_UNREAD: Mapping[str, Any] = {"sample": {}, "fingerprint": b"", "captions": Captions()}
"""Of a candidate, what no filter of the whole corpus needs."""


def _decisions(
    filters: Mapping[str, Filter], clips: Sequence[_Clip], found: Mapping[str, Iterator[Decision]]
) -> Iterator[list[Decision]]:
    """What all filters say of each clip of a part, in the order of the recipe."""
    known = [clip.candidate for clip in clips if clip.candidate]
    said = [
        list(islice(found[name], len(known))) if name in found else list(_asked(name, one, known))
        for name, one in filters.items()
    ]
    number = iter(range(len(known)))
    for clip in clips:
        if clip.candidate is None:
            yield []
        else:
            at = next(number)
            yield [of_filter[at] for of_filter in said]


def _asked(name: str, one: Filter, candidates: Sequence[Candidate]) -> Iterator[Decision]:
    """What a filter says, as it says it.

    Raises:
        TracekitError: it makes more or fewer decisions than there are candidates.
    """
    decisions, count = iter(one.decide(candidates)), len(candidates)
    for number in range(count):
        decision = next(decisions, None)
        if decision is None or (number == count - 1 and next(decisions, None) is not None):
            told = "more" if decision else f"{number}"
            raise TracekitError(f"{told} decisions on {count} clips", place=f"filters.{name}")
        yield decision


def _verdict(
    clip: _Clip, decisions: Sequence[Decision], split_of: Mapping[str, str], seen: set[str], tier: str
) -> dict[str, Any]:
    """A line of ``decisions.jsonl``."""
    known = clip.candidate
    against = next((decision for decision in decisions if not decision.keep), None)
    reason, message = None, None
    if known is None:
        reason, message = clip.reason, clip.message
    elif clip.key in seen:
        reason, message = "duplicate-key", "an earlier clip has this key"
    elif not getattr(known.captions, tier):
        reason, message = "no-caption", f"it has no {tier} caption"
    elif against:
        reason, message = against.filter, against.reason
    return {
        "key": clip.key,
        "split": split_of[known.input_sha256] if known else None,
        "decisions": [decision.model_dump() for decision in decisions],
        "reason": reason,
        "message": message,
    }


def _candidate(row: Mapping[str, Any], captions: Mapping[str, Any], measured: Mapping[str, Any]) -> Candidate:
    provenance = row["sample"]["provenance"]
    return Candidate(
        key=row["key"],
        recording=provenance["recording"],
        input_sha256=provenance["sha256"],
        uri=provenance["uri"],
        sample=row["sample"],
        fingerprint=base64.b64decode(row["fingerprint"]),
        captions=Captions.model_validate(captions),
        measured=measured,
    )


def _splits(inputs: Iterable[str], groups: Iterable[set[str]], recipe: Recipe) -> dict[str, str]:
    """The split of each input, by its hash; those that a filter groups go where the first of them goes."""
    leader = {sha256: sha256 for sha256 in inputs}

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
