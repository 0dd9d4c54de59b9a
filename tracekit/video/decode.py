"""Videos read back, by FFmpeg through PyAV."""

import io
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter
from numpy.typing import NDArray

from tracekit.core.errors import TracekitError


def decode(source: bytes | Path) -> Iterator[av.VideoFrame]:
    """The frames of a video, in order of time, as they were coded.

    Args:
        source: an MP4 file, or its bytes.

    Raises:
        TracekitError: it does not open, has no video, or does not decode to its end without an error.
    """
    place = str(source) if isinstance(source, Path) else ""
    try:
        file = io.BytesIO(source) if isinstance(source, bytes) else str(source)
        with av.open(file, "r") as container:
            # A stream of a codec that FFmpeg doesn't know has no context, whatever PyAV's annotations say.
            streams = [stream for stream in container.streams.video if getattr(stream, "codec_context", None)]
            if not streams:
                raise TracekitError("there is no video that can be decoded in this file", place=place)
            streams[0].codec_context.thread_count = 1
            streams[0].codec_context.options = {"err_detect": "explode"}
            yield from container.decode(streams[0])
    except (av.FFmpegError, OSError) as error:
        raise TracekitError(f"the video does not decode: {error.strerror}", place=place) from error
    except UnicodeDecodeError as error:  # before version 19, PyAV refuses them
        raise TracekitError("the video's metadata are no text", place=place) from error


def frame_count(source: bytes | Path) -> int:
    """How many frames a video decodes to; all of them are decoded."""
    return sum(1 for _ in decode(source))


def to_rgb(frame: av.VideoFrame, reformatter: VideoReformatter | None = None) -> NDArray[np.uint8]:
    """A decoded frame as RGB, shape (height, width, 3): BT.709, from limited to full range.

    Args:
        frame: decoded.
        reformatter: one for all frames of a video halves the time; what it prepares for one it has for the next.
    """
    rgb = (reformatter or VideoReformatter()).reformat(
        frame,
        format="rgb24",
        src_colorspace=Colorspace.ITU709,
        src_color_range=ColorRange.MPEG,
        dst_color_range=ColorRange.JPEG,
        interpolation=Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT,
    )
    return rgb.to_ndarray().astype(np.uint8, copy=False)


def to_small_rgb(frame: av.VideoFrame, width_px: int) -> NDArray[np.uint8]:
    """A decoded frame as RGB for a quick look, scaled down to a width if it is wider."""
    if frame.width <= width_px:
        return to_rgb(frame)
    small = frame.reformat(
        width=width_px,
        height=max(1, round(frame.height * width_px / frame.width)),
        format="rgb24",
        src_colorspace=Colorspace.ITU709,
        src_color_range=ColorRange.MPEG,
        dst_color_range=ColorRange.JPEG,
        interpolation=Interpolation.AREA,
    )
    return small.to_ndarray().astype(np.uint8, copy=False)


def frames_rgb(
    source: bytes | Path, indices: Sequence[int], convert: Callable[[av.VideoFrame], NDArray[np.uint8]] = to_rgb
) -> NDArray[np.uint8]:
    """Some frames of a video as RGB, shape (len(indices), height, width, 3), in the order asked for.

    Args:
        source: an MP4 file, or its bytes.
        indices: which.
        convert: `to_rgb`, or a smaller picture.

    Raises:
        TracekitError: it does not decode, or has no frame of that number.
    """
    wanted = set(indices)
    found: dict[int, NDArray[np.uint8]] = {}
    for index, frame in enumerate(decode(source)):
        if index in wanted:
            found[index] = convert(frame)
        if len(found) == len(wanted):
            break
    if missing := wanted - found.keys():
        raise TracekitError(f"the video has no frame {min(missing)}")
    return np.stack([found[index] for index in indices])
