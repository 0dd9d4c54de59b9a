"""X servers that tests use: real ones of this machine, each on a display number of its own."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from components import require


@dataclass(frozen=True)
class XServer:
    """An X server at work."""

    folder: Path
    framebuffer: Path
    """The XWD file that it draws into."""
    socket: Path
    display: str
    """``:7``"""
    process: subprocess.Popen[bytes]


@contextmanager
def started(width_px: int, height_px: int, *, cursor: bool = False) -> Iterator[XServer]:
    """An Xvfb like those in desktops; skipped where there is none.

    Args:
        width_px: of its screen.
        height_px: of its screen.
        cursor: whether it draws the cursor into the frame buffer.
    """
    require("xvfb", program="Xvfb", remedy="apt install xvfb")
    with tempfile.TemporaryDirectory(prefix="tracekit-x-") as name:
        folder = Path(name)
        told, tell = os.pipe()
        command = ["Xvfb", "-displayfd", str(tell), "-screen", "0", f"{width_px}x{height_px}x24", "-fbdir", str(folder)]
        command += ["-nolisten", "tcp", "-noreset", *([] if cursor else ["-nocursor"])]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(command, pass_fds=[tell], stdout=log, stderr=log)
        os.close(tell)
        with os.fdopen(told) as pipe:
            number = pipe.readline().strip()
        assert number, f"Xvfb did not start:\n{(folder / 'log').read_text(errors='replace')}"
        try:
            socket = Path(f"/tmp/.X11-unix/X{number}")
            yield XServer(folder, folder / "Xvfb_screen0", socket, f":{number}", process)
        finally:
            process.terminate()
            process.wait()
