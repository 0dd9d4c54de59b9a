"""What a person does on a display, heard by pynput, as events of a trace; and how late pynput says it."""

import json
import os
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from itertools import pairwise
from operator import attrgetter, itemgetter
from queue import Empty, Queue
from typing import Any, Literal

from Xlib.display import Display

from tracekit.actions.events import Button, InputEvent
from tracekit.actions.hands import ALT, CONTROL, SUPER, complete
from tracekit.core.errors import TracekitError
from tracekit.desktop.foreign.complaints import Complaints
from tracekit.desktop.keyboard import Keymap, keysym_name, keysym_of, text_of

Keys = Literal["all", "names-only", "none"]
MASKED = "VoidSymbol"
"""What ``names-only`` writes for a key that types a character."""

_BUTTONS: dict[int, Button] = {1: "left", 2: "middle", 3: "right", 8: "back", 9: "forward"}
_READY_S = 10.0
_ROUNDED_NS = 1_000_000
"""The server's times are of whole milliseconds."""
_CAPS_LED = 1


class Person:
    """Listens to a person.

    Args:
        display: its name, ``:0``.
        open_display: makes a connection to it.
        keys: what is kept of keys: all; ``names-only``, the names of keys that type nothing, and that others were
            pressed; or none.

    Raises:
        TracekitError: pynput can't listen there.
    """

    def __init__(self, display: str, open_display: Callable[[], Display], keys: Keys) -> None:
        self.keys = keys
        connection = open_display()
        self._keymap = Keymap.read(connection)
        pointer = connection.screen().root.query_pointer()
        self.start: tuple[int, int] = (pointer.root_x, pointer.root_y)
        """Where the pointer is before all events."""
        self._caps = bool(connection.get_keyboard_control().led_mask & _CAPS_LED)
        connection.close()
        self._lines: Queue[str] = Queue()
        self._complaints = Complaints()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tracekit.desktop.foreign.hear_person"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints.fileno(),
            text=True,
            env=os.environ | {"DISPLAY": display},
            start_new_session=True,  # Ctrl-C is for the recorder, which ends this in its own time
        )
        self._reader = threading.Thread(target=self._read, name="tracekit-person", daemon=True)
        self._reader.start()
        try:
            ready = bool(self._lines.get(timeout=_READY_S))
        except Empty:
            ready = False
        if not ready:
            self.close()
            why = self._complaints.last() or "it does not say why"
            raise TracekitError(f"pynput can't listen: {why}", place=f"display {display}")

        self.since_ns = time.monotonic_ns()
        """From when on everything is heard."""

    def take(self) -> list[InputEvent]:
        """End listening, and return what was heard: times on CLOCK_MONOTONIC, in order."""
        self.close()
        heard = []
        while line := self._lines.get(timeout=_READY_S):
            heard.append(json.loads(line))
        return self._events(sorted(heard, key=itemgetter(0)))

    def close(self) -> None:
        """Stop listening."""
        assert self._process.stdin
        with suppress(OSError):
            self._process.stdin.close()
        try:
            self._process.wait(_READY_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join(_READY_S)

    def _read(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put("")

    def _events(self, heard: Sequence[list[Any]]) -> list[InputEvent]:
        x, y = self.start
        events = []
        for time_ns, kind, at_x, at_y, value, dy in heard:
            if not kind.startswith("key"):
                x, y = at_x, at_y
            at = InputEvent(time_ns, kind, x, y)
            if kind == "move":
                events.append(at)
            elif kind == "scroll":
                events.append(at._replace(dx=value, dy=dy))
            elif kind.startswith("button") and value in _BUTTONS:
                events.append(at._replace(button=_BUTTONS[value]))
            elif kind.startswith("key") and value and self.keys != "none":
                events.append(self._key(at, value))
        return events

    def _key(self, at: InputEvent, keysym: int) -> InputEvent:
        """A key as it stands in a trace. pynput heeds Shift and AltGr, but not Caps Lock."""
        name, text = keysym_name(keysym), text_of(keysym)
        if name == "Caps_Lock" and at.code == "key-down":
            self._caps = not self._caps
        if self._caps and text.swapcase() != text and len(text.swapcase()) == 1:
            text = text.swapcase()
            name = keysym_name(keysym_of(text))
        if self.keys == "names-only" and text.isprintable() and text:
            return at._replace(keysym=MASKED)
        return at._replace(
            keycode=self._keymap.keycode(keysym), keysym=name, text=text if at.code == "key-down" else ""
        )


def finished(events: Iterable[InputEvent]) -> list[InputEvent]:
    """Events in order of time, with what follows from those before: where the pointer is at keys, what is held."""
    placed: list[InputEvent] = []
    for event in sorted(events, key=attrgetter("time_ns")):
        if event.code.startswith("key") and placed:
            event = event._replace(x=placed[-1].x, y=placed[-1].y)
        placed.append(event)
    return [event._replace(text="") if _quiet(event) else event for event in complete(placed)]


def _quiet(event: InputEvent) -> bool:
    """Whether a modifier is held with which keys type nothing."""
    return any(modifier in event.held for modifier in (*CONTROL, *ALT, *SUPER))


def match(heard: Sequence[InputEvent], server: Sequence[InputEvent]) -> list[int | None]:
    """Of each event that pynput told, the X server's own time of it in ns; None of one that its record does not have.

    Args:
        heard: by pynput, in order, from an instant on at which nothing happened.
        server: by `tracekit.desktop.listen`, in order, from the same instant on.
    """
    waiting: dict[tuple[object, ...], deque[int]] = {}
    for event in server:
        waiting.setdefault(_what(event), deque()).append(event.time_ns)
    times: list[int | None] = []
    for event in heard:
        same = waiting.get(_what(event))
        times.append(same.popleft() if same and same[0] < event.time_ns + _ROUNDED_NS else None)
    return times


def quiet_ns(server: Sequence[InputEvent], since_ns: int, until_ns: int) -> int:
    """The middle of the longest pause between two instants: what was heard from then on is meant by both ears."""
    times = [since_ns, *(event.time_ns for event in server if since_ns < event.time_ns < until_ns), until_ns]
    return max((later - earlier, (earlier + later) // 2) for earlier, later in pairwise(times))[1]


def _what(event: InputEvent) -> tuple[object, ...]:
    """What has to be equal for two to be the same; pynput does not tell keycodes, so keys stand for each other."""
    if event.code in ("key-down", "key-up"):
        return (event.code,)
    return event.code, event.x, event.y, event.button, event.dx, event.dy
