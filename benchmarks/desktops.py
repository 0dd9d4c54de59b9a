"""Print the desktop figures of the README: how well frames and events keep the clock, and what a desktop costs.

    python benchmarks/desktops.py [--seconds 60] [--desktops 8] [--only clock,pattern,many,sleep-loop,quality]

clock       one desktop driven by random-fast: missed frames, lateness, event error, processor time, time to ready
sleep-loop  the usual way to record a screen, mss and OpenCV in a loop that sleeps, on the same kind of desktop: its
            true rate, its drift at the end, and how far its frames are from the instants they are shown at
pattern     a client draws numbers at known instants; which number a frame shows tells how far it is from its own
quality     luma PSNR of the video against the pixels that were recorded
many        several desktops at a time: the same as clock, and recorded seconds per second, overheads included

Run it on a machine with nothing else to do. It needs Docker, the image ``desktop``, and for sleep-loop mss and OpenCV.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from Xlib import X
from Xlib.protocol import request

from tracekit.core import plugins
from tracekit.core.clock import FPS, NS_PER_S, frame_time_ns
from tracekit.desktop.check import check_trace
from tracekit.desktop.compose import Composer, convert
from tracekit.desktop.connect import close, connect
from tracekit.desktop.framebuffer import FrameBuffer
from tracekit.desktop.policies.base import Desktop, Outcome, Policy
from tracekit.desktop.record import Job, record, record_job
from tracekit.desktop.record_many import Task, record_many
from tracekit.desktop.recorder import QP
from tracekit.desktop.session import DesktopConfig, DesktopSession, open_session
from tracekit.desktop.trace import Trace
from tracekit.video.decode import decode
from tracekit.video.encode import ClipEncoder
from tracekit.video.planes import new_planes
from tracekit.video.quality import psnr
from tracekit.video.x264 import frame_planes

SIDE_PX, BITS = 16, 14
CONFIG = DesktopConfig()


def fast(seed: int) -> Policy:
    kind = plugins.load("policies", "random-fast")
    return kind(kind.Config(), seed)  # type: ignore[no-any-return]


def ms(time_ns: float) -> str:
    return f"{time_ns / 1e6:.2f} ms"


def tell_clock(trace: Trace) -> None:
    timing, span_s = trace.timing, trace.duration_ns / NS_PER_S
    print(f"  status {trace.status} {trace.reason}  frames {trace.frames}, {trace.frames / span_s:.1f} FPS")
    print(f"  missed {timing.missed_frames}, late (> 2 ms) {timing.late_frames}, real time {timing.real_time}")
    lateness = timing.lateness_p50_ns, timing.lateness_p99_ns, timing.lateness_max_ns
    print("  lateness p50, p99, max:", ", ".join(map(ms, lateness)))
    errors = timing.event_error_p50_ns, timing.event_error_p99_ns, timing.event_error_max_ns
    print("  event error p50, p99, max:", ", ".join(map(ms, errors)))
    print(f"  events {trace.events}, on a wrong frame {timing.wrong_frame_events}, late {timing.late_events}")
    print(f"  X round trip p50, p99: {ms(timing.x_round_trip_p50_ns)}, {ms(timing.x_round_trip_p99_ns)}")
    shares = {name: f"{100 * value / span_s:.1f} %" for name, value in trace.cpu.items()}
    print(f"  processor time of recorded time: {shares}, ready after {trace.ready_s} s")


def tell_check(folder: Path) -> None:
    check = check_trace(folder)
    told = {name: check.facts.get(name) for name in ("cursor_agreement", "px_per_frame", "actions_per_s")}
    print(f"  check: {list(check.problems) or 'no problems'} {told}")


def clock(out: Path, seconds: float, desktops: int) -> None:
    """One desktop driven by random-fast."""
    trace = record(CONFIG, fast(1), out, key="clock", seconds=seconds, policy_name="random-fast", seed=1)
    tell_clock(trace)
    tell_check(out / "clock")


def many(out: Path, seconds: float, desktops: int) -> None:
    """Several desktops at a time."""
    tasks = [
        Task(CONFIG, Job(f"many-{number}", seconds, policy_name="random-fast", seed=number))
        for number in range(desktops)
    ]
    began_s = time.monotonic()
    traces = record_many(tasks, out, parallel=desktops)
    took_s = time.monotonic() - began_s
    recorded_s = sum(trace.duration_ns for trace in traces) / NS_PER_S
    for trace in traces:
        print(f" {trace.key}")
        tell_clock(trace)
    print(f"  {recorded_s:.0f} s recorded in {took_s:.1f} s on {os.cpu_count()} processors: {recorded_s / took_s:.2f}")


class Watching:
    """A policy that lets something happen beside the recording."""

    Config = None

    def __init__(self, beside: Callable[[Desktop], None]) -> None:
        self._beside = beside

    def prepare(self, desktop: Desktop) -> None:
        pass

    def run(self, desktop: Desktop, seconds: float) -> Outcome:
        self._beside(desktop)
        return Outcome()


@contextmanager
def counter(socket: Path, drawn: list[tuple[int, int]]) -> Iterator[None]:
    """Draw 0, 1, 2 ... in Gray code, a step each 9 ms, each by one request; note CLOCK_MONOTONIC before and after."""
    display = connect(socket)
    root = display.screen().root
    paint = root.create_gc(function=X.GXxor, foreground=0xFFFFFF, subwindow_mode=X.IncludeInferiors)
    blank = root.create_gc(foreground=0, subwindow_mode=X.IncludeInferiors)
    root.poly_fill_rectangle(blank, [(0, 0, BITS * SIDE_PX, SIDE_PX)])
    display.sync()
    stop = threading.Event()

    def count() -> None:
        for number in range(1, 1 << BITS):
            if stop.wait(0.009):
                return
            bit = (number & -number).bit_length() - 1
            before_ns = time.monotonic_ns()
            root.poly_fill_rectangle(paint, [(bit * SIDE_PX, 0, SIDE_PX, SIDE_PX)])
            request.GetInputFocus(display=display.display)
            drawn.append((before_ns, time.monotonic_ns()))

    thread = threading.Thread(target=count)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
        close(display)


def number_in(luma: NDArray[np.uint8]) -> int:
    gray = sum(int(luma[SIDE_PX // 2, bit * SIDE_PX + SIDE_PX // 2] > 128) << bit for bit in range(BITS))
    number = 0
    while gray:
        number ^= gray
        gray >>= 1
    return number


def displaced_ns(number: int, due_ns: int, drawn: list[tuple[int, int]]) -> int:
    """How far from its instant a frame must have been taken to show a number: < 0 before, > 0 after, 0 at it."""
    if number > len(drawn):
        raise ValueError(f"a frame shows {number}, which was never drawn")
    if number and drawn[number - 1][0] > due_ns:
        return drawn[number - 1][0] - due_ns
    if number < len(drawn) and drawn[number][1] < due_ns:
        return drawn[number][1] - due_ns
    return 0


def tell_displaced(found: list[int]) -> None:
    sizes = np.abs(found)
    numbers = ", ".join(ms(float(np.percentile(sizes, percent))) for percent in (50, 99, 100))
    print(
        f"  {len(found)} frames: away from their instant p50, p99, max {numbers}; by > 2 ms {int((sizes > 2e6).sum())}"
    )


def pattern(out: Path, seconds: float, desktops: int) -> None:
    """Which number each frame shows, on a desktop."""
    drawn: list[tuple[int, int]] = []
    start_ns: list[int] = []
    opened: list[DesktopSession] = []

    def open_desktop() -> DesktopSession:
        opened.append(open_session(CONFIG))
        return opened[0]

    def beside(desktop: Desktop) -> None:
        start_ns.append(time.monotonic_ns() - desktop.now_ns())
        with counter(opened[0].x_socket, drawn):
            desktop.wait_until(10**15)

    record_job(open_desktop, Watching(beside), out, Job("pattern", seconds, "without"))
    luma = [frame_planes(frame).y for frame in decode(out / "pattern" / "screen.mp4")]
    tell_displaced(
        [displaced_ns(number_in(y), start_ns[0] + frame_time_ns(k), drawn) for k, y in enumerate(luma) if k >= FPS]
    )


SLEEP_LOOP = """
import json, sys, time
import cv2, mss, numpy as np
display, path, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
with mss.mss(display=display) as screen:
    area = screen.monitors[0]
    video = cv2.VideoWriter(path, cv2.VideoWriter_fourcc(*"mp4v"), 15, (area["width"], area["height"]))
    start, frames = time.monotonic_ns(), 0
    while time.monotonic_ns() - start < seconds * 1e9:
        video.write(cv2.cvtColor(np.array(screen.grab(area)), cv2.COLOR_BGRA2BGR))
        frames += 1
        time.sleep(1 / 15)
    end = time.monotonic_ns()
