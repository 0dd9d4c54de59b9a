"""Law 6: what runs in a sandbox reaches no network, no host file, no other run, and can't take the machine down.

Each test tries to, for real, in every sandbox.
"""

import os
import shutil
import socket
import subprocess
import sys
import uuid
from pathlib import Path

import pytest
from sandbox.scripts import run

from tracekit.core.errors import Rejected
from tracekit.sandbox.base import Limits, Sandbox
from tracekit.sandbox.seccomp import REFUSED
from tracekit.sandbox.syscalls import NUMBERS

FULL = "No space left on device"


def bounded_as_a_whole(name: str) -> bool:
    """Whether control groups bound a session: always Docker's, and bubblewrap's where root runs it."""
    return name == "docker" or os.geteuid() == 0


def test_no_address_can_be_reached(sandbox: Sandbox) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        answer = run(
            sandbox,
            f"""#!python3
import socket
for address in ("127.0.0.1", "192.0.2.1", "198.51.100.7", "169.254.169.254", "172.17.0.1"):
    try:
        socket.create_connection((address, {port}), timeout=5)
        print("reached", address)
    except OSError as error:
        print(error)
try:
    print("resolved", socket.getaddrinfo("example.com", 80))
except OSError as error:
    print(error)
print(open("/proc/net/dev").read().count(":"), "interface")
""",
        )
    assert "reached" not in answer.text
    assert "resolved" not in answer.text
    assert answer.text.count("Network is unreachable") == 4
    assert answer.text.endswith("1 interface\n")


def test_abstract_sockets_of_the_host_are_out_of_reach(sandbox: Sandbox) -> None:
    name = f"tracekit-{uuid.uuid4().hex}"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(f"\0{name}")
        server.listen()
        answer = run(sandbox, f"#!python3\nimport socket\nprint(socket.socket(socket.AF_UNIX).connect_ex('\\0{name}'))")
    assert answer.text == "111\n"  # ECONNREFUSED: nobody has that name


def test_no_file_of_the_host_is_seen_or_written(sandbox: Sandbox, tmp_path: Path) -> None:
    canary = tmp_path / f"canary-{uuid.uuid4().hex}"
    canary.write_text("the host's secret")
    canary.chmod(0o666)
    answer = run(
        sandbox,
        f"""
        cat {canary} /proc/1/root{canary} /proc/self/cwd/../../..{canary} 2>&1 | grep -c secret
        echo changed >{canary}; echo changed >/proc/1/root{canary}
        find / -name '{canary.name}' 2>/dev/null | wc -l
        ls -d {tmp_path} {Path.home()}/.cache /var/lib/docker /run/docker.sock /sys/class /sys/kernel 2>/dev/null
        ls -A /root 2>/dev/null | grep -v -e .bashrc -e .profile
        """,
    )
    assert answer.text.split() == ["0", "0"]
    assert canary.read_text() == "the host's secret"


def test_the_system_is_read_only(sandbox: Sandbox) -> None:
    answer = run(
        sandbox,
        """
        for folder in / /etc /usr/bin /opt/tracekit /var/tmp /run /proc /sys /dev /home; do
            touch $folder/new 2>/dev/null && echo wrote to $folder
        done
        for path in /bin/ls /etc/passwd /opt/tracekit/agent /opt/tracekit/bashrc; do
            (echo x >>$path) 2>/dev/null && echo changed $path
            mv $path /tmp/moved 2>/dev/null && echo moved $path
        done
        for path in sys/kernel/hostname sys/kernel/core_pattern sys/vm/drop_caches sys/net/ipv4/ip_forward \
            sys/kernel/randomize_va_space sysrq-trigger uptime stat; do
            (echo 0 >/proc/$path) 2>/dev/null && echo wrote /proc/$path
        done
        mknod /tmp/disk b 254 0 2>/dev/null && echo made a device
        find /dev -type b; find /dev -type c -perm -o+r ! -name ptmx ! -name tty ! -name random ! -name urandom \
            ! -name null ! -name zero ! -name full
        """,
    )
    assert answer.text == ""


