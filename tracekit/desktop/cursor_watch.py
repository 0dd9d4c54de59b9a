"""What the cursor looks like, when: by the extension XFIXES, in a thread.

X tells when the shape changes, with its own time; the picture of each new shape is then fetched. Equal pictures are
one shape. A cursor without a visible pixel, which is what toolkits set to hide it, is `HIDDEN`.
"""

import struct
import threading
import time
from array import array
from bisect import bisect_right
from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from Xlib.display import Display
from Xlib.ext import xfixes
from Xlib.protocol import rq

from tracekit.actions.cursor_track import HIDDEN
from tracekit.core.errors import TracekitError
from tracekit.desktop.connect import close, hang_up, talking
from tracekit.desktop.server_clock import absolute_ns

MOST_SHAPES: Final = 1024
MOST_PIXELS: Final = 256 * 256
"""Of a cursor. Larger ones, and more shapes, no honest desktop has: they are told as `HIDDEN`."""
KEPT_CHANGES: Final = 1 << 16
"""How many changes are remembered at most."""

_HEAD = struct.Struct("=8xhhHHHHI8x")
"""Reply of GetCursorImage: x, y, width, height, x and y of the hotspot, serial number (XFIXES protocol, 7.3)."""


class _CursorImage(rq.ReplyRequest):  # type: ignore[misc]
    """GetCursorImage, with its answer as it comes: python-xlib would make a list of the pixels."""

    _request, _reply = xfixes.GetCursorImage._request, xfixes.GetCursorImage._reply

    def _parse_response(self, data: bytes) -> None:
        self._data = {"answer": data, "sequence_number": self._serial}


class CursorSample(NamedTuple):
    """The cursor at an instant between two of CLOCK_MONOTONIC."""

    before_ns: int
    after_ns: int
    x: int
    """Of the hotspot, screen pixels."""
    y: int
    shape: int
    """Index into ``images``, or `HIDDEN`."""


class CursorWatch:
    """Watches the cursor of a desktop. Times are CLOCK_MONOTONIC.

    Args:
        open_display: makes a connection; two are opened.

    Raises:
        TracekitError: the desktop is gone, or its X server has no XFIXES.
    """

    def __init__(self, open_display: Callable[[], Display]) -> None:
        self.images: list[NDArray[np.uint8]] = []
        """Of each shape the picture: (height, width, 4), RGBA with premultiplied alpha."""
        self.hotspots: list[tuple[int, int]] = []
        """Of each shape x, y of the hotspot in the picture."""
        self._lock = threading.Lock()
        self._by_content: dict[tuple[object, ...], int] = {}
        self._by_serial: dict[int, int] = {}
        self._times, self._shapes = array("q"), array("i")
        self._failure: Exception | None = None
        self._closing = False
        self._watching, self._sampling = open_display(), open_display()
        self._thread = threading.Thread(target=self._watch, name="tracekit-cursor", daemon=True)
        with talking("watch its cursor"):
            for display in (self._watching, self._sampling):
                if not display.has_extension(xfixes.extname):
                    raise TracekitError("the desktop's X server lacks the extension XFIXES")
                display.xfixes_query_version()

    def start(self) -> None:
        """Begin to watch.

        Raises:
            TracekitError: the desktop is gone.
        """
        with talking("watch its cursor"):
            self._watching.xfixes_select_cursor_input(
                self._watching.screen().root, xfixes.XFixesDisplayCursorNotifyMask
            )
            self._log(0, self._see(self._watching).shape)
        self._thread.start()

    def shape_at(self, time_ns: int) -> int:
        """The shape at an instant, as far as told: an index into ``images``, or `HIDDEN`.

        Args:
            time_ns: on CLOCK_MONOTONIC. Of instants before all that is remembered the oldest shape.
        """
        with self._lock:
            return self._shapes[max(bisect_right(self._times, time_ns) - 1, 0)]

    def sample(self) -> CursorSample:
        """Ask for the cursor as it is now. For one thread.

        Raises:
            TracekitError: the desktop is gone.
        """
        if self._failure:
            raise TracekitError("the desktop's X server is gone: its cursor is no longer seen") from self._failure
        with talking("show its cursor"):
            return self._see(self._sampling)

    def close(self) -> None:
        """Stop watching. What was seen stays."""
        self._closing = True
        hang_up(self._watching)
        if self._thread.ident is not None:
            self._thread.join()
        close(self._watching)
        close(self._sampling)

    def _watch(self) -> None:
        try:
            while True:
                event = self._watching.next_event()
                if isinstance(serial := getattr(event, "cursor_serial", None), int):
                    shape = self._by_serial.get(serial)
                    shape = self._see(self._watching).shape if shape is None else shape
                    self._log(absolute_ns(event.timestamp, time.monotonic_ns()), shape)
        except Exception as error:  # python-xlib stumbles in many ways over what is no X server any more
            if not self._closing:
                self._failure = error

    def _see(self, display: Display) -> CursorSample:
        before_ns = time.monotonic_ns()
        asked = _CursorImage(display=display.display, opcode=display.display.get_extension_major(xfixes.extname))
        after_ns = time.monotonic_ns()
        x, y, width, height, left, top, serial = _HEAD.unpack_from(asked.answer)
        with self._lock:
            if serial not in self._by_serial:
                if len(self._by_serial) > KEPT_CHANGES:
                    self._by_serial.clear()
                pixels = np.frombuffer(asked.answer, np.uint8, offset=_HEAD.size)
                self._by_serial[serial] = self._shape(pixels, width, height, (left, top))
            return CursorSample(before_ns, after_ns, x, y, self._by_serial[serial])

    def _shape(self, pixels: NDArray[np.uint8], width: int, height: int, hotspot: tuple[int, int]) -> int:
        if width * height > MOST_PIXELS or len(pixels) != width * height * 4:
            return HIDDEN
        argb = pixels.view("=u4").reshape(height, width)  # a CARD32 a pixel, alpha on top
        image = np.stack([argb >> 16, argb >> 8, argb, argb >> 24], axis=-1).astype(np.uint8)
        if not image[..., 3].any():
            return HIDDEN
        content = (image.shape, hotspot, image.tobytes())
        if content not in self._by_content:
            if len(self.images) == MOST_SHAPES:
                return HIDDEN
            self._by_content[content] = len(self.images)
            self.hotspots.append(hotspot)
            self.images.append(image)
        return self._by_content[content]

    def _log(self, time_ns: int, shape: int) -> None:
        with self._lock:
            self._times.append(max(time_ns, self._times[-1] if self._times else 0))
            self._shapes.append(shape)
            if len(self._times) > KEPT_CHANGES:
                for log in (self._times, self._shapes):
                    del log[: KEPT_CHANGES // 2]
