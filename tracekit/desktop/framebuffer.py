"""The frame buffer of Xvfb, which it keeps in a file (``-fbdir``): an XWD dump that is drawn into.

The X server draws straight into that file's memory, so it is always as new as the screen. It is never mapped here: the
desktop could truncate it, and reading a map beyond the end kills a process. For the same reason nothing that the
file says is trusted.

The layout is that of X11/XWDFile.h: 25 numbers of 32 bits, big-endian, a name, 12 bytes for each colour, the pixels.
"""

import os
import struct
from pathlib import Path

from tracekit.core.errors import TracekitError
from tracekit.desktop.shared import open_file

FILE_NAME = "Xvfb_screen0"
BYTES_PER_PX = 4
"""Of a pixel: blue, green, red, and a byte that means nothing."""

_HEADER = struct.Struct(">25I")
_VERSION, _Z_PIXMAP, _LEAST_SIGNIFICANT_FIRST = 7, 2, 0
_MOST_HEADER_BYTES, _MOST_COLORS = 4096, 4096


class FrameBuffer:
    """An open frame buffer.

    Args:
        path: the file.
        width_px: what the screen is known to be wide.
        height_px: likewise.

    Raises:
        TracekitError: no such file, or it is not the frame buffer of such a screen in 24 bits.
    """

    def __init__(self, path: Path, width_px: int, height_px: int) -> None:
        self.width_px, self.height_px = width_px, height_px
        self.bytes = width_px * height_px * BYTES_PER_PX
        self._path = path
        self._file = open_file(path)
        try:
            self._offset = self._read_header()
        except BaseException:
            self.close()
            raise

    def _read_header(self) -> int:
        data = os.pread(self._file, _HEADER.size, 0)
        if len(data) < _HEADER.size:
            raise self._error("it ends in its header")
        fields = _HEADER.unpack(data)
        header_bytes, version, kind, depth, width_px, height_px, _, byte_order = fields[:8]
        bits_per_px, bytes_per_line, _, red, green, blue, _, _, colors = fields[11:20]
        if (version, kind, byte_order) != (_VERSION, _Z_PIXMAP, _LEAST_SIGNIFICANT_FIRST):
            raise self._error("it is not an XWD dump of pixels in little-endian order")
        if (depth, bits_per_px, red, green, blue) != (24, 32, 0xFF0000, 0xFF00, 0xFF):
            raise self._error("its pixels are not RGB in 24 of 32 bits")
        if (width_px, height_px, bytes_per_line) != (self.width_px, self.height_px, self.width_px * BYTES_PER_PX):
            raise self._error(f"it is {width_px}x{height_px}, not {self.width_px}x{self.height_px}")
        if not _HEADER.size <= header_bytes <= _MOST_HEADER_BYTES or colors > _MOST_COLORS:
            raise self._error("its header is out of bounds")
        return int(header_bytes + 12 * colors)

    def read_into(self, buffer: memoryview) -> None:
        """Read all pixels: rows from the top, `BYTES_PER_PX` each, no gaps.

        Args:
            buffer: writable, of ``bytes`` bytes.

        Raises:
            TracekitError: the file has become shorter.
        """
        if os.preadv(self._file, [buffer], self._offset) != self.bytes:
            raise self._error("it ends before its pixels do")

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    def __enter__(self) -> "FrameBuffer":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _error(self, message: str) -> TracekitError:
        return TracekitError(f"not the frame buffer of an X server: {message}", place=str(self._path))
