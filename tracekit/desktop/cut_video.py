"""Cuts the video of a trace into the videos of its clips."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from av.video.reformatter import Interpolation
from numpy.typing import NDArray

from tracekit.clips.fit_time import FittedTime
from tracekit.clips.settings import VideoSettings
from tracekit.terminal.fit import Lay
from tracekit.video.decode import decode
from tracekit.video.encode import ClipEncoder
from tracekit.video.planes import Planes
from tracekit.video.x264 import frame_planes


class VideoCutter:
    """Cuts videos of one size; keep it, since opening encoders takes long.

    Args:
        lay: how the screen lies in a clip's picture.
        video: how clips are encoded.
    """

    def __init__(self, lay: Lay, video: VideoSettings) -> None:
        self.lay, self._video = lay, video
        self._free: list[ClipEncoder] = []

    def cut(
        self, video: Path, clips: Sequence[FittedTime], changed: NDArray[np.bool_]
    ) -> Iterator[tuple[FittedTime, bytes]]:
        """Cut a video.

        Args:
            video: of a trace.
            clips: by ascending start; they may overlap.
            changed: shape (frames,): whether a frame may differ from the one before.

        Yields:
            Each clip and its MP4 file, in the order in which they end. A clip that goes on after the video ended is not
            among them.

        Raises:
            TracekitError: the video does not decode.
        """
        running: list[_Take] = []
        waiting = list(reversed(clips))
        for number, frame in enumerate(decode(video)):
            while waiting and waiting[-1].segment.start == number:
                running.append(_Take(waiting.pop(), self._free.pop() if self._free else self._encoder()))
            picture: Planes | None = None
            for take in running:
                take.stale |= bool(changed[number])
                if take.shows(number):
                    if take.stale:
                        picture = picture or self._fitted(frame)
                        self._paint(picture, take.encoder.planes)
                    take.show(number)
            for take in [take for take in running if take.time.segment.end == number + 1]:
                running.remove(take)
                yield take.time, take.encoder.finish()
                self._free.append(take.encoder)

    def _encoder(self) -> ClipEncoder:
        video = self._video
        return ClipEncoder(
            self.lay.width_px,
            self.lay.height_px,
            pix_fmt=video.pix_fmt,
            qp=video.qp,
            preset=video.preset,
            gop_frames=video.gop_frames,
        )

    def _fitted(self, frame: av.VideoFrame) -> Planes:
        """A frame's planes, cropped and scaled."""
        left, top, right, bottom = self.lay.padding_px
        crop_left, crop_top, crop_right, crop_bottom = self.lay.crop_px
        size = self.lay.width_px - left - right, self.lay.height_px - top - bottom
        if self.lay.scale != 1 or frame.format.name != self._video.pix_fmt:
            width_px, height_px = (frame.width, frame.height) if self.lay.scale == 1 else size
            frame = frame.reformat(
                width_px,
                height_px,
                self._video.pix_fmt,
                interpolation=Interpolation.BICUBIC | Interpolation.ACCURATE_RND,
            )
        planes = frame_planes(frame)
        step = 1 if planes.pix_fmt == "yuv444p" else 2
        return Planes(
            *(
                plane[
                    crop_top // by : plane.shape[0] - crop_bottom // by,
                    crop_left // by : plane.shape[1] - crop_right // by,
                ]
                for plane, by in zip(planes, (1, step, step), strict=True)
            )
        )

    def _paint(self, picture: Planes, planes: Planes) -> None:
        left, top, _, _ = self.lay.padding_px
        step = 1 if planes.pix_fmt == "yuv444p" else 2
        for source, target, by in zip(picture, planes, (1, step, step), strict=True):
            height, width = source.shape
            target[top // by : top // by + height, left // by : left // by + width] = source


@dataclass
class _Take:
    """A clip being cut."""

    time: FittedTime
    encoder: ClipEncoder
    stale: bool = True
    """Whether its encoder may hold another picture than the video's."""

    def shows(self, number: int) -> bool:
        """Whether the clip shows frame ``number`` of the video next."""
        done = self.encoder.frames
        return done < len(self.time.shown) and self.time.shown[done] == number

    def show(self, number: int) -> None:
        """Append the frame, as often as the clip shows it."""
        while self.shows(number):
            self.encoder.frame(self.stale)
            self.stale = False
