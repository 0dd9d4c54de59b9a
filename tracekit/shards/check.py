"""What must hold of one sample, and of one shard. Bad content is reported, never raised."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from typing import IO, Any, NamedTuple

from pydantic import ValidationError

from tracekit.core.clock import FPS, frame_of
from tracekit.core.errors import TracekitError
from tracekit.shards.check_desktop import Check, desktop_checks
from tracekit.shards.events import load_events
from tracekit.shards.index import SCHEMA, Row, clip_row
from tracekit.shards.read import StoredSample, iter_samples
from tracekit.shards.sample import Sample
from tracekit.terminal.grid import Grid
from tracekit.video.decode import decode

REQUIRED = {
    "terminal": ("mp4", "txt", "events.jsonl", "cells.npz"),
    "desktop": ("mp4", "txt", "events.jsonl", "cursor.npz", "actions.npz"),
}
"""Members of a sample besides ``json``, by kind."""


class Problem(NamedTuple):
    """Something that is not as it must be."""

    place: str
    """Shard and key, or another file of the data set."""
    message: str


class Identity(NamedTuple):
    """What a sample is compared with the samples of other shards by."""

    key: str
    split: str
    recording: str
    sha256: str
    uri: str


@dataclass
class ShardCheck:
    """What was found in a shard."""

    samples: int = 0
    identities: list[Identity] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def check_shard(file: IO[bytes], name: str, rows: Sequence[Row] | None, *, video: bool) -> ShardCheck:
    """Check every sample of a shard, and the shard against the index.

    Args:
        file: the shard, seekable.
        name: of its file: ``SPLIT-000000.tar``.
        rows: the index's rows of this shard; None where there is no index to compare with.
        video: whether to decode every video to its end.
    """
    found = ShardCheck()
    unseen = {str(row["key"]): row for row in rows or ()}
    try:
        for stored in iter_samples(file, name):
            found.samples += 1
            row = unseen.pop(stored.key, None)
            place = f"{name}: {stored.key}"
            if rows is not None and row is None:
                found.problems.append(Problem(place, "the index does not have this sample here"))
            sample, messages = check_sample(stored, video=video)
            found.problems += [Problem(place, message) for message in messages]
            if sample is None:
                continue
            found.identities.append(_identity(sample))
            if not name.startswith(f"{sample.split}-"):
                found.problems.append(Problem(place, f"a sample of split {sample.split}"))
            if row is not None:
                found.problems += [Problem(place, message) for message in _compare_row(stored, sample, name, row)]
    except TracekitError as error:
        found.problems.append(Problem(error.place or name, error.message))
    found.problems += [Problem(name, f"the index has {key} here, but it is not") for key in unseen]
    return found


def check_sample(stored: StoredSample, *, video: bool = True) -> tuple[Sample | None, list[str]]:
    """Check one sample by itself.

    Args:
        stored: the sample.
        video: whether to decode the video to its end.

    Returns:
        ``KEY.json``, or None if that can't be read, and what is wrong, in words.
    """
    if "json" not in stored.files:
        return None, [".json is missing"]
    try:
        sample = Sample.model_validate_json(stored.files["json"])
    except ValidationError as error:
        return None, [f".json: {'.'.join(map(str, what['loc']))}: {what['msg']}" for what in error.errors()[:5]]
    messages = list(_check_files(stored, sample))
    checks = {**_CHECKS, **(_OF_TERMINALS if sample.kind == "terminal" else desktop_checks(stored.files))}
    for extension, check in checks.items():
        if extension in stored.files and (video or not extension.endswith("mp4")):
            messages += _told(extension, check, stored.files[extension], sample)
    messages += _check_times(sample)
    return sample, messages


def _told(extension: str, check: Check, data: bytes, sample: Sample) -> list[str]:
    messages = []
    try:
        for message in check(data, sample):
            messages.append(f".{extension}: {message}")
    except TracekitError as error:
        messages.append(f".{extension}: {error}")
    return messages


def _check_files(stored: StoredSample, sample: Sample) -> Iterator[str]:
    if sample.key != stored.key:
        yield f".json is of {sample.key}"
    present = set(stored.files) - {"json"}
    for extension in sorted(set(REQUIRED[sample.kind]) - present):
        yield f".{extension} is missing"
    for extension in sorted(present ^ set(sample.files)):
        yield f".{extension} is " + ("not listed in .json" if extension in present else "listed in .json but not here")
    for extension in sorted(present & set(sample.files)):
        if hashlib.sha256(stored.files[extension]).hexdigest() != sample.files[extension]:
            yield f".{extension} is not what it was: its sha256 differs from the one in .json"


def _check_times(sample: Sample) -> Iterator[str]:
    clock = sample.clock
    if len(clock.source_time_ns) != clock.frames:
        yield f".json: {len(clock.source_time_ns)} source times for {clock.frames} frames"
    if any(later < time for time, later in pairwise(clock.source_time_ns)):
        yield ".json: source times go backwards"
    if clock.end_ns < clock.start_ns:
        yield ".json: the clip ends before it starts"


def _check_caption(data: bytes, sample: Sample) -> Iterator[str]:
    captions = sample.captions
    tiers = [captions.semantic, captions.regular, captions.detailed, captions.script]
    if any(tier is not None and not tier.strip() for tier in tiers):
        yield "a caption in .json is empty"
    if not data.strip():
        yield "the caption is empty"
    elif data not in {tier.encode() for tier in tiers if tier is not None}:
        yield "it is none of the captions in .json"


def _check_events(data: bytes, sample: Sample) -> Iterator[str]:
    events = load_events(data)
    if events and frame_of(events[-1].time_ns) >= sample.clock.frames:
        yield f"an event at {events[-1].time_ns} ns is after the last frame"


def _check_cells(data: bytes, sample: Sample) -> Iterator[str]:
    grid = Grid.load(data)
    if grid.frames != sample.clock.frames:
        yield f"{grid.frames} frames instead of {sample.clock.frames}"
    largest = tuple(grid.sizes.max(axis=0).tolist()) if len(grid.sizes) else (0, 0)
    geometry = sample.geometry
    if largest[0] > (geometry.columns or 0) or largest[1] > (geometry.rows or 0):
        yield f"a screen of {largest[0]} x {largest[1]} in a terminal of {geometry.columns} x {geometry.rows}"


def _check_video(data: bytes, sample: Sample) -> Iterator[str]:
    size = sample.geometry.width_px, sample.geometry.height_px
    count, odd_size, odd_time = 0, False, False
    for frame in decode(data):
        odd_size |= (frame.width, frame.height) != size
        instant = None if frame.pts is None or frame.time_base is None else frame.pts * frame.time_base
        odd_time |= instant != Fraction(count, FPS)
        count += 1
        if count > sample.clock.frames:
            break
    if count != sample.clock.frames:
        yield f"{'more' if count > sample.clock.frames else count} frames instead of {sample.clock.frames}"
    if odd_size:
        yield f"frames are not {size[0]} x {size[1]} pixels"
    if odd_time:
        yield f"frame k is not at k/{FPS} s"


_CHECKS: Mapping[str, Check] = {"txt": _check_caption, "mp4": _check_video, "clean.mp4": _check_video}
_OF_TERMINALS: Mapping[str, Check] = {"events.jsonl": _check_events, "cells.npz": _check_cells}


def _identity(sample: Sample) -> Identity:
    provenance = sample.provenance
    return Identity(sample.key, sample.split, provenance.recording, provenance.sha256, provenance.uri)


def _compare_row(stored: StoredSample, sample: Sample, shard: str, row: Mapping[str, Any]) -> Iterator[str]:
    caption = stored.files.get("txt", b"").decode("utf-8", "replace")
    truth = clip_row(sample.model_dump(mode="json"), shard=shard, place=stored.place, caption=caption)
    differing = [name for name in SCHEMA.names if row[name] != truth.get(name)]
    if differing:
        yield f"the index says otherwise of {', '.join(differing)}"
