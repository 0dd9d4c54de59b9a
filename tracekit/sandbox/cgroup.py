"""Control groups: bounds on the memory, the processes and the processor of a whole session, in versions 1 and 2."""

import functools
import os
import re
import select
import signal
import subprocess
from contextlib import suppress
from itertools import count
from pathlib import Path

from tracekit.sandbox import owner
from tracekit.sandbox.base import Limits

ROOT = Path("/sys/fs/cgroup")
_OURS = "tracekit"
_NAME = re.compile(r"(?P<owner>[0-9a-f]{32}-\d+-\d+)-\d+")
_PERIOD_US = 100_000
"""In which a session gets one processor's time (the default period of both versions)."""
_PATIENCE_S = 5.0
_numbers = count()


class Group:
    """The control group of one session: a folder in version 2, one for each controller in version 1.

    Raises:
        OSError: there are no control groups here, or no right to make one.
    """

    def __init__(self, limits: Limits) -> None:
        name = f"{owner.name()}-{next(_numbers)}"
        bounds = _bounds(limits)
        self._folders = [parent / name for parent in bounds]
        try:
            for folder, files in zip(self._folders, bounds.values(), strict=True):
                folder.mkdir()
                for file, value in files.items():
                    with suppress(FileNotFoundError):  # a kernel that does not count swap has no file for it
                        _write(folder / file, value)
        except OSError:
            self.remove()
            raise

    @property
    def members(self) -> list[str]:
        """The files into which a process of one thread writes ``0`` to be in the group."""
        # In version 1 a thread that moves itself waits for nobody; a process waits some 10 ms for all others' consent.
        return [f"{folder}/{'cgroup.procs' if _unified() else 'tasks'}" for folder in self._folders]

    def out_of_memory(self) -> bool:
        """Whether the kernel ended a process for want of memory."""
        for file in ("memory.events", "memory.oom_control"):
            with suppress(FileNotFoundError):
                counts = dict(line.split() for line in (self._folders[0] / file).read_text().splitlines())
                return int(counts.get("oom_kill", 0)) > 0
        return False

    def remove(self) -> None:
        """Remove the group, and what may still run in it."""
        for folder in self._folders:
            _clear(folder)


def prepare() -> None:
    """Make the folders that groups lie in, remove from them what drivers left that are gone, and watch over this one.

    Raises:
        OSError: there are no control groups here, or no right to make one.
    """
    if _unified():
        for folder in (ROOT, ROOT / _OURS):
            folder.mkdir(exist_ok=True)
            _write(folder / "cgroup.subtree_control", "+memory +pids +cpu")
    for parent in _bounds(Limits()):
        parent.mkdir(exist_ok=True)
        for folder in parent.iterdir():
            found = _NAME.fullmatch(folder.name)
            if found and owner.is_gone(found["owner"]):
                _clear(folder)
    Group(Limits()).remove()  # it may be that root made the folders, and this is somebody else
    watch(owner.name())


@functools.cache
def watch(name: str) -> subprocess.Popen[bytes]:
    """A shell that outlives this process by as long as it takes to end and remove what is left of its groups.

    Bubblewrap's own watch (``--die-with-parent``) fails where root starts it: it has given its rights away by then, and
    may not signal the user that the sandbox runs as.

    Args:
        name: of this process (``owner.name``).
    """
    groups = " ".join(f"{parent}/{name}-*" for parent in _bounds(Limits()))
    script = f"""
        read -r end_of_driver
        for group in {groups}; do
            while pids=$(cat $group/cgroup.procs) && [ -n "$pids" ]; do kill -9 $pids; sleep 0.01; done
            rmdir $group
        done
    """
    return subprocess.Popen(
        ["/bin/sh", "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _unified() -> bool:
    return (ROOT / "cgroup.controllers").exists()


def _bounds(limits: Limits) -> dict[Path, dict[str, str]]:
    """What is to be written into the files of a session's groups, by the folder that the group is made in."""
    memory, processes = str(limits.memory_mb << 20), str(limits.processes)
    if _unified():
        cpu = f"{_PERIOD_US} {_PERIOD_US}"
        files = {"memory.max": memory, "memory.swap.max": "0", "pids.max": processes, "cpu.max": cpu}
        return {ROOT / _OURS: files}
    return {
        ROOT / "memory" / _OURS: {"memory.limit_in_bytes": memory, "memory.memsw.limit_in_bytes": memory},
        ROOT / "pids" / _OURS: {"pids.max": processes},
        ROOT / "cpu" / _OURS: {"cpu.cfs_quota_us": str(_PERIOD_US)},
    }


def _write(file: Path, text: str) -> None:
    descriptor = os.open(file, os.O_WRONLY)  # never made: the kernel makes them
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)


def _clear(folder: Path) -> None:
    """Remove a group; what can't be removed now is at the next start."""
    with suppress(OSError):
        for pid in map(int, (folder / "cgroup.procs").read_text().split()):
            with suppress(ProcessLookupError):
                end = os.pidfd_open(pid)
                os.kill(pid, signal.SIGKILL)
                select.select([end], [], [], _PATIENCE_S)
                os.close(end)
        folder.rmdir()
