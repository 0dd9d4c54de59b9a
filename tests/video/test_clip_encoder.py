"""A repeat costs nothing, a small change is sent as it is, and any decoder shows what was painted."""

import io
import subprocess
from pathlib import Path
from typing import NamedTuple, get_args

import av
import numpy as np
import pytest
from components import require
from pictures import CHANGES, FRAMES, clip, film

from tracekit.core.errors import TracekitError
from tracekit.video.bits import BitReader
from tracekit.video.decode import decode
from tracekit.video.encode import ClipEncoder
from tracekit.video.h264 import IDR_SLICE, P_SLICE, nal_type
from tracekit.video.planes import PixFmt, Planes
from tracekit.video.quality import psnr
from tracekit.video.x264 import frame_planes


class Case(NamedTuple):
    """A video to be made."""

    changes: str
    size: tuple[int, int] = (160, 96)
    gop_frames: int = 75
    preset: str = "ultrafast"
    qp: int = 20
    pix_fmt: PixFmt = "yuv420p"

    def encoder(self) -> ClipEncoder:
        return ClipEncoder(*self.size, pix_fmt=self.pix_fmt, qp=self.qp, preset=self.preset, gop_frames=self.gop_frames)


SIZES = (800, 480), (832, 480), (640, 384), (656, 410), (32, 32), (808, 620)
CASES = [
    *(Case(changes, gop_frames=gop) for changes in CHANGES for gop in (75, 15, 2)),
    *(Case("one in four", size) for size in SIZES),
    *(Case(changes, preset="veryfast", gop_frames=15) for changes in CHANGES),
    *(Case("one in four", size, preset="veryfast") for size in SIZES[-3:]),
    *(Case("one in four", preset=preset, gop_frames=30) for preset in ("superfast", "medium")),
    *(
        Case("one in four", pix_fmt="yuv444p", preset=preset, qp=qp)
        for preset in ("ultrafast", "veryfast")
        for qp in (0, 20)
    ),
    Case("one in four", (656, 410), pix_fmt="yuv444p"),
    Case("one in four", qp=0),
    Case("one in four", qp=51),
]


def name_of(case: Case) -> str:
    return f"{case.changes}-{case.size[0]}x{case.size[1]}-G{case.gop_frames}-{case.preset}-qp{case.qp}-{case.pix_fmt}"


every_case = pytest.mark.parametrize("case", CASES, ids=name_of)


def frames_of(video: bytes) -> list[Planes]:
    return [Planes(*(plane.copy() for plane in frame_planes(frame))) for frame in decode(video)]


def same(one: Planes, other: Planes) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def raw(frames: list[Planes]) -> bytes:
    return b"".join(plane.tobytes() for frame in frames for plane in frame)


@every_case
def test_what_is_shown_is_what_was_painted(case: Case) -> None:
    encoder = case.encoder()
    painted = film([encoder], CHANGES[case.changes])
    shown = frames_of(encoder.finish())
    assert len(shown) == FRAMES
    for meant, frame in zip(painted, shown, strict=True):
        if case.qp == 0:
            assert same(meant, frame)
        elif case.qp == 20:
            assert psnr(meant.y, frame.y) > 40  # rounding to steps of 6.5 alone makes 42.7 dB of noise


@every_case
def test_a_repeat_inside_a_gop_is_the_same_picture_to_the_bit(case: Case) -> None:
    changes = CHANGES[case.changes]
    shown = frames_of(clip(case.encoder(), changes))
    repeats = [frame for frame in range(1, FRAMES) if not changes[frame] and frame % case.gop_frames]
    assert all(same(shown[frame - 1], shown[frame]) for frame in repeats)


@pytest.mark.parametrize("preset", ["ultrafast", "veryfast"])
def test_changed_pictures_decode_as_if_there_were_no_repeats(preset: str) -> None:
    changes = CHANGES["one in four"]
    encoder, without_repeats = (Case("one in four", (656, 410), preset=preset).encoder() for _ in range(2))
    film([encoder], changes)
    film([without_repeats], [True] * (1 + sum(changes[1:])))
    shown = frames_of(encoder.finish())
    coded = [shown[frame] for frame in range(FRAMES) if frame == 0 or changes[frame]]
    assert all(map(same, coded, frames_of(without_repeats.finish())))


small_cases = pytest.mark.parametrize(
    "case",
    [
        Case("", (656, 410), preset=preset, pix_fmt=pix_fmt)
        for preset in ("ultrafast", "veryfast")
        for pix_fmt in get_args(PixFmt)
    ],
    ids=name_of,
)


