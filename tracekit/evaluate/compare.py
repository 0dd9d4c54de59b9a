"""Two evaluations held against each other, clip by clip: ``comparison.json`` and ``report.html``."""

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from statistics import fmean
from typing import Any, Literal

from pydantic import Field, ValidationError

from tracekit.core.errors import TracekitError
from tracekit.core.files import Folder, to_json
from tracekit.core.page import numbers, page, table
from tracekit.evaluate.config import PairsSection
from tracekit.evaluate.measures import MEASURES
from tracekit.evaluate.pairs import Found, find_pairs
from tracekit.evaluate.report import article, photo
from tracekit.evaluate.results import NAME as SCORES
from tracekit.evaluate.results import ClipScores, Part, Scores, own, read_scores, tools
from tracekit.metrics.intervals import bootstrap

NAME, REPORT = "comparison.json", "report.html"
_LISTED = 500

_TABLE = (
    "Means over the clips that both have; the difference is the second less the first, clip by clip, with its 95 % "
    "interval when recordings are drawn anew (bootstrap): where it does not hold 0, the two differ by more than the "
    "choice of recordings explains."
)


class Difference(Part):
    """A measure in both."""

    first: float | None = Field(description="The mean over the clips that both have, or what is of all together")
    second: float | None
    difference: float | None = Field(
        description="The second less the first; null of what is of all together where these are not the same clips"
    )
    low: float | None = Field(None, description="95 % interval of the difference; null of what is of all together")
    high: float | None = None
    clips: int = Field(ge=0, description="In which both are defined")
    better: int = Field(0, ge=0, description="Of them, those in which the second is better")
    worse: int = Field(0, ge=0)


class ClipDifference(Part):
    """A clip in both."""

    key: str
    recording: str
    differences: dict[str, float] = Field(description="By measure, the second less the first")


class Comparison(Part):
    """Two evaluations."""

    schema_version: Literal[1] = 1
    first: str = Field(description="Its folder")
    second: str
    tools: dict[str, str] = Field(description="Versions")
    differ: dict[str, tuple[Any, Any]] = Field(description="Keys of the configurations that differ, with both values")
    summary: dict[str, Difference] = Field(description="By measure: docs/scores.md")
    clips: list[ClipDifference]
    only_first: list[str] = Field(description="Keys of clips that the second has not")
    only_second: list[str]


def compare(first: Folder, second: Folder, out: Folder, pictured: int = 12) -> Comparison:
    """Hold two finished evaluations against each other.

    Args:
        first: the folder of one.
        second: of the other.
        out: where to.
        pictured: how many clips are shown with pictures, those that differ most.

    Raises:
        TracekitError: one of them is not finished, they have no clip in common, or ``out`` holds an evaluation or can't
            be written.
    """
    if out.exists(SCORES):
        raise TracekitError("there is an evaluation here", place=out.path(SCORES), remedy="give another folder")
    one, other = read_scores(first), read_scores(second)
    of_one, of_other = ({clip.key: clip for clip in scores.clips} for scores in (one, other))
    both = [key for key in of_one if key in of_other]
    if not both:
        raise TracekitError("the two evaluations have no clip in common", place=second.url)
    clips = [_clip(of_one[key], of_other[key]) for key in both]
    seed, resamples = one.config["seed"], one.config["resamples"]
    found = Comparison(
        first=first.url,
        second=second.url,
        tools=tools(),
        differ=dict(_differing(one.config, other.config)),
        summary={
            name: _difference(name, one, other, both, seed, resamples)
            for name in own(one.summary)
            if name in other.summary
        },
        clips=clips,
        only_first=[key for key in of_one if key not in of_other],
        only_second=[key for key in of_other if key not in of_one],
    )
    out.write(REPORT, _report(found, _cases(one, first), _cases(other, second), pictured))
    out.write(NAME, to_json(found.model_dump(mode="json")))
    return found


def _clip(one: ClipScores, other: ClipScores) -> ClipDifference:
    differences = {
        name: after - before
        for name in own(one.values)
        if (before := one.values[name]) is not None and (after := other.values.get(name)) is not None
    }
    return ClipDifference(key=one.key, recording=one.recording, differences=differences)


def _difference(name: str, one: Scores, other: Scores, both: Sequence[str], seed: int, resamples: int) -> Difference:
    of_one, of_other = ({clip.key: clip for clip in scores.clips} for scores in (one, other))
    if MEASURES[name].of == "all":
        ends = one.summary[name], other.summary[name]
        first, second = (end.value for end in ends)
        same = of_one.keys() == of_other.keys() and ends[0].clips == ends[1].clips
        change = second - first if same and first is not None and second is not None else None
        return Difference(first=first, second=second, difference=change, clips=min(end.clips for end in ends))
    pairs = [
        (before, after, of_one[key].recording)
        for key in both
        if (before := of_one[key].values.get(name)) is not None
        and (after := of_other[key].values.get(name)) is not None
    ]
    if not pairs:
        return Difference(first=None, second=None, difference=None, clips=0)
    changes = [after - before for before, after, _ in pairs]
    found = bootstrap(changes, [recording for *_, recording in pairs], seed=seed, resamples=resamples)
    sign = 1 if MEASURES[name].better == "higher" else -1
    return Difference(
        first=fmean(before for before, _, _ in pairs),
        second=fmean(after for _, after, _ in pairs),
        difference=found.mean,
        low=found.low,
        high=found.high,
        clips=found.n,
        better=sum(sign * change > 0 for change in changes),
        worse=sum(sign * change < 0 for change in changes),
    )