video.release()
print(json.dumps({"start_ns": start, "end_ns": end, "frames": frames}))
"""


def sleep_loop(out: Path, seconds: float, desktops: int) -> None:
    """mss and OpenCV in a loop that sleeps; frame k of its video is taken to be at k/15 s, as its readers take it."""
    drawn: list[tuple[int, int]] = []
    path = out / "loop.mp4"
    with open_session(CONFIG) as desktop, tempfile.TemporaryDirectory() as folder:
        # It knows displays by number only: the desktop's socket gets one.
        number = next(n for n in range(90, 999) if not Path(f"/tmp/.X11-unix/X{n}").exists())
        link = Path(f"/tmp/.X11-unix/X{number}")
        link.parent.mkdir(exist_ok=True)
        link.symlink_to(desktop.x_socket)
        script = Path(folder) / "loop.py"
        script.write_text(SLEEP_LOOP)
        try:
            with counter(desktop.x_socket, drawn):
                command = [sys.executable, str(script), f":{number}", str(path), str(seconds)]
                done = subprocess.run(command, capture_output=True, text=True, check=True)
        finally:
            link.unlink()
    told = json.loads(done.stdout)
    span_s = (told["end_ns"] - told["start_ns"]) / NS_PER_S
    print(f"  {told['frames']} frames in {span_s:.2f} s: {told['frames'] / span_s:.2f} FPS where its file says 15")
    print(f"  drift at the end: {span_s - told['frames'] / FPS:.2f} s")
    luma = [frame.reformat(format="gray").to_ndarray() for frame in decode(path)]
    due = [told["start_ns"] + frame_time_ns(frame) for frame in range(len(luma))]
    tell_displaced([displaced_ns(number_in(y), due_ns, drawn) for y, due_ns in zip(luma, due, strict=True)])


def quality(out: Path, seconds: float, desktops: int) -> None:
    """Pixels of a desktop in use, encoded as the recorder does."""
    pictures: list[NDArray[np.uint8]] = []
    stop = threading.Event()
    with open_session(CONFIG) as desktop, FrameBuffer(desktop.framebuffer, CONFIG.width_px, CONFIG.height_px) as screen:

        def look() -> None:
            while not stop.wait(1 / FPS):
                picture = np.empty((CONFIG.height_px, CONFIG.width_px, 4), np.uint8)
                screen.read_into(picture.data.cast("B"))
                if len(pictures) < 300 and not (pictures and np.array_equal(picture, pictures[-1])):
                    pictures.append(picture)

        from tracekit.desktop.live import LiveDesktop

        live, policy = LiveDesktop(desktop), fast(2)
        policy.prepare(live)
        live.begin(time.monotonic_ns(), round(min(seconds, 20) * NS_PER_S))
        thread = threading.Thread(target=look)
        thread.start()
        policy.run(live, min(seconds, 20))
        stop.set()
        thread.join()
        live.close()
    for qp in (QP - 4, QP, QP + 4):
        encoder = ClipEncoder(CONFIG.width_px, CONFIG.height_px, qp=qp, gop_frames=30)
        composer = Composer(encoder.planes)
        began_s = time.process_time()
        for picture in pictures:
            areas = composer.show(picture, None)
            encoder.frame(bool(areas), areas)
        took_s = time.process_time() - began_s
        video, meant = encoder.finish(), new_planes(CONFIG.width_px, CONFIG.height_px)
        found = []
        for picture, frame in zip(pictures, decode(video), strict=True):
            convert(picture, meant)
            found.append(min(100.0, psnr(meant.y, frame_planes(frame).y)))
        print(
            f"  qp {qp}: luma PSNR median {statistics.median(found):.1f} dB, lowest {min(found):.1f} dB, "
            f"{len(video) / len(pictures) / 1000:.1f} kB and {1000 * took_s / len(pictures):.1f} ms a changed frame"
        )


PARTS = {"clock": clock, "sleep-loop": sleep_loop, "pattern": pattern, "quality": quality, "many": many}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0, help="of each recording")
    parser.add_argument("--desktops", type=int, default=8, help="of many")
    parser.add_argument("--only", default=",".join(PARTS), help="which, comma separated")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tracekit-desktops-") as folder:
        for name in chosen.only.split(","):
            print(f"{name}: {PARTS[name].__doc__}", flush=True)
            PARTS[name](Path(folder), chosen.seconds, chosen.desktops)


if __name__ == "__main__":
    main()
