"""Constant-rate H.264 in which a frame that repeats the last costs nothing to encode, and a small change little.

Of a screen, four frames in five are the frame before, and most of the others differ from it in a character or two. x264
looks at every macroblock to find that out, each time. Here it sees larger changes only. In between lie pictures made by
hand (`h264.ParameterSets.raw_picture`), of macroblocks that are skipped, which copies them from the picture before, and
of those few that have changed, which are sent as they are. x264 knows nothing of them: a decoder keeps two pictures for
reference, x264's last, which its next refers to, and the last made by hand; those refer to whichever came just before.
What is left is to number the pictures (frame_num) as they now lie.

The file is an ordinary H.264 video. Its bytes depend on its pictures alone, not on what the encoder coded before.
"""

import io
from collections.abc import Iterable
from typing import BinaryIO

from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType

from tracekit.core.clock import CLIP_FRAMES
from tracekit.core.errors import TracekitError
from tracekit.video import h264
from tracekit.video.macroblocks import Macroblocks
from tracekit.video.mp4 import with_length, write_mp4
from tracekit.video.planes import Area, PixFmt
from tracekit.video.x264 import SCROLLING, black_frame, joined, open_x264

MOST_RAW_MACROBLOCKS = 8
"""Up to so many changed macroblocks are sent as they are, in 384 bytes each (768 in 4:4:4): a word and a cursor."""

_X264_PARAMS: dict[str, str | int] = {
    "bframes": 0,  # these down to mbtree: a picture is coded when it comes and refers to the last one only
    "ref": 1,
    "weightp": 0,
    "scenecut": 0,
    "rc-lookahead": 0,
    "sync-lookahead": 0,
    "mbtree": 0,
    "slices": 1,
    "sliced-threads": 0,
    "keyint": "infinite",  # we say which pictures are IDR
    "dpb-size": 2,  # room for a reference that x264 knows nothing of
    "force-cfr": 1,
    "nal-hrd": "none",
    "aud": 0,
    "stitchable": 1,  # parameter sets that don't depend on what will be coded
    **SCROLLING,
}


