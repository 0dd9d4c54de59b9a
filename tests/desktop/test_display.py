"""A display that is not ours, recorded: a real X server, and input that XTEST brings in a person's place."""

import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from components import require
from traces import BITS, CODE_PX, numbers
from x_servers import XServer, started
from Xlib import X
from Xlib.display import Display
from Xlib.error import ConnectionClosedError
from Xlib.ext import xtest

from tracekit.actions.cursor_track import HIDDEN, CursorTrack
from tracekit.actions.events import InputEvent, load_inputs
from tracekit.core.clock import FPS, NS_PER_S, frame_time_ns
from tracekit.core.errors import TracekitError
from tracekit.desktop.display import record_display
from tracekit.desktop.trace import Trace, read_trace
from tracekit.video.decode import frames_rgb

SIZE = 640, 480
SECONDS = 3.0
GRAY = 0x808080


@dataclass
class Person:
    """Draws numbers, one after the other, and moves, clicks and types; remembers when."""

    server: XServer
    drawn: list[tuple[int, int, int]] = field(default_factory=list)
    """Before and after the server drew it, on CLOCK_MONOTONIC, and the number."""
    done: list[tuple[int, int, int, int]] = field(default_factory=list)
    """Before and after a move, x, y."""
    typing: bool = True
    acting: bool = True
    ended: threading.Event = field(default_factory=threading.Event)

    def live(self) -> None:
        """Until it is ended."""
        display = Display(self.server.display)
        screen = display.screen()
        root = screen.root
        window = root.create_window(0, 0, *SIZE, 0, screen.root_depth, override_redirect=True, background_pixel=GRAY)
        window.map()
        hidden = window.create_pixmap(BITS * CODE_PX, CODE_PX, screen.root_depth)
        white, black = (window.create_gc(foreground=color) for color in (0xFFFFFF, 0))
        chance = random.Random(4)
        number = 0
        while not self.ended.wait(0.01 + 0.03 * chance.random()):
            number += 1
            for bit in range(BITS):
                hidden.fill_rectangle(white if number >> bit & 1 else black, bit * CODE_PX, 0, CODE_PX, CODE_PX)
            display.sync()
            before_ns = time.monotonic_ns()
            window.copy_area(white, hidden, 0, 0, BITS * CODE_PX, CODE_PX, 0, 0)
            display.sync()
            self.drawn.append((before_ns, time.monotonic_ns(), number))
            if not self.acting:
                continue
            x, y = 200 + number % 400, 100 + chance.randrange(300)
            before_ns = time.monotonic_ns()
            xtest.fake_input(display, X.MotionNotify, x=x, y=y)
            display.sync()
            self.done.append((before_ns, time.monotonic_ns(), x, y))
            if number % 8 == 0:
                self._press(display, X.ButtonPress, X.ButtonRelease, 1 + number // 8 % 5)
            if self.typing and number % 5 == 0:
                self._press(display, X.KeyPress, X.KeyRelease, display.keysym_to_keycode(ord("a")))
            if self.typing and number % 7 == 0:
                self._press(display, X.KeyPress, X.KeyRelease, display.keysym_to_keycode(0xFF0D))
        display.close()

    @staticmethod
    def _press(display: Display, down: int, up: int, detail: int) -> None:
        for kind in (down, up):
            xtest.fake_input(display, kind, detail)
        display.sync()


def _until_the_display_is_gone(person: Person) -> None:
    with suppress(ConnectionClosedError):
        person.live()


@contextmanager
def living(person: Person) -> Iterator[Person]:
    thread = threading.Thread(target=_until_the_display_is_gone, args=[person])
    thread.start()
    try:
        yield person
    finally:
        person.ended.set()
        thread.join()


@dataclass(frozen=True)
class Recording:
    folder: Path
    trace: Trace
    events: list[InputEvent]
    person: Person

    @property
    def start_ns(self) -> int:
        """CLOCK_MONOTONIC of frame 0, as far as the moves tell, which both sides know."""
        times = {(x, y): before_ns for before_ns, _, x, y in self.person.done}
        moves = [event for event in self.events if event.code == "move" and (event.x, event.y) in times]
        return int(np.median([times[event.x, event.y] - event.time_ns for event in moves]))


@pytest.fixture(scope="module")
def server() -> Iterator[XServer]:
    require("ffmpeg", remedy="apt install ffmpeg")
    with started(*SIZE, cursor=True) as one:
        yield one


@pytest.fixture(scope="module")
def recording(server: XServer, tmp_path_factory: pytest.TempPathFactory) -> Recording:
    folder = tmp_path_factory.mktemp("display")
    with living(Person(server)) as person:
        trace = record_display(server.display, folder, key="one", seconds=SECONDS)
    events = load_inputs((folder / "one" / "events.jsonl").read_bytes())
    return Recording(folder / "one", trace, events, person)


def test_a_trace_has_what_every_trace_has(recording: Recording) -> None:
    trace = recording.trace
    assert read_trace(recording.folder) == trace
    assert (trace.status, trace.policy, trace.recorder) == ("complete", "display", "x11grab")
    assert (trace.width_px, trace.height_px, trace.frames) == (*SIZE, SECONDS * FPS)
    assert len(numbers((recording.folder / "screen.mp4").read_bytes())) == trace.frames
    assert set(trace.files) == {"screen.mp4", "events.jsonl", "cursor.npz", "frames.npz", "windows.jsonl"}
    assert [path.name for path in recording.folder.parent.iterdir()] == ["one"]


def test_frames_show_nothing_drawn_after_their_instant_and_no_less_than_their_age_says(recording: Recording) -> None:
    shown = numbers((recording.folder / "screen.mp4").read_bytes())
    start_ns, timing = recording.start_ns, recording.trace.timing
    # The moves tell the start to a millisecond; a server that is kept waiting reads its pixels so much later.
    slack_ns = 1_500_000 + timing.event_error_max_ns + timing.x_round_trip_p99_ns
    astray = []
    for frame, number in enumerate(shown):
        due_ns = start_ns + frame_time_ns(frame)
        before = [drawn for start, _, drawn in recording.person.drawn if start <= due_ns + slack_ns]
        settled_ns = due_ns - timing.lateness_max_ns - slack_ns
        settled = [drawn for _, end, drawn in recording.person.drawn if end <= settled_ns]
        if not settled[-1] <= number <= before[-1]:
            astray.append(frame)
    # Of a single grab FFmpeg does not tell how long the server kept it waiting.
    assert len(astray) <= len(shown) // 20, astray


def test_every_move_is_there_at_its_time(recording: Recording) -> None:
    start_ns, trace = recording.start_ns, recording.trace
    bound_ns = trace.timing.event_error_max_ns + 1_500_000
    moves = [event for event in recording.events if event.code == "move"]
    last_ns = frame_time_ns(trace.frames - 1)
    wanted = [
        (before_ns - start_ns, after_ns - start_ns, x, y)
        for before_ns, after_ns, x, y in recording.person.done
        if before_ns - start_ns > 5_000_000 and after_ns - start_ns < last_ns - 5_000_000
    ]
    first = [(event.x, event.y) for event in moves].index(wanted[0][2:])
    heard = moves[first : first + len(wanted)]
    assert [(event.x, event.y) for event in heard] == [place[2:] for place in wanted]
    for event, (before_ns, after_ns, *_) in zip(heard, wanted, strict=True):
        assert before_ns - bound_ns <= event.time_ns <= after_ns + bound_ns
    assert trace.problems == ()


def test_buttons_wheel_and_keys_are_what_was_pressed(recording: Recording) -> None:
    codes = {(event.code, event.button, event.dy, event.keysym, event.text) for event in recording.events}
    assert {("button-down", button, 0, "", "") for button in ("left", "middle", "right")} <= codes
    assert {("scroll", "", -1, "", ""), ("scroll", "", 1, "", "")} <= codes
    assert {("key-down", "", 0, "a", "a"), ("key-up", "", 0, "a", ""), ("key-down", "", 0, "Return", "\n")} <= codes
    held = [event.held for event in recording.events if event.code == "key-down" and event.keysym == "a"]
    assert held
    assert all("a" in keys for keys in held)


def test_the_cursor_is_where_the_log_has_it_and_looks_as_it_did(recording: Recording) -> None:
    track = CursorTrack.load((recording.folder / "cursor.npz").read_bytes())
    assert track.frames == recording.trace.frames
    assert HIDDEN not in track.shapes.tolist()
    assert track.images[0][..., 3].any()
    places = {(event.x, event.y) for event in recording.events if event.code == "move"}
    assert {tuple(place) for place in track.positions[2:].tolist()} <= places


def test_what_was_measured_stands_in_the_trace(recording: Recording) -> None:
    timing, options = recording.trace.timing, recording.trace.policy_options
    with np.load(recording.folder / "frames.npz") as frames:
        ages_ns = [frame_time_ns(frame) - at for frame, at in enumerate(frames["grab_ns"].tolist())]
        assert int(frames["missed"].sum()) == timing.missed_frames
    delay_ns = options["grab_delay_ns"]
    assert min(ages_ns) >= 0
    assert timing.lateness_max_ns == max(ages_ns) + max(0, *delay_ns) - min(delay_ns)
    assert timing.measured
    assert 0 <= timing.event_error_p50_ns <= timing.event_error_p99_ns <= timing.event_error_max_ns < NS_PER_S
    assert 0 < timing.x_round_trip_p50_ns <= timing.x_round_trip_p99_ns
    assert options["pynput_delay_p99_ns"] >= options["pynput_delay_p50_ns"]
    assert recording.trace.cpu["ffmpeg"] > 0


def test_the_dot_that_calibrates_is_in_no_frame(recording: Recording) -> None:
    corners = frames_rgb(recording.folder / "screen.mp4", range(recording.trace.frames))[:, -2:, -2:]
    assert np.abs(corners.astype(int) - 128).max() < 24


def test_ctrl_c_ends_a_recording_and_names_only_keeps_no_text(server: XServer, tmp_path: Path) -> None:
    def interrupt() -> None:
        video = tmp_path / "one.partial" / "screen.mp4"
        while not person.ended.wait(0.02):
            if video.exists() and video.stat().st_size > 20_000:
                os.kill(os.getpid(), signal.SIGINT)
                return

    with living(Person(server)) as person:
        interrupter = threading.Thread(target=interrupt)
        interrupter.start()
        trace = record_display(server.display, tmp_path, key="one", keys="names-only", calibrate=False)
        interrupter.join()
    events = load_inputs((tmp_path / "one" / "events.jsonl").read_bytes())
    assert (trace.status, trace.policy_options["keys"]) == ("complete", "names-only")
    assert trace.frames == len(numbers((tmp_path / "one" / "screen.mp4").read_bytes())) > FPS // 2
    keys = [event for event in events if event.code == "key-down"]
    assert {event.keysym for event in keys} <= {"Return", "VoidSymbol"}
    assert "VoidSymbol" in {event.keysym for event in keys}
    assert {event.text for event in events} <= {"", "\n"}
    assert {event.keycode for event in keys if event.keysym == "VoidSymbol"} == {0}
    assert all("a" not in event.held for event in events)


def test_a_display_that_goes_away_leaves_a_trace_that_failed(tmp_path: Path) -> None:
    require("ffmpeg", remedy="apt install ffmpeg")

    def end() -> None:
        video = tmp_path / "one.partial" / "screen.mp4"
        while not person.ended.wait(0.02):
            if video.exists() and video.stat().st_size > 10_000:
                server.process.kill()
                return

    with started(*SIZE, cursor=True) as server, living(Person(server, acting=False)) as person:
        ender = threading.Thread(target=end)
        ender.start()
        trace = record_display(server.display, tmp_path, key="one", seconds=60, keys="none", calibrate=False)
        ender.join()
    assert (trace.status, trace.reason) == ("failed", "desktop-died")
    assert trace.problem
    assert trace.frames == len(numbers((tmp_path / "one" / "screen.mp4").read_bytes())) > 0
    assert read_trace(tmp_path / "one") == trace


def test_what_cannot_be_recorded_is_said_and_leaves_nothing(recording: Recording, tmp_path: Path) -> None:
    with pytest.raises(TracekitError, match="no X server answers"):
        record_display(":987", tmp_path, key="one", seconds=1)
    with pytest.raises(TracekitError, match="hold no frame"):
        record_display(":987", tmp_path, key="one", seconds=0)
    with pytest.raises(TracekitError, match="such a trace already"):
        record_display(recording.person.server.display, recording.folder.parent, key="one", seconds=1)
    with pytest.raises(TracekitError, match="name of a trace"):
        record_display(recording.person.server.display, tmp_path, key="One More", seconds=1)
    assert list(tmp_path.iterdir()) == []
