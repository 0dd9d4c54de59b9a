"""Record a display that is not ours, ``:0`` say: frames by FFmpeg's x11grab, a person's events by pynput.

A display of ours is read from its frame buffer and hears of input from its own X server, on one clock. Here neither can
be had, so how far events are from frames is measured, and stands in the trace's ``timing``:

- ``lateness``: how long before its instant each frame's pixels were grabbed. Grabs come 30 a second; frame 0 is put a
  little after one of them, so that every second one is of use. Frame k is the newest grab at or before k/15 s.
- pynput says what a person does, and calls later than it happens (``policy_options.pynput_delay``; of repeated keys by
  20 ms and more): the time of each event is the X server's own, which RECORD has in this process. ``event_error`` and
  ``wrong_frame_events`` are measured as of any trace, by asking for the cursor once a frame.
- ``late_frames``: frames whose grab is older than a period of x11grab; ``missed_frames``: those without a new grab.
- from the stamp of a grab to its pixels time goes by: a dot of 2 x 2 pixels in the bottom right corner changes its
  colour at known instants for a second before frame 0, and the longest delay that this leaves possible is added to the
  stamps (``policy_options.grab_delay_ns``). An X server that is starved later on answers later than that:
  ``x_round_trip`` tells.

What a person types is in the recording, passwords included, on the screen and in the events: ``keys`` leaves out what
of it can be left out. Wayland shows X11 clients nothing of other windows: record an X11 session.
"""

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from typing import Any

import numpy as np
from Xlib.display import Display
from Xlib.error import ConnectionClosedError, DisplayError, XError

from tracekit.actions.events import InputEvent, dump_inputs
from tracekit.core.clock import frame_of, frame_time_ns, to_ns
from tracekit.core.errors import TracekitError
from tracekit.desktop.connect import close
from tracekit.desktop.cursor_watch import CursorSample, CursorWatch
from tracekit.desktop.foreign.calibrate import DOT_PX, Delay, Dot
from tracekit.desktop.foreign.film import MOST_FRAMES, Film, frame_luma
from tracekit.desktop.foreign.person import Keys, Person
from tracekit.desktop.foreign.take import Inputs, Take
from tracekit.desktop.foreign.tracks import cursor_track, dump_frames, dump_windows, with_shapes
from tracekit.desktop.foreign.x11grab import PERIOD_NS, Grab, X11Grab
from tracekit.desktop.interrupts import stopped_by_ctrl_c
from tracekit.desktop.listen import Listener
from tracekit.desktop.partial import Partial
from tracekit.desktop.policies.base import Window
from tracekit.desktop.recorder import QP
from tracekit.desktop.server_clock import ClockReading, measure_clock
from tracekit.desktop.sync import CursorProbe, event_errors
from tracekit.desktop.trace import Timing, Trace
from tracekit.desktop.windows import WindowWatch

_CALIBRATING = 45
"""Grabs with the dot."""
_WARM_UP = 15
"""Grabs that tell the phase; what was under the dot is drawn again meanwhile."""
_LATE_NS = 2_000_000
_ROUNDED_NS = 500_000
"""The server's times are of whole milliseconds: of each the middle is meant."""


