"""One H.264 track as an MP4 file (ISO/IEC 14496-12 and -15), index first, with nothing in it but what the pictures say.

Every sample lasts as long and is shown in the order it is decoded, so the boxes say it once. There are no dates: equal
pictures make equal files.
"""

import struct
from collections.abc import Sequence
from typing import BinaryIO

from tracekit.core.clock import FPS
from tracekit.core.errors import TracekitError
from tracekit.video.h264 import ParameterSets

SAMPLE_TICKS = 1024
"""Duration of a picture. The timescale is then 15360, as FFmpeg's muxer has it for 15 a second."""
TIMESCALE = FPS * SAMPLE_TICKS
MAX_FRAMES = (2**32 - 1) // SAMPLE_TICKS
"""What a 32-bit duration holds: 77 hours."""

_MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)  # unity: pictures are shown as they are
_UNDETERMINED = 0x55C4  # the language "und" in three letters of five bits


def with_length(nal: bytes) -> bytes:
    """A NAL unit as it stands in a sample: after its length in four bytes."""
    return struct.pack(">I", len(nal)) + nal


def write_mp4(
    file: BinaryIO, width_px: int, height_px: int, sets: ParameterSets, samples: Sequence[bytes], keys: Sequence[int]
) -> None:
    """Write a video to a file.

    Args:
        file: where to; it need not be seekable.
        width_px: of the picture shown, which may be a part of the coded one.
        height_px: likewise.
        sets: parameter sets; the picture that they say is of whole macroblocks, cropped.
        samples: the pictures in order, each of NAL units that `with_length` made.
        keys: indices of those that are IDR pictures, ascending.

    Raises:
        TracekitError: there are none, or more than the format's durations can say.
    """
    if not 0 < len(samples) <= MAX_FRAMES:
        raise TracekitError(f"a video can't have {len(samples)} frames", remedy=f"1 to {MAX_FRAMES} are possible")
    size = sum(map(len, samples))
    header = struct.pack(">I4s", size + 8, b"mdat") if size + 8 < 2**32 else struct.pack(">I4sQ", 1, b"mdat", size + 16)
    brands = _box(b"ftyp", b"isom", _u32(512), b"isomiso2avc1mp41")

    def index(first_sample: int) -> bytes:
        table = _sample_table(width_px, height_px, sets, samples, keys, first_sample)
        return _movie(width_px, height_px, len(samples) * SAMPLE_TICKS, table)

    before_samples = len(brands) + len(index(0)) + len(header)
    file.write(brands + index(before_samples) + header)
    file.writelines(samples)


def _movie(width_px: int, height_px: int, ticks: int, sample_table: bytes) -> bytes:
    movie_header = _full_box(
        b"mvhd", _u32(0, 0, TIMESCALE, ticks, 0x10000), _u16(0x100, 0), bytes(8), _MATRIX, bytes(24), _u32(2)
    )
    track_header = _full_box(
        b"tkhd", _u32(0, 0, 1, 0, ticks), bytes(16), _MATRIX, _u32(width_px << 16, height_px << 16), flags=3
    )
    media_header = _full_box(b"mdhd", _u32(0, 0, TIMESCALE, ticks), _u16(_UNDETERMINED, 0))
    handler = _full_box(b"hdlr", bytes(4), b"vide", bytes(12), b"VideoHandler\0")
    in_this_file = _box(b"dinf", _full_box(b"dref", _u32(1), _full_box(b"url ", flags=1)))
    media_information = _box(b"minf", _full_box(b"vmhd", bytes(8), flags=1), in_this_file, sample_table)
    media = _box(b"mdia", media_header, handler, media_information)
    return _box(b"moov", movie_header, _box(b"trak", track_header, media))


def _sample_table(
    width_px: int, height_px: int, sets: ParameterSets, samples: Sequence[bytes], keys: Sequence[int], offset: int
) -> bytes:
    count = len(samples)
    return _box(
        b"stbl",
        _full_box(b"stsd", _u32(1), _sample_entry(width_px, height_px, sets)),
        _full_box(b"stts", _u32(1, count, SAMPLE_TICKS)),
        _full_box(b"stss", _u32(len(keys), *(key + 1 for key in keys))),
        _full_box(b"stsc", _u32(1, 1, count, 1)),  # all in one chunk
        _full_box(b"stsz", _u32(0, count, *map(len, samples))),
        _full_box(b"stco", _u32(1, offset)),
    )


def _sample_entry(width_px: int, height_px: int, sets: ParameterSets) -> bytes:
    profile, constraints, level = sets.sps[1:4]
    parts = [bytes([1, profile, constraints, level, 0xFF, 0xE1]), _u16(len(sets.sps)), sets.sps, bytes([2])]
    parts += [_u16(len(pps)) + pps for pps in (sets.pps, sets.raw_pps)]
    if profile not in (66, 77, 88):  # Baseline, Main and Extended are 4:2:0 in 8 bits (ISO/IEC 14496-15, 5.3.3.1.2)
        parts.append(bytes([0xFC | sets.chroma_format_idc, 0xF8, 0xF8, 0]))
    color = _box(b"colr", b"nclx", _u16(1, 1, 1), bytes(1))  # BT.709, limited range (ITU-T H.273)
    fields = bytes(6), _u16(1), bytes(16), _u16(width_px, height_px), _u32(72 << 16, 72 << 16, 0), _u16(1), bytes(32)
    return _box(b"avc1", *fields, _u16(24, 0xFFFF), _box(b"avcC", *parts), color)


def _box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I4s", len(body) + 8, kind) + body


def _full_box(kind: bytes, *parts: bytes, flags: int = 0) -> bytes:
    return _box(kind, _u32(flags), *parts)


def _u32(*values: int) -> bytes:
    return struct.pack(f">{len(values)}I", *values)


def _u16(*values: int) -> bytes:
    return struct.pack(f">{len(values)}H", *values)
