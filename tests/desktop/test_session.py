"""A desktop is opened ready, of the size that was asked for, and locked up; a question to it never hangs."""

import os
import socket
import struct
import threading
from contextlib import suppress
from pathlib import Path

import pytest
from desktops import needed, opened

from tracekit.core.errors import TracekitError
from tracekit.desktop import session as session_module
from tracekit.desktop.session import DesktopConfig, DesktopSession
from tracekit.desktop.shared import open_file, reach_socket

LOOKS = 100
LOOK_S = 0.02
"""So many looks, so far apart: two seconds in which nothing is to change."""


def picture(desktop: DesktopSession) -> bytes:
    """The whole file of the frame buffer."""
    descriptor = open_file(desktop.framebuffer)
    try:
        return os.pread(descriptor, os.fstat(descriptor).st_size, 0)
    finally:
        os.close(descriptor)


def size_of(desktop: DesktopSession) -> tuple[int, int]:
    """Width and height, fields 5 and 6 of the header of an XWD file (X11/XWDFile.h)."""
    width, height = struct.unpack_from(">II", picture(desktop), 16)
    return width, height


def sh(desktop: DesktopSession, line: str) -> str:
    """What a line of bash prints."""
    said = desktop.ask("sh", line=line)
    assert said["status"] == 0, said
    return str(said["stdout"])


def test_a_desktop_that_is_ready_does_not_change_by_itself() -> None:
    with opened() as desktop:
        first = picture(desktop)
        pause = threading.Event()
        for _ in range(LOOKS):
            pause.wait(LOOK_S)
            assert picture(desktop) == first
        assert {"xfwm4", "xfce4-panel", "xfdesktop", "xfsettingsd"} <= desktop.ask("programs").keys()
        assert desktop.cpu_s() > 0
        assert desktop.ready_s > 0
        assert desktop.image_digest.startswith("sha256:")
        assert desktop.view_url == ""