def record_display(
    display: str,
    out: Path,
    *,
    key: str,
    seconds: float | None = None,
    keys: Keys = "all",
    calibrate: bool = True,
    qp: int = QP,
) -> Trace:
    """Record a display into the trace OUT/KEY, until ``seconds`` are over or Ctrl-C is pressed.

    Args:
        display: its name, ``:0``.
        out: the folder of traces; made if it is not there.
        key: the trace's name.
        seconds: how long; None: until Ctrl-C.
        keys: what is kept of what is typed: ``all``; ``names-only``: names of keys that type nothing, and of the others
            that they were pressed; ``none``.
        calibrate: show the dot before frame 0.
        qp: x264's quantiser.

    Raises:
        TracekitError: the display or FFmpeg is not there, or pynput can't listen. A display that goes away later ends
            the trace, which is then kept as failed.
    """
    frames = MOST_FRAMES if seconds is None else frame_of(to_ns(seconds))
    if frames < 1:
        raise TracekitError(f"{seconds} s hold no frame", remedy="record for longer")
    if (out / key).exists():
        raise TracekitError("there is such a trace already", place=str(out / key), remedy="give another key")
    began_s, opener = time.process_time(), _opener(display)
    with ExitStack() as stack:
        partial = stack.enter_context(Partial(out, key))
        stack.push(lambda kind, *_: partial.discard() if kind else None)
        asked = opener()
        stack.callback(close, asked)
        screen, clock = asked.screen(), measure_clock(asked)
        size = screen.width_in_pixels & ~1, screen.height_in_pixels & ~1
        about = Trace(
            key=key,
            status="failed",
            problem="the recorder did not come to its end",
            width_px=size[0],
            height_px=size[1],
            frames=0,
            duration_ns=0,
            events=0,
            recorded_at=int(time.time()),
            policy="display",
            recorder="x11grab",
        )
        partial.describe(about)
        listener = stack.enter_context(closing(Listener(opener)))
        cursors = stack.enter_context(closing(CursorWatch(opener)))
        windows = stack.enter_context(closing(WindowWatch(opener)))
        listener.start()
        cursors.start()
        windows.start()
        person = stack.enter_context(closing(Person(display, opener, keys)))
        stop = stack.enter_context(stopped_by_ctrl_c())
        grabs = stack.enter_context(closing(X11Grab(display, *size)))
        dot = stack.enter_context(closing(Dot(opener, size[0] - DOT_PX, size[1] - DOT_PX))) if calibrate else None
        take = Take(stack.enter_context(closing(Film(partial.path / "screen.mp4", *size, qp))), frames)
        probes: list[CursorProbe] = []
        problem = _record(
            take,
            grabs,
            dot,
            stop,
            lambda start_ns: probes.append(stack.enter_context(closing(CursorProbe(cursors.sample, start_ns)))),
        )
        inputs = Inputs.of(person.take(), _heard_by_server(listener), take, person)
        grabbed_ns = take.grabbed_ns()
        track = cursor_track(inputs.events, grabbed_ns, inputs.start)
        track = with_shapes(track, cursors, [take.start_ns + time_ns for time_ns in grabbed_ns])
        told = _told(windows)
        partial.write("events.jsonl", dump_inputs(inputs.events))
        partial.write(
            "windows.jsonl", dump_windows(told, take.start_ns, take.start_ns + frame_time_ns(take.frames - 1))
        )
        partial.write("cursor.npz", track.save())
        partial.write("frames.npz", dump_frames(grabbed_ns, take.film.changed, take.missed()))
        found = {
            "status": "failed" if problem else "complete",
            "problem": problem,
            "reason": "desktop-died" if problem else "",
            "frames": take.frames,
            "duration_ns": frame_time_ns(take.frames),
            "events": len(inputs.events),
            "recorded_at": take.unix_s,
            "policy_options": _options(display, keys, take, inputs),
            "timing": _timing(take, inputs, clock, probes[0].samples, real_time=grabs.real_time),
            "problems": _problems(inputs),
            "cpu": {"recorder": round(time.process_time() - began_s, 3), "ffmpeg": grabs.cpu_s()},
        }
        return partial.commit(about.model_copy(update=found))


def _options(display: str, keys: Keys, take: Take, inputs: Inputs) -> dict[str, Any]:
    """How it was recorded."""
    return {
        "display": display,
        "keys": keys,
        "grab_delay_ns": list(take.delay) if take.delay else None,
        "pynput_delay_p50_ns": _percentile(inputs.delays_ns, 50),
        "pynput_delay_p99_ns": _percentile(inputs.delays_ns, 99),
    }