def test_no_rights_are_to_be_had(sandbox: Sandbox) -> None:
    answer = run(
        sandbox,
        """
        grep -E '^(Cap|NoNewPrivs|Seccomp:)' /proc/self/status
        cp /usr/bin/id /tmp/id && chmod 6755 /tmp/id && /tmp/id -u
        echo | su -c 'id -u' 2>/dev/null
        for way in 'mount -t tmpfs none /tmp' 'mount --bind / /tmp' 'umount /proc' 'unshare --user true' \
            'unshare --mount true' 'unshare --net true' 'chroot /tmp' 'nsenter --target 1 --mount true' \
            'hostname other' 'dmesg' 'date --set 2001-01-01' 'setpriv --reuid 0 true' 'ionice -c 1 true'; do
            $way >/dev/null 2>&1 && echo "done: $way"
        done
        """,
    )
    lines = answer.text.splitlines()
    assert [line.split()[1] for line in lines[:7]] == ["0" * 16] * 5 + ["1", "2"]
    assert lines[7:] == ["1000"]


def test_calls_that_change_the_machine_are_refused(sandbox: Sandbox) -> None:
    numbers = sorted(NUMBERS[name] for name in REFUSED)
    answer = run(
        sandbox,
        f"""#!python3
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
def call(*arguments):
    ctypes.set_errno(0)
    return libc.syscall(*map(ctypes.c_long, arguments)), ctypes.get_errno()
print(all(call(number, -1, -1, -1, -1, -1, -1) == (-1, 1) for number in {numbers}))
print(call({NUMBERS["clone3"]}, 0, 0)[0], call(340, 0)[0], call(451, 0)[0])
print([call({NUMBERS["clone"]}, flag | 17, 0, 0, 0, 0)[0] for flag in (0x20000, 0x10000000, 0x40000000, 0x20000000)])
print([call({NUMBERS["personality"]}, value)[0] != -1 for value in (0xFFFFFFFF, 0x40000, 0x400000, 8)])
""",
    )
    assert answer.text.splitlines() == ["True", "-1 -1 -1", "[-1, -1, -1, -1]", "[True, True, False, False]"]


def test_a_fork_bomb_stays_in_its_session(sandbox: Sandbox) -> None:
    limits = Limits(processes=40, wall_s=5)
    answer = run(sandbox, "bomb() { bomb | bomb & }; bomb; while :; do :; done 2>/dev/null", limits=limits)
    assert answer.ended.reason == "timed-out"
    count = run(
        sandbox,
        """#!python3
import os, signal
try:
    for made in range(1000):
        if os.fork() == 0:
            signal.pause()
except OSError as error:
    print(made, error.strerror)
""",
        limits=limits,
    )
    made, _, why = count.text.partition(" ")
    assert 20 <= int(made) < 40
    assert why == "Resource temporarily unavailable\n"


def test_memory_is_bounded(sandbox: Sandbox, name: str) -> None:
    limits = Limits(memory_mb=64, disk_mb=256)
    taken = run(sandbox, "#!python3\nb = bytearray(256 << 20)\nprint('took it')", limits=limits)
    assert "took it" not in taken.text
    if bounded_as_a_whole(name):
        assert taken.ended.reason == "out-of-memory"
        assert "64 MiB" in taken.ended.detail


def test_files_in_memory_count_as_memory(sandbox: Sandbox, name: str) -> None:
    if not bounded_as_a_whole(name):
        pytest.skip("without control groups each process is bounded for itself")
    limits = Limits(memory_mb=64, disk_mb=256)
    filled = run(sandbox, "head -c 200M /dev/zero >/tmp/file; head -c 200M /dev/zero >~/file; echo end", limits=limits)
    assert filled.ended.reason == "out-of-memory"


