"""A desktop's sample, whole and right, that tests then damage."""

from typing import Any

import numpy as np
from shards import toy

from tracekit.actions.archive import views_of
from tracekit.actions.cursor_track import CursorTrack
from tracekit.actions.events import InputEvent, dump_inputs
from tracekit.core.clock import FPS, NS_PER_S, frame_time_ns
from tracekit.desktop.describe import describe_desktop

FRAMES = toy.FRAMES
EVENTS = [
    InputEvent(frame_time_ns(2), "move", 30, 20),
    InputEvent(frame_time_ns(3), "button-down", 30, 20, "left"),
    InputEvent(frame_time_ns(5), "button-up", 30, 20, "left"),
    InputEvent(frame_time_ns(9), "key-down", 30, 20, keycode=38, keysym="a", text="a", held=("a",)),
    InputEvent(frame_time_ns(11), "key-up", 30, 20, keycode=38, keysym="a"),
    InputEvent(frame_time_ns(20), "scroll", 30, 20, dy=2),
]
WINDOWS = (
    b'{"t":0,"windows":[{"title":"Home","program":"Thunar","x":0,"y":0,"width_px":60,"height_px":40,"active":true}]}\n'
)


def cursor() -> CursorTrack:
    """It moves once, with the first event."""
    positions = np.array([(10, 10)] * 2 + [(30, 20)] * (FRAMES - 2), np.int32)
    picture = np.full((4, 4, 4), 255, np.uint8)
    return CursorTrack(positions, np.zeros(FRAMES, np.int32), (picture,), np.zeros((1, 2), np.int32))


def sample(recording: str, clip: int, split: str) -> tuple[dict[str, bytes], dict[str, Any]]:
    """The files of a sample but for KEY.json, and KEY.json as a value but for its hashes."""
    _, described = toy.sample(recording, clip, split)
    statistics = describe_desktop(EVENTS, cursor(), np.zeros(FRAMES, np.bool_), FRAMES * NS_PER_S // FPS)
    files = {
        "mp4": toy.video(),
        "clean.mp4": toy.video(),
        "txt": described["captions"]["detailed"].encode(),
        "events.jsonl": dump_inputs(EVENTS),
        "cursor.npz": cursor().save(),
        "actions.npz": views_of(EVENTS, cursor(), FRAMES).save(),
        "windows.jsonl": WINDOWS,
    }
    described |= {
        "kind": "desktop",
        "desktop": {"policy": "random-slow", "cursor": "both", "success": None, "missed_frames": 0},
        "geometry": {"screen_width_px": toy.WIDTH, "screen_height_px": toy.HEIGHT, "width_px": toy.WIDTH,
                     "height_px": toy.HEIGHT},
        "statistics": statistics.model_dump(mode="json"),
    }  # fmt: skip
    described["provenance"]["kind"] = "desktop"
    del described["look"]
    return files, described