def _opener(display: str) -> Callable[[], Display]:
    """What opens connections to a display by its name."""

    def opened() -> Display:
        try:
            return Display(display)
        except (DisplayError, ConnectionClosedError, XError, OSError) as error:
            raise TracekitError(
                f"no X server answers: {error}", place=f"display {display}", remedy="is DISPLAY right, and xhost?"
            ) from error

    return opened


def _record(
    take: Take, grabs: Iterable[Grab], dot: Dot | None, stop: threading.Event, begun: Callable[[int], None]
) -> str:
    """Fill a take, and return why it ended before its time, or ''. ``begun`` is told the instant of frame 0."""
    stamps: list[int] = []
    seen: list[tuple[int, int]] = []
    delay: Delay | None = None
    try:
        for grab in grabs:
            if take.begun:
                if not take.add(grab) or stop.is_set():
                    break
                continue
            stamps.append(grab.time_ns)
            if dot is not None:
                seen.append((grab.time_ns, int(frame_luma(grab.picture)[-1, -1])))
                if len(stamps) >= _CALIBRATING:
                    dot.close()
                    delay, dot = dot.delay(seen), None
            elif len(stamps) >= _WARM_UP + len(seen):
                take.begin(stamps[-_WARM_UP:], delay)
                begun(take.start_ns)
            if stop.is_set():
                raise TracekitError("stopped before the first frame")
    except TracekitError as error:
        if not take.begun:
            raise
        return str(error)
    finally:
        take.end()
    return ""


def _told(windows: WindowWatch) -> list[tuple[int, list[Window]]]:
    """What the X server said of the windows; nothing of one that is gone."""
    try:
        return windows.take()
    except TracekitError:
        return []


def _heard_by_server(listener: Listener) -> list[InputEvent]:
    """What the X server said of the input; of one that is gone, what it had said by then."""
    with suppress(TracekitError):
        listener.catch_up()
    try:
        return listener.take()
    except TracekitError:
        return []


def _timing(
    take: Take, inputs: Inputs, clock: ClockReading, samples: Sequence[CursorSample], *, real_time: bool
) -> Timing:
    """What was measured, in the terms of every trace."""
    ages = take.ages_ns()
    found = event_errors(samples, inputs.events, inputs.start, take.start_ns, frame_time_ns(take.frames - 1))
    # Of a pointer that rests nothing can be measured: what the server's clock leaves open is known all the same.
    errors = found.errors_ns or [_ROUNDED_NS + abs(clock.offset_ns) + clock.bound_ns] * len(inputs.delays_ns)
    trips = [*clock.round_trips_ns, *(sample.after_ns - sample.before_ns for sample in samples)]
    return Timing(
        missed_frames=sum(take.missed()),
        late_frames=sum(age > PERIOD_NS + _LATE_NS for age in ages),
        lateness_p50_ns=_percentile(ages, 50),
        lateness_p99_ns=_percentile(ages, 99),
        lateness_max_ns=_percentile(ages, 100),
        event_error_p50_ns=_percentile(errors, 50),
        event_error_p99_ns=_percentile(errors, 99),
        event_error_max_ns=_percentile(errors, 100),
        wrong_frame_events=found.wrong_frames,
        x_round_trip_p50_ns=_percentile(trips, 50),
        x_round_trip_p99_ns=_percentile(trips, 99),
        clock_offset_ns=clock.offset_ns,
        clock_offset_bound_ns=clock.bound_ns,
        real_time=real_time,
        measured=bool(errors),
    )


def _problems(inputs: Inputs) -> tuple[str, ...]:
    """Where the two that listened do not agree."""
    told = (
        (inputs.missing, "events that the X server recorded pynput did not tell of: they are missing"),
        (inputs.unmatched, "events the X server did not record: their time is that of pynput's call"),
    )
    return tuple(f"{number} {what}" for number, what in told if number)


def _percentile(values: Sequence[int], percent: float) -> int:
    return int(np.percentile(values, percent, method="higher")) if len(values) else 0
