"""Whose a container or a control group is: what a killed driver leaves is found by this name, and only that."""

import functools
import os
from pathlib import Path


@functools.cache
def boot() -> str:
    """The machine's boot, as the kernel names it: 32 hexadecimal digits."""
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip().replace("-", "")


def name() -> str:
    """This process's name."""
    return name_of(os.getpid())


def name_of(pid: int) -> str:
    """A process's name: the machine's boot, its process id, and the instant of its start (clock ticks since boot)."""
    return f"{boot()}-{pid}-{_started(pid)}"


def is_gone(owner: str) -> bool:
    """Whether the process of that name ended (or the machine was started anew)."""
    started_boot, pid, started = owner.split("-")
    return started_boot != boot() or _started(int(pid)) != int(started)


def _started(pid: int) -> int:
    """Field 22 of proc_pid_stat(5), 0 if there is no such process or it is but a zombie."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return 0 if fields[0] in "ZX" else int(fields[19])
