"""The sandbox `docker`: a container a session, of the engine on this machine, with nothing allowed that is not needed.

The rules are those of the CIS benchmark for Docker (4.1, 5.3, 5.10-5.14, 5.25-5.28) and stricter: no network, no
capability, no new privileges, a filter of system calls, a read-only root file system, and for the home folder and /tmp
memory file systems of bounded size. A container of a driver that was killed reads the end of its input and ends; what
is left of it is found by its label at the next start. Of a container that shares folders, which work for long, nothing
is left: the engine removes it when it ends.
"""

import json
import os
import socket
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from docker.api.client import APIClient
from docker.errors import APIError, NotFound
from requests.exceptions import ReadTimeout

from tracekit.core.errors import TracekitError
from tracekit.sandbox import images, owner, seccomp
from tracekit.sandbox.base import DEFAULT_LIMITS, HOME, Limits
from tracekit.sandbox.engine import connect, told
from tracekit.sandbox.session import WiredSession, enter, pack, variables
from tracekit.sandbox.wire import Wire

LABEL = "tracekit.run"
"""Holds the name of the process that a container works for."""
_FRAME = 8
"""Bytes before each piece of output: the stream's number, three zeros, the length (engine API, ContainerAttach)."""
_REMOVED = (404, 409)
"""Of answers about a container that the engine has removed, or is about to."""
_MASKED = (
    "/proc/acpi",
    "/proc/asound",
    "/proc/kcore",
    "/proc/keys",
    "/proc/latency_stats",
    "/proc/sched_debug",
    "/proc/scsi",
    "/proc/timer_list",
    "/proc/timer_stats",
    "/sys",
)
"""What Docker hides by itself, and the whole of /sys, which tells about the machine."""


class DockerSandbox:
    """Starts sessions in containers.

    Args:
        image: the name of an image.

    Raises:
        TracekitError: no engine answers, or it does not have the image.
    """

    def __init__(self, image: str) -> None:
        found, self._engine = images.find(image), connect()
        self._held = found.hold()
        with told():
            try:
                record = self._engine.inspect_image(found.tag)
            except NotFound as error:
                raise TracekitError(f"the Docker engine does not have {found.tag}", remedy="make images") from error
            layers = record["RootFS"]["Layers"]
            self.image_digest = str(layers[0] if len(layers) == 1 else record["Id"])
            self._sweep()
        self._settings = _settings(found)

    def start(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str] = {},
        files: Mapping[str, bytes] = {},
        limits: Limits = DEFAULT_LIMITS,
        shared: Mapping[str, Path] = {},
    ) -> "DockerSession":
        """See ``Sandbox.start``.

        Args:
            command: see there, as the others.
            environment: variables.
            files: for the home folder.
            limits: bounds on the session. What it writes to shared folders in memory counts as its memory.
            shared: by their path in the container, folders of the host that it may write to. Whoever opens a file
                there must not follow links.
        """
        archive = pack(files)
        host = {**self._settings["HostConfig"], **_bounds(limits)}
        if shared:
            binds = [f"{folder}:{path}:rw" for path, folder in shared.items()]
            host |= {"Binds": [*host["Binds"], *binds], "AutoRemove": True}
        settings = {
            **self._settings,
            "Entrypoint": enter(command, archive, limits, grouped=True),
            "Env": [f"{name}={value}" for name, value in variables(environment).items()],
            "HostConfig": host,
        }
        with told():
            session = DockerSession(self._engine, settings, limits)
        session.write(archive)
        return session

    def close(self) -> None:
        """See ``Sandbox.close``."""
        self._engine.close()
        self._held.close()

    def _sweep(self) -> None:
        """Remove the containers of drivers that are gone."""
        for container in self._engine.containers(all=True, filters={"label": LABEL}):
            if owner.is_gone(container["Labels"][LABEL]):
                with suppress(APIError):  # somebody else may be at it
                    self._engine.remove_container(container["Id"], force=True)


