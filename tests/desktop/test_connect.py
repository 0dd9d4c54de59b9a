"""Connections to X servers: at any path, for any thread, and none that hangs."""

import os
import select
import socket
import threading
from contextlib import suppress
from pathlib import Path

import pytest
import Xlib.display
import Xlib.error
from x_servers import XServer, started

from tracekit.core.errors import TracekitError
from tracekit.desktop import connect as connections
from tracekit.desktop.connect import close, connect, hang_up, talking


@pytest.fixture(scope="module")
def server():
    with started(320, 200) as server:
        yield server


def test_a_socket_at_any_path_will_do(server: XServer, tmp_path: Path) -> None:
    folder = tmp_path / ("a-folder-with-a-long-name" * 6)
    folder.mkdir()
    os.link(server.socket, folder / "X0")
    assert len(str(folder / "X0")) > 108
    display = connect(folder / "X0")
    assert (display.screen().width_in_pixels, display.screen().height_in_pixels) == (320, 200)
    close(display)


def test_displays_that_are_named_are_found_as_ever(server: XServer) -> None:
    display = Xlib.display.Display(server.display)
    assert display.screen().width_in_pixels == 320
    display.close()
    with pytest.raises(Xlib.error.DisplayNameError):
        Xlib.display.Display("nonsense")


def test_where_nothing_listens_it_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path / "X0", tmp_path / "missing" / "X0", tmp_path, tmp_path / "file"):
        with pytest.raises(TracekitError, match=path.name):
            connect(path)
    with socket.socket(socket.AF_UNIX) as once:
        once.bind(str(tmp_path / "gone"))
    with pytest.raises(TracekitError, match="no X server answers"):
        connect(tmp_path / "gone")


def test_a_link_that_the_container_has_put_in_the_sockets_place_is_not_followed(
    server: XServer, tmp_path: Path
) -> None:
    (tmp_path / "X0").symlink_to(server.socket)
    with pytest.raises(TracekitError, match="X0"):
        connect(tmp_path / "X0")


@pytest.mark.parametrize(
    "greeting", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n" * 9, b"\0\4\13\0\0\0\1\0nope", bytes(4000)]
)
def test_what_is_no_x_server_is_refused(tmp_path: Path, greeting: bytes) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "X0"))
        listening.listen()

        def answer() -> None:
            client, _ = listening.accept()
            with client:
                client.recv(12)
                client.sendall(greeting)

        threading.Thread(target=answer, daemon=True).start()
        with pytest.raises(TracekitError, match="no X server answers"):
            connect(tmp_path / "X0")


def test_one_that_never_greets_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "PATIENCE_S", 0.05)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "X0"))
        listening.listen()
        with pytest.raises(TracekitError, match="no X server answers"):
            connect(tmp_path / "X0")


def test_a_thread_that_waits_is_let_go_by_hanging_up(server: XServer) -> None:
    display = connect(server.socket)
    ended: list[Exception] = []

    def wait() -> None:
        try:
            display.next_event()
        except Xlib.error.ConnectionClosedError as error:
            ended.append(error)

    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    hang_up(display)
    thread.join(30)
    assert len(ended) == 1
    close(display)


def test_what_a_server_refuses_and_that_it_is_gone_are_errors_a_person_can_read() -> None:
    with started(64, 64) as server:
        display = connect(server.socket)
        with pytest.raises(TracekitError, match="refuses to look: BadWindow"), talking("look"):
            display.create_resource_object("window", 99).get_attributes()
        server.process.kill()
        server.process.wait()
        for _ in range(2):
            with pytest.raises(TracekitError, match="is gone: can't look"), talking("look"):
                display.sync()
        close(display)


@pytest.mark.parametrize(
    "flood",
    [b"\1" + bytes(3) + b"\xff\xff\xff\x7f" + bytes(1 << 20), (bytes([34]) + bytes(31)) * (1 << 15)],
    ids=["a reply without end", "events without end"],
)
def test_a_server_that_says_too_much_is_not_listened_to(server: XServer, tmp_path: Path, flood: bytes) -> None:
    """A program of the desktop has put itself in the X server's place, and passes on what it says, up to a point."""
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "X0"))
        listening.listen()
        honest = threading.Event()
        honest.set()

        def pass_on() -> None:
            client, _ = listening.accept()
            with client, socket.socket(socket.AF_UNIX) as real, suppress(OSError):
                real.connect(str(server.socket))
                while honest.is_set():
                    ready, _, _ = select.select([client, real], [], [])
                    for one in ready:
                        data = one.recv(1 << 16)
                        if one is client and not honest.is_set():
                            break
                        (real if one is client else client).sendall(data)
                while True:
                    client.sendall(flood)

        threading.Thread(target=pass_on, daemon=True).start()
        display = connect(tmp_path / "X0")
        honest.clear()
        with pytest.raises(TracekitError, match="gone"), talking("look"):
            display.sync()
        close(display)
