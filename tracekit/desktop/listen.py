"""What the X server sees of pointer and keyboard, whoever caused it: by the RECORD extension, in a thread.

Each event once, in the server's order, with the server's time. A key that is held down repeats in the server, after
660 ms and then each 40 ms unless set otherwise: each repetition is a further ``key-down``, as programs see it, with its
text, while the keys held stay the same. A notch of a wheel is one ``scroll``. That a program moves the pointer is told
as a ``move``. Buttons beyond the ninth are left out.
"""

import socket
import struct
import threading
import time
from array import array
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterator
from typing import Final

from Xlib import X
from Xlib.display import Display
from Xlib.ext import record
from Xlib.protocol import rq

from tracekit.actions.events import Button, Code, InputEvent
from tracekit.core.errors import TracekitError
from tracekit.desktop.connect import MOST_REPLY_BYTES, close, hang_up, talking
from tracekit.desktop.keyboard import FIRST_KEYCODE, Keymap, keysym_name
from tracekit.desktop.server_clock import absolute_ns

BUTTONS: Final[dict[int, Button]] = {1: "left", 2: "middle", 3: "right", 8: "back", 9: "forward"}
"""X's numbers of buttons (the last two by the custom of Linux)."""
NOTCHES: Final = {4: (0, -1), 5: (0, 1), 6: (-1, 0), 7: (1, 0)}
"""X's buttons of a wheel: notches to the right and down."""
KEPT_POSITIONS = 1 << 17
"""How many positions of the pointer are remembered at most: more than two minutes of the fastest mouse."""

_EVENT = struct.Struct("=BBHIIIIhhhhHBx")
"""A core event of a device (X protocol, appendix B): code, detail, sequence, time, root, event, child, root-x, root-y,
event-x, event-y, state, same-screen."""
_CARD32 = struct.Struct("=I")
_PACKET_BYTES = 32
_REPLY = 1
_READ_BYTES = 1 << 16
_NO_OPERATION = 127
_RANGES = {
    **dict.fromkeys(("core_replies", "delivered_events", "errors"), (0, 0)),
    **dict.fromkeys(("ext_requests", "ext_replies"), (0, 0, 0, 0)),
    "core_requests": (_NO_OPERATION, _NO_OPERATION),
    "device_events": (X.KeyPress, X.MotionNotify),
    "client_started": False,
    "client_died": False,
}
_WAIT_S = 10.0


class _Echo(rq.Request):  # type: ignore[misc]
    """NoOperation (X protocol, 10), whose body servers ignore, with a number in it."""

    _request = rq.Struct(rq.Opcode(_NO_OPERATION), rq.Pad(1), rq.RequestLength(), rq.Card32("number"))


def _packets(connected: socket.socket, begun: bytes) -> Iterator[bytes]:
    """What a server says, whole, until it says no more: 32 bytes, and of replies as many more as they announce.

    Args:
        connected: to the server.
        begun: what was received already.
    """
    while True:
        at = 0
        while len(begun) - at >= _PACKET_BYTES:
            more = _CARD32.unpack_from(begun, at + 4)[0] * 4 if begun[at] == _REPLY else 0
            if more > MOST_REPLY_BYTES:
                raise ValueError("it says too much")
            if len(begun) - at < _PACKET_BYTES + more:
                break
            yield begun[at : at + _PACKET_BYTES + more]
            at += _PACKET_BYTES + more
        received = connected.recv(_READ_BYTES)
        if not received:
            return
        begun = begun[at:] + received


