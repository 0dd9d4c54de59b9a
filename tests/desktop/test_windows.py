"""Windows as the window manager lists them, whatever programs say of themselves."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from x_servers import XServer, started
from Xlib import X, Xatom
from Xlib.display import Display

from tracekit.core.errors import TracekitError
from tracekit.desktop import windows as module
from tracekit.desktop.connect import close, connect
from tracekit.desktop.policies.base import Window
from tracekit.desktop.windows import WindowWatch, windows


class Manager:
    """Makes windows and lists them as a window manager does."""

    def __init__(self, display: Display) -> None:
        self.display = display
        self.root = display.screen().root
        self.windows: list[Any] = []

    def open(self, title: bytes, x: int = 0, y: int = 0) -> Any:
        """A window in a frame of 5 pixels."""
        frame = self.root.create_window(x - 5, y - 5, 110, 60, 0, X.CopyFromParent)
        window = frame.create_window(5, 5, 100, 50, 0, X.CopyFromParent)
        self.name(window, title)
        window.set_wm_class("program", "Program")
        window.change_property(self.display.get_atom("_NET_WM_PID"), Xatom.CARDINAL, 32, [4321])
        self.windows.append(window)
        self.list(active=window)
        return window

    def name(self, window: Any, title: bytes) -> None:
        window.change_property(self.display.get_atom("_NET_WM_NAME"), self.display.get_atom("UTF8_STRING"), 8, title)
        self.display.sync()

    def swap(self) -> None:
        """Turn the stack over."""
        self.windows.reverse()
        self.list()

    def list(self, active: Any = None) -> None:
        stacking = [window if isinstance(window, int) else window.id for window in self.windows]
        self.root.change_property(self.display.get_atom("_NET_CLIENT_LIST_STACKING"), Xatom.WINDOW, 32, stacking)
        ids = [active.id] if active else [0]
        self.root.change_property(self.display.get_atom("_NET_ACTIVE_WINDOW"), Xatom.WINDOW, 32, ids)
        self.display.sync()


@pytest.fixture(scope="module")
def server() -> Iterator[XServer]:
    with started(640, 400) as server:
        yield server


@pytest.fixture
def manager(server: XServer) -> Iterator[Manager]:
    manager = Manager(connect(server.socket))
    manager.list()
    yield manager
    manager.windows = []
    manager.list()
    close(manager.display)


@pytest.fixture
def display(server: XServer) -> Iterator[Display]:
    display = connect(server.socket)
    yield display
    close(display)


def told(watch: WindowWatch, wanted: Callable[[list[Window]], bool]) -> tuple[int, list[Window]]:
    """The first that is told of windows as wanted; what comes before is passed over."""
    until_s = time.monotonic() + 20
    while time.monotonic() < until_s:
        for when_ns, now in watch.take():
            if wanted(now):
                return when_ns, now
    raise AssertionError("never told")


def test_without_a_window_manager_there_are_none(display: Display, server: XServer) -> None:
    with started(64, 64) as bare:
        alone = connect(bare.socket)
        assert windows(alone) == []
        close(alone)


def test_windows_are_listed_from_the_bottom_with_their_place_on_the_screen(manager: Manager, display: Display) -> None:
    lower, upper = manager.open("Étude — 1".encode(), 20, 30), manager.open(b"two", 200, 40)
    listed = windows(display)
    assert listed == [
        Window(lower.id, "Étude — 1", "Program", 20, 30, 100, 50, False, 4321),
        Window(upper.id, "two", "Program", 200, 40, 100, 50, True, 4321),
    ]


def test_what_programs_say_is_bounded_and_is_text(manager: Manager, display: Display) -> None:
    hostile = manager.open(b"\xff\xfe\x1b]0;x\x07\n" + b"A" * 100_000)
    hostile.set_wm_class("no-class", "C" * 10_000)
    hostile.change_property(manager.display.get_atom("_NET_WM_PID"), Xatom.STRING, 8, b"not a number")
    nameless = manager.open(b"")
    nameless.set_wm_name("latin \xe9")
    odd = manager.open(b"")
    odd.change_property(manager.display.get_atom("_NET_WM_NAME"), Xatom.CARDINAL, 32, [1, 2, 3])
    odd.change_property(Xatom.WM_CLASS, Xatom.STRING, 8, b"")
    manager.display.sync()
    first, second, third = windows(display)
    assert len(first.title) <= module.MOST_TITLE
    assert first.title.isprintable()
    assert first.title.startswith("\ufffd\ufffd ]0;x  AAA")
    assert len(first.program) <= module.MOST_TITLE
    assert first.pid == 0
    assert (second.title, third.title, third.program) == ("latin é", "", "")


def test_a_list_that_lies_does_no_harm(manager: Manager, display: Display) -> None:
    window = manager.open(b"real")
    manager.windows += [1, 2**32 - 1, *range(10_000, 11_000)]
    manager.list()
    assert [found.id for found in windows(display)] == [window.id]
    atom = manager.display.get_atom("_NET_CLIENT_LIST_STACKING")
    manager.root.change_property(atom, Xatom.STRING, 8, b"no list")
    manager.display.sync()
    assert windows(display) == []


def test_changes_are_told_with_the_instant_at_which_they_were_heard(manager: Manager, server: XServer) -> None:
    window = manager.open(b"one", 20, 30)
    watch = WindowWatch(lambda: connect(server.socket))
    watch.start()
    try:
        ((start_ns, now),) = watch.take()
        assert [found.title for found in now] == ["one"]
        times = [start_ns]
        changes: list[tuple[Callable[[], Any], Callable[[list[Window]], bool]]] = [
            (lambda: manager.name(window, b"two"), lambda now: now[0].title == "two"),
            (lambda: window.configure(x=40, width=70), lambda now: (now[0].x, now[0].width_px) == (55, 70)),
            (lambda: manager.list(active=None), lambda now: not now[0].active),
            (lambda: manager.open(b"three"), lambda now: [found.title for found in now] == ["two", "three"]),
            (lambda: manager.name(manager.windows[1], b"four"), lambda now: now[1].title == "four"),
            (manager.swap, lambda now: [found.title for found in now] == ["four", "two"]),
        ]
        for change, wanted in changes:
            before_ns = time.monotonic_ns()
            change()
            manager.display.sync()
            when_ns, _ = told(watch, wanted)
            assert before_ns <= when_ns <= time.monotonic_ns()
            times.append(when_ns)
        assert times == sorted(times)
        window.destroy()
        manager.windows = manager.windows[:1]
        manager.list()
        told(watch, lambda now: [found.title for found in now] == ["four"])
    finally:
        watch.close()


def test_a_flood_of_changes_is_told_as_few(manager: Manager, server: XServer) -> None:
    window = manager.open(b"0")
    watch = WindowWatch(lambda: connect(server.socket))
    watch.start()
    for number in range(1000):
        manager.name(window, str(number).encode())
    heard = []
    while not heard or heard[-1][1][0].title != "999":
        heard += watch.take()
    watch.close()
    assert len(heard) < 500


def test_a_server_that_dies_ends_the_watch() -> None:
    with started(64, 64) as server:
        watch = WindowWatch(lambda: connect(server.socket))
        watch.start()
        display = connect(server.socket)
        server.process.kill()
        server.process.wait()
        watch._thread.join(30)
        assert [now for _, now in watch.take()] == [[]]
        for asked in (watch.take, lambda: windows(display)):
            with pytest.raises(TracekitError, match="gone"):
                asked()
        watch.close()
        close(display)
