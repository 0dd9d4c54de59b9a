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
    brands = box(b"ftyp", b"isom", u32(512), b"isomiso2avc1mp41")

    def index(first_sample: int) -> bytes:
        table = _sample_table(width_px, height_px, sets, samples, keys, first_sample)
        return movie(width_px, height_px, len(samples) * SAMPLE_TICKS, table)

    before_samples = len(brands) + len(index(0)) + len(header)
    file.write(brands + index(before_samples) + header)
    file.writelines(samples)


def movie(width_px: int, height_px: int, ticks: int, sample_table: bytes, *more: bytes) -> bytes:
    """The box ``moov`` of one video track, and more boxes in it."""
    movie_header = full_box(
        b"mvhd", u32(0, 0, TIMESCALE, ticks, 0x10000), u16(0x100, 0), bytes(8), _MATRIX, bytes(24), u32(2)
    )
    track_header = full_box(
        b"tkhd", u32(0, 0, 1, 0, ticks), bytes(16), _MATRIX, u32(width_px << 16, height_px << 16), flags=3
    )
    media_header = full_box(b"mdhd", u32(0, 0, TIMESCALE, ticks), u16(_UNDETERMINED, 0))
    handler = full_box(b"hdlr", bytes(4), b"vide", bytes(12), b"VideoHandler\0")
    in_this_file = box(b"dinf", full_box(b"dref", u32(1), full_box(b"url ", flags=1)))
    media_information = box(b"minf", full_box(b"vmhd", bytes(8), flags=1), in_this_file, sample_table)
    media = box(b"mdia", media_header, handler, media_information)
    return box(b"moov", movie_header, box(b"trak", track_header, media), *more)


def _sample_table(
    width_px: int, height_px: int, sets: ParameterSets, samples: Sequence[bytes], keys: Sequence[int], offset: int
) -> bytes:
    count = len(samples)
    return box(
        b"stbl",
        full_box(b"stsd", u32(1), sample_entry(width_px, height_px, sets)),
        full_box(b"stts", u32(1, count, SAMPLE_TICKS)),
        full_box(b"stss", u32(len(keys), *(key + 1 for key in keys))),
        full_box(b"stsc", u32(1, 1, count, 1)),  # all in one chunk
        full_box(b"stsz", u32(0, count, *map(len, samples))),
        full_box(b"stco", u32(1, offset)),
    )


def sample_entry(width_px: int, height_px: int, sets: ParameterSets) -> bytes:
    """The box ``avc1``: what the pictures are."""
    profile, constraints, level = sets.sps[1:4]
    parts = [bytes([1, profile, constraints, level, 0xFF, 0xE1]), u16(len(sets.sps)), sets.sps, bytes([2])]
    parts += [u16(len(pps)) + pps for pps in (sets.pps, sets.raw_pps)]
    if profile not in (66, 77, 88):  # Baseline, Main and Extended are 4:2:0 in 8 bits (ISO/IEC 14496-15, 5.3.3.1.2)
        parts.append(bytes([0xFC | sets.chroma_format_idc, 0xF8, 0xF8, 0]))
    color = box(b"colr", b"nclx", u16(1, 1, 1), bytes(1))  # BT.709, limited range (ITU-T H.273)
    fields = bytes(6), u16(1), bytes(16), u16(width_px, height_px), u32(72 << 16, 72 << 16, 0), u16(1), bytes(32)
    return box(b"avc1", *fields, u16(24, 0xFFFF), box(b"avcC", *parts), color)


def box(kind: bytes, *parts: bytes) -> bytes:
    """A box of its parts."""
    body = b"".join(parts)
    return struct.pack(">I4s", len(body) + 8, kind) + body


def full_box(kind: bytes, *parts: bytes, version: int = 0, flags: int = 0) -> bytes:
    """A box that begins with its version (8 bits) and flags (24 bits)."""
    return box(kind, u32(version << 24 | flags), *parts)


def u32(*values: int) -> bytes:
    """Numbers of 32 bits."""
    return struct.pack(f">{len(values)}I", *values)


def u16(*values: int) -> bytes:
    """Numbers of 16 bits."""
    return struct.pack(f">{len(values)}H", *values)
