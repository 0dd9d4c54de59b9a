"""From a trace to its clips."""

import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tracekit.actions.archive import views_of
from tracekit.actions.cursor_track import CursorTrack
from tracekit.actions.events import InputEvent, dump_inputs, load_inputs
from tracekit.actions.windows import WindowsAt, dump_windows, load_windows
from tracekit.clips.clip import Capture, Clip, Input
from tracekit.clips.cut import CutRule, Segment, segments
from tracekit.clips.fit_time import FittedTime, fit_time
from tracekit.clips.recording import recording_key
from tracekit.core.clock import FPS, frame_of, frame_time_ns
from tracekit.core.errors import Rejected, TracekitError
from tracekit.core.files import measure
from tracekit.desktop.cut_video import VideoCutter
from tracekit.desktop.describe import describe_desktop
from tracekit.desktop.trace import Trace, read_trace
from tracekit.shards.sample import SCHEMA_VERSION
from tracekit.terminal.fit import Fit, Lay, lay

_SIZES = 4
"""How many sizes of screens have their encoders kept."""
_TOLD = ("policy", "policy_options", "seed", "image", "recorder", "cursor", "success")
"""What a sample says of its trace as the trace says it."""


@dataclass(frozen=True)
class _Recorded:
    """What stands in a trace's folder."""

    folder: Path
    trace: Trace
    events: list[InputEvent]
    cursor: CursorTrack
    changed: NDArray[np.bool_]
    """Shape (frames,): whether the pixels under the cursor differ from the frame before."""
    missed: NDArray[np.bool_]
    windows: list[WindowsAt]

    @cached_property
    def seen_to_change(self) -> NDArray[np.bool_]:
        """Shape (frames,): the same of the pixels with the cursor over them."""
        cursor = np.column_stack([self.cursor.positions, self.cursor.shapes])
        return np.asarray(self.changed | np.concatenate([[False], np.any(np.diff(cursor, axis=0) != 0, axis=1)]))


class TraceCutter:
    """Cuts traces into clips by the settings of a recipe. Keep it: its encoders are worth keeping."""

    def __init__(self, capture: Capture) -> None:
        self._capture = capture
        canvas = capture.look.canvas
        self._fit = Fit(capture.look.fit, (canvas.width_px, canvas.height_px)) if canvas else Fit()
        self._cutter = lru_cache(maxsize=_SIZES)(self._open_cutter)

    def clips(self, folder: Path, item: Input) -> Iterator[Clip]:
        """Cut a trace.

        Args:
            folder: of the trace.
            item: what it is in the build.

        Raises:
            Rejected: the trace failed (by its own reason), is damaged, or does not go into the canvas.
        """
        recorded = _read(folder, item.uri)
        key = recording_key(item)
        videos = _videos(
            recorded, self._cutter(recorded.trace.width_px, recorded.trace.height_px), self._times(recorded)
        )
        for number, (time, files) in enumerate(videos):
            yield self._clip(f"{key}-{number:04d}", recorded, time, files, item)

    def _open_cutter(self, width_px: int, height_px: int) -> VideoCutter:
        return VideoCutter(lay(width_px, height_px, self._fit), self._capture.video)

    def _times(self, recorded: _Recorded) -> list[FittedTime]:
        settings, frames = self._capture.clip, recorded.trace.frames
        if settings.window_s is None:
            return [fit_time(Segment(0, frames))]
        window = max(2, round(settings.window_s * FPS))
        rule = CutRule(
            window=window,
            tolerance=min(round(settings.tolerance_s * FPS), window - 1),
            stride=max(1, round(settings.stride_s * FPS)) if settings.stride_s else None,
        )
        return [fit_time(segment) for segment in segments(np.flatnonzero(recorded.changed).tolist(), frames, rule)]

    def _clip(self, key: str, recorded: _Recorded, time: FittedTime, files: Mapping[str, bytes], item: Input) -> Clip:
        trace, first = recorded.trace, time.segment.start
        start_ns, end_ns = frame_time_ns(first), min(frame_time_ns(time.segment.end), trace.duration_ns)
        events = time.events(recorded.events)
        before = [event for event in recorded.events if frame_of(event.time_ns) < first]
        cursor = recorded.cursor.cut(time.shown)
        changed, drawn = _since(recorded.changed, time.shown), trace.cursor != "without"
        statistics = describe_desktop(events, cursor, changed, end_ns - start_ns, cursor_drawn=drawn)
        sample = {
            "schema_version": SCHEMA_VERSION,
            "key": key,
            "kind": "desktop",
            "provenance": self._provenance(trace, item),
            "geometry": _geometry(trace, self._cutter(trace.width_px, trace.height_px).lay),
            "clock": {
                "frames": len(time.shown),
                "start_ns": start_ns,
                "end_ns": end_ns,
                "fitted": time.kind,
                "source_time_ns": [frame_time_ns(frame) for frame in time.shown],
                "sync_error_ns": trace.timing.sync_error_ns,
            },
            "desktop": {**_about(trace), "missed_frames": int(_since(recorded.missed, time.shown).sum())},
            "statistics": statistics.model_dump(mode="json"),
            "redactions": {},
            "captions": {"instruction": trace.instruction} if trace.instruction else {},
        }
        actions = views_of(events, cursor, len(time.shown), before)
        told = {
            "events.jsonl": dump_inputs(events),
            "cursor.npz": cursor.save(),
            "actions.npz": actions.save(),
            "windows.jsonl": _windows(recorded.windows, time),
        }
        return Clip(key, {**files, **told}, sample)

    def _provenance(self, trace: Trace, item: Input) -> dict[str, Any]:
        return {
            "kind": "desktop",
            "uri": item.uri,
            "sha256": item.sha256,
            "recording": recording_key(item),
            "licence": self._capture.licence,
            "title": trace.instruction,
            "recorded_at": trace.recorded_at,
        }


