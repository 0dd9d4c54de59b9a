"""Which windows a desktop has, and when that changes: ``windows.jsonl`` of a trace and of a clip."""

from collections.abc import Iterable
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tracekit.core.errors import TracekitError


class WindowLine(BaseModel):
    """A top-level window, as the window manager lists it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: int = Field(0, description="Of the X server")
    title: str
    program: str = Field(description="The class of its WM_CLASS")
    x: int = Field(description="Of its content without the frame, screen pixels from the left")
    y: int = Field(description="From the top")
    width_px: int = Field(ge=0)
    height_px: int = Field(ge=0)
    active: bool
    pid: int = 0

    def holds(self, x: int, y: int) -> bool:
        """Whether a place on the screen is in its content."""
        return 0 <= x - self.x < self.width_px and 0 <= y - self.y < self.height_px


class WindowsLine(BaseModel):
    """One line of ``windows.jsonl``: all windows there are from an instant on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    t: int = Field(ge=0, description="Nanoseconds from the start")
    windows: tuple[WindowLine, ...] = Field(description="From the bottom of the stack to its top")


class WindowsAt(NamedTuple):
    """All windows there are from an instant on."""

    time_ns: int
    windows: tuple[WindowLine, ...]
    """From the bottom of the stack to its top."""


def dump_windows(changes: Iterable[WindowsAt]) -> bytes:
    """The bytes of ``windows.jsonl``: UTF-8, a line feed after each line, nothing for no changes."""
    lines = (WindowsLine(t=at.time_ns, windows=at.windows).model_dump_json() + "\n" for at in changes)
    return "".join(lines).encode()


def load_windows(data: bytes, name: str = "windows.jsonl") -> list[WindowsAt]:
    """Read ``windows.jsonl``.

    Raises:
        TracekitError: a line is no list of windows, or times go back; the place is ``name:line``.
    """
    found: list[WindowsAt] = []
    for number, line in enumerate(data.splitlines(), 1):
        place = f"{name}:{number}"
        try:
            read = WindowsLine.model_validate_json(line)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(map(str, first["loc"]))
            raise TracekitError(f"not a list of windows: {where}: {first['msg']}", place=place) from error
        if found and read.t < found[-1].time_ns:
            raise TracekitError("its time is before that of the line above", place=place)
        found.append(WindowsAt(read.t, read.windows))
    return found
