"""Nothing outlives its driver: what one leaves that is killed ends with it, or is removed at the next start."""

import os
import select
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sandboxes import opened

from tracekit.sandbox import cgroup, owner
from tracekit.sandbox.docker import LABEL
from tracekit.sandbox.engine import connect

DRIVER = """
import sys
from tracekit.sandbox.base import open_sandbox
name, mark = sys.argv[1:]
script = "trap '' HUP TERM PIPE; echo up; while :; do sleep 1000; done"
session = open_sandbox(name).start(["/bin/bash", "-c", script, mark])
print(session.readline().decode().strip(), flush=True)
sys.stdin.read()
"""
WAIT_MS = 20_000


@contextmanager
def driver(name: str, mark: str) -> Iterator[subprocess.Popen[bytes]]:
    """Another process with a session that does not care for the end of its input."""
    command = [sys.executable, "-c", DRIVER, name, mark]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"up\n"
            yield process
        finally:
            process.kill()


def processes(mark: str) -> list[int]:
    """The processes on this machine in whose command line a word stands: those of the session, and its driver."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid():
            try:
                if mark.encode() in (folder / "cmdline").read_bytes():
                    found.append(int(folder.name))
            except (FileNotFoundError, ProcessLookupError):
                continue
    return found


def await_end(pids: list[int]) -> list[int]:
    """Wait for processes to end; return those that did not."""
    left = []
    for pid in pids:
        try:
            descriptor = os.pidfd_open(pid)
        except ProcessLookupError:
            continue
        watch = select.poll()
        watch.register(descriptor, select.POLLIN)
        if not watch.poll(WAIT_MS):
            left.append(pid)
        os.close(descriptor)
    return left


def traces_of(process: str) -> list[str]:
    """The control groups and containers that bear a process's name."""
    groups = [str(path) for path in cgroup.ROOT.glob(f"**/tracekit/{process}-*")]
    try:
        found = connect().containers(all=True, filters={"label": f"{LABEL}={process}"})
    except Exception:
        found = []
    return groups + [container["Id"] for container in found]


def test_after_kill_9_everything_of_the_driver_and_nothing_else_is_gone(name: str) -> None:
    opened(name).close()
    mounts = Path("/proc/self/mountinfo").read_text()
    dead, alive = uuid.uuid4().hex, uuid.uuid4().hex
    with driver(name, dead) as victim, driver(name, alive) as other:
        died, lives = owner.name_of(victim.pid), owner.name_of(other.pid)
        kept = traces_of(lives)
        assert (traces_of(died) != []) == (kept != [])
        in_session = processes(dead)
        assert len(in_session) > 1
        os.kill(victim.pid, signal.SIGKILL)
        victim.wait()
        if name == "bwrap":
            assert await_end(in_session) == []
        opened(name).close()
        assert await_end(in_session) == []
        assert traces_of(died) == []
        assert traces_of(lives) == kept
        assert other.poll() is None
        assert len(processes(alive)) > 1
    opened(name).close()
    if name == "bwrap":
        assert Path("/proc/self/mountinfo").read_text() == mounts


def test_a_session_that_ended_leaves_nothing(name: str) -> None:
    box = opened(name)
    with box.start(["/bin/true"]) as session:
        session.finish()
    with box.start(["/bin/sleep", "1000"]):
        pass
    assert traces_of(owner.name()) == []
    box.close()


def test_a_process_is_gone_when_its_number_is_another_ones() -> None:
    boot, pid, started = owner.name().split("-")
    assert not owner.is_gone(owner.name())
    assert owner.is_gone(f"{boot}-{pid}-{int(started) + 1}")
    assert owner.is_gone(f"{'0' * 32}-{pid}-{started}")
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        child.wait()
    assert owner.is_gone(f"{boot}-{child.pid}-{started}")
