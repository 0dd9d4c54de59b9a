"""Traces made up for tests: a screen whose every frame shows its own number."""

import hashlib
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tracekit.actions.cursor_track import CursorTrack
from tracekit.actions.events import InputEvent, dump_inputs
from tracekit.actions.windows import WindowLine, WindowsAt, dump_windows
from tracekit.core.clock import FPS, NS_PER_S, frame_time_ns
from tracekit.desktop.trace import Trace
from tracekit.video.decode import decode
from tracekit.video.plain import PlainEncoder

CODE_PX = 16
"""Side of the squares that tell a frame's number in binary, from the least bit."""
BITS = 10

LATER = WindowLine(title="later", program="P", x=1, y=2, width_px=3, height_px=4, active=True)
"""A window that opens after three quarters of a trace."""


def write_trace(
    folder: Path,
    frames: int = 150,
    *,
    events: Sequence[InputEvent] = (),
    width_px: int = 320,
    height_px: int = 192,
    still: Sequence[int] = (),
    **about: Any,
) -> Trace:
    """Write a trace in which frame k shows k, its cursor k px from the left; those in ``still`` change nothing."""
    folder.mkdir(parents=True)
    encoder = PlainEncoder(width_px, height_px, qp=4)
    places: list[int] = []
    shown = 0
    for frame in range(frames):
        shown = shown if frame in still else frame
        places.append(shown % width_px)
        encoder.planes.y[:] = 100
        for bit in range(BITS):
            at = slice(bit * CODE_PX, (bit + 1) * CODE_PX)
            encoder.planes.y[:CODE_PX, at] = 235 if shown >> bit & 1 else 16
        encoder.frame(True)
    image = np.full((4, 3, 4), 255, np.uint8)
    positions = np.array([[place, 100] for place in places], np.int32)
    cursor = CursorTrack(positions, np.zeros(frames, np.int32), (image,), np.array([[1, 1]], np.int32))
    changed = np.array([frame not in still for frame in range(frames)])
    arrays = io.BytesIO()
    grab_ns = np.array([frame_time_ns(frame) + 1 for frame in range(frames)], np.int64)
    np.savez_compressed(arrays, grab_ns=grab_ns, changed=changed, missed=np.zeros(frames, np.bool_))
    windows = [WindowsAt(0, ()), WindowsAt(frame_time_ns(frames * 3 // 4), (LATER,))]
    files = {
        "screen.mp4": encoder.finish(),
        "events.jsonl": dump_inputs(events),
        "cursor.npz": cursor.save(),
        "frames.npz": arrays.getvalue(),
        "windows.jsonl": dump_windows(windows),
    }
    if about.get("cursor") == "both":
        files["clean.mp4"] = files["screen.mp4"]
    for name, content in files.items():
        (folder / name).write_bytes(content)
    told: dict[str, Any] = {
        "key": folder.name.lower(),
        "status": "complete",
        "width_px": width_px,
        "height_px": height_px,
        "frames": frames,
        "duration_ns": frames * NS_PER_S // FPS,
        "events": len(events),
        "recorded_at": 1_700_000_000,
        "policy": "random-slow",
        "timing": {"lateness_p50_ns": 1, "lateness_p99_ns": 1, "lateness_max_ns": 1},
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
    }
    trace = Trace.model_validate(told | about)
    (folder / "trace.json").write_text(trace.model_dump_json())
    return trace


def numbers(video: bytes, *, left_px: int = 0, top_px: int = 0, scale: float = 1) -> list[int]:
    """The numbers that the frames of a video show."""
    found = []
    for frame in decode(video):
        luma = frame.to_ndarray(format="gray")
        row = int(top_px + CODE_PX * scale / 2)
        columns = [int(left_px + (bit + 0.5) * CODE_PX * scale) for bit in range(BITS)]
        found.append(sum(1 << bit for bit, column in enumerate(columns) if luma[row, column] > 126))
    return found
