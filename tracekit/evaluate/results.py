"""``scores.json``: what an evaluation found, clip by clip and together, and what it could not find."""

from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from platform import python_version
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

import tracekit
from tracekit.core.errors import TracekitError
from tracekit.core.files import Folder
from tracekit.evaluate.measures import MEASURES
from tracekit.metrics.intervals import bootstrap

NAME = "scores.json"
_TOOLS = ("numpy", "av", "pillow", "torch", "diffusers", "pytesseract")
"""Packages whose version may change a score."""


class Part(BaseModel):
    """A part of the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Summary(Part):
    """A measure, over all clips that it is defined of."""

    value: float | None = Field(description="The mean over clips, or what is of all clips together; null: undefined")
    clips: int = Field(ge=0, description="That it is made of")
    undefined: int = Field(0, ge=0, description="Clips of which it is null")
    low: float | None = Field(None, description="95 % interval of the mean, by the bootstrap over recordings")
    high: float | None = None
    worst: float | None = None
    best: float | None = None
    note: str = Field("", description="What is to be known to read it")


class ClipScores(Part):
    """What was found of one pair of videos."""

    key: str
    recording: str = Field(description="Intervals are of recordings drawn anew; the key where none is known")
    frames: int = Field(ge=0, description="That both videos have on the clock of 15 frames a second")
    truth_frames: int = Field(ge=0)
    predicted_frames: int = Field(ge=0)
    values: dict[str, float | None] = Field(description="By measure; null: undefined of this clip")
    compared: list[int] = Field(default_factory=list, description="Numbers of the frames that by_frame is of")
    by_frame: dict[str, list[float | None]] = Field(default_factory=dict, description="By measure, of each frame")
    notes: dict[str, str] = Field(default_factory=dict, description="By score, why a measure of it is null")


class Rejection(Part):
    """A pair that was asked for and is not scored."""

    key: str
    reason: str
    message: str


class Scores(Part):
    """An evaluation."""

    schema_version: Literal[1] = 1
    of: Literal["pairs", "model"]
    config: dict[str, Any] = Field(description="As it was run, defaults filled in, nulls left out")
    tools: dict[str, str] = Field(description="Versions")
    asked: int = Field(ge=0, description="Pairs: those scored and those rejected")
    summary: dict[str, Summary] = Field(description="By measure: docs/scores.md")
    clips: list[ClipScores]
    rejected: list[Rejection]
    not_run: dict[str, str] = Field(description="By score, why it was not")
    notes: list[str] = Field(default_factory=list, description="What is to be known to read any of it")
    details: dict[str, Any] = Field(default_factory=dict, description="By score, what is no number of a clip")


def tools() -> dict[str, str]:
    """Versions of what scores depend on; of what is installed."""
    found = {"tracekit": tracekit.__version__, "python": python_version()}
    for name in _TOOLS:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def summed_up(clips: Sequence[ClipScores], *, resamples: int, seed: int) -> dict[str, Summary]:
    """The mean of each measure over the clips, with its interval."""
    names = [name for name in MEASURES if any(name in clip.values for clip in clips)]
    return {name: _summary(name, clips, resamples, seed) for name in names}


def _summary(name: str, clips: Sequence[ClipScores], resamples: int, seed: int) -> Summary:
    defined = [(value, clip.recording) for clip in clips if (value := clip.values.get(name)) is not None]
    undefined = len(clips) - len(defined)
    if not defined:
        return Summary(value=None, clips=0, undefined=undefined)
    values, recordings = zip(*defined, strict=True)
    found = bootstrap(values, recordings, resamples=resamples, seed=seed)
    ends = min(values), max(values)
    worst, best = ends if MEASURES[name].better == "higher" else ends[::-1]
    return Summary(
        value=found.mean, clips=found.n, undefined=undefined,
        low=found.low, high=found.high, worst=worst, best=best,
    )  # fmt: skip


def ranked(clips: Sequence[ClipScores], names: Sequence[str]) -> list[ClipScores]:
    """Clips from the worst to the best: by their mean rank over measures, of equals by key."""
    total: dict[str, float] = {clip.key: 0.0 for clip in clips}
    for name in names:
        defined = sorted(value for clip in clips if (value := clip.values.get(name)) is not None)
        if MEASURES[name].better == "lower":
            defined.reverse()
        place = {value: number / len(defined) for number, value in enumerate(defined)}
        for clip in clips:
            value = clip.values.get(name)
            total[clip.key] += 1.0 if value is None else place[value]
    return sorted(clips, key=lambda clip: (total[clip.key], clip.key))


def own(names: Mapping[str, Any] | Sequence[str]) -> list[str]:
    """Of some measures those that stand by themselves, and not beside another one."""
    return [name for name in names if not MEASURES[name].beside]


def read_scores(folder: Folder) -> Scores:
    """Read ``scores.json`` of an evaluation.

    Raises:
        TracekitError: it is not there, or is none.
    """
    place = folder.path(NAME)
    if not folder.exists(NAME):
        raise TracekitError(
            "there is no finished evaluation in this folder", place=place, remedy="tracekit evaluate CONFIG --out DIR"
        )
    try:
        found = Scores.model_validate_json(folder.read(NAME))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise TracekitError(f"no scores: {where}: {first['msg']}", place=place) from None
    if unknown := {*found.summary, *(name for clip in found.clips for name in clip.values)} - {*MEASURES}:
        remedy = "it is of another version of tracekit: evaluate again, which makes no rollout that is there"
        raise TracekitError(f"a measure that is not known: {min(unknown)}", place=place, remedy=remedy)
    return found
