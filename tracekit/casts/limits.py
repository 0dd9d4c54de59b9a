"""How large a cast may be.

Anybody can write a cast, so every size in one is bounded before memory or time is spent on it. The limits are far
above what recorders write: asciinema reads 256 KiB of output at a time, and 500 x 200 cells fill an 8K display.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on one cast. A file beyond any of them is rejected, not cut."""

    columns: int = 1000
    """Of the header and of every resize."""
    rows: int = 500
    cells: int = 100_000
    """Columns times rows."""
    file_bytes: int = 256 << 20
    """After decompression, so that it also stops gzip and zstd bombs."""
    line_bytes: int = 4 << 20
    """One line of a version 2 or 3 cast. Parsed JSON takes at most some 25 times the memory of its text."""
    document_bytes: int = 8 << 20
    """A version 1 cast, which is a single JSON document and has to be parsed in one piece."""
    event_chars: int = 1 << 20
    """The text of one event."""
    field_chars: int = 4096
    """A title, a command, a variable of the environment. A longer one is dropped; the file stays."""
    events: int = 2_000_000
    """Lines after the header, whether or not they are events."""
    resizes: int = 5_000
    """Each wraps all lines of the screen and its scrollback anew, which takes milliseconds where they are large. A
    window that is dragged at 60 Hz for a minute stays below."""
    duration_s: int = 86_400
    """Time of the last event."""
