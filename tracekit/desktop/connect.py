"""Connections to the X server of a desktop, by the path of its socket.

A connection belongs to one thread: open another for each. `hang_up` is the exception: it ends, from any thread,
whatever the connection's own thread waits for.
"""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import Xlib.error
import Xlib.protocol.display
from Xlib.display import Display

from tracekit.core.errors import TracekitError
from tracekit.desktop.shared import reach_socket

PATIENCE_S = 10.0
"""How long a server may take to greet a new client."""
MOST_REPLY_BYTES = 1 << 26
MOST_EVENTS = 1 << 16
"""What a server says in one piece, and events that nobody has asked for yet. Programs of the desktop may stand in its
place: one that says more is not listened to, for the memory that it would take."""
_READ_BYTES = 1 << 14
_NONSENSE = (struct.error, AssertionError, LookupError, RuntimeError)
"""What python-xlib stumbles with over what is no X server."""


class _Dialled:
    """What python-xlib asks for a connection, with one addition: a display may also be a socket, connected already.

    By itself it builds the socket's path from the number of the display, always below /tmp/.X11-unix, which is not
    where the host has the sockets of containers.
    """

    def __init__(self, usual: Any) -> None:
        self._usual = usual

    def get_display(self, display: Any) -> Any:
        """Name, protocol, host, and numbers of display and screen."""
        if isinstance(display, socket.socket):
            return display, "unix", "", 0, 0
        return self._usual.get_display(display)

    def get_socket(self, name: Any, *where: Any) -> Any:
        """The socket."""
        return name if isinstance(name, socket.socket) else self._usual.get_socket(name, *where)

    def get_auth(self, connected: Any, name: Any, *where: Any) -> Any:
        """How to prove who we are: desktops do not ask, their socket lies in a folder that is the user's own."""
        return (b"", b"") if isinstance(name, socket.socket) else self._usual.get_auth(connected, name, *where)


Xlib.protocol.display.connect = _Dialled(Xlib.protocol.display.connect)


def connect(path: Path) -> Display:
    """A new connection to an X server.

    Args:
        path: of the server's socket: anywhere, of any length; not a link to one.

    Raises:
        TracekitError: nothing listens there, or what does is no X server.
    """
    dialled = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with reach_socket(path) as reached:
            dialled.settimeout(PATIENCE_S)
            dialled.connect(reached)
            dialled.settimeout(None)
        return _greeted(dialled)
    except TracekitError:
        dialled.close()
        raise
    except (OSError, Xlib.error.DisplayError, Xlib.error.ConnectionClosedError, *_NONSENSE) as error:
        dialled.close()
        raise TracekitError(
            f"no X server answers: {error}", place=str(path), remedy="is the desktop still running?"
        ) from error


def _greeted(dialled: socket.socket) -> Display:
    # python-xlib would wait without end for the greeting of whatever listens there.
    patience = threading.Timer(PATIENCE_S, _shut, [dialled])
    patience.daemon = True
    patience.start()
    try:
        display = Display(dialled)
    finally:
        patience.cancel()
    connection = display.display
    connection.recv_buffer_size = _READ_BYTES
    parse = connection.parse_response

    def parse_response(request: Any) -> Any:
        got = parse(request)
        if connection.recv_packet_len > MOST_REPLY_BYTES or len(connection.event_queue) > MOST_EVENTS:
            raise Xlib.error.ConnectionClosedError("this side: it says too much")
        return got

    connection.parse_response = parse_response
    return display


def hang_up(display: Display) -> None:
    """End a connection, in whatever state it is. A thread that waits for it gets `ConnectionClosedError`."""
    _shut(display.display.socket)


def close(display: Display) -> None:
    """Close a connection for good: by its own thread, or after that has ended."""
    hang_up(display)
    display.display.socket.close()


def _shut(connected: socket.socket) -> None:
    with suppress(OSError):
        connected.shutdown(socket.SHUT_RDWR)


@contextmanager
def talking(doing: str) -> Iterator[None]:
    """Turn the errors of a conversation with an X server into ours.

    Args:
        doing: what it is about, ``type a key``.

    Raises:
        TracekitError: the server is gone, or refuses.
    """
    try:
        yield
    except (OSError, Xlib.error.ConnectionClosedError) as error:
        raise TracekitError(f"the desktop's X server is gone: can't {doing}") from error
    except Xlib.error.XError as error:
        raise TracekitError(f"the desktop's X server refuses to {doing}: {type(error).__name__}") from error
    except _NONSENSE as error:
        raise TracekitError(f"what the desktop's X server says makes no sense: can't {doing}") from error
