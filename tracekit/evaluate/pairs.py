"""Which predicted video belongs to which true one: by the names of files, or by the keys of a data set's clips."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Literal, NamedTuple

from pydantic import ValidationError

from tracekit.actions.letterbox import Letterbox
from tracekit.core.errors import Rejected, TracekitError
from tracekit.core.files import Folder
from tracekit.load.frames import clip_frames, letterbox
from tracekit.metrics.frames import EVERY_FRAME, Pair, Sampling, Video, make_pair
from tracekit.metrics.index_rows import kept_rows
from tracekit.shards.read import StoredSample, read_sample
from tracekit.shards.sample import Geometry
from tracekit.shards.write import Place

INDEX = "index.parquet"
VIDEOS = frozenset({".mp4", ".mkv", ".webm", ".mov", ".avi", ".gif"})

Why = Literal["no-prediction", "no-truth", "same-name", "other-size", "unreadable"]


class Refused(NamedTuple):
    """A pair that is not scored."""

    key: str
    reason: str
    """A short name: `Why`."""
    message: str

    @classmethod
    def of(cls, key: str, error: TracekitError) -> "Refused":
        """A pair that can't be read."""
        return cls(key, error.reason if isinstance(error, Rejected) else "unreadable", str(error))


@dataclass(frozen=True)
class Case:
    """One pair of videos, with all that is known of the true one."""

    key: str
    truth: bytes | Path
    """A video."""
    predicted: Path
    resize: bool = False
    """Whether a predicted video of another size is scaled."""
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    """Of a data set's clip: the members of its sample by extension. Empty of a plain video."""
    described: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """``KEY.json``. Empty of a plain video."""
    size_px: tuple[int, int] | None = None
    """Of a rollout: width and height that the model was given the clip with, scaled to fit, the rest black."""
    _decoded: dict[Sampling, Pair] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def pair(self) -> Pair:
        """All frames of both on the clock.

        Raises:
            TracekitError: a video does not decode or is empty.
            Rejected: their sizes differ.
        """
        return self.sampled(EVERY_FRAME)

    def sampled(self, sampling: Sampling) -> Pair:
        """Some frames of both, scaled; decoded once. Errors are those of `pair`."""
        if sampling not in self._decoded:
            self._decoded[sampling] = make_pair(self._shown(), self.predicted, sampling, resize=self.resize)
        return self._decoded[sampling]

    def _shown(self) -> bytes | Path | Video:
        """The true video as it is to be compared: as the loader gives it, if a model was given that."""
        if self.size_px is None or not isinstance(self.truth, bytes):
            return self.truth
        frames = int(self.described["clock"]["frames"])
        return clip_frames(self.truth, frames, frames, self.size_px)

    def box(self) -> Letterbox:
        """From the screen as recorded to the pictures that are compared.

        Raises:
            TracekitError: it is no data set's clip, or its geometry makes no sense.
        """
        try:
            geometry = Geometry.model_validate(self.described.get("geometry"))
        except ValidationError as error:
            raise TracekitError("the clip has no geometry that makes sense", place=self.key) from error
        video = geometry.width_px, geometry.height_px
        to_video = Letterbox.of(geometry)
        if self.size_px is None:
            return to_video
        place = letterbox(*video, self.size_px)
        scale = min(self.size_px[0] / video[0], self.size_px[1] / video[1])
        return to_video.then(Letterbox(*video, *self.size_px, scale, padding_px=(place.left, place.top)))

    @property
    def recording(self) -> str:
        """The recording that it is of: clips of one are no independent evidence."""
        return str(self.described.get("provenance", {}).get("recording", self.key))


class Found(NamedTuple):
    """The pairs of an evaluation."""

    cases: dict[str, Callable[[], Case]]
    """By key, in its order: what reads one."""
    refused: list[Refused]
    asked: int
    """Pairs that there would be if nothing were missing: those found and those refused."""
    made_with: dict[str, Any] | None = None
    """Of rollouts: what they were made with."""
    notes: tuple[str, ...] = ()
    """What is to be known to read their scores."""


def find_pairs(truth: str, predicted: str, *, resize: bool = False) -> Found:
    """Put videos together.

    Two files are a pair. Of two folders (those in them included) files of one name without its ending are. Of a data
    set's folder, each predicted ``KEY.mp4`` goes with the clip of that key; clips of which nothing was predicted were
    not asked for.

    Raises:
        TracekitError: one of them is not there, or is of the other kind, or there is no pair at all.
    """
    folder = Path(predicted)
    if Path(truth).is_file() and folder.is_file():
        found = Found({folder.stem: partial(Case, folder.stem, Path(truth), folder, resize)}, [], 1)
    elif Path(truth).is_file() or not folder.is_dir():
        raise TracekitError("there is no such video, or not both are folders", place=f"{truth}, {predicted}")
    elif Folder(truth).exists(INDEX):
        found = _of_data_set(Folder(truth), _videos(folder), resize)
    else:
        found = _of_folders(_videos(Path(truth)), _videos(folder), resize)
    if not found.cases:
        raise TracekitError(
            f"no video in {predicted} belongs to one in {truth}",
            place=predicted,
            remedy="a predicted video has the name of the true one, or the clip's key",
        )
    return found


