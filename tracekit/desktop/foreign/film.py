"""Frames that come when they like, put on the grid of 15 a second: held until the next one, never mixed."""

import os
from pathlib import Path

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace
from numpy.typing import NDArray

from tracekit.core.clock import FPS
from tracekit.core.errors import TracekitError
from tracekit.desktop.recorder import GOP_FRAMES
from tracekit.video.encode import ClipEncoder
from tracekit.video.fragmented import FragmentedMp4
from tracekit.video.x264 import frame_planes

MOST_FRAMES = 24 * 3600 * FPS
"""A day. A file that says it lasts longer is taken to be broken."""


def frame_luma(frame: av.VideoFrame) -> NDArray[np.uint8]:
    """The first plane of a frame of 8 bits a sample as a view, shape (height, width)."""
    plane = frame.planes[0]
    return np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)[: plane.height, : plane.width]


class Film:
    """A video on the grid.

    Frame k of it is the newest picture whose first frame is not after k: the clock rule, where the first frame of a
    picture is the first whose instant is not before the picture's.

    Args:
        path: of the MP4 file; while it is written, all but its last second can be read.
        width_px: of the pictures; of an odd size, the last column is left out.
        height_px: likewise, the last row.
        qp: x264's quantiser.
    """

    def __init__(self, path: Path, width_px: int, height_px: int, qp: int) -> None:
        self.width_px, self.height_px = width_px & ~1, height_px & ~1
        self._encoder = ClipEncoder(self.width_px, self.height_px, qp=qp, gop_frames=GOP_FRAMES)
        self._file = path.open("wb")
        self._mp4 = FragmentedMp4(self._file, self.width_px, self.height_px, self._encoder.sets)
        self._size = width_px, height_px
        self._shown: av.VideoFrame | None = None
        self._number = -1
        self.sources: list[int] = []
        """Of each frame, the number of the picture that it shows."""
        self.changed: list[bool] = []
        """Of each frame, whether it differs from the one before."""

    def show(self, picture: av.VideoFrame, first_frame: int, number: int) -> None:
        """From a frame on, a picture is shown.

        Args:
            picture: of the film's size, in any format of pixels.
            first_frame: of those that show it; not before that of the last picture.
            number: of the picture, for `sources`.

        Raises:
            TracekitError: its size is another, or the film would be longer than a day.
        """
        if (picture.width, picture.height) != self._size:
            raise TracekitError(
                f"picture {number} has {picture.width}x{picture.height} pixels, those before {self._size[0]}x"
                f"{self._size[1]}"
            )
        if self._shown is not None:
            self.hold(first_frame)
        self._shown, self._number = picture, number

    def hold(self, frames: int) -> None:
        """Show the last picture until there are so many frames."""
        if frames > MOST_FRAMES:
            raise TracekitError("the video is longer than a day")
        while len(self.sources) < frames:
            new = not self.sources or self.sources[-1] != self._number
            self.changed.append(new and self._paint())
            self._encoder.frame(self.changed[-1])
            self.sources.append(self._number)
            if len(self.sources) % FPS == 0:
                self._flush()

    def _paint(self) -> bool:
        """Put the picture into the encoder's planes; whether it differs from what they held."""
        assert self._shown is not None
        frame = self._shown
        limited = frame.color_range != ColorRange.JPEG
        if frame.format.name != "yuv420p" or frame.colorspace != Colorspace.ITU709 or not limited:
            frame = frame.reformat(format="yuv420p", dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG)
        changed = not self.sources
        for target, source in zip(self._encoder.planes, frame_planes(frame), strict=True):
            part = source[: target.shape[0], : target.shape[1]]
            if changed or not np.array_equal(target, part):
                target[:] = part
                changed = True
        return changed

    def _flush(self) -> None:
        samples, keys = self._encoder.take()
        if samples:
            self._mp4.append(samples, keys)

    def close(self) -> None:
        """Write what is left. Nothing can be shown after it."""
        if not self._file.closed:
            self._flush()
            os.fsync(self._file.fileno())
            self._file.close()
