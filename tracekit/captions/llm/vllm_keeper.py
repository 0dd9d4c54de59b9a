"""Runs a command, and sees to it that no process of it is left once whoever asked for it is gone.

    python -I vllm_keeper.py COMMAND...

The command ends when standard input does, and the kernel closes that also after ``kill -9`` of whoever holds its other
end. Started as a file: it needs nothing but the standard library, so it lives in a tiny process with a single thread.
"""

import ctypes
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

_GRACE_S = 20
"""For the command to end by itself once it has been asked to."""
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
_LIBC = ctypes.CDLL(None, use_errno=True)


def main(command: list[str]) -> int:
    """Run the command until it ends or standard input does; return its exit status as shells give it."""
    _LIBC.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)  # its orphans become our children
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True, preexec_fn=_end_with_parent)
    ended = os.pidfd_open(process.pid)
    select.select([sys.stdin, ended], [], [])
    process.terminate()
    if not select.select([ended], [], [], _GRACE_S)[0]:
        process.kill()
    status = process.wait()
    _end_orphans()
    return status if status >= 0 else 128 - status


def _end_with_parent() -> None:
    """In the command's process, before it is the command: should the keeper itself be killed, it is asked to end."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


def _end_orphans() -> None:
    children = Path(f"/proc/self/task/{os.getpid()}/children")
    while True:
        for pid in children.read_text().split():
            os.kill(int(pid), signal.SIGKILL)
        try:
            os.wait()
        except ChildProcessError:
            return


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
