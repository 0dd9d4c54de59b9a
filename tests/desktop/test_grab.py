"""Frame k shows what was drawn before k/15 s; one that could not be read in time is counted, and shifts no other."""

import os
import select
import signal
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from bare import Bare, Counter, bare, grabbing_process, number_in

from tracekit.core.clock import frame_time_ns
from tracekit.core.errors import TracekitError
from tracekit.desktop.connect import connect
from tracekit.desktop.grab import Kind, Report
from tracekit.desktop.grabber import SLOTS, Grabber
from tracekit.desktop.recorder import Recorder, Screen
from tracekit.video.decode import decode
from tracekit.video.x264 import frame_planes

FRAMES = 45


def screen_of(desktop: Bare) -> Screen:
    return Screen(desktop.framebuffer, desktop.width_px, desktop.height_px, lambda: connect(desktop.x_socket))


def recorded(desktop: Bare, folder: Path, stopped_at: int = -1) -> tuple[int, Recorder, list[int], Counter]:
    """Record a counter; at one frame the grabbing process is stopped for a quarter of a second."""
    with Recorder(screen_of(desktop), folder, cursor="without") as recorder, Counter(desktop.x_socket) as counter:
        start_ns = recorder.start(FRAMES)
        while recorder.step():
            if recorder.recorded.frames == stopped_at:
                process = grabbing_process()
                os.kill(process, signal.SIGSTOP)
                threading.Timer(0.25, os.kill, (process, signal.SIGCONT)).start()
        recorder.finish()
    shown = [number_in(frame_planes(frame).y) for frame in decode(folder / "screen.mp4")]
    return start_ns, recorder, shown, counter


def assert_shown_when_read(start_ns: int, recorder: Recorder, shown: list[int], counter: Counter) -> None:
    """Every frame that was read shows what was drawn before it was read, and no less than when it was due."""
    did = recorder.recorded
    drawn = [(0, 0), *counter.drawn, (2**63, 2**63)]
    for frame, number in enumerate(shown):
        if did.missed[frame]:
            assert number == shown[frame - 1]
            continue
        assert drawn[number][0] <= start_ns + did.grab_ns[frame], f"frame {frame} shows what came after it was read"
        assert drawn[number + 1][1] >= start_ns + frame_time_ns(frame), f"frame {frame} lacks what came before it"


def test_a_frame_shows_what_was_drawn_before_its_instant_and_nothing_after(tmp_path: Path) -> None:
    with bare() as desktop:
        start_ns, recorder, shown, counter = recorded(desktop, tmp_path)
    assert len(shown) == recorder.recorded.frames == FRAMES
    assert len(set(shown)) > FRAMES // 2
    assert_shown_when_read(start_ns, recorder, shown, counter)


def test_frames_that_were_not_read_in_time_are_counted_and_shift_no_other(tmp_path: Path) -> None:
    with bare() as desktop:
        start_ns, recorder, shown, counter = recorded(desktop, tmp_path, stopped_at=15)
    did = recorder.recorded
    assert len(shown) == did.frames == FRAMES
    assert did.timing.missed_frames == sum(did.missed) >= 2
    assert not all(did.missed[20:])
    assert did.timing.lateness_max_ns == max(
        grab_ns - frame_time_ns(frame) for frame, grab_ns in enumerate(did.grab_ns) if not did.missed[frame]
    )
    assert_shown_when_read(start_ns, recorder, shown, counter)


def test_where_no_room_is_left_frames_are_missed_and_the_clock_goes_on() -> None:
    with bare(64, 48) as desktop, Counter(desktop.x_socket):
        grabber = Grabber(desktop.framebuffer, 64, 48)
        try:
            frames = SLOTS + 8
            grabber.end_at(frames)
            grabber.start(time.monotonic_ns())
            reports = taken(grabber)
        finally:
            grabber.close()
    assert [report.frame for report in reports] == list(range(frames))
    kinds = [report.kind for report in reports]
    assert kinds.count(Kind.CHANGED) <= SLOTS - 1
    assert kinds[-1] is Kind.MISSED


def test_instants_that_are_past_are_missed() -> None:
    with bare(64, 48) as desktop:
        grabber = Grabber(desktop.framebuffer, 64, 48)
        try:
            grabber.end_at(20)
            grabber.start(time.monotonic_ns() - frame_time_ns(10))
            reports = taken(grabber)
        finally:
            grabber.close()
    assert [report.frame for report in reports] == list(range(20))
    assert {report.kind for report in reports[:10]} == {Kind.MISSED}
    assert Kind.CHANGED in {report.kind for report in reports[10:]}


def test_a_picture_stays_until_it_is_given_back_and_then_its_room_is_used_again() -> None:
    with bare(64, 48) as desktop, Counter(desktop.x_socket):
        grabber = Grabber(desktop.framebuffer, 64, 48)
        try:
            grabber.end_at(12)
            grabber.start(time.monotonic_ns() + 10_000_000)
            kept: dict[int, np.ndarray] = {}
            while (report := grabber.take(10)) and report.kind is not Kind.ENDED:
                if report.kind is Kind.CHANGED:
                    assert report.slot not in kept
                    kept[report.slot] = grabber.picture(report.slot).copy()
                    if len(kept) == 4:
                        assert all(np.array_equal(grabber.picture(slot), picture) for slot, picture in kept.items())
                        for slot in kept:
                            grabber.release(slot)
                        kept.clear()
            assert report is not None
            assert grabber.cpu_s > 0
        finally:
            grabber.close()


def taken(grabber: Grabber) -> list[Report]:
    reports = []
    while (report := grabber.take(10)) is not None and report.kind is not Kind.ENDED:
        reports.append(report)
    return reports


def test_it_ends_when_nobody_reads_what_it_grabs() -> None:
    with bare(64, 48) as desktop:
        grabber = Grabber(desktop.framebuffer, 64, 48)
        watched = os.pidfd_open(grabber.pid)
        try:
            assert grabber._process.stdin is not None
            grabber._process.stdin.close()  # as the kernel does when we are killed
            assert select.select([watched], [], [], 20)[0]
        finally:
            os.close(watched)
            grabber.close()


def test_what_is_no_frame_buffer_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "fb").write_bytes(bytes(10))
    with pytest.raises(TracekitError, match="ends in its header"):
        Grabber(tmp_path / "fb", 64, 48)
