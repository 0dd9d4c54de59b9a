"""A desktop with nothing on it, an X server alone, as the recorder takes it; and a client that draws numbers on it."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from x_servers import XServer, started
from Xlib import X
from Xlib.protocol import request

from tracekit.clips.settings import Settings
from tracekit.desktop.connect import close, connect
from tracekit.desktop.policies.base import Desktop, Outcome

SIDE_PX, BITS = 16, 12


@dataclass
class Bare:
    """See `tracekit.desktop.record.OpenDesktop`."""

    server: XServer
    width_px: int
    height_px: int
    image_digest: str = ""
    ready_s: float = 0.0
    view_url: str = ""

    @property
    def framebuffer(self) -> Path:
        return self.server.framebuffer

    @property
    def x_socket(self) -> Path:
        return self.server.socket

    def ask(self, do: str, /, **what: Any) -> Any:
        raise NotImplementedError

    def cpu_s(self) -> float:
        return 0.0


@contextmanager
def bare(width_px: int = 320, height_px: int = 240) -> Iterator[Bare]:
    """An X server of its own."""
    with started(width_px, height_px) as server:
        yield Bare(server, width_px, height_px)


class Driven:
    """A policy made of a function."""

    Config: ClassVar[type[Settings]] = Settings

    def __init__(self, run: Callable[[Desktop], Outcome | None], prepare: Callable[[Desktop], None] | None = None):
        self._run, self._prepare = run, prepare

    def prepare(self, desktop: Desktop) -> None:
        if self._prepare:
            self._prepare(desktop)

    def run(self, desktop: Desktop, seconds: float) -> Outcome:
        return self._run(desktop) or Outcome()


class Counter:
    """Draws the numbers 0, 1, 2 ... in Gray code: each step turns one square over, by one request."""

    def __init__(self, socket: Path) -> None:
        self.drawn: list[tuple[int, int]] = []
        """CLOCK_MONOTONIC before and after each step."""
        self._display = connect(socket)
        self._root = self._display.screen().root
        self._gc = self._root.create_gc(function=X.GXxor, foreground=0xFFFFFF, subwindow_mode=X.IncludeInferiors)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._count, daemon=True)

    def __enter__(self) -> "Counter":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        close(self._display)

    def _count(self) -> None:
        for number in range(1, 1 << BITS):
            if self._stop.wait(0.007):
                return
            bit = (number & -number).bit_length() - 1
            before_ns = time.monotonic_ns()
            self._root.poly_fill_rectangle(self._gc, [(bit * SIDE_PX, 0, SIDE_PX, SIDE_PX)])
            request.GetInputFocus(display=self._display.display)
            self.drawn.append((before_ns, time.monotonic_ns()))


def number_in(luma: NDArray[np.uint8]) -> int:
    """Which number a frame shows."""
    gray = sum(int(luma[SIDE_PX // 2, bit * SIDE_PX + SIDE_PX // 2] > 128) << bit for bit in range(BITS))
    number = 0
    while gray:
        number ^= gray
        gray >>= 1
    return number


def grabbing_process() -> int:
    """The process id of the one that grabs frames for us."""
    for entry in Path("/proc").iterdir():
        with suppress(OSError):
            if not entry.name.isdigit() or b"tracekit.desktop.grab" not in (entry / "cmdline").read_bytes():
                continue
            if f"PPid:\t{os.getpid()}\n" in (entry / "status").read_text():
                return int(entry.name)
    raise AssertionError("nobody grabs frames")