def test_disks_are_bounded(sandbox: Sandbox) -> None:
    answer = run(
        sandbox,
        """
        for folder in ~ /tmp /dev/shm; do
            head -c 1G /dev/zero 2>&1 >$folder/file | grep -o 'No space left.*'
            echo $(($(stat -c %s $folder/file) >> 20))
        done
        """,
        limits=Limits(disk_mb=8),
    )
    words = answer.text.splitlines()
    assert words[::2] == [FULL] * 3
    assert all(6 <= int(size) <= 8 for size in words[1::2])
    assert answer.ended.reason == "exited"


@pytest.mark.parametrize(
    "script", ["yes", "yes >&2", "cat /dev/zero", "yes | cat & yes >&2"], ids=["lines", "errors", "one-line", "both"]
)
def test_endless_output_ends(sandbox: Sandbox, script: str) -> None:
    with sandbox.start(["/bin/bash", "-c", script], limits=Limits(output_mb=2)) as session:
        with pytest.raises(Rejected, match="2 MiB") as caught:
            all(iter(session.readline, b""))
        ended = session.finish()
    assert caught.value.reason == ended.reason == "too-much-output"


def test_time_is_bounded(sandbox: Sandbox) -> None:
    with sandbox.start(["/bin/sleep", "1000"], limits=Limits(wall_s=1)) as session:
        with pytest.raises(Rejected, match="longer than 1 s") as caught:
            session.readline()
        with pytest.raises(Rejected):
            session.write(b"x" * (1 << 20))
        ended = session.finish()
    assert caught.value.reason == ended.reason == "timed-out"
    assert ended.status is None


def test_processor_time_of_a_process_is_bounded(sandbox: Sandbox) -> None:
    answer = run(sandbox, "bash -c 'while :; do :; done'; echo $?", limits=Limits(cpu_s=1))
    assert answer.text == f"{128 + 9}\n"


def test_a_program_that_does_not_read_stops_no_driver(sandbox: Sandbox) -> None:
    with (
        sandbox.start(["/bin/sleep", "1000"], limits=Limits(wall_s=1)) as session,
        pytest.raises(Rejected, match="longer"),
    ):
        session.write(b"x" * (8 << 20))


def test_another_runs_files_and_processes_are_invisible(sandbox: Sandbox) -> None:
    secret = uuid.uuid4().hex
    leave = f"echo {secret} | tee /tmp/left ~/left /dev/shm/left; sleep 1000 {secret} & cat; wait"
    look = f"cat /tmp/left ~/left /dev/shm/left 2>/dev/null; grep -l {secret} /proc/*/cmdline; ls /tmp /dev/shm"
    with sandbox.start(["/bin/bash", "-c", leave]) as other:
        assert other.readline().decode().strip() == secret
        assert run(sandbox, look.replace(secret, f"[{secret[0]}]{secret[1:]}")).text.split() == ["/dev/shm:", "/tmp:"]
        other.kill()
        assert other.finish().reason == "killed"
    assert run(sandbox, look.replace(secret, f"[{secret[0]}]{secret[1:]}")).text.split() == ["/dev/shm:", "/tmp:"]


def test_processes_of_the_host_get_no_signal(sandbox: Sandbox) -> None:
    same_user = ["setpriv", "--reuid=1000", "--regid=1000", "--clear-groups"] if os.geteuid() == 0 else []
    with subprocess.Popen([*same_user, shutil.which("sleep") or "sleep", "1000"]) as victim:
        try:
            answer = run(
                sandbox,
                f"kill -9 {victim.pid} 2>&1 | grep -c 'No such process'; kill -9 -- -{victim.pid}; (kill -9 -1)",
            )
            assert answer.text.startswith("1\n")
            assert victim.poll() is None
        finally:
            victim.kill()


def test_the_driver_is_not_to_be_seen(sandbox: Sandbox) -> None:
    answer = run(sandbox, "cat /proc/[0-9]*/cmdline | tr '\\0' ' '; env")
    assert Path(sys.executable).name not in answer.text
    assert "PYTEST" not in answer.text
    assert os.environ.get("PATH", "") not in answer.text
