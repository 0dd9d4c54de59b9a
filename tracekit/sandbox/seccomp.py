"""Which system calls a sandbox lets through: one rule, as the kernel's filter for bwrap and as Docker's profile.

The calls refused are those that Docker's default profile refuses, and for its reasons: they change mounts, namespaces,
the clock, the kernel or the machine, look into other processes past ptrace's checks, or have a history of holes. Calls
that the table does not know do not exist. Two things differ from Docker's default: ``personality`` may turn address
randomization off, which makes runs repeatable, and ``ptrace`` stays on every kernel, since the agent ends sleeps with
it; the kernel keeps it to the sandbox's own processes.
"""

import errno
import platform
import struct

from tracekit.core.errors import TracekitError
from tracekit.sandbox.syscalls import GAP, NUMBERS

_REFUSED = """
    acct add_key bpf clock_adjtime clock_settime create_module delete_module fanotify_init finit_module fsconfig
    fsmount fsopen fspick get_kernel_syms init_module io_uring_enter io_uring_register io_uring_setup ioperm
    iopl kcmp kexec_file_load kexec_load keyctl lookup_dcookie mbind migrate_pages mount mount_setattr
    move_mount move_pages name_to_handle_at nfsservctl open_by_handle_at open_tree perf_event_open pidfd_getfd
    pivot_root query_module quotactl quotactl_fd reboot request_key set_mempolicy setdomainname sethostname
    setns settimeofday swapoff swapon syslog _sysctl sysfs umount2 unshare uselib userfaultfd ustat vhangup
    vmsplice
"""
REFUSED = frozenset(_REFUSED.split())
"""They fail with EPERM."""
PERSONALITIES = (0x0, 0x40000, 0xFFFFFFFF)
"""PER_LINUX, ADDR_NO_RANDOMIZE, and the question for the present one."""
NEW_NAMESPACES = 0x7E020000
"""Flags of clone: CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET."""

# linux/bpf_common.h, linux/seccomp.h, linux/audit.h
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _FAIL, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_CALL_AT, _MACHINE_AT, _FIRST_ARGUMENT_AT = 0, 4, 16  # in struct seccomp_data
_X86_64 = 0xC000003E


def program() -> bytes:
    """The filter for the kernel: an array of ``struct sock_filter``.

    Raises:
        TracekitError: this is no x86-64 machine.
    """
    _check_machine()
    allow, refuse, unknown = ((_RETURN, 0, 0, value) for value in (_ALLOW, _FAIL | errno.EPERM, _FAIL | errno.ENOSYS))
    steps = [
        (_LOAD, 0, 0, _MACHINE_AT),
        (_EQUAL, 1, 0, _X86_64),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _CALL_AT),
        (_AT_LEAST, 0, 1, max(NUMBERS.values()) + 1),  # calls of the x32 machine among them
        unknown,
        (_AT_LEAST, 0, 2, GAP.start),
        (_AT_LEAST, 1, 0, GAP.stop),
        unknown,
        # The flags of clone3 lie in memory, where no filter sees them: without it the C library takes clone.
        (_EQUAL, 0, 1, NUMBERS["clone3"]),
        unknown,
    ]
    for number in sorted(NUMBERS[name] for name in REFUSED):
        steps += [(_EQUAL, 0, 1, number), refuse]
    steps += [(_EQUAL, 0, 4, NUMBERS["clone"]), (_LOAD, 0, 0, _FIRST_ARGUMENT_AT)]
    steps += [(_ANY_BIT, 0, 1, NEW_NAMESPACES), refuse, allow]
    steps += [(_EQUAL, 0, 2 + 2 * len(PERSONALITIES), NUMBERS["personality"]), (_LOAD, 0, 0, _FIRST_ARGUMENT_AT)]
    for value in PERSONALITIES:
        steps += [(_EQUAL, 0, 1, value), allow]
    steps += [refuse, allow]
    return b"".join(struct.pack("=HBBI", *step) for step in steps)


def profile() -> dict[str, object]:
    """The same for Docker, which compiles it itself.

    Raises:
        TracekitError: this is no x86-64 machine.
    """
    _check_machine()
    special = {"clone", "clone3", "personality"}
    is_one = [{"index": 0, "value": value, "op": "SCMP_CMP_EQ"} for value in PERSONALITIES]
    no_flag = {"index": 0, "value": NEW_NAMESPACES, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"}
    return {
        "defaultAction": "SCMP_ACT_ERRNO",
        "defaultErrnoRet": errno.ENOSYS,
        "architectures": ["SCMP_ARCH_X86_64"],
        "syscalls": [
            {"names": sorted(set(NUMBERS) - REFUSED - special), "action": "SCMP_ACT_ALLOW"},
            {"names": sorted(REFUSED), "action": "SCMP_ACT_ERRNO", "errnoRet": errno.EPERM},
            {"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": errno.ENOSYS},
            {"names": ["clone"], "action": "SCMP_ACT_ALLOW", "args": [no_flag]},
            *({"names": ["personality"], "action": "SCMP_ACT_ALLOW", "args": [is_it]} for is_it in is_one),
        ],
    }


def _check_machine() -> None:
    if platform.machine() != "x86_64":
        raise TracekitError(f"sandboxes have no filter of system calls for {platform.machine()}", remedy="use x86-64")
