"""x264, opened through PyAV, with what all of our videos have in common."""

from collections.abc import Mapping
from fractions import Fraction

import av
import numpy as np
from av.codec.context import Flags
from av.video.codeccontext import VideoCodecContext

from tracekit.core.clock import FPS
from tracekit.core.errors import TracekitError
from tracekit.video.planes import PixFmt, Planes

BT709 = 1
"""Code point of BT.709 for primaries, transfer and matrix alike (ITU-T H.273, tables 2 to 4)."""
LIMITED_RANGE = 1
"""AVCOL_RANGE_MPEG: luma 16 to 235."""

SCROLLING: dict[str, str | int] = {"me": "umh", "merange": 64}
"""x264's search for motion. A screen scrolls by whole lines, which is further than its quick searches look."""

PRESETS = ("ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow")
MAX_SIDE_PX = 8192


def joined(params: Mapping[str, str | int]) -> str:
    """x264's parameters as its option ``x264-params`` takes them."""
    return ":".join(f"{name}={value}" for name, value in params.items())


def open_x264(
    context: VideoCodecContext, width_px: int, height_px: int, pix_fmt: PixFmt, preset: str, options: Mapping[str, str]
) -> None:
    """Open a codec context for pictures at 15 a second, BT.709 in limited range, on one thread; pts count pictures.

    Raises:
        TracekitError: the size or the preset is not one that x264 takes.
    """
    if not all(2 <= side <= MAX_SIDE_PX and side % 2 == 0 for side in (width_px, height_px)):
        raise TracekitError(
            f"a video can't be {width_px}x{height_px} pixels", remedy=f"use even sizes from 2 to {MAX_SIDE_PX}"
        )
    if preset not in PRESETS:
        raise TracekitError(f"there is no x264 preset {preset!r}", remedy=f"use one of {', '.join(PRESETS)}")
    context.width, context.height, context.pix_fmt = width_px, height_px, pix_fmt
    context.time_base, context.framerate = Fraction(1, FPS), Fraction(FPS)
    context.color_primaries = context.color_trc = context.colorspace = BT709
    context.color_range = LIMITED_RANGE
    context.thread_count = 1
    context.flags |= Flags.global_header
    context.options = {"preset": preset, **options}
    try:
        context.open()
    except av.FFmpegError as error:
        raise TracekitError(f"x264 does not open for {width_px}x{height_px} {pix_fmt}: {error}") from error


def frame_planes(frame: av.VideoFrame) -> Planes:
    """The planes of a frame in yuv420p or yuv444p as views: writing to them changes the frame."""
    planes = [np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size) for plane in frame.planes]
    return Planes(*(view[: plane.height, : plane.width] for view, plane in zip(planes, frame.planes, strict=True)))


def black_frame(width_px: int, height_px: int, pix_fmt: PixFmt) -> tuple[av.VideoFrame, Planes]:
    """A frame to be painted and encoded over and over, and its planes."""
    frame = av.VideoFrame(width_px, height_px, pix_fmt)
    planes = frame_planes(frame)
    planes.fill()
    return frame, planes
