"""One H.264 track as a fragmented MP4 file (ISO/IEC 14496-12, 8.8): readable up to its last whole fragment.

The index says only what the pictures are; each fragment says how long its samples are. A recorder that is killed leaves
a file that plays, without the fragment it was about to write.
"""

import os
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from tracekit.video.h264 import ParameterSets
from tracekit.video.mp4 import SAMPLE_TICKS, box, full_box, movie, sample_entry, u32

_KEY = 0x02000000
"""sample_depends_on 2: on no other (8.8.3.1)."""
_NO_KEY = 0x01010000
"""sample_depends_on 1, sample_is_non_sync_sample."""


class FragmentedMp4:
    """A file to which fragments are appended.

    Args:
        file: where to, open for writing; it is flushed after each fragment.
        width_px: of the picture shown.
        height_px: likewise.
        sets: parameter sets of the pictures.
    """

    def __init__(self, file: BinaryIO, width_px: int, height_px: int, sets: ParameterSets) -> None:
        self._file = file
        self._fragments = self._frames = 0
        table = box(
            b"stbl",
            full_box(b"stsd", u32(1), sample_entry(width_px, height_px, sets)),
            full_box(b"stts", u32(0)),
            full_box(b"stsc", u32(0)),
            full_box(b"stsz", u32(0, 0)),
            full_box(b"stco", u32(0)),
        )
        defaults = full_box(b"trex", u32(1, 1, SAMPLE_TICKS, 0, _NO_KEY))
        brands = box(b"ftyp", b"iso5", u32(512), b"iso5iso6avc1mp41")
        self._write(brands + movie(width_px, height_px, 0, table, box(b"mvex", defaults)))

    def append(self, samples: Sequence[bytes], keys: Sequence[int]) -> None:
        """Write a fragment.

        Args:
            samples: its pictures in order, at least one, each of NAL units that `mp4.with_length` made.
            keys: indices of those that are IDR pictures.
        """
        self._fragments += 1
        flags = [_KEY if number in set(keys) else _NO_KEY for number in range(len(samples))]
        entries = b"".join(u32(len(sample), flag) for sample, flag in zip(samples, flags, strict=True))
        time = full_box(b"tfdt", struct.pack(">Q", self._frames * SAMPLE_TICKS), version=1)

        def head(data_offset: int) -> bytes:
            run = full_box(b"trun", u32(len(samples), data_offset), entries, flags=0x601)  # offset, sizes, flags
            track = full_box(b"tfhd", u32(1), flags=0x20000)  # offsets count from this moof
            return box(b"moof", full_box(b"mfhd", u32(self._fragments)), box(b"traf", track, time, run))

        self._write(head(len(head(0)) + 8) + box(b"mdat", *samples))
        self._frames += len(samples)

    def _write(self, data: bytes) -> None:
        self._file.write(data)
        self._file.flush()


def keep_whole(path: Path, most: int | None = None) -> int:
    """Cut off what follows the last whole fragment of a file that `FragmentedMp4` was writing when it was killed.

    Args:
        path: of the file.
        most: how many frames it may have.

    Returns:
        How many frames the file then has.
    """
    frames = at = whole_bytes = coming = 0
    with path.open("rb+") as file:
        end = file.seek(0, os.SEEK_END)
        while at + 8 <= end:
            file.seek(at)
            size, kind = struct.unpack(">I4s", file.read(8))
            if size < 8 or at + size > end:
                break
            at += size
            if kind == b"moof":
                fragment = file.read(size - 8)
                (coming,) = struct.unpack_from(">I", fragment, fragment.index(b"trun") + 8)
                continue
            if most is not None and frames + coming > most:
                break
            frames, coming, whole_bytes = frames + coming, 0, at
        file.truncate(whole_bytes)
    return frames