@small_cases
def test_a_small_change_is_exact_and_touches_no_other_macroblock(case: Case) -> None:
    encoder = case.encoder()
    painted = film([encoder], [True])
    columns = [0, 16, 31, 646]
    for column in columns:  # in the last row of macroblocks, which the picture does not fill
        encoder.planes.y[400:, column : column + 10] ^= 0x0F
        encoder.planes.v[-1, column * encoder.planes.v.shape[1] // 656] ^= 0x0F
        encoder.frame(True)
        painted.append(Planes(*(plane.copy() for plane in encoder.planes)))
    assert encoder._coded == 1
    shown = frames_of(encoder.finish())
    for frame, column in enumerate(columns, 1):
        for before, after, meant in zip(shown[frame - 1], shown[frame], painted[frame], strict=True):
            step = 656 // after.shape[1]
            blocks = np.s_[400 // step :, column // 16 * 16 // step : (column + 25) // 16 * 16 // step]
            expected = before.copy()
            expected[blocks] = meant[blocks]
            assert np.array_equal(after, expected)


@small_cases
def test_x264_knows_nothing_of_small_changes_between_its_pictures(case: Case) -> None:
    encoder, without = case.encoder(), case.encoder()
    for seed in range(3):
        for each in (encoder, without):
            film([each], [True], seed)
        kept = [plane.copy() for plane in encoder.planes]
        for column in range(0, 40, 4):
            encoder.planes.y[100:116, column : column + 8] ^= 0x0F
            encoder.frame(True)
            encoder.frame(False)
        for plane, before in zip(encoder.planes, kept, strict=True):
            plane[:] = before
    assert all(map(same, frames_of(encoder.finish())[::21], frames_of(without.finish())))


def test_a_change_of_no_pixel_is_a_repeat() -> None:
    encoder = ClipEncoder(160, 96)
    videos = []
    for said in (False, True):
        film([encoder], [True])
        for _ in range(20):
            encoder.frame(said)
        videos.append(encoder.finish())
    assert videos[0] == videos[1]


@every_case
def test_idr_pictures_stand_at_multiples_of_the_gop_and_frame_num_counts_between(case: Case, tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(clip(case.encoder(), CHANGES[case.changes]))
    numbers, kinds, keys = [], [], []
    with av.open(path, "r") as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
    for packet in packets:
        length, nal = int.from_bytes(bytes(packet)[:4], "big"), bytes(packet)[4:]
        assert length == len(nal)  # one slice a picture
        bits = BitReader(nal[1:16])  # no escape can come before frame_num
        assert bits.ue() == 0
        bits.ue()
        bits.ue()
        numbers.append(bits.u(4))
        kinds.append(nal_type(nal))
        keys.append(packet.is_keyframe)
    at_gop = [frame % case.gop_frames == 0 for frame in range(FRAMES)]
    assert keys == at_gop
    assert kinds == [IDR_SLICE if at else P_SLICE for at in at_gop]
    assert numbers == [frame % case.gop_frames % 16 for frame in range(FRAMES)]


@pytest.mark.parametrize(
    ("preset", "pix_fmt"), [("ultrafast", "yuv420p"), ("veryfast", "yuv420p"), ("medium", "yuv444p")]
)
@pytest.mark.parametrize("gop_frames", [2, 15, 75])
def test_bytes_depend_on_the_pictures_only_not_on_what_was_coded_before(
    preset: str, pix_fmt: PixFmt, gop_frames: int
) -> None:
    case = Case("", preset=preset, pix_fmt=pix_fmt, gop_frames=gop_frames)
    clips = {"A": (CHANGES["one in four"], 1), "B": (CHANGES["every frame"][:33], 2), "C": (CHANGES["static"], 3)}
    fresh = {name: clip(case.encoder(), *what) for name, what in clips.items()}
    used = case.encoder()
    for name in "ABABBACCAABCBA":
        assert clip(used, *clips[name]) == fresh[name], name


def test_a_repeat_takes_thirteen_bytes_and_four_in_the_index() -> None:
    encoder = ClipEncoder(800, 480)
    short, long = (len(clip(encoder, [True, *[False] * repeats])) for repeats in (10, 70))
    assert long - short == 60 * (13 + 4)


def test_a_static_video_codes_one_picture_however_long_it_is_and_holds_it_once() -> None:
    encoder = ClipEncoder(160, 96, gop_frames=15)
    film([encoder], [True, *[False] * 3000])
    assert encoder._coded == 1
    assert len({id(sample) for sample in encoder._samples}) == 1 + 14  # an IDR picture, and a repeat for each frame_num
    assert sum(1 for _ in decode(encoder.finish())) == 3001


def test_the_first_frame_is_coded_even_if_said_to_be_unchanged() -> None:
    encoder = ClipEncoder(32, 32, qp=0)
    for level in (50, 200):
        encoder.planes.y[:] = level
        encoder.frame(False)
        (shown,) = frames_of(encoder.finish())
        assert (shown.y == level).all()


def test_the_stream_says_bt709_in_limited_range() -> None:
    with av.open(io.BytesIO(clip(ClipEncoder(32, 32), [True])), "r") as container:
        context = container.streams.video[0].codec_context
        assert (context.color_primaries, context.color_trc, context.colorspace, context.color_range) == (1, 1, 1, 1)


def test_a_video_without_frames_is_refused() -> None:
    with pytest.raises(TracekitError, match="0 frames"):
        ClipEncoder(32, 32).finish()


@pytest.mark.parametrize(
    ("size", "options"),
    [
        ((31, 32), {}),
        ((32, 0), {}),
        ((-2, 32), {}),
        ((32, 1 << 20), {}),
        ((32, 32), {"qp": 52}),
        ((32, 32), {"qp": -1}),
        ((32, 32), {"gop_frames": 1}),
        ((32, 32), {"preset": "quick"}),
    ],
)
def test_what_the_encoder_can_not_do_is_refused_with_a_remedy(size: tuple[int, int], options: dict[str, int]) -> None:
    with pytest.raises(TracekitError) as caught:
        ClipEncoder(*size, **options)  # type: ignore[arg-type]
    assert caught.value.remedy


@every_case
def test_ffmpeg_decodes_the_same_frames_without_a_warning(case: Case, tmp_path: Path) -> None:
    require("ffmpeg", remedy="apt install ffmpeg")
    path = tmp_path / "clip.mp4"
    path.write_bytes(clip(case.encoder(), CHANGES[case.changes]))
    strict = ["ffmpeg", "-v", "warning", "-err_detect", "explode", "-i", str(path)]
    done = subprocess.run(
        [*strict, "-f", "rawvideo", "-pix_fmt", case.pix_fmt, "-"], capture_output=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == raw(frames_of(path.read_bytes()))


OPENH264_CASES = [
    case
    for case in CASES
    if case.pix_fmt == "yuv420p" and case.qp and (case.size != (160, 96) or case.gop_frames != 75)
]
"""openh264 knows 4:2:0 alone, and not lossless coding; the sizes are such that GStreamer pads no row."""


@pytest.mark.parametrize("case", OPENH264_CASES, ids=name_of)
def test_openh264_decodes_the_same_frames(case: Case, tmp_path: Path) -> None:
    remedy = (
        "apt install gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad"
    )
    require("gstreamer", program="gst-launch-1.0", remedy=remedy)
    video, out = tmp_path / "clip.mp4", tmp_path / "frames"
    video.write_bytes(clip(case.encoder(), CHANGES[case.changes]))
    pipeline = f"filesrc location={video} ! qtdemux ! h264parse ! openh264dec ! filesink location={out}"
    done = subprocess.run(["gst-launch-1.0", "-q", *pipeline.split()], capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert out.read_bytes() == raw(frames_of(video.read_bytes()))


def test_ffprobe_finds_a_video_of_constant_rate(tmp_path: Path) -> None:
    require("ffmpeg", program="ffprobe", remedy="apt install ffmpeg")
    path = tmp_path / "clip.mp4"
    path.write_bytes(clip(ClipEncoder(656, 410), CHANGES["one in four"]))
    fields = (
        "codec_name,width,height,r_frame_rate,avg_frame_rate,start_pts,duration,nb_read_frames,color_range,color_space"
    )
    command = ["ffprobe", "-v", "warning", "-count_frames", "-show_entries", f"stream={fields}", "-of", "flat"]
    done = subprocess.run([*command, str(path)], capture_output=True, text=True, timeout=60, check=True)
    found = dict(line.removeprefix("streams.stream.0.").split("=") for line in done.stdout.splitlines())
    assert done.stderr == ""
    assert found == {
        "codec_name": '"h264"',
        "width": "656",
        "height": "410",
        "r_frame_rate": '"15/1"',
        "avg_frame_rate": '"15/1"',
        "start_pts": "0",
        "duration": '"5.000000"',
        "nb_read_frames": '"75"',
        "color_range": '"tv"',
        "color_space": '"bt709"',
    }
