"""The folder of a trace that is being recorded: ``OUT/KEY.partial``, which gets the name ``OUT/KEY`` when it is whole.

Whoever records holds a lock on it, so that what a killed recorder left is told from what another one is writing. From
the start it has a ``trace.json`` that says how it would have to be read if nothing more came: failed.
"""

import fcntl
import os
import re
import shutil
from pathlib import Path

from tracekit.core.errors import TracekitError
from tracekit.core.files import Folder, measure, sync_folder, to_json
from tracekit.desktop.trace import Trace

SUFFIX = ".partial"
_KEY = re.compile(r"[a-z0-9_-]{1,100}")


class Partial:
    """A trace's folder while it is recorded.

    Args:
        out: the folder of traces; made if it is not there.
        key: the trace's name.
        empty: whether to remove what a recorder that is gone has left.

    Raises:
        TracekitError: the key is none, the folder can't be made, or another process is recording this trace.
    """

    def __init__(self, out: Path, key: str, *, empty: bool = True) -> None:
        if not _KEY.fullmatch(key):
            raise TracekitError(f"{key!r} can't be the name of a trace", remedy="use a-z, 0-9, - and _, at most 100")
        self.final, self.path = out / key, out / (key + SUFFIX)
        self.replaced = False
        """Whether a recorder that is gone had left something here."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self._lock = _locked(self.path)
            for entry in self.path.iterdir() if empty else ():
                self.replaced = True
                entry.unlink()
        except OSError as error:
            raise TracekitError(f"can't be made: {error.strerror}", place=str(self.path)) from error
        self._files = Folder(self.path)

    def write(self, name: str, content: bytes) -> None:
        """Write a file whole."""
        self._files.write(name, content)

    def describe(self, trace: Trace) -> Trace:
        """Write ``trace.json``, with the hashes of the other files as they are now."""
        files = {name: measure(self.path / name).sha256 for name in self._files.names() if name != "trace.json"}
        trace = trace.model_copy(update={"files": files})
        self._files.write("trace.json", to_json(trace.model_dump(mode="json")))
        return trace

    def commit(self, trace: Trace) -> Trace:
        """Write ``trace.json``, and give the folder its name."""
        trace = self.describe(trace)
        try:
            self.path.rename(self.final)
            sync_folder(self.final.parent)
        except OSError as error:
            raise TracekitError(f"can't be named so: {error.strerror}", place=str(self.final)) from error
        return trace

    def discard(self) -> None:
        """Leave nothing behind."""
        shutil.rmtree(self.path, ignore_errors=True)

    def close(self) -> None:
        """Let others have the folder."""
        os.close(self._lock)

    def __enter__(self) -> "Partial":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _locked(path: Path) -> int:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise TracekitError("another process is recording this trace", place=str(path)) from None
    return descriptor
