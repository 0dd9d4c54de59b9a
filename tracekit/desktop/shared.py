"""The folder that we share with a desktop's container.

What lies in it is the container's to name: it may put a link in a file's place. So nothing there is opened by path but
by these functions, which follow no link. The folder stands in memory where the machine has /dev/shm, so that what the
container writes counts as its memory; it bears its owner's name, and is removed when that is found to be gone.
"""

import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tracekit.core.errors import TracekitError
from tracekit.sandbox import owner

_PREFIX = "tracekit-desktop-"
_NAME = re.compile(_PREFIX + r"(?P<owner>[0-9a-f]{32}-[0-9]+-[0-9]+)-[a-z0-9_]+")


class SharedFolder:
    """A new folder, private to this user, with what a desktop's container may write to in it."""

    def __init__(self) -> None:
        root = _root()
        _sweep(root)
        self._folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{owner.name()}-", dir=root))
        self.files = self._folder / "files"
        """The container's ``/shared``."""
        self.sockets = self._folder / "sockets"
        """Its ``/tmp/.X11-unix``."""
        for folder in (self.files, self.sockets):
            folder.mkdir()
            folder.chmod(0o1777)  # the container's user is another one; nobody else gets past the folder above

    def remove(self) -> None:
        """Remove it with everything in it."""
        shutil.rmtree(self._folder, ignore_errors=True)


def open_file(path: Path) -> int:
    """Open a file of the container for reading; the descriptor.

    Raises:
        TracekitError: there is none, or something else has its name.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise TracekitError(f"the desktop's {path.name} can't be read: {error.strerror}") from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise TracekitError(f"the desktop's {path.name} is no file")
    return descriptor


@contextmanager
def reach_socket(path: Path) -> Iterator[str]:
    """A path by which a socket of the container, and nothing else, can be connected to.

    Raises:
        TracekitError: there is none, or something else has its name.
    """
    try:
        descriptor = os.open(path, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        raise TracekitError(f"the desktop's socket {path.name} can't be reached: {error.strerror}") from error
    try:
        if not stat.S_ISSOCK(os.fstat(descriptor).st_mode):
            raise TracekitError(f"the desktop's {path.name} is no socket")
        yield f"/proc/self/fd/{descriptor}"
    finally:
        os.close(descriptor)


def _root() -> Path:
    memory = Path("/dev/shm")
    return memory if os.access(memory, os.W_OK | os.X_OK) else Path(tempfile.gettempdir())


def _sweep(root: Path) -> None:
    """Remove the folders of drivers that are gone."""
    for entry in os.scandir(root):
        name = _NAME.fullmatch(entry.name)
        if name and entry.is_dir(follow_symlinks=False) and owner.is_gone(name["owner"]):
            shutil.rmtree(entry.path, ignore_errors=True)  # another user's stays
