"""Our videos against those that plain x264 and FFmpeg's muxer make of the same pictures."""

import numpy as np
import pytest
from pictures import CHANGES, film

from tracekit.video.decode import decode
from tracekit.video.encode import ClipEncoder
from tracekit.video.plain import PlainEncoder
from tracekit.video.planes import PixFmt
from tracekit.video.quality import psnr
from tracekit.video.x264 import SCROLLING, frame_planes


@pytest.mark.parametrize("pix_fmt", ["yuv420p", "yuv444p"])
@pytest.mark.parametrize("gop_frames", [15, 75])
def test_where_x264_sees_the_same_pictures_the_frames_are_equal(pix_fmt: PixFmt, gop_frames: int) -> None:
    # ultrafast has no B pictures, no look-ahead and one reference, as our encoder has with every preset.
    encoders = (
        ClipEncoder(656, 410, pix_fmt=pix_fmt, gop_frames=gop_frames),
        PlainEncoder(656, 410, pix_fmt=pix_fmt, gop_frames=gop_frames, x264_params=SCROLLING),
    )
    film(encoders, CHANGES["every frame"], small=0)
    for ours, theirs in zip(*(decode(encoder.finish()) for encoder in encoders), strict=True):
        assert all(map(np.array_equal, frame_planes(ours), frame_planes(theirs)))


@pytest.mark.parametrize("changes", CHANGES)
@pytest.mark.parametrize("preset", ["ultrafast", "veryfast"])
def test_repeats_lose_nothing_against_coding_every_frame(changes: str, preset: str) -> None:
    """Within half a dB of the oracle: x264 goes on refining a picture that stands still, a skip does not."""
    encoders = ClipEncoder(320, 192, preset=preset), PlainEncoder(320, 192, preset=preset)
    painted = film(encoders, CHANGES[changes])
    ours, theirs = (
        np.stack([frame_planes(frame).y.copy() for frame in decode(encoder.finish())]) for encoder in encoders
    )
    meant = np.stack([planes.y for planes in painted])
    assert psnr(meant, ours) > psnr(meant, theirs) - 0.5


@pytest.mark.parametrize("pix_fmt", ["yuv420p", "yuv444p"])
def test_lossless_both_show_what_was_painted(pix_fmt: PixFmt) -> None:
    encoders = [kind(64, 48, pix_fmt=pix_fmt, qp=0) for kind in (ClipEncoder, PlainEncoder)]
    painted = film(encoders, CHANGES["one in four"])
    for encoder in encoders:
        for meant, frame in zip(painted, decode(encoder.finish()), strict=True):
            assert all(map(np.array_equal, meant, frame_planes(frame)))


def test_the_oracle_begins_anew_after_each_video() -> None:
    encoder = PlainEncoder(64, 48)
    videos = []
    for _ in range(2):
        film([encoder], CHANGES["one in four"])
        videos.append(encoder.finish())
    assert videos[0] == videos[1]
