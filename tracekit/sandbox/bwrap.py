"""The sandbox `bwrap`: namespaces made by bubblewrap on the root file system of an image. Some 15 ms a session.

The root file system is mounted read-only; the home folder, /tmp and /dev/shm are memory file systems of the session's
own, which the kernel frees with its last process, however that ended: nothing is left to clean up but empty control
groups. Started by root, bubblewrap makes the namespaces with root's rights and hands over to user 1000, as Docker does.
Started by anybody else it makes a user namespace too, in which the system's files seem to belong to `nobody`.
"""

import os
import select
import shlex
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, cast

from tracekit.core.errors import TracekitError
from tracekit.sandbox import cgroup, images, seccomp
from tracekit.sandbox.base import DEFAULT_LIMITS, HOME, Limits
from tracekit.sandbox.session import WiredSession, enter, pack, variables
from tracekit.sandbox.wire import Wire

_NAMESPACES = ("--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try")
_HANDING_OVER = ("CAP_CHOWN", "CAP_SETGID", "CAP_SETUID", "CAP_SETPCAP")
"""What `enter` needs to give the home folder to the user and to become that user; then it has no capability left."""
_POLL_S = 0.002


class BwrapSandbox:
    """Starts sessions under bubblewrap.

    Args:
        image: the name of an image.

    Raises:
        TracekitError: bubblewrap is missing or can't make namespaces here, control groups can't be made though root
            runs this, or the image is missing.
    """

    def __init__(self, image: str) -> None:
        program = shutil.which("bwrap")
        if not program:
            raise TracekitError("the program bwrap is not here", remedy="apt install bubblewrap")
        found = images.find(image)
        if not found.rootfs.is_dir():
            raise TracekitError(f"bubblewrap does not run the image {image!r}", remedy="use the sandbox docker")
        self.image_digest = found.content
        self._held = found.hold()
        self._filter = seccomp.program()
        self._grouped = _can_group()
        self._begin = [program, *_arguments(found)]
        self._try()

    def start(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str] = {},
        files: Mapping[str, bytes] = {},
        limits: Limits = DEFAULT_LIMITS,
    ) -> "BwrapSession":
        """See ``Sandbox.start``. The session ends with the thread that started it."""
        archive = pack(files)
        disk = str(limits.disk_mb << 20)
        arguments = [*self._begin]
        for mode, folder in (("1777", "/tmp"), ("0755", HOME), ("1777", "/dev/shm")):
            arguments += ["--size", disk, "--perms", mode, "--tmpfs", folder]
        arguments += ["--remount-ro", "/dev"]
        for name, value in variables(environment).items():
            arguments += ["--setenv", name, value]
        group = cgroup.Group(limits) if self._grouped else None
        rules = _in_memory(self._filter)
        try:
            arguments += ["--seccomp", str(rules), "--", *enter(command, archive, limits, self._grouped)]
            session = BwrapSession(_join(group, arguments), rules, group, limits)
        except BaseException:
            if group:
                group.remove()
            raise
        finally:
            os.close(rules)
        session.write(archive)
        return session

    def close(self) -> None:
        """See ``Sandbox.close``."""
        self._held.close()

    def _try(self) -> None:
        with self.start(["/bin/true"]) as session:
            ended = session.finish()
        if ended.status != 0:
            raise TracekitError(
                f"bubblewrap can't make a sandbox here: {ended.detail or ended.reason}",
                remedy="let users make namespaces (sysctl user.max_user_namespaces), or run as root",
            )


class BwrapSession(WiredSession):
    """A session under bubblewrap."""

    def __init__(self, command: Sequence[str], rules: int, group: cgroup.Group | None, limits: Limits) -> None:
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            pass_fds=(rules,),
            env={},
            start_new_session=True,  # a Ctrl+C at the driver's terminal is the driver's
        )
        self._end = os.pidfd_open(self._process.pid)
        self._group = group
        streams = (self._process.stdin, self._process.stdout, self._process.stderr)
        self._streams = [cast(IO[bytes], stream) for stream in streams]
        sink, output, error = (stream.fileno() for stream in self._streams)
        super().__init__(Wire((output, error), sink, self._receive, limits), limits)
        self._output = output

    def _receive(self, descriptor: int, data: bytes) -> None:
        if descriptor == self._output:
            self._wire.take_output(data)
        else:
            self._wire.take_error(data)

    def _close_input(self) -> None:
        self._streams[0].close()

    def _await_end(self) -> None:
        self._wire.await_readable(self._end)

    def _stop(self) -> None:
        # With the sandbox's first process all of them end, and then bubblewrap, which waits for it. Bubblewrap itself
        # is not killed: for an instant after it made the first process, that would not notice.
        pid = self._process.pid
        while not select.select([self._end], [], [], _POLL_S)[0]:
            with suppress(OSError):
                for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
                    os.kill(int(child), signal.SIGKILL)

    def _remove(self) -> tuple[int | None, bool]:
        for stream in self._streams:
            stream.close()
        status = self._process.wait()
        os.close(self._end)
        out_of_memory = False
        if self._group:
            out_of_memory = self._group.out_of_memory()
            self._group.remove()
        return (status if status >= 0 else 128 - status), out_of_memory


def _can_group() -> bool:
    """Whether sessions get control groups: needed if root runs this, and taken if they are to be had."""
    try:
        cgroup.prepare()
    except OSError as error:
        if os.geteuid() == 0:
            raise TracekitError(
                f"control groups can't be made here: {error}",
                remedy="mount them writable (cgroupfs-mount), or run as an ordinary user",
            ) from error
        return False
    return True


def _arguments(image: images.Image) -> list[str]:
    """The arguments that are the same for all sessions."""
    arguments = [*_NAMESPACES, "--hostname", "sandbox", "--die-with-parent", "--as-pid-1", "--clearenv"]
    if os.geteuid() == 0:
        arguments += ["--cap-drop", "ALL", *(word for name in _HANDING_OVER for word in ("--cap-add", name))]
    else:
        arguments += ["--unshare-user", "--uid", "1000", "--gid", "1000"]
    arguments += ["--ro-bind", str(image.rootfs), "/", "--proc", "/proc", "--dev", "/dev"]
    for path, source in image.fixed.items():
        arguments += ["--ro-bind", str(source), path]
    return arguments


def _join(group: cgroup.Group | None, command: Sequence[str]) -> list[str]:
    """The command, preceded by a shell that joins the group and becomes it."""
    if not group:
        return list(command)
    joins = " && ".join(f"echo 0 >{shlex.quote(file)}" for file in group.members)
    return ["/bin/sh", "-c", f'{joins} && exec "$@"', "sh", *command]


def _in_memory(data: bytes) -> int:
    """A file in memory, open at its beginning."""
    file = os.memfd_create("seccomp")
    os.write(file, data)
    os.lseek(file, 0, os.SEEK_SET)
    return file
