"""A screen recorded: frames and events of one X server, on one clock, into the files of a trace.

The grabbing process reads each frame when it is due. Here, a quarter of a second later, when all that belongs to the
frame has been heard, it is composed with the cursor, encoded, and written, and so are the events up to its instant.
"""

import os
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray
from Xlib.display import Display

from tracekit.actions.cursor_track import HIDDEN, CursorTrack
from tracekit.actions.events import InputEvent, dump_inputs
from tracekit.actions.npz import dump_arrays
from tracekit.actions.windows import WindowLine, WindowsLine
from tracekit.core.clock import FPS, NS_PER_S, frame_of, frame_time_ns
from tracekit.core.errors import TracekitError
from tracekit.core.files import Folder
from tracekit.desktop.compose import Composer, Cursor, Picture
from tracekit.desktop.connect import close
from tracekit.desktop.cursor_watch import CursorWatch
from tracekit.desktop.framebuffer import BYTES_PER_PX
from tracekit.desktop.grab import Kind, Report
from tracekit.desktop.grabber import Grabber
from tracekit.desktop.listen import Listener
from tracekit.desktop.policies.base import Window
from tracekit.desktop.server_clock import measure_clock
from tracekit.desktop.sync import CursorProbe, event_errors
from tracekit.desktop.trace import CursorMode, Timing
from tracekit.desktop.windows import WindowWatch
from tracekit.video.encode import ClipEncoder
from tracekit.video.fragmented import FragmentedMp4

DELAY_NS = 250_000_000
"""From the instant of a frame to its composition: events are heard in a millisecond, later if the machine is busy."""
LATE_NS = 2_000_000
"""A frame read later than this after it was due counts as late."""
QP = 14
"""x264's quantiser. A trace is decoded and encoded again, so it is to be better than a clip: benchmarks/desktops.py."""
GOP_FRAMES = 30
_FRAGMENT_FRAMES = FPS
_SILENCE_S = 30.0
_LEAD_NS = 40_000_000
"""From when all is ready to frame 0."""


class Screen(NamedTuple):
    """What is recorded."""

    framebuffer: Path
    width_px: int
    height_px: int
    open_display: Callable[[], Display]


class _Video:
    """One of the videos of a trace."""

    def __init__(self, path: Path, screen: Screen, qp: int, with_cursor: bool) -> None:
        self._encoder = ClipEncoder(screen.width_px, screen.height_px, qp=qp, gop_frames=GOP_FRAMES)
        self._composer = Composer(self._encoder.planes)
        self._file: BinaryIO = path.open("wb")
        self._mp4 = FragmentedMp4(self._file, screen.width_px, screen.height_px, self._encoder.sets)
        self._with_cursor = with_cursor

    def show(self, picture: Picture, cursor: Cursor | None) -> None:
        areas = self._composer.show(picture, cursor if self._with_cursor else None)
        self._encoder.frame(bool(areas), areas)
        if self._encoder.frames % _FRAGMENT_FRAMES == 0:
            self._mp4.append(*self._encoder.take())

    def close(self) -> None:
        samples, keys = self._encoder.take()
        if samples:
            self._mp4.append(samples, keys)
        os.fsync(self._file.fileno())
        self._file.close()


@dataclass
class Recorded:
    """What was recorded so far."""

    frames: int = 0
    events: list[InputEvent] = field(default_factory=list)
    late_events: int = 0
    grab_ns: list[int] = field(default_factory=list)
    changed: list[bool] = field(default_factory=list)
    missed: list[bool] = field(default_factory=list)
    unsettled: list[bool] = field(default_factory=list)
    positions: list[tuple[int, int]] = field(default_factory=list)
    shapes: list[int] = field(default_factory=list)
    timing: Timing = field(default_factory=Timing)
    cpu_s: float = 0.0
    """Of this process since the recorder was made, and of the grabbing one."""


