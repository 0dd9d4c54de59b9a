"""How a rollout is kept: H.264 in 4:4:4, coded without loss, so that what is scored is what the model made."""

from collections.abc import Iterator

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, Interpolation
from numpy.typing import NDArray

from tracekit.metrics.frames import Video
from tracekit.video.encode import ClipEncoder
from tracekit.video.planes import Plane
from tracekit.video.x264 import frame_planes


def encoded(video: Video) -> bytes:
    """A video as MP4, without loss but for that of turning RGB into Y'CbCr of 8 bits."""
    encoder = ClipEncoder(video.shape[2], video.shape[1], pix_fmt="yuv444p", qp=0)
    before: NDArray[np.uint8] | None = None
    for picture in video:
        changed = before is None or not np.array_equal(picture, before)
        if changed:
            for plane, values in zip(encoder.planes, _planes(picture), strict=True):
                plane[:] = values
        encoder.frame(changed)
        before = picture
    return encoder.finish()


def _planes(picture: NDArray[np.uint8]) -> Iterator[Plane]:
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24").reformat(
        format="yuv444p",
        src_color_range=ColorRange.JPEG,
        dst_colorspace=Colorspace.ITU709,
        dst_color_range=ColorRange.MPEG,
        interpolation=Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INP,
    )
    yield from frame_planes(frame)
