"""A trace held against itself: whatever can be computed again from its files is, and compared with what they say."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from tracekit.actions.counts import count_actions, px_per_frame
from tracekit.actions.cursor_track import CursorTrack
from tracekit.actions.events import InputEvent, load_inputs
from tracekit.actions.npz import load_arrays
from tracekit.actions.windows import load_windows
from tracekit.core.clock import FPS, frame_of, frame_time_ns, seconds
from tracekit.core.errors import TracekitError
from tracekit.core.files import measure
from tracekit.desktop.check_inputs import input_problems
from tracekit.desktop.find_cursor import CursorFinder, Found
from tracekit.desktop.partial import SUFFIX
from tracekit.desktop.trace import Trace, read_trace
from tracekit.video.decode import decode
from tracekit.video.x264 import frame_planes

AGREEING_FRAMES = 0.995
"""Share of the frames with a cursor in which it must be found where the log has it."""


@dataclass(frozen=True)
class TraceCheck:
    """What was found."""

    folder: Path
    problems: tuple[str, ...]
    """None: the trace is what it says."""
    facts: dict[str, Any] = field(default_factory=dict)
    """What was computed: ``frames``, ``events``, ``px_per_frame``, ``actions_per_s``, ``cursor_agreement``, ..."""

    @property
    def ok(self) -> bool:
        """Whether there is no problem."""
        return not self.problems


def check_trace(folder: Path) -> TraceCheck:
    """Check a trace of whatever recorder; of what is not there, as in imports, nothing is said.

    A folder ``KEY.partial``, which a recorder is writing or has left, is checked as far as it goes.

    Raises:
        TracekitError: there is no trace, or its ``trace.json`` is none.
    """
    check = _Check(folder, read_trace(folder))
    check.run()
    return TraceCheck(folder, tuple(check.problems), check.facts)


class _Check:
    """One check at work."""

    def __init__(self, folder: Path, trace: Trace) -> None:
        self.problems: list[str] = []
        self.facts: dict[str, Any] = {"status": trace.status, "recorder": trace.recorder}
        self._folder, self._trace = folder, trace
        self._partial = folder.name.endswith(SUFFIX)
        self._frames = trace.frames
        self._events: list[InputEvent] | None = None
        self._cursor: CursorTrack | None = None

    def run(self) -> None:
        """Check all there is to check."""
        if self._partial:
            self.facts["partial"] = True
        if self._trace.problem:
            self.facts["failed"] = f"{self._trace.reason}: {self._trace.problem}"
        self._check_hashes()
        looks: dict[str, Callable[[], object]] = {
            "cursor.npz": self._load_cursor,
            "screen.mp4": self._check_screen,
            "clean.mp4": lambda: self._check_video("clean.mp4"),
            "events.jsonl": self._check_events,
            "frames.npz": self._check_frames,
            "windows.jsonl": self._check_windows,
        }
        for name, look in looks.items():
            if (self._folder / name).is_file():
                self._tried(look, name)
        self._compare_cursor_with_events()
        self._count()

    def _read(self, name: str) -> bytes:
        data = (self._folder / name).read_bytes()
        whole_lines = self._partial and name.endswith(".jsonl")
        return data[: data.rfind(b"\n") + 1] if whole_lines else data

    def _tried(self, look: Callable[[], object], name: str) -> None:
        try:
            look()
        except TracekitError as error:
            self.problems.append(str(error).replace(f"{self._folder}/", ""))
        except OSError as error:
            self.problems.append(f"{name}: can't be read: {error.strerror}")

    def _check_hashes(self) -> None:
        told = self._trace.files
        found = {path.name for path in self._folder.iterdir() if path.name != "trace.json"}
        self.problems += [f"{name}: missing" for name in sorted(told.keys() - found)]
        if not self._partial:
            self.problems += [f"{name}: trace.json knows nothing of it" for name in sorted(found - told.keys())]
        for name in sorted(found & told.keys()):
            if measure(self._folder / name).sha256 != told[name]:
                self.problems.append(f"{name}: not what it was: its sha256 differs from the one in trace.json")
        if self._trace.frames and "screen.mp4" not in found:
            self.problems.append("screen.mp4: missing")

    def _load_cursor(self) -> None:
        cursor = CursorTrack.load(self._read("cursor.npz"))
        if cursor.frames != self._trace.frames and not self._partial:
            self.problems.append(f"cursor.npz: {cursor.frames} frames, trace.json says {self._trace.frames}")
        else:
            self._cursor = cursor

    def _check_screen(self) -> None:
        """Decode the video, and look for the cursor on the way."""
        shown = self._cursor is not None and self._trace.cursor != "without"
        finder = CursorFinder(self._cursor) if self._cursor is not None and shown else None
        found = self._check_video("screen.mp4", finder)
        if finder is None or not found:
            return
        judged = found[Found.NEAR] + found[Found.ELSEWHERE]
        self.facts["cursor_frames"] = judged
        self.facts["cursor_undecided_frames"] = found[Found.UNDECIDED]
        if judged:
            agreement = found[Found.NEAR] / judged
            self.facts["cursor_agreement"] = round(agreement, 6)
            if agreement < AGREEING_FRAMES:
                self.problems.append(
                    f"screen.mp4: in {found[Found.ELSEWHERE]} of {judged} frames the cursor is not where the log has it"
                )

    def _check_video(self, name: str, finder: CursorFinder | None = None) -> Counter[Found]:
        found: Counter[Found] = Counter()
        count, uneven = 0, 0
        for frame in decode(self._folder / name):
            if (frame.width, frame.height) != (self._trace.width_px, self._trace.height_px):
                raise TracekitError(f"{frame.width}x{frame.height}, not as trace.json says", place=name)
            # A time is a fraction; FPS times it is the frame's number, exactly.
            uneven += frame.pts is None or frame.time_base is None or frame.pts * frame.time_base * FPS != count
            if finder is not None and self._cursor is not None and count < self._cursor.frames:
                planar = frame if frame.format.name in ("yuv420p", "yuv444p") else frame.reformat(format="yuv420p")
                found[finder.look(count, frame_planes(planar).y)] += 1
            count += 1
        if uneven:
            self.problems.append(f"{name}: {uneven} frames are not shown at their fifteenth of a second")
        if self._partial and not self._trace.frames:
            self._frames = max(self._frames, count)
        elif count != self._trace.frames:
            self.problems.append(f"{name}: {count} frames, trace.json says {self._trace.frames}")
        return found

    def _check_events(self) -> None:
        self._events = load_inputs(self._read("events.jsonl"))
        if len(self._events) != self._trace.events and not self._partial:
            self.problems.append(f"events.jsonl: {len(self._events)} events, trace.json says {self._trace.events}")
        if self._events and not self._partial and frame_of(self._events[-1].time_ns) >= max(1, self._frames):
            self.problems.append("events.jsonl: goes on after the last frame")
        self.problems += [f"events.jsonl: {problem}" for problem in input_problems(self._events)]

    def _check_frames(self) -> None:
        arrays = load_arrays(self._read("frames.npz"), "frames.npz")
        try:
            grab_ns, missed = arrays["grab_ns"].astype(np.int64), arrays["missed"].astype(np.bool_)
            lengths = {len(arrays[name]) for name in ("grab_ns", "changed", "missed")}
        except (KeyError, TypeError, ValueError) as error:
            raise TracekitError(f"not the frames of a trace: {error}", place="frames.npz") from error
        if lengths != {self._trace.frames} and not self._partial:
            raise TracekitError(f"{sorted(lengths)} frames, trace.json says {self._trace.frames}", place="frames.npz")
        if self._trace.recorder != "framebuffer" or not len(grab_ns):
            return
        timing = self._trace.timing
        due_ns = np.array([frame_time_ns(frame) for frame in range(len(grab_ns))])
        read_ns = (grab_ns - due_ns)[~missed]
        worst_ns = int(read_ns.max()) if len(read_ns) else 0
        for told, computed, what in (
            (timing.missed_frames, int(missed.sum()), "missed_frames"),
            (timing.lateness_max_ns, worst_ns, "lateness_max_ns"),
        ):
            if told != computed:
                self.problems.append(f"frames.npz: {what} is {computed}, trace.json says {told}")
        if len(read_ns) and read_ns.min() < 0:
            self.problems.append("frames.npz: frames that were read before they were due")

    def _check_windows(self) -> None:
        found = load_windows(self._read("windows.jsonl"))
        if found and not self._partial and found[-1].time_ns > self._trace.duration_ns:
            self.problems.append("windows.jsonl: goes on after the last frame")

    def _compare_cursor_with_events(self) -> None:
        """By the clock rule, a frame has the cursor where the newest event up to its instant has it.

        Recorders with two clocks keep the rule as far as the error goes that they have measured.
        """
        if self._cursor is None or not self._events:
            return
        error_ns = 0 if self._trace.recorder == "framebuffer" else self._trace.timing.sync_error_ns
        times = [event.time_ns for event in self._events]
        wrong = 0
        for frame, (x, y) in enumerate(self._cursor.positions.tolist()):
            first = bisect_right(times, frame_time_ns(frame) - error_ns) - 1
            last = bisect_right(times, frame_time_ns(frame) + error_ns)
            # Where it was before the first event, events do not tell.
            wrong += first >= 0 and all((event.x, event.y) != (x, y) for event in self._events[first:last])
        if wrong:
            self.problems.append(f"cursor.npz: in {wrong} frames not where events.jsonl has the pointer")

    def _count(self) -> None:
        trace = self._trace
        span_s = seconds(frame_time_ns(self._frames))
        self.facts |= {"frames": self._frames, "seconds": round(span_s, 3)}
        if not self._partial and trace.duration_ns != frame_time_ns(trace.frames):
            self.problems.append(f"trace.json: duration_ns is not that of {trace.frames} frames")
        if self._events is not None:
            self.facts["events"] = len(self._events)
            if span_s:
                self.facts["actions_per_s"] = round(count_actions(self._events) / span_s, 3)
        if self._cursor is not None:
            self.facts["px_per_frame"] = round(px_per_frame(self._cursor.positions), 3)
        self.facts["timing"] = trace.timing.model_dump(mode="json")
        self.facts["sync_error_ns"] = trace.timing.sync_error_ns