def _videos(folder: Path) -> tuple[dict[str, Path], list[Refused]]:
    """Those in a folder and the folders in it, by their path in it without its ending; and names that several have."""
    if not folder.is_dir():
        raise TracekitError("there is no such folder of videos", place=str(folder))
    named: dict[str, list[Path]] = {}
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in VIDEOS and path.is_file():
            named.setdefault(path.relative_to(folder).with_suffix("").as_posix(), []).append(path)
    twice = [
        Refused(key, "same-name", f"{' and '.join(path.name for path in paths)} have one name")
        for key, paths in named.items()
        if len(paths) > 1
    ]
    return {key: paths[0] for key, paths in named.items() if len(paths) == 1}, twice


def _of_folders(
    true: tuple[dict[str, Path], list[Refused]], other: tuple[dict[str, Path], list[Refused]], resize: bool
) -> Found:
    (truths, first), (predictions, second) = true, other
    twice = {one.key: one for one in (*second, *first)}
    refused = list(twice.values())
    refused += [
        Refused(key, "no-prediction", "nothing was predicted of it")
        for key in truths.keys() - predictions.keys() - twice.keys()
    ]
    refused += [
        Refused(key, "no-truth", "there is no true video of this name")
        for key in predictions.keys() - truths.keys() - twice.keys()
    ]
    both = sorted(truths.keys() & predictions)
    cases: dict[str, Callable[[], Case]] = {
        key: partial(Case, key, truths[key], predictions[key], resize) for key in both
    }
    return Found(cases, sorted(refused), len(both) + len(refused))


def _of_data_set(folder: Folder, other: tuple[dict[str, Path], list[Refused]], resize: bool) -> Found:
    predictions, refused = other
    places = {key: place for key, place in clip_places(folder) if key in predictions}
    refused = refused + [
        Refused(key, "no-truth", "the data set has no clip of this key") for key in predictions.keys() - places
    ]
    cases: dict[str, Callable[[], Case]] = {
        key: partial(case_of_clip, folder, *places[key], predictions[key], resize) for key in sorted(places)
    }
    return Found(cases, sorted(refused), len(cases) + len(refused))


def case_of_clip(folder: Folder, shard: str, place: Place, predicted: Path, resize: bool) -> Case:
    """A data set's clip, and what was predicted of it.

    Raises:
        TracekitError: it can't be read.
    """
    stored = stored_clip(folder, shard, place)
    if "mp4" not in stored.files:
        raise TracekitError("the clip has no video", place=f"{folder.path(shard)}: {stored.key}")
    size_px = made_with(predicted)
    return Case(stored.key, stored.files["mp4"], predicted, resize, stored.files, described_by(stored), size_px)


def made_with(predicted: Path) -> tuple[int, int] | None:
    """The size that a rollout says it was made with (``KEY.json`` beside it); None of other videos.

    Raises:
        TracekitError: what lies there is damaged.
    """
    told = predicted.with_suffix(".json")
    if not told.exists():
        return None
    try:
        made = json.loads(told.read_bytes())
        if not isinstance(made, dict) or "size_px" not in made:
            return None  # somebody else's
        width, height = made["size_px"]
        return int(width), int(height)
    except (OSError, TypeError, ValueError) as error:
        raise TracekitError(
            "what is told of the rollout is damaged", place=str(told), remedy="delete it and its video"
        ) from error


def clip_places(folder: Folder, split: str | None = None) -> Iterator[tuple[str, tuple[str, Place]]]:
    """Where the clips of a data set lie: key, shard and place in it.

    Raises:
        TracekitError: the index can't be read.
    """
    for row in kept_rows(folder, ("key", "split", "shard", "offset", "bytes")):
        if split in (None, row["split"]):
            yield row["key"], (f"shards/{row['shard']}", Place(row["offset"], row["bytes"]))


def stored_clip(folder: Folder, shard: str, place: Place) -> StoredSample:
    """The members of a clip.

    Raises:
        TracekitError: they can't be read.
    """
    with folder.open(shard) as file:
        return read_sample(file, place, folder.path(shard))


def described_by(stored: StoredSample) -> dict[str, Any]:
    """``KEY.json``.

    Raises:
        TracekitError: it is not there, or damaged.
    """
    try:
        described = json.loads(stored.files["json"])
        if described["key"] != stored.key:
            raise ValueError("it is of another key")
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise TracekitError(f"the member .json is missing or damaged: {error}", place=stored.key) from error
    return dict(described)
