"""Lines of a file that may be compressed, remote and hostile, in bounded memory."""

import gzip
import io
import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, cast

import fsspec
import zstandard

from tracekit.casts.limits import Limits
from tracekit.core.errors import Rejected, TracekitError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

GZIP_MAGIC = b"\x1f\x8b"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
ZSTD_WINDOW_BYTES = 128 << 20  # what `zstd -d` accepts unless told otherwise: the memory one frame may ask for


class Lines:
    """The lines of a file, decompressed, each at most ``limits.line_bytes`` long and in all ``limits.file_bytes``.

    Args:
        uri: a local path, or a URL that fsspec knows.
        limits: the bounds.

    Raises:
        Rejected: ``unreadable``: there is no such file, or it may not be read.
        TracekitError: the storage failed; trying again may help.
    """

    def __init__(self, uri: str | Path, limits: Limits) -> None:
        self.name = os.fsencode(str(uri)).decode(errors="replace")
        self.number = 0
        """Of the line read last, from 1."""
        self._limits, self._bytes = limits, 0
        try:
            self._raw = _open(uri)
            self._file = _decompressed(self._raw)
        except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
            raise Rejected("unreadable", error.strerror or "no such file", place=self.name) from error
        except ImportError as error:
            raise TracekitError(f"needs a package that is not installed: {error}", place=self.name) from error
        except Exception as error:  # storage back ends raise what they like
            raise TracekitError(f"cannot be opened: {error}", place=self.name) from error

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        self._raw.close()

    @property
    def truncated(self) -> bool:
        """Whether a gzip stream has ended before its end. (Of zstd the library does not tell.)"""
        return isinstance(self._file.raw, _Gunzip) and self._file.raw.truncated

    def __iter__(self) -> Iterator[bytes]:
        """The lines that are left, each with its line feed if it has one.

        Raises:
            Rejected: ``too-large``, or ``damaged`` where the compressed stream is.
            TracekitError: the storage failed.
        """
        longest = self._limits.line_bytes
        while line := self._read(longest + 1):
            self.number += 1
            if len(line) > longest:
                raise self.too_large(f"a line is longer than {longest:,} bytes")
            yield line

    def rest(self, start: bytes) -> bytes:
        """The whole document that begins with ``start``, the lines read so far.

        Raises:
            Rejected: ``too-large`` where it has more than ``limits.document_bytes``, or ``damaged``.
        """
        parts, size = [start], len(start)
        while size <= self._limits.document_bytes and (line := self._read(self._limits.line_bytes)):
            parts.append(line)
            size += len(line)
        if size > self._limits.document_bytes:
            raise self.too_large(f"a JSON document larger than {self._limits.document_bytes:,} bytes")
        return b"".join(parts)

    def too_large(self, message: str) -> Rejected:
        """The rejection of a file that is beyond a limit at the line read last."""
        return Rejected(
            "too-large",
            message,
            place=f"{self.name}:{max(self.number, 1)}",
            remedy="no recorder writes this; raise the limit if the file is your own",
        )

    def _read(self, limit: int) -> bytes:
        """The next line, or its first ``limit`` bytes; nothing at the end."""
        try:
            line = self._file.readline(limit)
        except (zlib.error, gzip.BadGzipFile, zstandard.ZstdError) as error:
            raise Rejected("damaged", f"the compressed data is damaged: {error}", place=self.name) from error
        except Exception as error:  # storage back ends raise what they like
            raise TracekitError(f"cannot be read: {error}", place=self.name) from error
        self._bytes += len(line)
        if self._bytes > self._limits.file_bytes:
            raise self.too_large(f"more than {self._limits.file_bytes:,} bytes")
        return line


def _open(uri: str | Path) -> io.BufferedReader:
    if isinstance(uri, Path) or "://" not in uri:
        return Path(uri).open("rb")
    return io.BufferedReader(cast(io.RawIOBase, fsspec.open(uri, "rb").open()))


class _Gunzip(io.RawIOBase):
    """What is in a gzip stream, also in one that is cut short: up to the cut."""

    def __init__(self, raw: io.BufferedReader) -> None:
        self.truncated = False
        self._stream = gzip.GzipFile(fileobj=raw)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        room = memoryview(buffer)
        try:
            data = self._stream.read1(len(room))  # read() would throw away what it has when it comes to the cut
        except EOFError:
            self.truncated = True
            return 0
        room[: len(data)] = data
        return len(data)


def _decompressed(raw: io.BufferedReader) -> io.BufferedReader:
    """The stream inside: compression is told by its magic bytes, since names are often wrong."""
    magic = raw.peek(4)[:4]
    if magic.startswith(GZIP_MAGIC):
        return io.BufferedReader(_Gunzip(raw))
    if magic == ZSTD_MAGIC:
        inflate = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW_BYTES)
        return io.BufferedReader(cast(io.RawIOBase, inflate.stream_reader(raw, read_across_frames=True)))
    return raw
