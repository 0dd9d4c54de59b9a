"""The last stage: kept clips become shards, and everything, kept or not, the index."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import IO, Any

from pydantic import ValidationError

from tracekit.build.decide import Judged, judged
from tracekit.build.plan import Plan, Refused
from tracekit.build.recipe import Recipe
from tracekit.build.records import CLIPS, PartFolder
from tracekit.core.errors import TracekitError
from tracekit.core.files import Content, Folder, digest, to_json
from tracekit.shards.index import Row, clip_row, input_row
from tracekit.shards.read import read_sample
from tracekit.shards.sample import Sample
from tracekit.shards.write import Place, ShardWriter, plan_shards

OVERHEAD = 8 * 1024
"""What ``KEY.json``, ``KEY.txt`` and their headers add to a clip, about: shards are planned before."""


@dataclass(frozen=True)
class ShardJob:
    """One shard that is to be written."""

    out: Folder
    name: str
    """``SPLIT-000000.tar``."""
    members: tuple[tuple[str, tuple[str, ...]], ...]
    """Keys by the part they lie in, in order."""
    tier: str
    settings: str
    """Digest of all that the shard's bytes depend on."""

    @property
    def size(self) -> int:
        """Samples."""
        return sum(len(keys) for _, keys in self.members)


@dataclass(frozen=True)
class Shard:
    """A shard that is written."""

    name: str
    content: Content
    places: dict[str, Place]


def plan_pack(out: Folder, clips: Iterable[Judged], recipe: Recipe, decided: str) -> list[ShardJob]:
    """Which shards the kept clips make, in the order of the clips; ``decided`` is the digest that `decide` returned."""
    kept = {
        clip.key: (clip.part, str(clip.verdict["split"]), int(clip.row["bytes"]) + OVERHEAD)
        for clip in clips
        if clip.kept
    }
    limits = recipe.shards
    sizes = ((key, split, size) for key, (_, split, size) in kept.items())
    jobs = []
    for shard in plan_shards(sizes, max_samples=limits.samples, max_bytes=limits.max_bytes):
        members = tuple((part, tuple(keys)) for part, keys in groupby(shard.keys, lambda key: kept[key][0]))
        settings = digest([decided, shard.name, members])
        jobs.append(ShardJob(out, shard.name, members, recipe.captions.tier, settings))
    return jobs


def done_shard(job: ShardJob) -> Shard | None:
    """The shard, if it is committed and still there."""
    if not job.out.exists(_record(job.name)):
        return None
    try:
        record = json.loads(job.out.read(_record(job.name)))
        content = Content(record["bytes"], record["sha256"])
        places = {key: Place(*place) for key, place in record["places"].items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    whole = record["settings"] == job.settings and job.out.size(f"shards/{job.name}") == content.bytes
    return Shard(job.name, content, places) if whole else None


def pack(job: ShardJob) -> Shard:
    """Write a shard, and commit its record."""
    places: dict[str, Place] = {}

    def write(file: IO[bytes]) -> None:
        with ShardWriter(file) as tar:
            for part, keys in job.members:
                for key, files in _samples(job, part, keys):
                    places[key] = tar.add(key, files)

    content = job.out.write(f"shards/{job.name}", write)
    record = {"settings": job.settings, **content._asdict(), "places": places}
    job.out.write(_record(job.name), to_json(record))
    return Shard(job.name, content, places)


def sweep_shards(out: Folder, wanted: Sequence[str]) -> None:
    """Delete the shards of an earlier packing, which had more of them."""
    for name in out.names("shards") + out.names("records"):
        if name not in {f"shards/{shard}" for shard in wanted} | {_record(shard) for shard in wanted}:
            out.remove(name)


def index_rows(plan: Plan, out: Folder, clips: Iterable[Judged], shards: Sequence[Shard], tier: str) -> Iterator[Row]:
    """The rows of the index: every clip, and every input and clip that was refused, in the order of the plan."""
    where = {key: (shard.name, place) for shard in shards for key, place in shard.places.items()}
    for clip in clips:
        if clip.kept:
            shard, place = where[clip.key]
            yield clip_row(clip.sample, shard=shard, place=place, caption=(clip.captions or {})[tier])
        else:
            yield clip_row(clip.sample, reason=clip.verdict["reason"], message=clip.verdict["message"])
    for refused in all_refused(plan, out):
        if refused.key is None:
            yield input_row(refused.uri, refused.sha256, refused.reason, refused.message)
        else:
            provenance = {"uri": refused.uri, "sha256": refused.sha256}
            yield clip_row(
                {"key": refused.key, "provenance": provenance}, reason=refused.reason, message=refused.message
            )


def all_refused(plan: Plan, out: Folder) -> Iterator[Refused]:
    """What was refused before it could be filtered: by the plan, and by the source."""
    yield from plan.refused
    for part in plan.parts:
        record = PartFolder(out, part.id).done("capture")
        yield from record.refused if record else ()


def _samples(job: ShardJob, part: str, keys: Sequence[str]) -> Iterator[tuple[str, dict[str, bytes]]]:
    folder = PartFolder(job.out, part)
    clips = {clip.key: clip for clip in judged(job.out, part) if clip.kept}
    with job.out.open(folder.name(CLIPS)) as archive:
        for key in keys:
            clip = clips[key]
            place = Place(clip.row["offset"], clip.row["bytes"])
            files = read_sample(archive, place, folder.name(CLIPS)).files
            text = str((clip.captions or {})[job.tier]).encode()
            hashes = {**clip.row["files"], "txt": hashlib.sha256(text).hexdigest()}
            yield key, {**files, "txt": text, "json": _sample_json(clip, hashes)}


def _sample_json(clip: Judged, hashes: Mapping[str, str]) -> bytes:
    sample: dict[str, Any] = {**clip.sample, "files": dict(sorted(hashes.items()))}
    try:
        return to_json(Sample.model_validate(sample).model_dump(mode="json"))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise TracekitError(
            f"{'.'.join(map(str, first['loc']))}: {first['msg']}", place=f"{clip.part}: {clip.key}"
        ) from error


def _record(shard: str) -> str:
    return f"records/{shard.removesuffix('.tar')}.json"
