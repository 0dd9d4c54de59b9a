"""Nothing of a desktop outlives its driver: the container ends with it, and its folder goes at the next start."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from desktops import needed, opened

from tracekit.sandbox import owner
from tracekit.sandbox.docker import LABEL
from tracekit.sandbox.engine import connect

DRIVER = """
import sys
from tracekit.desktop.session import DesktopConfig, open_session
session = open_session(DesktopConfig())
print(session.framebuffer, flush=True)
sys.stdin.read()
"""
GONE_S = 60


def containers_of(process: str) -> list[str]:
    """The containers that bear a process's name, whatever their state."""
    return [found["Id"] for found in connect().containers(all=True, filters={"label": f"{LABEL}={process}"})]


def folders_of(process: str) -> list[Path]:
    """The folders in memory that do."""
    return sorted(Path("/dev/shm").glob(f"tracekit-desktop-{process}-*"))


def await_removed(container: str, since_s: int) -> None:
    """Wait until the engine has told that it removed a container."""
    wanted = {"container": container, "event": "destroy"}
    told = connect().events(since=since_s, until=since_s + GONE_S, filters=wanted, decode=True)
    assert next(iter(told), None), f"the container was not removed within {GONE_S} s"


def test_after_kill_9_the_container_goes_by_itself_and_the_folder_at_the_next_start() -> None:
    needed()
    streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", DRIVER], **streams) as victim:  # type: ignore[call-overload]
        assert victim.stdout.readline().strip().endswith(b"Xvfb_screen0")
        name = owner.name_of(victim.pid)
        (container,) = containers_of(name)
        (folder,) = folders_of(name)
        assert folder.stat().st_mode & 0o777 == 0o700
        since_s = int(time.time())
        os.kill(victim.pid, signal.SIGKILL)
    await_removed(container, since_s)
    assert containers_of(name) == []
    assert folders_of(name) == [folder]
    with opened():
        assert folders_of(name) == []
        assert len(folders_of(owner.name())) == 1


def test_a_desktop_that_was_closed_leaves_nothing() -> None:
    with opened() as desktop:
        assert len(containers_of(owner.name())) == 1
        desktop.ask("sh", line="mkdir -p /shared/deep/er; touch /shared/deep/er/file; chmod 0 /shared/deep")
    desktop.close()
    assert containers_of(owner.name()) == []
    assert folders_of(owner.name()) == []
