"""An MP4 file says what its pictures say: constant rate from 0, index first, nothing of when it was made."""

import io
import struct
from collections.abc import Iterator
from typing import cast

import av
import numpy as np
import pytest
from pictures import CHANGES, clip, film

from tracekit.core.errors import TracekitError
from tracekit.video.decode import decode
from tracekit.video.encode import ClipEncoder
from tracekit.video.mp4 import MAX_FRAMES, write_mp4


def boxes(
    data: bytes, inside: tuple[bytes, ...] = (b"moov", b"trak", b"mdia", b"minf", b"stbl")
) -> Iterator[tuple[bytes, bytes]]:
    """All boxes, depth first."""
    at = 0
    while at < len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        body = data[at + 8 : at + size]
        yield kind, body
        if kind in inside:
            yield from boxes(body)
        at += size


@pytest.mark.parametrize("frames", [1, 2, 75, 400])
def test_frames_follow_at_fifteen_a_second_from_zero(frames: int) -> None:
    video = clip(ClipEncoder(32, 32), [True] * frames)
    with av.open(io.BytesIO(video), "r") as container:
        stream = container.streams.video[0]
        assert (stream.frames, stream.start_time) == (frames, 0)
        assert stream.average_rate == 15
        assert stream.duration is not None
        assert stream.time_base is not None
        assert stream.duration * stream.time_base * 15 == frames
        packets = [packet for packet in container.demux(stream) if packet.size]
    assert [(packet.pts, packet.dts, packet.duration) for packet in packets] == [
        (frame * 1024, frame * 1024, 1024) for frame in range(frames)
    ]


def test_any_frame_is_reached_by_seeking() -> None:
    encoder = ClipEncoder(160, 96, gop_frames=15)
    film([encoder], CHANGES["one in four"])
    video = encoder.finish()
    in_order = [frame.to_ndarray() for frame in decode(video)]
    with av.open(io.BytesIO(video), "r") as container:
        stream = container.streams.video[0]
        for wanted in (74, 0, 44, 15, 14, 60, 1):
            container.seek(wanted * 1024, stream=stream)
            shown = next(frame for frame in container.decode(stream) if frame.pts == wanted * 1024)
            assert np.array_equal(shown.to_ndarray(), in_order[wanted])


def test_the_index_comes_before_the_pictures_and_dates_are_zero() -> None:
    video = clip(ClipEncoder(32, 32), CHANGES["one in four"])
    found = dict(boxes(video))
    assert [kind for kind, _ in boxes(video, inside=())] == [b"ftyp", b"moov", b"mdat"]
    for kind in (b"mvhd", b"tkhd", b"mdhd"):
        assert found[kind][:12] == (bytes(12) if kind != b"tkhd" else b"\0\0\0\3" + bytes(8))


def test_the_table_of_sizes_and_the_offset_lead_to_the_pictures() -> None:
    video = clip(ClipEncoder(32, 32), CHANGES["one in four"])
    found = dict(boxes(video))
    (offset,) = struct.unpack(">I", found[b"stco"][8:])
    sizes = struct.unpack(">75I", found[b"stsz"][12:])
    assert video[offset:] == found[b"mdat"]
    assert sum(sizes) == len(found[b"mdat"])
    with av.open(io.BytesIO(video), "r") as container:
        pictures = [bytes(packet) for packet in container.demux(video=0) if packet.size]
    assert tuple(map(len, pictures)) == sizes
    assert b"".join(pictures) == found[b"mdat"]


class Sink(io.RawIOBase):
    """A file that forgets all but its start, and can't seek."""

    def __init__(self) -> None:
        self.start, self.size = b"", 0

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self.start += data[: max(0, 100_000 - self.size)]
        self.size += len(data)
        return len(data)


@pytest.mark.parametrize("pictures", [31, 64], ids=["under 4 GiB", "over 4 GiB"])
def test_a_video_may_be_larger_than_32_bits_can_say(pictures: int) -> None:
    picture, sink = bytes(1 << 26), Sink()
    write_mp4(cast(io.BufferedWriter, sink), 64, 64, ClipEncoder(64, 64)._sets, [picture] * pictures, [0])
    at = sink.start.index(b"mdat") - 4
    size, _, large_size = struct.unpack_from(">I4sQ", sink.start, at)
    total = pictures << 26
    assert (large_size if size == 1 else size) == sink.size - at
    header = 16 if size == 1 else 8
    assert sink.size - at == total + header
    assert struct.unpack(">I", sink.start[sink.start.index(b"stco") + 12 :][:4]) == (at + header,)


def test_more_frames_than_durations_can_say_are_refused() -> None:
    samples = [b"\0"] * (MAX_FRAMES + 1)
    with pytest.raises(TracekitError, match="frames"):
        write_mp4(io.BytesIO(), 64, 64, ClipEncoder(64, 64)._sets, samples, [0])


def test_a_video_finished_into_a_file_is_the_same() -> None:
    encoder, file = ClipEncoder(32, 32), io.BytesIO()
    whole = clip(encoder, CHANGES["alternating"])
    film([encoder], CHANGES["alternating"])
    encoder.finish_into(file)
    assert file.getvalue() == whole