class Listener:
    """Hears what is done with the pointer and the keyboard of a desktop. Times are CLOCK_MONOTONIC.

    Args:
        open_display: makes a connection; two are opened.

    Raises:
        TracekitError: the desktop is gone, or its X server has no RECORD.
    """

    def __init__(self, open_display: Callable[[], Display]) -> None:
        self._control, self._data = open_display(), open_display()
        self._control_lock = threading.Lock()
        self._heard: deque[InputEvent] = deque()
        self._changed = threading.Condition()
        self._asked, self._echoed = 0, -1
        self._failure: Exception | None = None
        self._closing = False
        self._thread = threading.Thread(target=self._listen, name="tracekit-listen", daemon=True)
        with talking("record its input"):
            if not self._control.has_extension(record.extname):
                raise TracekitError("the desktop's X server lacks the extension RECORD")
            self._context = self._control.record_create_context(0, [record.AllClients], [_RANGES])
            self._control.sync()
        self._held: dict[int, str] = {}
        self._buttons: dict[int, bool] = {}
        self._x = self._y = self._last_ns = 0
        self._times, self._xs, self._ys = array("q"), array("i"), array("i")

    def start(self) -> None:
        """Begin to listen. What happens from the return of this on is heard.

        Raises:
            TracekitError: the desktop is gone.
        """
        with talking("record its input"):
            pointer = self._control.screen().root.query_pointer()
            keys = self._control.query_keymap()
            self._keymap = Keymap.read(self._control)
        for keycode in range(FIRST_KEYCODE, 256):
            if keys[keycode >> 3] >> (keycode & 7) & 1:
                self._held[keycode] = self._keymap.plain(keycode)
        self._buttons = {number: False for number in (1, 2, 3) if pointer.mask >> (number + 7) & 1}
        self._moved(0, pointer.root_x, pointer.root_y)
        self._thread.start()
        self._wait_for(0)

    def take(self, until_ns: int | None = None) -> list[InputEvent]:
        """What was heard and not taken before, in order.

        Args:
            until_ns: leave later events for later.

        Raises:
            TracekitError: the desktop is gone, and all that it said was taken.
        """
        taken: list[InputEvent] = []
        with self._changed:
            while self._heard and (until_ns is None or self._heard[0].time_ns <= until_ns):
                taken.append(self._heard.popleft())
            if not taken and not self._heard:
                self._raise_failure()
        return taken

    def catch_up(self) -> None:
        """Wait until everything was heard that the server has seen so far.

        Raises:
            TracekitError: the desktop is gone, or does not answer.
        """
        with talking("record its input"), self._control_lock:
            self._asked += 1
            number = self._asked
            _Echo(display=self._control.display, number=number)
            self._control.sync()  # servers hand recorded data on when they have anything to send at all
        self._wait_for(number)

    def _wait_for(self, number: int) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._echoed >= number or self._failure or self._closing, _WAIT_S)
            self._raise_failure()
            if self._echoed < number:
                raise TracekitError("the desktop's X server no longer says what it sees")

    def pointer_at(self, time_ns: int) -> tuple[int, int]:
        """Where the pointer was at an instant, as far as heard: x, y in screen pixels.

        Args:
            time_ns: on CLOCK_MONOTONIC. Of instants before all that is remembered the oldest position.
        """
        with self._changed:
            at = max(bisect_right(self._times, time_ns) - 1, 0)
            return self._xs[at], self._ys[at]

    def close(self) -> None:
        """Stop listening. What was heard can still be taken."""
        self._closing = True
        hang_up(self._data)
        if self._thread.ident is not None:
            self._thread.join()
        close(self._data)
        close(self._control)

    def _raise_failure(self) -> None:
        if self._failure:
            raise TracekitError("the desktop's X server is gone: no more input is heard") from self._failure

    def _listen(self) -> None:
        # This one request is answered without end, and nothing else is said on its connection. So it is read here:
        # python-xlib would take several times as long for each event.
        connection = self._data.display
        opcode = connection.get_extension_major(record.extname)
        try:
            connection.socket.sendall(record.EnableContext._request.to_binary(opcode=opcode, context=self._context))
            for packet in _packets(connection.socket, bytes(connection.data_recv)):
                self._hear(packet)
            raise ConnectionError("it has hung up")
        except Exception as error:  # python-xlib stumbles in many ways over what is no X server any more
            with self._changed:
                if not self._closing:
                    self._failure = error
                self._changed.notify_all()

    def _hear(self, data: bytes) -> None:
        kind, category = data[0], data[1]
        if kind == X.MappingNotify:  # which every client gets, asked for or not
            with self._control_lock:
                self._keymap = Keymap.read(self._control)
        elif kind != _REPLY:
            pass
        elif category == record.StartOfData:
            self._echoes(0)
        elif category == record.FromClient:
            (client,) = _CARD32.unpack_from(data, 12)
            if client == self._control.display.info.resource_id_base:
                self._echoes(*_CARD32.unpack(data[-4:]))
        elif category == record.FromServer:
            near_ns = time.monotonic_ns()
            with self._changed:
                for at in range(32, len(data) - 31, 32):
                    self._event(near_ns, *_EVENT.unpack_from(data, at))

    def _echoes(self, number: int) -> None:
        with self._changed:
            self._echoed = number
            self._changed.notify_all()

    def _event(
        self,
        near_ns: int,
        code: int,
        detail: int,
        sequence: int,
        time_ms: int,
        root: int,
        window: int,
        child: int,
        x: int,
        y: int,
        window_x: int,
        window_y: int,
        state: int,
        same_screen: int,
    ) -> None:
        # The server's times do not go back; should they, the order in which it tells them is what programs saw.
        time_ns = self._last_ns = max(absolute_ns(time_ms, near_ns), self._last_ns)
        # Of what happens while a program has the pointer or the keyboard frozen, Xvfb says no place, or a wrong one.
        if code == X.MotionNotify and (x, y) != (self._x, self._y):
            self._moved(time_ns, x, y)
        x, y = self._x, self._y
        drag = any(self._buttons.values())
        match code:
            case X.MotionNotify:
                self._heard.append(InputEvent(time_ns, "move", x, y, drag=drag))
            case X.ButtonPress if detail in NOTCHES:
                dx, dy = NOTCHES[detail]
                self._heard.append(InputEvent(time_ns, "scroll", x, y, dx=dx, dy=dy, drag=drag))
            case X.ButtonPress if detail in BUTTONS:
                self._buttons[detail] = False
                self._heard.append(InputEvent(time_ns, "button-down", x, y, BUTTONS[detail], drag=drag))
            case X.ButtonRelease if detail in BUTTONS:
                self._buttons.pop(detail, None)
                drag = any(self._buttons.values())
                self._heard.append(InputEvent(time_ns, "button-up", x, y, BUTTONS[detail], drag=drag))
            case X.KeyPress:
                self._held.setdefault(detail, self._keymap.plain(detail))
                self._key(time_ns, "key-down", detail, state, self._keymap.text(detail, state), drag)
            case X.KeyRelease:
                self._held.pop(detail, None)
                self._key(time_ns, "key-up", detail, state, "", drag)

    def _key(self, time_ns: int, code: Code, keycode: int, state: int, text: str, drag: bool) -> None:
        keysym = keysym_name(self._keymap.keysym(keycode, state))
        held = tuple(self._held.values())
        event = InputEvent(
            time_ns, code, self._x, self._y, keycode=keycode, keysym=keysym, text=text, held=held, drag=drag
        )
        self._heard.append(event)

    def _moved(self, time_ns: int, x: int, y: int) -> None:
        self._x, self._y = x, y
        for number in self._buttons:
            self._buttons[number] = True
        self._times.append(time_ns)
        self._xs.append(x)
        self._ys.append(y)
        if len(self._times) > KEPT_POSITIONS:
            for log in (self._times, self._xs, self._ys):
                del log[: KEPT_POSITIONS // 2]
