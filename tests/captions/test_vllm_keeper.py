"""What the keeper starts is gone when its owner is, whatever end that takes."""

import os
import signal
import subprocess
import sys
import time

from tracekit.captions.llm import vllm_keeper
from tracekit.sandbox import owner

# A server, its engine in a session of its own, and a worker below that, none of which ends when asked to. The test
# reads their ids from a pipe that each of them holds open.
STUBBORN = """
import os, signal, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
for generation in range(3):
    os.write(1, f"{os.getpid()}\\n".encode())
    if generation == 2 or os.fork():
        break
    os.setsid()
signal.pause()
"""
OBEDIENT = "import os, signal; os.write(1, f'{os.getpid()}\\n'.encode()); signal.pause()"


def keeper(script: str) -> list[str]:
    return [sys.executable, "-I", vllm_keeper.__file__, sys.executable, "-c", script]


def started(process: "subprocess.Popen[str]", count: int) -> list[str]:
    """The names of the processes that it started."""
    assert process.stdout
    return [owner.name_of(int(process.stdout.readline())) for _ in range(count)]


def ended(process: "subprocess.Popen[str]") -> None:
    """Wait until nobody holds the output open."""
    assert process.stdout
    assert process.stdout.read() == ""


def await_gone(names: list[str]) -> None:
    """Wait until they are: a process closes its files before it is gone."""
    while not all(map(owner.is_gone, names)):
        time.sleep(0.01)


def test_the_end_of_standard_input_ends_all() -> None:
    with subprocess.Popen(keeper(OBEDIENT), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        names = started(process, 1)
        assert process.stdin
        process.stdin.close()
        assert process.wait() == 128 + signal.SIGTERM
        assert all(map(owner.is_gone, names))


def test_kill_9_of_the_owner_ends_all() -> None:
    own = f"import subprocess; subprocess.Popen({keeper(OBEDIENT)!r}, stdin=subprocess.PIPE).wait()"
    with subprocess.Popen([sys.executable, "-c", own], stdout=subprocess.PIPE, text=True) as process:
        names = started(process, 1)
        process.kill()
        ended(process)
        await_gone(names)


def test_kill_9_of_the_server_ends_what_it_started() -> None:
    with subprocess.Popen(keeper(STUBBORN), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        names = started(process, 3)
        os.kill(int(names[0].split("-")[1]), signal.SIGKILL)
        assert process.wait() == 128 + signal.SIGKILL
        assert all(map(owner.is_gone, names))


def test_kill_9_of_the_keeper_asks_the_server_to_end() -> None:
    with subprocess.Popen(keeper(OBEDIENT), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        names = started(process, 1)
        process.kill()
        ended(process)
        await_gone(names)


def test_the_status_of_the_command_is_passed_on() -> None:
    with subprocess.Popen(keeper("raise SystemExit(7)"), stdin=subprocess.PIPE) as process:
        assert process.wait() == 7