def _differing(one: Any, other: Any, prefix: str = "") -> Iterator[tuple[str, tuple[Any, Any]]]:
    """The keys of configurations whose values differ."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        for key in dict.fromkeys([*one, *other]):
            yield from _differing(one.get(key), other.get(key), f"{prefix}.{key}".lstrip("."))
    elif one != other:
        yield prefix, (one, other)


def _cases(scores: Scores, folder: Folder) -> Found | None:
    """The videos that were scored, if they are still there."""
    try:
        if "pairs" in scores.config:
            pairs = PairsSection.model_validate(scores.config["pairs"])
            return find_pairs(pairs.truth, pairs.predicted, resize=pairs.resize)
        return find_pairs(scores.details["rollouts"]["shards"], f"{folder.url}/rollouts")
    except (TracekitError, ValidationError, KeyError):
        return None


def _report(found: Comparison, one: Found | None, other: Found | None, pictured: int) -> bytes:
    title = "Two evaluations"
    boxes = [(f"{len(found.clips):,}", "clips in both")]
    for name, change in found.summary.items():
        if change.difference is not None:
            boxes.append((f"{change.difference:+.3g} {MEASURES[name].unit}".strip(), MEASURES[name].title))
    most = sorted(found.clips, key=lambda clip: (-_size(clip, found), clip.key))
    body = [
        f"<h1>{title}</h1>",
        f'<p class="lead">First {escape(found.first)}, second {escape(found.second)}.</p>',
        numbers(boxes),
        "<h2>Scores</h2>",
        f'<p class="lead">{_TABLE}</p>',
        _summary(found),
        "<h2>What they were run with</h2>",
        table(("key", "first", "second"), ((key, str(a), str(b)) for key, (a, b) in found.differ.items()))
        if found.differ
        else "<p>The same configuration.</p>",
        *_pictured(most[:pictured], one, other),
        "<h2>Every clip, those that differ most first</h2>",
        _clips(most, list(found.summary)),
        *_missing(found),
    ]
    return page(title, body)


def _summary(found: Comparison) -> str:
    rows = []
    for name, one in found.summary.items():
        measure = MEASURES[name]
        interval = "" if one.low is None else f"{one.low:+.3g} to {one.high:+.3g}"
        change = "" if one.difference is None else f"{one.difference:+.3g}"
        counts = f"{one.better:,} better, {one.worse:,} worse" if one.better or one.worse else ""
        title = f"{measure.title}{f', {measure.unit}' if measure.unit else ''}"
        ends = measure.text(one.first), measure.text(one.second)
        rows.append((title, *ends, change, interval, f"{one.clips:,}", counts, f"{measure.better} is better"))
    return table(("score", "first", "second", "difference", "95 % interval", "clips", "of the second", ""), rows)


def _size(clip: ClipDifference, found: Comparison) -> float:
    """How much a clip differs: of each measure the share of the largest difference there is."""
    total = 0.0
    for name, change in clip.differences.items():
        largest = max(abs(one.differences.get(name, 0.0)) for one in found.clips)
        total += abs(change) / largest if largest else 0.0
    return total


def _pictured(clips: Sequence[ClipDifference], one: Found | None, other: Found | None) -> Iterator[str]:
    shown = [*_articles(clips, one, other)]
    if shown:
        yield f"<h2>{len(shown)} of the clips</h2>"
        yield "<p class=\"lead\">The true frame, the first's and the second's, in the middle and at the end.</p>"
        yield from shown


def _articles(clips: Sequence[ClipDifference], one: Found | None, other: Found | None) -> Iterator[str]:
    for clip in clips:
        try:
            pairs = [found.cases[clip.key]().pair for found in (one, other) if found]
        except (KeyError, TracekitError):  # the videos have gone since
            continue
        if len(pairs) < 2:
            return
        frames = min(pair.frames for pair in pairs)
        pictures = [
            photo(video[number])
            for number in sorted({frames // 2, frames - 1})
            for video in (pairs[0].truth, pairs[0].predicted, pairs[1].predicted)
        ]
        about = " · ".join(f"{MEASURES[name].title} {change:+.3g}" for name, change in clip.differences.items())
        yield article(clip.key, about, pictures, {})


def _clips(clips: Sequence[ClipDifference], names: Sequence[str]) -> str:
    of_clips = [name for name in names if any(name in clip.differences for clip in clips)]
    rows = [
        (
            clip.key,
            *(f"{change:+.3g}" if (change := clip.differences.get(name)) is not None else "–" for name in of_clips),
        )
        for clip in clips[:_LISTED]
    ]
    more = len(clips) - _LISTED
    rest = f"<p>and {more:,} more: all of them are in comparison.json.</p>" if more > 0 else ""
    return table(("clip", *(MEASURES[name].title for name in of_clips)), rows) + rest


def _missing(found: Comparison) -> Iterator[str]:
    if found.only_first or found.only_second:
        yield "<h2>Clips that only one has</h2>"
        rows = [*((key, "first") for key in found.only_first), *((key, "second") for key in found.only_second)]
        yield table(("clip", "in"), rows[:_LISTED])
