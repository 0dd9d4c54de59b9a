"""Files that are whole or not there: a folder, local or on an object store, to which files are committed.

A local file is written under a temporary name, forced to disk, renamed, and the folder forced to disk (the order that
POSIX rename(2) and fsync(2) ask for); on an object store a put is atomic by itself. Either way a file under its final
name is complete, whenever the process or the machine stops.
"""

import errno
import fcntl
import hashlib
import json
import os
import re
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, NamedTuple, cast

import fsspec
from fsspec.implementations.local import LocalFileSystem

from tracekit.core.errors import TracekitError
from tracekit.core.faults import fault_point

_TEMPORARY = ".tmp-"
_LEFT_BY_WRITER = re.compile(rf"{re.escape(_TEMPORARY)}[0-9a-f]{{32}}$")
"""Whoever names a folder of his own as output loses nothing that only looks temporary."""
_REMEDIES = {
    errno.ENOSPC: ("the disk is full", "free some space and run the same command again"),
    errno.EDQUOT: ("the disk quota is used up", "free some space and run the same command again"),
    errno.EFBIG: ("the file is larger than the system allows", "raise the limit (ulimit -f) or make shards smaller"),
    errno.EACCES: ("there is no right to do this", "check the owner and mode of the folder"),
    errno.EPERM: ("there is no right to do this", "check the owner and mode of the folder"),
    errno.EROFS: ("the file system is read-only", "choose another folder"),
    errno.EEXIST: ("a file is in the way", "choose another folder"),
    errno.ENOTDIR: ("a file is in the way", "choose another folder"),
    errno.ENOENT: ("there is no such file", "it was moved or deleted"),
}


class Content(NamedTuple):
    """Size and hash of a file."""

    bytes: int
    sha256: str


class Folder:
    """A folder of a data set: a local path, or any URL that fsspec knows (``s3://``, ``gs://``, ``memory://``, ...).

    Names are relative to the folder, with ``/`` between their parts.

    Raises:
        TracekitError: no name, no such kind of URL, or the driver for it is not installed. Every method raises it for a
            full disk, a missing right or an unreachable store, with the remedy.
    """

    def __init__(self, url: str | os.PathLike[str]) -> None:
        if not os.fspath(url):
            raise TracekitError("the name of a folder is empty", remedy="give a path or a URL")
        self.url = os.fspath(url).rstrip("/") or "/"
        with _told(self.url):
            try:
                self._fs, self._path = fsspec.core.url_to_fs(self.url, use_listings_cache=False)
            except ImportError as error:
                protocol = fsspec.utils.get_protocol(self.url)
                remedy = "pip install 'tracekit[s3]'" if protocol in {"s3", "s3a"} else str(error)
                raise TracekitError(
                    f"no driver for {protocol}:// is installed", place=self.url, remedy=remedy
                ) from error
            except ValueError as error:
                raise TracekitError(str(error), place=self.url, remedy="give a path or a URL fsspec knows") from error
        self.local = isinstance(self._fs, LocalFileSystem)
        if self.local:
            # Workers have working directories of their own.
            self.url = self._path

    def __reduce__(self) -> tuple[type["Folder"], tuple[str]]:
        return Folder, (self.url,)

    def __repr__(self) -> str:
        return f"Folder({self.url!r})"

    def path(self, name: str) -> str:
        """The full path or URL of a file, for people and for other programs."""
        return f"{self.url}/{name}"

    def size(self, name: str) -> int | None:
        """Bytes of a file, or None if it is not there."""
        with _told(self.path(name)):
            try:
                return int(self._fs.info(self._full(name))["size"])
            except FileNotFoundError:
                return None

    def exists(self, name: str) -> bool:
        """Whether the file is there, and so is whole."""
        return self.size(name) is not None

    def names(self, under: str = "") -> list[str]:
        """All committed files below a folder of this one, sorted; none if there is no such folder."""
        with _told(self.path(under)):
            found = self._fs.find(self._full(under) if under else self._path)
            names = (str(path)[len(self._path) + 1 :] for path in found)
            return sorted(name for name in names if _TEMPORARY not in name.rpartition("/")[2])

    def read(self, name: str, start: int | None = None, end: int | None = None) -> bytes:
        """The content of a file; or its bytes from ``start`` to before ``end``, in one request."""
        with _told(self.path(name)):
            return bytes(self._fs.cat_file(self._full(name), start, end))

    def open(self, name: str) -> IO[bytes]:
        """Open a file for reading and seeking."""
        with _told(self.path(name)):
            return cast(IO[bytes], self._fs.open(self._full(name), "rb"))

    def write(self, name: str, content: bytes | Callable[[IO[bytes]], object]) -> Content:
        """Commit a file, in place of one of that name.

        Args:
            name: of the file; folders on the way are made.
            content: its bytes, or what writes them to a local file that is open for reading, writing and seeking.
        """
        return self._write_local(name, content) if self.local else self._write_remote(name, content)

    def remove(self, name: str) -> None:
        """Delete a file if it is there."""
        with _told(self.path(name)), suppress(FileNotFoundError):
            self._fs.rm_file(self._full(name))

    def sweep(self) -> int:
        """Delete what writers left that were killed, and return how many files that were.

        Writers hold a lock on their temporary file as long as they live, also over NFS; files in work stay.
        """
        if not self.local:
            return 0
        found = Path(self._path).rglob(f"*{_TEMPORARY}*")
        return sum(_remove_if_left(path) for path in found if _LEFT_BY_WRITER.search(path.name))

    def _full(self, name: str) -> str:
        return f"{self._path}/{name}"

    def _write_local(self, name: str, content: bytes | Callable[[IO[bytes]], object]) -> Content:
        target = Path(self._full(name))
        temporary = target.with_name(f"{target.name}{_TEMPORARY}{uuid.uuid4().hex}")
        with _told(self.path(name)):
            _make_folder(target.parent)
            try:
                with temporary.open("xb+") as file:
                    with suppress(OSError):  # a file system without locks: its leftovers are swept by hand
                        fcntl.flock(file, fcntl.LOCK_EX)
                    written = _fill(file, content)
                    fault_point("commit-written")
                    temporary.replace(target)
            except BaseException:
                temporary.unlink(missing_ok=True)
                raise
            fault_point("commit-renamed")
            sync_folder(target.parent)
        return written

    def _write_remote(self, name: str, content: bytes | Callable[[IO[bytes]], object]) -> Content:
        with _told(self.path(name)), tempfile.NamedTemporaryFile(prefix="tracekit-") as file:
            written = _fill(file, content)
            fault_point("commit-written")
            self._fs.put_file(file.name, self._full(name))
            fault_point("commit-renamed")
        return written


