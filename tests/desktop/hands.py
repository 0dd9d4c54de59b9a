"""Hands on an X server, and ears: what tests do, and what is heard of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from x_servers import XServer
from Xlib import X

from tracekit.actions.events import InputEvent
from tracekit.desktop.connect import close, connect
from tracekit.desktop.inject import Injector
from tracekit.desktop.listen import Listener
from tracekit.desktop.plan import Do


class Hands:
    """An injector and a listener on one server. Keys that are held do not repeat."""

    def __init__(self, server: XServer) -> None:
        self.display = connect(server.socket)
        self.display.change_keyboard_control(auto_repeat_mode=X.AutoRepeatModeOff)
        self.display.sync()
        self.injector = Injector(connect(server.socket))
        self.listener = Listener(lambda: connect(server.socket))
        self.listener.start()

    def do(self, kind: Any, **what: Any) -> int:
        """Make an input."""
        return self.injector.do(Do(0, kind, **what))

    def type(self, text: str) -> None:
        """Type a text, one character after the other, each key let go before the next."""
        for character in text:
            keys = self.injector.key_for(character)
            for key in keys:
                self.do("key-down", keysym=key)
            for key in reversed(keys):
                self.do("key-up", keysym=key)

    def heard(self) -> list[InputEvent]:
        """All that was heard since the last time."""
        self.listener.catch_up()
        return self.listener.take()


@contextmanager
def hands_on(server: XServer) -> Iterator[Hands]:
    """Hands that let go at the end."""
    hands = Hands(server)
    try:
        yield hands
    finally:
        hands.listener.close()
        close(hands.display)