def _read(folder: Path, uri: str) -> _Recorded:
    """Read a trace whole, and see to it that its files are those that were recorded."""
    try:
        trace = read_trace(folder)
        if trace.status == "failed":
            raise Rejected(trace.reason or "failed-trace", trace.problem, place=uri)
        for name, sha256 in trace.files.items():
            if measure(str(folder / name)).sha256 != sha256:
                raise TracekitError("not what it was: its sha256 differs from the one in trace.json", place=name)
        events = load_inputs((folder / "events.jsonl").read_bytes())
        cursor = CursorTrack.load((folder / "cursor.npz").read_bytes())
        with np.load(folder / "frames.npz") as frames:
            changed, missed = frames["changed"].astype(np.bool_), frames["missed"].astype(np.bool_)
        windows = folder / "windows.jsonl"
        listed = load_windows(windows.read_bytes()) if windows.exists() else []
    except Rejected:
        raise
    except (TracekitError, OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        message = str(error).replace(str(folder), uri)
        raise Rejected("damaged-trace", f"the trace can't be read: {message}", place=uri) from error
    if not trace.frames == len(changed) == len(missed) == cursor.frames:
        raise Rejected("damaged-trace", "its files are of different numbers of frames", place=uri)
    return _Recorded(folder, trace, events, cursor, changed, missed, listed)


def _videos(
    recorded: _Recorded, cutter: VideoCutter, times: Sequence[FittedTime]
) -> Iterator[tuple[FittedTime, dict[str, bytes]]]:
    """Each clip's time and videos."""
    names = {"mp4": "screen.mp4"} | ({"clean.mp4": "clean.mp4"} if recorded.trace.cursor == "both" else {})
    moved = recorded.trace.cursor != "without"
    cuts = [
        cutter.cut(
            recorded.folder / name,
            times,
            recorded.seen_to_change if moved and name == "screen.mp4" else recorded.changed,
        )
        for name in names.values()
    ]
    for videos in zip(*cuts, strict=True):
        yield videos[0][0], {extension: video for extension, (_, video) in zip(names, videos, strict=True)}


def _geometry(trace: Trace, lies: Lay) -> dict[str, Any]:
    return {"screen_width_px": trace.width_px, "screen_height_px": trace.height_px, **lies._asdict()}


def _about(trace: Trace) -> dict[str, Any]:
    """`tracekit.shards.sample.DesktopInfo`, as far as the trace tells it."""
    timing = trace.timing
    return {
        **{name: getattr(trace, name) for name in _TOLD},
        "lateness_p99_ns": timing.lateness_p99_ns,
        "event_error_p99_ns": timing.event_error_p99_ns,
        "x_round_trip_p50_ns": timing.x_round_trip_p50_ns,
    }


def _since(marks: NDArray[np.bool_], shown: Sequence[int]) -> NDArray[np.bool_]:
    """For each frame of a clip: whether any frame of the trace is marked that came since the clip's frame before.

    Of the clip's first frame, whether it is marked itself.
    """
    total = np.concatenate([[0], np.cumsum(marks)])
    after = total[np.asarray(shown) + 1]
    before = np.concatenate([[total[shown[0]]], after[:-1]])
    return np.asarray(after > before)


def _windows(lists: Sequence[WindowsAt], time: FittedTime) -> bytes:
    """``windows.jsonl`` of a clip: how the windows lie at its start, and each change after it, on the clip's clock."""
    first, last = time.segment.start, time.segment.end - 1
    at_start = [one for one in lists if frame_of(one.time_ns) <= first][-1:]
    later = [one for one in lists if first < frame_of(one.time_ns) <= last]
    lines = [one._replace(time_ns=0) for one in at_start]
    lines += [one._replace(time_ns=time.clip_time_ns(one.time_ns)) for one in later]
    return dump_windows(lines)