def measure(url: str | os.PathLike[str]) -> Content:
    """Size and hash of a file, local or behind any URL that fsspec knows, in one pass and constant memory."""
    with _told(os.fspath(url)), fsspec.open(os.fspath(url), "rb") as file:
        return _measure(file)


def to_json(value: Any) -> bytes:
    """The one way that values are written: UTF-8, one line with its end, keys in the order they have, no NaN."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode() + b"\n"


def digest(value: Any) -> str:
    """The sha256 of a JSON value, whatever the order of its keys."""
    return hashlib.sha256(
        json.dumps(value, sort_keys=True, allow_nan=False, separators=(",", ":")).encode()
    ).hexdigest()


def _fill(file: Any, content: bytes | Callable[[IO[bytes]], object]) -> Content:
    if isinstance(content, bytes):
        file.write(content)
    else:
        content(file)
    file.flush()
    os.fsync(file.fileno())
    file.seek(0)
    return _measure(file)


def _measure(file: Any) -> Content:
    sha256, size = hashlib.sha256(), 0
    while block := file.read(1 << 20):
        sha256.update(block)
        size += len(block)
    return Content(size, sha256.hexdigest())


def _make_folder(folder: Path) -> None:
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder last: a rename or a new file is on disk when this returns."""
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _remove_if_left(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()
    except OSError:
        return False
    return True


@contextmanager
def _told(place: str) -> Iterator[None]:
    """Turn what a file system or a store raises into something a person can act on."""
    try:
        yield
    except TracekitError:
        raise
    except OSError as error:
        message, remedy = _REMEDIES.get(error.errno or 0, (error.strerror or str(error), ""))
        raise TracekitError(message, place=place, remedy=remedy) from error
    except Exception as error:
        if type(error).__module__.partition(".")[0] not in {"botocore", "aiobotocore", "aiohttp", "gcsfs", "azure"}:
            raise
        raise TracekitError(
            f"the store can't be used: {error}", place=place, remedy="check its address and keys"
        ) from error