class DockerSession(WiredSession):
    """A session in a container."""

    def __init__(self, engine: APIClient, settings: Mapping[str, Any], limits: Limits) -> None:
        self._engine = engine
        self._id = engine.create_container_from_config(settings)["Id"]
        try:
            self._stream = engine.attach_socket(self._id, {"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1})
            engine.start(self._id)
        except BaseException:
            engine.remove_container(self._id, force=True)
            raise
        self._condition = "removed" if settings["HostConfig"].get("AutoRemove") else "not-running"
        self._raw = bytearray()
        descriptor = self._stream.fileno()
        super().__init__(Wire((descriptor,), descriptor, self._receive, limits), limits)

    def _receive(self, descriptor: int, data: bytes) -> None:
        self._raw += data
        while len(self._raw) >= _FRAME:
            end = _FRAME + int.from_bytes(self._raw[4:_FRAME])
            if len(self._raw) < end:
                return
            take = self._wire.take_error if self._raw[0] == 2 else self._wire.take_output
            content = bytes(self._raw[_FRAME:end])
            del self._raw[:end]
            take(content)

    def _close_input(self) -> None:
        self._shut(socket.SHUT_WR)

    def _await_end(self) -> None:
        with suppress(ReadTimeout, NotFound):
            self._engine.wait(self._id, timeout=self._wire.left_s(), condition=self._condition)
        self._wire.left_s()

    def _stop(self) -> None:
        self._shut(socket.SHUT_RDWR)  # the engine would wait for somebody to read what it still has
        with suppress(APIError):  # it has ended
            self._engine.kill(self._id)

    def _shut(self, how: int) -> None:
        with socket.socket(fileno=os.dup(self._stream.fileno())) as stream, suppress(OSError):
            stream.shutdown(how)

    def cpu_s(self) -> float:
        """Processor seconds that the container has had.

        Raises:
            TracekitError: it has ended.
        """
        with told():
            told_of = self._engine.stats(self._id, stream=False, one_shot=True)
        return float(told_of["cpu_stats"]["cpu_usage"]["total_usage"]) / 1e9

    def _remove(self) -> tuple[int | None, bool]:
        self._stream.close()
        with told():
            try:
                state = self._engine.inspect_container(self._id)["State"]
                self._engine.remove_container(self._id, force=True)
            except APIError as error:
                if error.status_code not in _REMOVED:
                    raise
                return None, False
        return int(state["ExitCode"]), bool(state["OOMKilled"])


def _settings(image: images.Image) -> dict[str, Any]:
    """What is the same for all containers (engine API, ContainerCreate)."""
    return {
        "Image": image.tag,
        "User": "1000:1000",
        "Hostname": "sandbox",
        "WorkingDir": "/",
        "Labels": {LABEL: owner.name()},
        "AttachStdin": True,
        "AttachStdout": True,
        "AttachStderr": True,
        "OpenStdin": True,
        "StdinOnce": True,
        "NetworkDisabled": True,
        "HostConfig": {
            "NetworkMode": "none",
            "IpcMode": "private",
            "ReadonlyRootfs": True,
            "CapDrop": ["ALL"],
            "SecurityOpt": ["no-new-privileges", f"seccomp={json.dumps(seccomp.profile())}"],
            "MaskedPaths": list(_MASKED),
            "Binds": [f"{source}:{path}:ro" for path, source in image.fixed.items()],
            "LogConfig": {"Type": "none"},
            "Init": False,
        },
    }


def _bounds(limits: Limits) -> dict[str, Any]:
    memory, disk = limits.memory_mb << 20, limits.disk_mb << 20
    return {
        "Memory": memory,
        "MemorySwap": memory,
        "NanoCpus": round(limits.cpus * 1e9),
        "PidsLimit": limits.processes,
        "ShmSize": disk,
        "Tmpfs": {
            "/tmp": f"rw,nosuid,nodev,exec,mode=1777,size={disk}",
            HOME: f"rw,nosuid,nodev,exec,mode=755,uid=1000,gid=1000,size={disk}",
        },
    }
