"""What a session is given, what it tells, and that nothing is left of it."""

import ctypes
import os
import signal
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sandbox.scripts import run
from sandboxes import opened

from tracekit.core.errors import TracekitError
from tracekit.sandbox.base import Limits, Sandbox, open_sandbox


def test_a_program_is_user_1000_alone_at_home(sandbox: Sandbox) -> None:
    answer = run(
        sandbox, "echo $$; id; pwd; hostname; ls -A; ps -e --no-headers | wc -l; date +%Z; git -C project branch"
    )
    assert answer.text.splitlines() == [
        "1",
        "uid=1000(user) gid=1000(user) groups=1000(user)",
        "/home/user",
        "sandbox",
        *(".gitconfig", ".vimrc", "data", "logs", "notes", "project", "scripts"),
        "3",
        "UTC",
        "* main",
    ]
    assert answer.ended.status == 0


def test_every_sandbox_looks_alike() -> None:
    if os.geteuid() != 0:
        pytest.skip("in an ordinary user's bwrap the system's files belong to nobody")
    look = """
        env; ulimit -a; id; find ~ | head -40; ls -lA --time-style=full-iso ~ ~/*; ls -ld /home /etc/passwd
        cat /proc/uptime /proc/loadavg /proc/meminfo /proc/stat /proc/cpuinfo /etc/hosts /etc/hostname /etc/resolv.conf
        grep -E '^(Cap|Seccomp:|NoNew|Shd|SigIgn|SigBlk)' /proc/self/status; umask; git -C project status; ls /sys
        """
    texts = []
    for name in ("docker", "bwrap"):
        box = opened(name)
        texts.append(run(box, look).text)
        box.close()
    assert len(texts[0].splitlines()) > 100
    assert texts[0] == texts[1]


def test_the_image_is_named_by_its_content() -> None:
    digests = set()
    for name in ("docker", "bwrap"):
        box = opened(name)
        digests.add(box.image_digest)
        box.close()
    assert len(digests) == 1
    assert digests.pop().startswith("sha256:")


def test_files_and_variables_are_handed_over(sandbox: Sandbox) -> None:
    files = {"hello.txt": b"hello\n", "new/large": bytes(1 << 20), "data/people.csv": b"mine\n"}
    with sandbox.start(
        ["/bin/bash", "-c", "cat hello.txt data/people.csv; stat -c %s new/large; echo $KEY $USER; cat"],
        environment={"KEY": "a b", "USER": "other"},
        files=files,
    ) as session:
        session.write(b"typed\n")
        ended = session.finish()
        assert ended.status == 0
    answer = run(sandbox, "cat hello.txt data/people.csv; stat -c %s new/large", files=files)
    assert answer.text.split() == ["hello", "mine", str(1 << 20)]


@pytest.mark.parametrize("path", ["/etc/passwd", "../other", "a/../../b", ""])
def test_files_outside_the_home_folder_are_refused(sandbox: Sandbox, path: str) -> None:
    with pytest.raises(TracekitError, match="below the home folder"):
        sandbox.start(["/bin/true"], files={path: b""})


@pytest.mark.parametrize(("script", "status"), [("exit 0", 0), ("exit 7", 7), ("dash -c 'kill -9 $$'; exit $?", 137)])
def test_the_programs_status_is_told(sandbox: Sandbox, script: str, status: int) -> None:
    ended = run(sandbox, f"exec 3>&2 2>/dev/null; echo why >&3; {script}").ended
    assert (ended.reason, ended.status, ended.detail) == ("exited", status, "why")


def test_a_program_that_is_not_there_is_told(sandbox: Sandbox) -> None:
    with sandbox.start(["/no/such/program"]) as session:
        assert session.readline() == b""
        ended = session.finish()
    assert ended.status == 125
    assert "/no/such/program" in ended.detail


def test_the_end_of_input_reaches_the_program(sandbox: Sandbox) -> None:
    with sandbox.start(["/bin/cat"]) as session:
        session.write(b"one\ntwo")
        assert session.readline() == b"one\n"
        assert session.finish().status == 0
        session.write(b"into the void")
        assert session.finish().status == 0


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.binary(min_size=0, max_size=300_000), max_size=6))
def test_bytes_come_back_as_they_went(sandbox: Sandbox, parts: list[bytes]) -> None:
    sent = b"".join(parts)
    with sandbox.start(["/usr/bin/head", "-c", str(len(sent) + 1)]) as session:
        for part in parts:
            session.write(part)
        session.write(b"\n")
        got = b""
        while line := session.readline():
            got += line
    assert got == sent + b"\n"


def test_a_block_that_is_left_ends_its_session(sandbox: Sandbox) -> None:
    with pytest.raises(KeyError), sandbox.start(["/bin/sleep", "1000"]) as session:
        raise KeyError
    assert session.finish().reason == "killed"


def test_a_session_is_killed_from_another_thread(sandbox: Sandbox) -> None:
    with sandbox.start(["/bin/bash", "-c", "echo up; sleep 1000 & sleep 1000"]) as session:
        assert session.readline() == b"up\n"
        killer = threading.Thread(target=session.kill)
        killer.start()
        assert session.readline() == b""
        killer.join()
        assert session.finish().reason == "killed"


def test_what_is_left_running_ends_with_the_program(sandbox: Sandbox) -> None:
    answer = run(sandbox, "setsid sleep 1000 >/dev/null 2>&1 & disown; echo gone", limits=Limits(wall_s=30))
    assert (answer.text, answer.ended.reason) == ("gone\n", "exited")


def test_an_image_that_is_not_made_is_told(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened(name).close()
    monkeypatch.setenv("TRACEKIT_CACHE", str(tmp_path))
    with pytest.raises(TracekitError, match="make images"):
        open_sandbox(name)


@pytest.mark.parametrize("name", ["docker", "bwrap"])
def test_no_signal_is_inherited_ignored(name: str) -> None:
    ignored = signal.signal(signal.SIGUSR2, signal.SIG_IGN)
    rt_sigaction, reserved = 13, 32  # libc refuses its own signals: the kernel is asked itself
    action = (ctypes.c_ulong * 4)(signal.SIG_IGN, 0, 0, 0)
    assert ctypes.CDLL(None).syscall(rt_sigaction, reserved, action, None, 8) == 0
    try:
        box = opened(name)
        text = run(box, "grep SigIgn /proc/self/status").text
        box.close()
    finally:
        signal.signal(signal.SIGUSR2, ignored)
        ctypes.CDLL(None).syscall(rt_sigaction, reserved, (ctypes.c_ulong * 4)(), None, 8)
    assert int(text.split()[1], 16) == 0
