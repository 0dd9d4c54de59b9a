"""``report.html``: a finished build at a glance, with pictures, in one file that needs nothing else."""

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from html import escape
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tracekit.actions.events import load_inputs
from tracekit.build.funnel import Funnel, retention, stages
from tracekit.build.overlaps import Overlaps, left_after
from tracekit.build.summary import Summary
from tracekit.core.clock import CLIP_FRAMES, FPS, NS_PER_S, seconds
from tracekit.core.files import Folder
from tracekit.core.page import bars, matrix, numbers, page, picture, table
from tracekit.shards.events import load_events
from tracekit.shards.index import read_index
from tracekit.shards.read import read_sample
from tracekit.shards.write import Place
from tracekit.video.decode import frames_rgb, to_small_rgb

PICTURED = 16
"""How many clips are shown at most, each of another recording, spread evenly over all of them."""
_WIDTH_PX = 560
_small = partial(to_small_rgb, width_px=_WIDTH_PX)
_LISTED = 500
_HISTOGRAM_BINS = 12

_ACCOUNT = (
    "Every input is accounted for: it is in the data set, or it stands below with the reason. "
    "Times are exact: frame k shows the state at k/15 s."
)
_TAKING = (
    "Every filter judges every clip. Alone: what it would take by itself; first: what no filter before it takes; "
    "only it: what would stay without it."
)
_LEGEND = "The first, the middle and the last frame. Below them the clip's five seconds: "
_COLORS = {
    "terminal": "output in blue, keystrokes in red, markers in green.",
    "desktop": "buttons and the wheel in blue, keys in red.",
}


def report(out: Folder, name: str, kind: str, summary: Summary, index: str) -> bytes:
    """Write the report of a build.

    Args:
        out: the data set.
        name: of the data set.
        kind: of its source.
        summary: its counts.
        index: name of the index in ``out``.
    """
    with out.open(index) as file:
        rows = read_index(file, index)
    kept = rows.filter(pc.equal(rows["status"], "kept"))
    hours = (pc.sum(kept["frames"]).as_py() or 0) / FPS / 3600
    figures = [
        (f"{summary.inputs_kept:,} of {summary.inputs:,}", "recordings in the data set"),
        (f"{summary.clips_kept:,} of {summary.clips:,}", "clips kept"),
        (f"{hours * 60:,.1f} min" if hours < 2 else f"{hours:,.1f} h", "of video"),
        (f"{summary.shards:,}", "shards"),
        (f"{summary.shard_bytes / 1e6:,.1f} MB", "in shards"),
    ]
    figures += [
        (f"{mean:,.2f}", what)
        for column, what in (("px_per_frame", "pixels of cursor a frame"), ("actions_per_s", "actions a second"))
        if (mean := pc.mean(kept[column]).as_py()) is not None
    ]
    clips = list(_clips(out, kept))
    body = [
        f"<h1>{escape(name)}</h1>",
        f'<p class="lead">{_ACCOUNT}</p>',
        numbers(figures),
        "<h2>What became of the clips</h2>",
        bars([("kept", summary.clips_kept, "keep"), *((why, n, "drop") for why, n in summary.reasons.items())]),
        *_filters(summary.filters),
        "<h2>What became of the inputs</h2>",
        *_funnel(summary.funnel, kind),
        "<h2>What is in them</h2>",
        f'<div class="columns">{"".join(_histograms(kept))}</div>',
        f"<h2>{len(clips)} of the clips</h2>",
        f'<p class="lead">{_LEGEND}{" ".join(_COLORS[of] for of in _kinds(kept))}</p>',
        *clips,
        "<h2>What is not in the data set</h2>",
        _rejections(rows.filter(pc.equal(rows["status"], "rejected"))),
    ]
    return page(name, body)


def _kinds(kept: pa.Table) -> list[str]:
    return sorted(pc.unique(kept["kind"]).to_pylist())


def _funnel(found: Funnel, kind: str) -> Iterator[str]:
    yield f'<p class="lead">{escape(retention(found, kind))}</p>'
    yield bars([(stage, count, "keep" if stage == "kept" else "") for stage, count in stages(found)])
    if len(found.groups) > 1:
        yield table(
            ("group", "inputs", "kept", "not kept for"),
            (
                (name, f"{group['inputs']:,}", f"{group['kept']:,}", _reasons(group["reasons"]))
                for name, group in found.groups.items()
            ),
        )


def _reasons(reasons: Mapping[str, int]) -> str:
    return ", ".join(f"{reason} {count:,}" for reason, count in reasons.items())


def _filters(found: Overlaps) -> Iterator[str]:
    """What each filter takes, as a table and a funnel; where several take something, what they share, too."""
    if not found.takes:
        return
    yield "<h2>What the filters take</h2>"
    yield f'<p class="lead">{_TAKING}</p>'
    yield table(
        ("filter", "alone", "first", "only it", "left"),
        (
            (name, *(f"{count:,}" for count in (found.takes[name], found.first[name], found.only[name], left)))
            for name, left in left_after(found)
        ),
    )
    if not (takers := [name for name, taken in found.takes.items() if taken]):
        return
    yield "<h3>Clips left after each</h3>"
    yield bars([("before", found.asked, "keep"), *((name, left, "keep") for name, left in left_after(found))])
    if len(takers) > 1:
        yield "<h3>Clips that two are both against; darker: more of what the one in front takes</h3>"
        shares = (
            [(found.together[row][one], found.together[row][one] / found.takes[row]) for one in takers]
            for row in takers
        )
        yield matrix(takers, [*shares])