class ClipEncoder:
    """An encoder for any number of videos of one size, one after the other.

    Paint `planes`, call `frame` for every 1/15 s, then `finish`; the next `frame` begins the next video. Opening one
    takes as long as coding several pictures: keep it for as long as the size stays.

    What has been encoded is held until `finish`: the coded pictures, and for a repeat eight bytes (a reference).

    Args:
        width_px: of the picture; even.
        height_px: likewise.
        pix_fmt: ``yuv420p``, which everything decodes, or ``yuv444p``, which keeps the colours of thin strokes.
        qp: quantiser, 0 (lossless) to 51. It is constant, as x264's other ways to control the rate depend on what was
            coded before.
        preset: x264's, ``ultrafast`` to ``veryslow``.
        gop_frames: distance of IDR pictures, at least 2.

    Raises:
        TracekitError: one of these is out of range.
    """

    def __init__(
        self,
        width_px: int,
        height_px: int,
        *,
        pix_fmt: PixFmt = "yuv420p",
        qp: int = 20,
        preset: str = "ultrafast",
        gop_frames: int = CLIP_FRAMES,
    ) -> None:
        if not 0 <= qp <= 51:
            raise TracekitError(f"qp is {qp}", remedy="use 0 (lossless) to 51")
        if gop_frames < 2:
            raise TracekitError(f"gop_frames is {gop_frames}", remedy="use 2 or more")
        options = {"tune": "zerolatency", "qp": str(qp), "forced-idr": "1", "x264-params": joined(_X264_PARAMS)}
        self._x264 = VideoCodecContext.create("libx264", "w")
        open_x264(self._x264, width_px, height_px, pix_fmt, preset, options)
        self._sets = h264.read_parameter_sets(self._x264.extradata or b"")
        self._frame_nums = 1 << self._sets.frame_num_bits
        self._repeats = {
            (number, after_coded): with_length(self._sets.raw_picture(number, after_coded))
            for number in range(self._frame_nums)
            for after_coded in (False, True)
        }
        self._gop_frames = gop_frames
        self._frame, self.planes = black_frame(width_px, height_px, pix_fmt)
        self._macroblocks = Macroblocks(self.planes)
        self._coded = 0  # since the encoder was opened: x264's clock
        self._begin()

    def _begin(self) -> None:
        self._frames = 0
        self._samples: list[bytes] = []
        self._keys: list[int] = []
        self._frame_num = 0
        self._after_coded = False  # whether the last picture is x264's
        self._idr = b""  # the last IDR picture, if the one shown is still that

    @property
    def frames(self) -> int:
        """How many the video has so far."""
        return self._frames

    @property
    def sets(self) -> h264.ParameterSets:
        """What a file says of all its pictures."""
        return self._sets

    def frame(self, changed: bool, areas: Iterable[Area] | None = None) -> None:
        """Append a frame: what the planes show if it ``changed``, else the last frame again.

        The first frame of a video counts as changed.

        Args:
            changed: whether the planes may differ from what they held at the last call.
            areas: where; None for anywhere. Outside of them they must be as they were.
        """
        self._frames += 1
        if (self._frames - 1) % self._gop_frames == 0:
            self._append_key(changed)
            return
        self._frame_num = (self._frame_num + 1) % self._frame_nums
        blocks = self._macroblocks.changed(MOST_RAW_MACROBLOCKS, areas) if changed else []
        if blocks is None:
            nal = h264.coded_p_picture(self._code(h264.P_SLICE), self._frame_num, self._sets)
            self._samples.append(with_length(nal))
        elif blocks:
            raw = [(block, self._macroblocks.keep_block(block)) for block in blocks]
            nal = self._sets.raw_picture(self._frame_num, self._after_coded, raw)
            self._samples.append(with_length(nal))
        else:
            self._samples.append(self._repeats[self._frame_num, self._after_coded])
        self._after_coded = blocks is None
        if blocks != []:
            self._idr = b""

    def _append_key(self, changed: bool) -> None:
        if changed or not self._idr:
            self._idr = with_length(h264.coded_idr_picture(self._code(h264.IDR_SLICE), self._sets))
        self._keys.append(len(self._samples))
        self._samples.append(self._idr)
        self._frame_num, self._after_coded = 0, True

    def _code(self, kind: int) -> bytes:
        """Let x264 code the planes as a picture of this nal_unit_type, and return its slice."""
        self._macroblocks.keep()
        self._frame.pts = self._coded
        self._frame.pict_type = PictureType.I if kind == h264.IDR_SLICE else PictureType.NONE
        self._coded += 1
        stream = b"".join(map(bytes, self._x264.encode(self._frame)))
        slices = [nal for nal in h264.split_nals(stream) if h264.nal_type(nal) in (h264.P_SLICE, h264.IDR_SLICE)]
        if [h264.nal_type(nal) for nal in slices] != [kind]:
            raise TracekitError(f"x264 made {len(slices)} slices where one of type {kind} was due")
        return h264.without_frame_count(slices[0], self._sets)

    def take(self) -> tuple[list[bytes], list[int]]:
        """Hand over what has been coded since the last call, and go on: for a file that is written meanwhile.

        Returns:
            the samples, and which of them are IDR pictures, as `mp4.write_mp4` takes them.
        """
        taken = self._samples, self._keys
        self._samples, self._keys = [], []
        return taken

    def finish(self) -> bytes:
        """The video as an MP4 file. The next `frame` begins another.

        Raises:
            TracekitError: it has no frames.
        """
        file = io.BytesIO()
        self.finish_into(file)
        return file.getvalue()

    def finish_into(self, file: BinaryIO) -> None:
        """As `finish`, but written to a file: for recordings of hours, whose bytes then exist once."""
        width_px, height_px = self._x264.width, self._x264.height
        write_mp4(file, width_px, height_px, self._sets, self._samples, self._keys)
        self._begin()
