"""The frames of a clip, decoded no further than they are asked for, in one array and of one size."""

from collections.abc import Callable
from typing import NamedTuple

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter
from numpy.typing import NDArray

from tracekit.core.errors import TracekitError
from tracekit.video.decode import decode

Size = tuple[int, int]
"""Width and height in pixels."""
Blank = Callable[[tuple[int, ...]], NDArray[np.uint8]]
"""Makes zeros of a shape."""
_EXACT = Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT
"""Without these FFmpeg's scaler makes an even grey two levels darker."""


class Box(NamedTuple):
    """Where a picture lies in a larger one, in pixels of that."""

    left: int
    top: int
    width: int
    height: int


def letterbox(width_px: int, height_px: int, size: Size) -> Box:
    """Where a picture lies that is scaled to fit, as large as it can be and in the middle."""
    scale = min(size[0] / width_px, size[1] / height_px)
    width, height = (max(1, round(length * scale)) for length in (width_px, height_px))
    return Box((size[0] - width) // 2, (size[1] - height) // 2, width, height)


def _blank(shape: tuple[int, ...]) -> NDArray[np.uint8]:
    return np.zeros(shape, np.uint8)


def clip_frames(video: bytes, own: int, frames: int, size: Size | None, blank: Blank = _blank) -> NDArray[np.uint8]:
    """The first frames of a clip as RGB, shape (frames, height, width, 3), range 0 to 255.

    A frame that is coded the same as the one before is not converted again: much of a screen's time nothing moves.

    Args:
        video: an MP4 file.
        own: frames that the video has.
        frames: wanted; where there are more than ``own``, the last one is repeated.
        size: width and height; the picture is scaled to fit and the rest is black. None: as the video is.
        blank: makes the zeros, of a shape, that frames are written into; once.

    Raises:
        TracekitError: the video does not decode as far, is shorter, or its pictures do not fit into memory.
    """
    wanted = min(own, frames)
    clip: NDArray[np.uint8] | None = None
    planes: list[NDArray[np.uint8]] = []
    reformatter = VideoReformatter()
    done = 0
    for frame in decode(video):
        box = Box(0, 0, frame.width, frame.height) if size is None else letterbox(frame.width, frame.height, size)
        before, planes = planes, [np.frombuffer(memoryview(plane), np.uint8) for plane in frame.planes]
        if clip is None:
            clip = _black(frames, size or (frame.width, frame.height), blank)
        inside = clip[:, box.top : box.top + box.height, box.left : box.left + box.width]
        if len(before) == len(planes) and all(map(np.array_equal, before, planes)):
            inside[done] = inside[done - 1]
        else:
            picture = scaled(frame, box, reformatter)
            if picture.shape != inside.shape[1:]:
                raise TracekitError("the video's frames are of several sizes")
            inside[done] = picture
        done += 1
        if done == wanted:
            break
    if clip is None or done < wanted:
        raise TracekitError(f"the video has {done} frames, not {own}")
    clip[done:] = clip[done - 1]
    return clip


def _black(frames: int, size: Size, blank: Blank) -> NDArray[np.uint8]:
    try:
        return blank((frames, size[1], size[0], 3))
    except (MemoryError, ValueError, RuntimeError) as error:  # the last is torch's
        raise TracekitError(f"{frames} frames of {size[0]}x{size[1]} do not fit into memory") from error


def scaled(frame: av.VideoFrame, box: Box, reformatter: VideoReformatter) -> NDArray[np.uint8]:
    """A decoded frame as RGB of a box's size, shape (height, width, 3).

    Where the size stays, it is what `tracekit.video.decode.to_rgb` makes.

    Args:
        frame: decoded.
        box: of which only the size matters.
        reformatter: for all frames of a video; what it prepares for one it has ready for the next.
    """
    rgb = reformatter.reformat(
        frame,
        width=box.width,
        height=box.height,
        format="rgb24",
        src_colorspace=Colorspace.ITU709,
        src_color_range=ColorRange.MPEG,
        dst_color_range=ColorRange.JPEG,
        interpolation=(Interpolation.AREA if box.width < frame.width else Interpolation.BICUBIC) | _EXACT,
    )
    return rgb.to_ndarray().astype(np.uint8, copy=False)
