"""``report.html`` of an evaluation: its scores, and the worst clips with their pictures, in one file."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from html import escape
from statistics import fmean

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tracekit.core.clock import FPS
from tracekit.core.errors import TracekitError
from tracekit.core.page import numbers, page, picture, table
from tracekit.evaluate.measures import MEASURES, beside
from tracekit.evaluate.pairs import Case
from tracekit.evaluate.paper import figures
from tracekit.evaluate.report_details import details
from tracekit.evaluate.results import ClipScores, Scores, Summary, own, ranked

_WIDTH_PX = 560
_LISTED = 500
_GAIN = 2
"""By which differences are set off."""

_TABLE = (
    "Means over clips; beside them the 95 % interval when recordings are drawn anew (bootstrap). The ceiling is what "
    "can be read of the true frames at all; the first frame is the score of one that just stands still, which any "
    "prediction should beat."
)
_PAPER = (
    "Neural Computers, arXiv 2604.06425. Its clips and its models are not published: these figures give a sense of the "
    "scale, and do not compare with those above."
)
_PICTURES = (
    "Left the true frame, in the middle the predicted one, right how far they differ (twice the difference, on black): "
    "at the beginning, in the middle and at the end of the clip."
)


def report(scores: Scores, cases: Mapping[str, Callable[[], Case]], pictured: int) -> bytes:
    """Write the page.

    Args:
        scores: what was found.
        cases: reads the videos of a clip, by key.
        pictured: how many of the worst clips are shown with pictures.
    """
    worst_first = ranked(scores.clips, own(scores.summary))
    what = "A model's rollouts" if scores.of == "model" else "Pairs of videos"
    body = [
        f"<h1>{what}</h1>",
        f'<p class="lead">{escape(_of(scores))}</p>',
        *(f'<p class="lead">{escape(note)}</p>' for note in scores.notes),
        numbers(_boxes(scores)),
        "<h2>Scores</h2>",
        f'<p class="lead">{_TABLE}</p>',
        _summary(scores),
        *_curves(scores.clips),
        *details(scores.details),
        *_paper(scores),
        *_pictured(worst_first[:pictured], cases),
        "<h2>Every clip, the worst first</h2>",
        _clips(
            worst_first, [name for name in own(scores.summary) if any(name in clip.values for clip in scores.clips)]
        ),
        "<h2>What was not scored</h2>",
        *_left_out(scores),
    ]
    return page(what, body)


def _of(scores: Scores) -> str:
    config = scores.config
    if scores.of == "pairs":
        return f"{config['pairs']['predicted']} against {config['pairs']['truth']}."
    made = scores.details["rollouts"]
    given = f"the caption ({made['tier']})"
    if made["injection"]:
        given += f" and the logged actions ({made['injection']} injection)"
    width_px, height_px = made["size_px"]
    return (
        f"Open-loop rollouts of {made['model']['run']} ({made['model']['checkpoint']}) from the first frame and "
        f"{given} of recorded clips of {made['shards']}, {made['split']}: {made['frames']} frames of "
        f"{width_px}x{height_px}, {made['steps']} steps of denoising, guidance {made['guidance']:g}, noise of seed "
        f"{made['seed']}."
    )


def _boxes(scores: Scores) -> Iterator[tuple[str, str]]:
    yield f"{len(scores.clips):,} of {scores.asked:,}", "pairs scored"
    yield f"{sum(clip.frames for clip in scores.clips) / FPS:,.1f} s", "of video compared"
    for name in own(scores.summary):
        if (value := scores.summary[name].value) is not None:
            measure = MEASURES[name]
            yield measure.text(value), f"{measure.title} {measure.unit}".strip()


def _summary(scores: Scores) -> str:
    rows = []
    for name in own(scores.summary):
        found, measure = scores.summary[name], MEASURES[name]
        sides = [side_of(name, role, scores.summary) for role in ("ceiling", "first frame")]
        rows.append((
            f"{measure.title}{f', {measure.unit}' if measure.unit else ''}",
            measure.text(found.value),
            _interval(found, measure.text),
            *sides,
            measure.text(found.worst) if found.worst is not None else "",
            f"{found.clips:,}",
            "; ".join([f"{measure.better} is better", *remarks(name, scores.summary)]),
        ))  # fmt: skip
    return table(("score", "mean", "95 % interval", "ceiling", "first frame", "worst clip", "clips", ""), rows)


def side_of(name: str, role: str, summary: Mapping[str, Summary]) -> str:
    """What stands beside a measure in a role, and of how many clips if of others than the measure is; or nothing."""
    side = summary.get(beside(name, role) or "")
    if side is None or side.value is None:
        return ""
    of = "" if side.clips == summary[name].clips else f" (of {side.clips:,} clips)"
    return f"{MEASURES[name].text(side.value)}{of}"


def remarks(name: str, summary: Mapping[str, Summary]) -> Iterator[str]:
    """What is to be known to read a measure."""
    found = summary[name]
    if found.undefined:
        yield f"undefined of {found.undefined:,} clips"
    judged = summary.get(beside(name, "judged") or "")
    if judged and judged.value is not None:
        yield f"judged in {judged.value:.1%} of the frames that have one"
    if found.note:
        yield found.note


def _interval(found: Summary, text: Callable[[float | None], str]) -> str:
    return "" if found.low is None else f"{text(found.low)} to {text(found.high)}"


def _curves(clips: Sequence[ClipScores]) -> Iterator[str]:
    """Means over the clips at each frame, as pictures."""
    drawn = []
    for name in ("psnr", "ssim", "lpips"):
        at: dict[int, list[float]] = {}
        for clip in clips:
            for number, value in zip(clip.compared, clip.by_frame.get(name, ()), strict=False):
                if value is not None:
                    at.setdefault(number, []).append(value)
        if len(at) > 1:
            means = [(number, fmean(values)) for number, values in sorted(at.items())]
            drawn.append(f"<div><h3>{MEASURES[name].title} by frame</h3>{curve(means, MEASURES[name].text)}</div>")
    if drawn:
        yield "<h2>How they fare in time</h2>"
        yield f'<div class="columns">{"".join(drawn)}</div>'


def curve(points: Sequence[tuple[float, float]], text: Callable[[float], str]) -> str:
    """A line through points as SVG, with the ends of both axes named.

    Args:
        points: x and y, by x; at least two.
        text: of a y.
    """
    xs, ys = zip(*points, strict=True)
    low, high = min(ys), max(ys)
    height = (high - low) or 1.0
    places = " ".join(
        f"{50 + 440 * (x - xs[0]) / (xs[-1] - xs[0]):.1f},{110 - 90 * (y - low) / height:.1f}" for x, y in points
    )
    return (
        '<svg class="curve" viewBox="0 0 500 140"><line class="axis" x1="50" x2="490" y1="115" y2="115"/>'
        f'<text x="0" y="24">{escape(text(high))}</text><text x="0" y="114">{escape(text(low))}</text>'
        f'<text x="50" y="132">frame {xs[0]:g}</text><text x="490" y="132" text-anchor="end">frame {xs[-1]:g}</text>'
        f'<polyline points="{places}"/></svg>'
    )


def _pictured(clips: Sequence[ClipScores], cases: Mapping[str, Callable[[], Case]]) -> Iterator[str]:
    if not clips:
        return
    yield f"<h2>The worst {len(clips)} of the clips</h2>"
    yield f'<p class="lead">{_PICTURES}</p>'
    for clip in clips:
        try:
            pair = cases[clip.key]().pair
        except (KeyError, TracekitError):  # the videos have gone since
            continue
        shown = sorted({0, pair.frames // 2, pair.frames - 1})
        frames = [one for number in shown for one in _beside_each_other(pair.truth[number], pair.predicted[number])]
        yield article(clip.key, told(clip), map(photo, frames), clip.notes)


def photo(rgb: NDArray[np.uint8]) -> str:
    """A frame as an element, of a width for a quick look."""
    return picture(small(rgb), colours=None)


def _beside_each_other(truth: NDArray[np.uint8], predicted: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    return [truth, predicted, difference(truth, predicted)]


def difference(truth: NDArray[np.uint8], predicted: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """How far two pictures differ, set off on black: uint8 (h, w, 3)."""
    distance = np.abs(truth.astype(np.int16) - predicted.astype(np.int16)) * _GAIN
    return np.asarray(np.minimum(distance, 255), np.uint8)


def small(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A picture for a quick look: scaled down to a width if it is wider."""
    height, width = rgb.shape[:2]
    if width <= _WIDTH_PX:
        return rgb
    size = _WIDTH_PX, max(1, round(height * _WIDTH_PX / width))
    return np.asarray(Image.fromarray(rgb).resize(size, Image.Resampling.BOX))


