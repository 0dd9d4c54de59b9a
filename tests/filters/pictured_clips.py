"""Clips with their videos, filmed of what a terminal is told to show, and copies of such videos."""

import json
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import numpy as np

from tracekit.clips.cast_source import CastConfig, CastSource
from tracekit.clips.clip import Capture, Clip, Input
from tracekit.clips.settings import ClipSettings, LookSettings, VideoSettings
from tracekit.filters.measure import StoredClip
from tracekit.video.decode import decode
from tracekit.video.plain import PlainEncoder

COLUMNS, ROWS = 60, 16
Output = tuple[float, str]
"""Seconds, and what the terminal is sent then."""


def filmed(
    folder: Path,
    outputs: Sequence[Output],
    *,
    qp: int = 19,
    theme: str = "asciinema",
    font_size_px: int = 13,
    fonts: Sequence[str] = (),
) -> StoredClip:
    """The first clip of a recording."""
    path = folder / "a.cast"
    lines = [{"version": 2, "width": COLUMNS, "height": ROWS}, *([time_s, "o", data] for time_s, data in outputs)]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    look = LookSettings(theme=theme, font_size_px=font_size_px, fonts=list(fonts))
    source = CastSource(CastConfig(paths=["-"]), Capture(ClipSettings(), look, VideoSettings(qp=qp), None, 0))
    data = path.read_bytes()
    clip = next(source.clips(Input(path.name, sha256(data).hexdigest(), len(data), str(path))))
    assert isinstance(clip, Clip)
    return StoredClip(clip.key, clip.sample, clip.files)


def copied(video: bytes, *, scale: float = 1, crf: int = 23) -> bytes:
    """The same pictures in another size, coded again and worse."""
    encoder = None
    for frame in decode(video):
        width, height = (int(side * scale) // 2 * 2 for side in (frame.width, frame.height))
        encoder = encoder or PlainEncoder(width, height, crf=crf, preset="veryfast")
        scaled = frame.reformat(width=width, height=height, format="yuv420p", interpolation="BICUBIC")
        for plane, target in zip(scaled.planes, encoder.planes, strict=True):
            target[:] = np.frombuffer(bytes(plane), np.uint8).reshape(plane.height, -1)[:, : plane.width]
        encoder.frame(True)
    assert encoder
    return encoder.finish()