def _histograms(kept: pa.Table) -> Iterator[str]:
    for column, title in (
        ("changed_frames", "Frames that differ from the one before"),
        ("events_per_s", "Events a second"),
        ("text_density", "Share of cells with text"),
        ("characters", "Distinct characters"),
        ("px_per_frame", "Pixels of cursor a frame"),
        ("actions_per_s", "Actions a second"),
    ):
        values = np.array([value for value in kept[column].to_pylist() if value is not None], dtype=float)
        if not values.size:
            continue
        counts, edges = np.histogram(values, bins=min(_HISTOGRAM_BINS, max(1, len(np.unique(values)))))
        rows = [(f"{edge:,.3g}", int(count), "") for edge, count in zip(edges, counts, strict=False)]
        yield f"<div><h3>{escape(title)}</h3>{bars(rows)}</div>"


def _clips(out: Folder, kept: pa.Table) -> Iterator[str]:
    """The middle clip of recordings spread evenly over the data set."""
    by_recording: dict[str, list[dict[str, Any]]] = {}
    for row in kept.select(["recording", "key", "shard", "offset", "bytes"]).to_pylist():
        by_recording.setdefault(row["recording"], []).append(row)
    recordings = list(by_recording.values())
    count = min(PICTURED, len(recordings))
    for number in range(count):
        clips = recordings[number * len(recordings) // count]
        row = clips[len(clips) // 2]
        with out.open(f"shards/{row['shard']}") as file:
            sample = read_sample(file, Place(row["offset"], row["bytes"]), row["shard"])
        yield _clip(sample.key, sample.files, kept.filter(pc.equal(kept["key"], sample.key)).to_pylist()[0])


def _clip(key: str, content: dict[str, bytes], row: dict[str, Any]) -> str:
    shown = [0, CLIP_FRAMES // 2, CLIP_FRAMES - 1]
    pictures = "".join(picture(rgb) for rgb in frames_rgb(content["mp4"], shown, _small))
    details = [(tier, row[f"caption_{tier}"]) for tier in ("semantic", "regular", "detailed", "script")]
    described = "".join(f"<dt>{tier}</dt><dd>{escape(text)}</dd>" for tier, text in details if text)
    licence = row["licence"] or "licence unknown"
    what = f"policy {row['policy']}" if row["kind"] == "desktop" else f"{row['columns']}x{row['rows']} cells"
    about = f"{what}, {seconds(row['start_ns']):.1f} s in, {licence}"
    return (
        f'<article class="clip"><header><code>{escape(key)}</code><small>{escape(row["uri"])} · {escape(about)}</small>'
        f'</header><div class="frames">{pictures}</div>{_timeline(_marks(row["kind"], content["events.jsonl"]))}'
        f"<dl>{described}</dl></article>"
    )


def _marks(kind: str, events: bytes) -> Iterator[tuple[int, str]]:
    """When something happens in a clip, and how it is drawn: ``o`` in blue, ``i`` in red, ``m`` in green."""
    if kind == "terminal":
        for event in load_events(events):
            yield event.time_ns, event.code if event.code in ("o", "i") else "m"
        return
    for done in load_inputs(events):
        if done.code in ("button-down", "scroll", "key-down"):
            yield done.time_ns, "i" if done.code == "key-down" else "o"


def _timeline(marks: Iterable[tuple[int, str]]) -> str:
    width = CLIP_FRAMES * NS_PER_S // FPS
    lines = []
    for place, kind in sorted({(round(1000 * time_ns / width), kind) for time_ns, kind in marks}):
        top, bottom = (2, 12) if kind == "i" else (14, 24)
        lines.append(f'<line class="{kind}" x1="{place}" x2="{place}" y1="{top}" y2="{bottom}"/>')
    axis = '<line class="axis" x1="0" x2="1000" y1="13" y2="13"/>'
    return f'<svg class="time" viewBox="0 0 1000 26" preserveAspectRatio="none">{axis}{"".join(lines)}</svg>'


def _rejections(rejected: pa.Table) -> str:
    if not len(rejected):
        return "<p>Nothing: every clip of every input is in it.</p>"
    listed = table(
        ("input", "clip", "reason", "in words"),
        (
            (row["uri"], row["key"] or "the whole recording", row["reason"], row["message"] or "")
            for row in rejected.slice(0, _LISTED).select(["uri", "key", "reason", "message"]).to_pylist()
        ),
    )
    more = len(rejected) - _LISTED
    return listed + (f"<p>and {more:,} more: all of them are in index.parquet.</p>" if more > 0 else "")
