"""The live view is for browsers on this machine that know the password."""

import base64
import os
import re
import socket
import struct
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

import pytest
from desktops import opened

from tracekit.desktop.live_view import LiveView
from tracekit.desktop.session import DesktopSession

VNC_AUTHENTICATION = 2  # RFC 6143, 7.1.2
BINARY = 0x82  # of a WebSocket frame: the last of its message (RFC 6455, 5.2)
PATIENCE_S = 20


class Viewer:
    """What a browser's viewer does, as far as the password: RFB in the frames of a WebSocket."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
        self._stream = self._socket.makefile("rb")
        self._had = b""
        key = base64.b64encode(os.urandom(16)).decode()
        self._socket.sendall(
            f"GET /websockify HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Protocol: binary\r\n\r\n".encode()
        )
        assert b" 101 " in self._stream.readline()
        while self._stream.readline().strip():
            pass

    def send(self, data: bytes) -> None:
        """Write bytes, fewer than 126, in a masked frame."""
        self._socket.sendall(bytes([BINARY, 0x80 | len(data)]) + bytes(4) + data)

    def take(self, size: int) -> bytes:
        """Read so many bytes."""
        while len(self._had) < size:
            kind, length = self._stream.read(2)
            assert kind == BINARY
            self._had += self._stream.read(length if length < 126 else struct.unpack(">H", self._stream.read(2))[0])
        taken, self._had = self._had[:size], self._had[size:]
        return taken

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()
        self._socket.close()


def answer(desktop: DesktopSession, password: str, challenge: bytes) -> bytes:
    """The challenge, encrypted by DES with the password, whose bytes' bits stand the other way round (7.2.2)."""
    key = bytes(int(f"{byte:08b}"[::-1], 2) for byte in password.encode().ljust(8, b"\0")[:8])
    written = "".join(f"\\x{byte:02x}" for byte in challenge)
    encrypt = f"openssl enc -provider legacy -provider default -des-ecb -nopad -K {key.hex()}"
    return base64.b64decode(desktop.ask("sh", line=f"printf '{written}' | {encrypt} | base64")["stdout"])


def result(desktop: DesktopSession, port: int, password: str) -> int:
    """How the viewer's authentication ends: 0 if it is let in."""
    with Viewer(port) as viewer:
        version = viewer.take(12)
        assert re.fullmatch(rb"RFB 003\.008\n", version)
        viewer.send(version)
        kinds = viewer.take(viewer.take(1)[0])
        assert list(kinds) == [VNC_AUTHENTICATION]
        viewer.send(bytes([VNC_AUTHENTICATION]))
        viewer.send(answer(desktop, password, viewer.take(16)))
        return int.from_bytes(viewer.take(4))


@pytest.fixture(scope="module")
def shown() -> Iterator[DesktopSession]:
    with opened(view=True) as desktop:
        yield desktop


def test_a_browser_gets_the_viewer_and_with_the_password_the_desktop(shown: DesktopSession) -> None:
    url = urlsplit(shown.view_url)
    password = dict(field.split("=") for field in url.fragment.split("&"))["password"]
    with urllib.request.urlopen(url._replace(fragment="").geturl(), timeout=PATIENCE_S) as page:
        assert b"noVNC" in page.read()
    assert url.port
    assert len(password) == 8
    assert result(shown, url.port, password) == 0
    assert result(shown, url.port, "wrong" + password[:3]) != 0
    assert result(shown, url.port, "") != 0


def test_nobody_else_can_reach_it(shown: DesktopSession) -> None:
    port = urlsplit(shown.view_url).port
    listening = [
        fields[1]
        for table in ("tcp", "tcp6")
        for fields in map(str.split, Path(f"/proc/net/{table}").read_text().splitlines()[1:])
        if fields[3] == "0A" and fields[1].endswith(f":{port:04X}")
    ]
    assert listening == [f"0100007F:{port:04X}"]


def test_two_views_have_different_passwords(shown: DesktopSession) -> None:
    with opened(view=True) as other:
        assert other.view_url.partition("password=")[2] != shown.view_url.partition("password=")[2]


def test_a_view_leads_nowhere_else(tmp_path: Path) -> None:
    """A desktop that puts a link to another socket in the place of its viewer's gets nobody there."""
    with socket.socket(socket.AF_UNIX) as secret:
        secret.bind(str(tmp_path / "secret"))
        secret.listen()
        (tmp_path / "view").symlink_to(tmp_path / "secret")
        with LiveView(tmp_path / "view", "password") as view:
            port = urlsplit(view.url).port
            with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as browser:
                assert browser.recv(1) == b""
        secret.setblocking(False)
        with pytest.raises(BlockingIOError):
            secret.accept()
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)


def test_the_password_is_on_no_command_line(shown: DesktopSession) -> None:
    password = shown.view_url.partition("password=")[2]
    said = shown.ask("sh", line="cat /proc/[0-9]*/cmdline /shared/log 2>/dev/null; true")["stdout"]
    assert "x11vnc" in said
    assert password not in said