def article(key: str, about: str, pictures: Iterable[str], notes: Mapping[str, str]) -> str:
    """A clip with its pictures, three to a row."""
    said = "".join(f"<dt>{escape(name)}</dt><dd>{escape(note)}</dd>" for name, note in notes.items())
    return (
        f'<article class="clip"><header><code>{escape(key)}</code><small>{escape(about)}</small></header>'
        f'<div class="frames">{"".join(pictures)}</div>{f"<dl>{said}</dl>" if said else ""}</article>'
    )


def told(clip: ClipScores) -> str:
    """The measures of a clip in a line."""
    return " · ".join(
        f"{MEASURES[name].title} {MEASURES[name].text(clip.values[name])}"
        for name in own(clip.values)
        if clip.values[name] is not None
    )


def _clips(clips: Sequence[ClipScores], names: Sequence[str]) -> str:
    rows = [
        (clip.key, str(clip.frames), *(MEASURES[name].text(clip.values.get(name)) for name in names))
        for clip in clips[:_LISTED]
    ]
    more = len(clips) - _LISTED
    rest = f"<p>and {more:,} more: all of them are in scores.json.</p>" if more > 0 else ""
    return table(("clip", "frames", *(MEASURES[name].title for name in names)), rows) + rest


def _paper(scores: Scores) -> Iterator[str]:
    rows = [tuple(figure) for figure in figures({*scores.details, *(MEASURES[name].score for name in scores.summary)})]
    if rows:
        yield "<h2>What the paper reports</h2>"
        yield f'<p class="lead">{_PAPER}</p>'
        yield table(("score", "of", "figures", "where", "why they do not compare"), rows)


def _left_out(scores: Scores) -> Iterator[str]:
    why = Counter((name, note) for clip in scores.clips for name, note in clip.notes.items())
    if not scores.rejected and not scores.not_run and not why:
        yield "<p>Nothing: every pair was scored, by every score that was asked for.</p>"
    if scores.rejected:
        rows = [(one.key, one.reason, one.message) for one in scores.rejected[:_LISTED]]
        yield table(("pair", "reason", "in words"), rows)
    if scores.not_run:
        yield table(("score", "why it was not run"), scores.not_run.items())
    if why:
        rows = [(name, f"{clips:,}", note) for (name, note), clips in why.most_common(_LISTED)]
        yield table(("score", "clips", "what is told of them"), rows)
