"""The plain way to the same video: x264 codes every frame, and a muxer of FFmpeg's writes the file.

It is slow, and plainly right: the oracle that `encode` is tested and measured against.
"""

import io
from collections.abc import Mapping
from typing import BinaryIO

import av

from tracekit.core.clock import CLIP_FRAMES, FPS
from tracekit.video.planes import PixFmt
from tracekit.video.x264 import black_frame, joined, open_x264


class PlainEncoder:
    """Used as `encode.ClipEncoder` is; what x264 does between IDR pictures is up to its preset.

    Args:
        width_px: of the picture; even.
        height_px: likewise.
        pix_fmt: ``yuv420p`` or ``yuv444p``.
        qp: constant quantiser.
        crf: x264's constant quality, instead of ``qp``.
        preset: x264's, ``ultrafast`` to ``veryslow``.
        gop_frames: distance of IDR pictures; at scene cuts there may be more.
        x264_params: more of x264's own parameters.
    """

    def __init__(
        self,
        width_px: int,
        height_px: int,
        *,
        pix_fmt: PixFmt = "yuv420p",
        qp: int = 20,
        crf: int | None = None,
        preset: str = "ultrafast",
        gop_frames: int = CLIP_FRAMES,
        x264_params: Mapping[str, str | int] | None = None,
    ) -> None:
        rate = {"qp": str(qp)} if crf is None else {"crf": str(crf)}
        options = {**rate, "g": str(gop_frames), "x264-params": joined(x264_params or {})}
        self._open = width_px, height_px, pix_fmt, preset, options
        self._frame, self.planes = black_frame(width_px, height_px, pix_fmt)
        self._begin()

    def _begin(self) -> None:
        self._file = io.BytesIO()
        self._container = av.open(self._file, "w", format="mp4")
        self._stream = self._container.add_stream("libx264", rate=FPS)
        open_x264(self._stream.codec_context, *self._open)
        self.frames = 0

    def frame(self, changed: bool) -> None:
        """Append a frame: what the planes show, whether it ``changed`` or not."""
        self._frame.pts = self.frames
        self._container.mux(self._stream.encode(self._frame))
        self.frames += 1

    def finish(self) -> bytes:
        """The video as an MP4 file, its index last."""
        self._container.mux(self._stream.encode(None))
        self._container.close()
        data = self._file.getvalue()
        self._begin()
        return data

    def finish_into(self, file: BinaryIO) -> None:
        """As `finish`, but written to a file."""
        file.write(self.finish())