@pytest.mark.parametrize("size", [(800, 600), (1280, 720)])
def test_a_size_reaches_the_screen_and_the_wallpaper(size: tuple[int, int]) -> None:
    with opened(width_px=size[0], height_px=size[1]) as desktop:
        assert size_of(desktop) == size
        pixels = picture(desktop)[-4 * size[0] * size[1] :]
        for row in (0, size[1] // 2, size[1] - 60):
            line = pixels[4 * size[0] * row : 4 * size[0] * (row + 1)]
            corners = {line[:3], line[-4:-1]}
            assert b"\0\0\0" not in corners


def test_nothing_in_a_desktop_has_more_rights_than_it_needs(session: DesktopSession) -> None:
    status = dict(line.split(":\t", 1) for line in sh(session, "cat /proc/self/status").splitlines())
    assert status["Uid"].split() == ["1000"] * 4
    assert {status[f"Cap{which}"] for which in ("Inh", "Prm", "Eff", "Bnd", "Amb")} == {"0" * 16}
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")
    assert sh(session, "tail -n +3 /proc/net/dev | cut -d: -f1").split() == ["lo"]
    for folder in ("/", "/etc", "/usr/bin", "/opt/tracekit", "/var"):
        assert session.ask("sh", line=f"touch {folder}/x")["status"] != 0
    assert session.ask("sh", line="unshare -r true")["status"] != 0
    assert session.ask("sh", line="exec 3<>/dev/tcp/192.0.2.1/80")["status"] != 0
    assert sh(session, "find / -xdev -perm /6000 -exec test -w {} \\; -print 2>/dev/null; true") == ""


def test_what_a_desktop_writes_for_the_host_counts_as_its_memory() -> None:
    with opened(memory_mb=512) as desktop:
        with suppress(TracekitError):  # the kernel chooses which program it ends
            assert desktop.ask("sh", line="head -c 700M /dev/zero >/shared/much", limit_s=60)["status"] != 0
        assert 0 < (desktop.framebuffer.parent / "much").stat().st_size < 512 << 20


def test_processes_are_limited() -> None:
    with opened(processes=96) as desktop:
        script = "import os, time\nfor _ in range(200): os.fork() or time.sleep(30)"
        said = desktop.ask("sh", line=f"python3 -c '{script}'")
        assert "Resource temporarily unavailable" in said["stderr"]
        assert desktop.ask("ping") == "pong"


def test_the_agent_answers_what_can_be_done_and_what_can_not(session: DesktopSession) -> None:
    session.ask("write", path="new/note.txt", text="grüße\n")
    assert session.ask("read", path="new/note.txt") == "grüße\n"
    assert session.ask("read", path="new/none.txt") is None
    assert session.ask("sh", line="cat new/note.txt; echo no >&2; exit 3") == {
        "status": 3,
        "stdout": "grüße\n",
        "stderr": "no\n",
    }
    assert len(session.ask("sh", line="head -c 5M /dev/zero | tr '\\0' x")["stdout"]) == 1 << 20
    pid = session.ask("start", command=["sleep", "1000"])
    assert pid in session.ask("programs")["sleep"]
    sh(session, f"kill {pid}; rm -r new")


@pytest.mark.parametrize(
    ("do", "what", "why"),
    [
        ("dance", {}, "no command 'dance'"),
        ("sh", {}, "line"),
        ("sh", {"line": "sleep 100", "limit_s": 0.2}, "longer than 0.2 s"),
        ("start", {"command": ["/none"]}, "No such file"),
        ("read", {"path": "/root/secret"}, "Permission denied"),
        ("write", {"path": "/etc/passwd", "text": ""}, "Read-only"),
        ("ping", {"loud": True}, "loud"),
    ],
)
def test_what_the_agent_can_not_do_is_an_error_and_no_more(
    do: str, what: dict[str, object], why: str, session: DesktopSession
) -> None:
    with pytest.raises(TracekitError, match=why):
        session.ask(do, **what)
    assert session.ask("ping") == "pong"


def test_threads_get_the_answers_to_their_own_questions(session: DesktopSession) -> None:
    answers: dict[int, str] = {}

    def ask(number: int) -> None:
        answers[number] = session.ask("sh", line=f"echo {number}")["stdout"]

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {number: f"{number}\n" for number in range(8)}


@pytest.mark.parametrize("victim", ["Xvfb", "xfce4-session", "python3"])
def test_a_desktop_that_dies_is_an_error(victim: str) -> None:
    with opened() as desktop:
        with pytest.raises(TracekitError, match="the desktop has ended"):
            desktop.ask("sh", line=f"pkill -KILL -x {victim}; sleep 100", limit_s=100)
        with pytest.raises(TracekitError):
            desktop.ask("ping")
        with pytest.raises(TracekitError):
            desktop.cpu_s()


def test_an_agent_that_is_silent_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with opened() as desktop:
        monkeypatch.setattr(session_module, "ANSWER_S", 0.5)
        with pytest.raises(TracekitError, match="does not answer 'sh'"):
            desktop.ask("sh", line="(sleep 1; kill -CONT $PPID) & disown; kill -STOP $PPID; sleep 1.2")
        monkeypatch.undo()
        assert desktop.ask("ping") == "pong"  # and not the answer to the question before


def test_what_a_desktop_puts_in_a_files_place_is_not_followed(session: DesktopSession, tmp_path: Path) -> None:
    folder = session.framebuffer.parent
    (tmp_path / "secret").write_text("of the host")
    sh(session, f"ln -s {tmp_path}/secret /shared/link; mkfifo /shared/pipe; ln -s /tmp/.X11-unix/X1 /shared/x")
    for name in ("link", "pipe", "none"):
        with pytest.raises(TracekitError):
            open_file(folder / name)
    for name in ("link", "x", "pipe", "none"):
        with pytest.raises(TracekitError), reach_socket(folder / name):
            pass
    with reach_socket(session.x_socket) as path, socket.socket(socket.AF_UNIX) as connection:
        connection.connect(path)
    sh(session, "rm /shared/link /shared/pipe /shared/x")


def test_a_desktop_that_is_not_there_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    needed()
    monkeypatch.setattr(session_module, "_command", lambda config: ["/bin/sh", "-c", "echo no screen >&2"])
    with pytest.raises(TracekitError, match="the desktop has ended\nno screen"):
        DesktopSession(DesktopConfig())


def test_a_desktop_that_does_not_get_ready_says_what_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    needed()
    monkeypatch.setattr(session_module, "READY_S", 0.01)
    with pytest.raises(TracekitError, match=r"did not get ready: .*xfce4-panel, xfdesktop lacking\n(.*\n)*.*dbus"):
        DesktopSession(DesktopConfig())


def test_a_desktop_whose_x_server_stops_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    needed()
    usual = session_module._command(DesktopConfig())
    stop = "(until [ -e /tmp/.xfsm-ICE-* ]; do sleep 0.01; done; pkill -STOP -x Xvfb) & exec "
    monkeypatch.setattr(session_module, "_command", lambda config: ["/bin/sh", "-c", stop + " ".join(usual)])
    monkeypatch.setattr(session_module, "READY_S", 2.0)
    with pytest.raises(TracekitError, match="the desktop's X server does not answer"):
        DesktopSession(DesktopConfig())
