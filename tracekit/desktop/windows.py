"""The windows of a desktop, as its window manager lists them (EWMH 1.5), and when that changes.

Titles are what programs say: text that nobody vouches for. It is cut off at a length, and what is no text is replaced.
"""

import select
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import Xlib.error
from Xlib import X, Xatom
from Xlib.display import Display

from tracekit.core.errors import TracekitError
from tracekit.desktop.connect import close, hang_up, talking
from tracekit.desktop.policies.base import Window

MOST_WINDOWS: Final = 500
MOST_TITLE: Final = 300
"""Characters."""
SETTLE_S: Final = 0.05
"""Changes that follow each other faster are told as one."""


def windows(display: Display) -> list[Window]:
    """The windows that a window manager looks after, from the bottom of the stack to its top; none without one.

    Raises:
        TracekitError: the desktop is gone.
    """
    with talking("list its windows"):
        ids, active = _listed(display)
        seen = [_look(display, number) for number in ids]
    return [replace(window, active=window.id == active) for window in seen if window]


def _listed(display: Display) -> tuple[list[int], int]:
    """Which windows there are, and which of them is active."""
    root = display.screen().root
    ids = _cards(root, display.get_atom("_NET_CLIENT_LIST_STACKING"), MOST_WINDOWS)
    active = _cards(root, display.get_atom("_NET_ACTIVE_WINDOW"), 1)
    return ids, active[0] if active else 0


def _look(display: Display, number: int) -> Window | None:
    """A window as it is now; None if it is gone."""
    window = display.create_resource_object("window", number)
    try:
        geometry = window.get_geometry()
        corner = display.screen().root.translate_coords(window, 0, 0)
        name = _bytes(window, display.get_atom("_NET_WM_NAME")).decode("utf-8", "replace")
        name = name or _bytes(window, Xatom.WM_NAME).decode("latin-1")
        program = _bytes(window, Xatom.WM_CLASS).decode("latin-1").split("\0")
        pids = _cards(window, display.get_atom("_NET_WM_PID"), 1)
    except Xlib.error.XError:
        return None
    return Window(
        id=number,
        title=_clean(name),
        program=_clean(program[1]) if len(program) > 1 else "",
        x=corner.x,
        y=corner.y,
        width_px=geometry.width,
        height_px=geometry.height,
        active=False,
        pid=pids[0] if pids else 0,
    )


def _clean(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text[:MOST_TITLE])


def _property(window: Any, name: int, words: int) -> Any:
    return window.get_property(name, X.AnyPropertyType, 0, words)


def _cards(window: Any, name: int, most: int) -> list[int]:
    found = _property(window, name, most)
    return [int(value) for value in found.value] if found is not None and found.format == 32 else []


def _bytes(window: Any, name: int) -> bytes:
    found = _property(window, name, MOST_TITLE)
    return bytes(found.value) if found is not None and found.format == 8 else b""


class WindowWatch:
    """Tells when windows come, go, move, get another title or the focus.

    Args:
        open_display: makes a connection; one is opened.

    Raises:
        TracekitError: the desktop is gone.
    """

    def __init__(self, open_display: Callable[[], Display]) -> None:
        self._display = open_display()
        self._display.set_error_handler(_ignore)  # of windows that are gone by the time one asks for their events
        self._lock = threading.Lock()
        self._told: list[tuple[int, list[Window]]] = []
        self._failure: Exception | None = None
        self._closing = False
        self._thread = threading.Thread(target=self._watch, name="tracekit-windows", daemon=True)
        self._seen: dict[int, Window] = {}
        self._last: list[Window] | None = None
        with talking("watch its windows"):
            self._lists = {self._display.get_atom(name) for name in ("_NET_CLIENT_LIST_STACKING", "_NET_ACTIVE_WINDOW")}
            self._names = {self._display.get_atom("_NET_WM_NAME"), Xatom.WM_NAME, Xatom.WM_CLASS}

    def start(self) -> None:
        """Begin to watch. The first that is told is how things stand now.

        Raises:
            TracekitError: the desktop is gone.
        """
        with talking("watch its windows"):
            self._display.screen().root.change_attributes(event_mask=X.PropertyChangeMask)
            self._tell(time.monotonic_ns(), set())
        self._thread.start()

    def take(self) -> list[tuple[int, list[Window]]]:
        """What changed and was not taken before: when (CLOCK_MONOTONIC, as heard), and all windows from then on.

        Raises:
            TracekitError: the desktop is gone, and all that was told before was taken.
        """
        with self._lock:
            told, self._told = self._told, []
        if not told and self._failure:
            raise TracekitError("the desktop's X server is gone: its windows are no longer seen") from self._failure
        return told

    def close(self) -> None:
        """Stop watching. What was told can still be taken."""
        self._closing = True
        hang_up(self._display)
        if self._thread.ident is not None:
            self._thread.join()
        close(self._display)

    def _watch(self) -> None:
        try:
            while True:
                touched = self._touched(self._display.next_event())
                heard_ns = time.monotonic_ns()
                while (left_s := heard_ns / 1e9 + SETTLE_S - time.monotonic()) > 0:
                    if self._display.pending_events():
                        touched |= self._touched(self._display.next_event())
                    else:
                        select.select([self._display], [], [], left_s)
                if touched:
                    self._tell(heard_ns, touched)
        except Exception as error:  # python-xlib stumbles in many ways over what is no X server any more
            if not self._closing:
                self._failure = error

    def _touched(self, event: Any) -> set[int]:
        """The windows that an event is about; of the list itself that of the root."""
        if event.type == X.PropertyNotify and event.atom in self._lists | self._names:
            return {event.window.id}
        if event.type == X.ConfigureNotify:
            return {event.window.id}
        if event.type == X.DestroyNotify:
            self._seen.pop(event.window.id, None)  # its number may be another's soon
        return set()

    def _tell(self, heard_ns: int, touched: set[int]) -> None:
        ids, active = _listed(self._display)
        seen = {}
        for number in ids:
            if number not in self._seen:
                window = self._display.create_resource_object("window", number)
                window.change_attributes(event_mask=X.PropertyChangeMask | X.StructureNotifyMask)
            known = None if number in touched else self._seen.get(number)
            if look := known or _look(self._display, number):
                seen[number] = replace(look, active=number == active)
        self._seen = seen
        now = list(seen.values())
        with self._lock:
            if now != self._last:
                self._last = now
                self._told.append((heard_ns, now))


def _ignore(error: Any, request: Any) -> None:
    pass