class Recorder:
    """Records one screen once. Used as a context manager; then `start`, `step` until it says False, `finish`.

    Args:
        screen: what to record.
        folder: where the files are written.
        cursor: which videos.
        qp: of x264.

    Raises:
        TracekitError: the desktop is gone, or lacks an extension.
    """

    def __init__(self, screen: Screen, folder: Path, *, cursor: CursorMode = "with", qp: int = QP) -> None:
        self.recorded = Recorded()
        self._screen, self._folder = screen, folder
        self._cpu_s = time.process_time()
        self._picture: Picture = np.zeros((screen.height_px, screen.width_px, BYTES_PER_PX), np.uint8)
        self._slot = -1
        self._windows: list[tuple[int, list[Window]]] = []
        self._open = ExitStack()
        with ExitStack() as unless_ready:
            unless_ready.enter_context(self._open)
            self._grabber = Grabber(screen.framebuffer, screen.width_px, screen.height_px)
            self._open.callback(self._grabber.close)
            self._listener = Listener(screen.open_display)
            self._open.callback(self._listener.close)
            self._cursors = CursorWatch(screen.open_display)
            self._open.callback(self._cursors.close)
            self._window_watch = WindowWatch(screen.open_display)
            self._open.callback(self._window_watch.close)
            asking = screen.open_display()
            self._clock = measure_clock(asking)
            close(asking)
            self._videos = [_Video(folder / "screen.mp4", screen, qp, cursor != "without")]
            if cursor == "both":
                self._videos.append(_Video(folder / "clean.mp4", screen, qp, False))
            self._event_file, self._window_file = (
                self._open.enter_context((folder / name).open("wb")) for name in ("events.jsonl", "windows.jsonl")
            )
            unless_ready.pop_all()

    def start(self, frames: int, phase_ns: int = 0) -> int:
        """Begin.

        Args:
            frames: how many at most.
            phase_ns: of the instants at which frames are due, from those of CLOCK_MONOTONIC that are whole fifteenths
                of a second; so that several recorders do not all read at once.

        Returns:
            CLOCK_MONOTONIC of frame 0, a moment from now.
        """
        self._listener.start()
        self._cursors.start()
        self._window_watch.start()
        earliest_ns = time.monotonic_ns() + _LEAD_NS - phase_ns
        self._start_ns = frame_time_ns(frame_of(earliest_ns)) + phase_ns
        self._grabber.end_at(frames)
        self._grabber.start(self._start_ns)
        self._probe = CursorProbe(self._cursors.sample, self._start_ns)
        self._open.callback(self._probe.close)
        self._first = self._listener.pointer_at(self._start_ns)
        return self._start_ns

    def end_at(self, frame: int) -> None:
        """End before this frame; if it was read already, as soon as may be."""
        self._grabber.end_at(frame)

    def step(self) -> bool:
        """Wait for the next frame, and record it; False when there is none.

        Raises:
            TracekitError: the desktop is gone. What was recorded until then is whole once `finish` was called.
        """
        report = self._grabber.take(_SILENCE_S)
        if report is None:
            raise TracekitError("frames are no longer grabbed: the process that does is stuck")
        if report.kind is Kind.ENDED:
            return False
        instant_ns = self._start_ns + frame_time_ns(report.frame)
        time.sleep(max(0, instant_ns + DELAY_NS - time.monotonic_ns()) / NS_PER_S)
        self._hear(instant_ns)
        self._compose(report, instant_ns)
        return True

    def _hear(self, instant_ns: int) -> None:
        """Write down the events and windows up to the instant of a frame."""
        recorded = self.recorded
        heard = self._listener.take(instant_ns)
        told_ns = self._start_ns + frame_time_ns(recorded.frames - 1) if recorded.frames else self._start_ns - 1
        events = [event._replace(time_ns=event.time_ns - self._start_ns) for event in heard]
        events = [event for event in events if event.time_ns >= 0]
        recorded.late_events += sum(event.time_ns + self._start_ns <= told_ns for event in events)
        recorded.events += events
        self._event_file.write(dump_inputs(events))
        self._event_file.flush()
        self._windows += self._window_watch.take()
        due = [one for one in self._windows if one[0] <= instant_ns]
        self._windows = self._windows[len(due) :]
        if not recorded.frames:
            due = due[-1:]  # how things stand at the start
        for time_ns, windows in due:
            lines = tuple(WindowLine(**asdict(window)) for window in windows)
            told = WindowsLine(t=max(0, time_ns - self._start_ns), windows=lines)
            self._window_file.write(told.model_dump_json().encode() + b"\n")
        self._window_file.flush()

    def _compose(self, report: Report, instant_ns: int) -> None:
        recorded = self.recorded
        released = -1
        if report.kind is Kind.CHANGED:
            released, self._slot = self._slot, report.slot
            self._picture = self._grabber.picture(report.slot)
        x, y = self._listener.pointer_at(instant_ns)
        shape = self._cursors.shape_at(instant_ns)
        cursor = None
        if shape != HIDDEN:
            left, top = self._cursors.hotspots[shape]
            cursor = Cursor(x - left, y - top, self._cursors.images[shape])
        for video in self._videos:
            video.show(self._picture, cursor)
        if released >= 0:
            self._grabber.release(released)
        missed = report.kind is Kind.MISSED
        read_ns = report.end_ns - self._start_ns
        recorded.grab_ns.append(recorded.grab_ns[-1] if missed and recorded.grab_ns else read_ns)
        recorded.changed.append(report.kind is Kind.CHANGED or not recorded.frames)
        recorded.missed.append(missed)
        recorded.unsettled.append(not report.settled)
        recorded.positions.append((x, y))
        recorded.shapes.append(shape)
        recorded.frames += 1

    def finish(self) -> Recorded:
        """Write what is left to be written. Nothing is recorded after it."""
        recorded = self.recorded
        self._open.close()
        for video in self._videos:
            video.close()
        files = Folder(self._folder)
        files.write("cursor.npz", self._cursor_track().save())
        grab_ns, missed = np.array(recorded.grab_ns, np.int64), np.array(recorded.missed, bool)
        arrays = {"grab_ns": grab_ns, "changed": np.array(recorded.changed, bool), "missed": missed}
        files.write("frames.npz", dump_arrays(arrays))
        recorded.timing = self._timing(grab_ns, missed)
        recorded.cpu_s = time.process_time() - self._cpu_s + self._grabber.cpu_s
        return recorded

    def __enter__(self) -> "Recorder":
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def _cursor_track(self) -> CursorTrack:
        recorded = self.recorded
        track = CursorTrack(
            np.array(recorded.positions, np.int32).reshape(-1, 2),
            np.array(recorded.shapes, np.int32),
            tuple(self._cursors.images),
            np.array(self._cursors.hotspots, np.int32).reshape(-1, 2),
        )
        return track.cut(list(range(recorded.frames)))

    def _timing(self, grab_ns: NDArray[np.int64], missed: NDArray[np.bool_]) -> Timing:
        recorded = self.recorded
        if not recorded.frames:
            return Timing()
        due_ns = np.array([frame_time_ns(frame) for frame in range(recorded.frames)], np.int64)
        lateness_ns = (grab_ns - due_ns)[~missed]
        late = (grab_ns - due_ns > LATE_NS) & ~missed
        errors = event_errors(self._probe.samples, recorded.events, self._first, self._start_ns, int(due_ns[-1]))
        round_trips = [sample.after_ns - sample.before_ns for sample in self._probe.samples]
        round_trips += self._clock.round_trips_ns
        return Timing(
            missed_frames=int(missed.sum()),
            late_frames=int(late.sum()),
            unsettled_frames=sum(recorded.unsettled),
            lateness_p50_ns=_percentile(lateness_ns, 50),
            lateness_p99_ns=_percentile(lateness_ns, 99),
            lateness_max_ns=_percentile(lateness_ns, 100),
            event_error_p50_ns=_percentile(errors.errors_ns, 50),
            event_error_p99_ns=_percentile(errors.errors_ns, 99),
            event_error_max_ns=_percentile(errors.errors_ns, 100),
            wrong_frame_events=errors.wrong_frames + _shown_wrong(recorded.events, grab_ns, missed, late),
            late_events=recorded.late_events,
            x_round_trip_p50_ns=_percentile(round_trips, 50),
            x_round_trip_p99_ns=_percentile(round_trips, 99),
            clock_offset_ns=self._clock.offset_ns,
            clock_offset_bound_ns=self._clock.bound_ns,
            real_time=self._grabber.real_time,
        )


def _shown_wrong(
    events: list[InputEvent], grab_ns: NDArray[np.int64], missed: NDArray[np.bool_], late: NDArray[np.bool_]
) -> int:
    """Events that belong to a missed frame, or came before a late frame was read that they do not belong to."""
    wrong = 0
    for event in events:
        frame = frame_of(event.time_ns)
        wrong += bool(missed[frame]) or (frame > 0 and bool(late[frame - 1]) and event.time_ns <= grab_ns[frame - 1])
    return wrong


def _percentile(values: NDArray[np.int64] | list[int], percent: int) -> int:
    return round(float(np.percentile(values, percent))) if len(values) else 0
