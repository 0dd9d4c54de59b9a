"""What a program says on its standard error, kept in memory for the case that it fails."""

import os


class Complaints:
    """A file in memory to give to a program as its standard error."""

    def __init__(self) -> None:
        self._file = os.memfd_create("complaints", os.MFD_CLOEXEC)

    def fileno(self) -> int:
        """Its descriptor."""
        return self._file

    def last(self) -> str:
        """The last line so far that is not empty, or ''."""
        size = os.fstat(self._file).st_size
        said = os.pread(self._file, 4096, max(0, size - 4096)).decode("utf-8", "replace")
        return next((line.strip() for line in reversed(said.splitlines()) if line.strip()), "")

    def close(self) -> None:
        """Forget them."""
        os.close(self._file)
