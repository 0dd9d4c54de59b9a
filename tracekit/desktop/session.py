"""A desktop that is open: a container with XFCE on a virtual X server, ready to be driven and recorded."""

import json
import os
import threading
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from pydantic import BaseModel, Field, ValidationError

from tracekit.clips.settings import Settings
from tracekit.core.errors import TracekitError
from tracekit.desktop.live_view import LiveView, new_password
from tracekit.desktop.shared import SharedFolder, open_file
from tracekit.sandbox.base import Limits

READY_S = 120.0
"""A desktop that is not ready after so long never will be."""
ANSWER_S = 30.0
"""How long the agent may take to answer, beside the time that a question itself grants."""
_DAY_S = 86_400
_LOG_BYTES = 1500


class DesktopConfig(Settings):
    """What desktop to open."""

    width_px: int = Field(1024, ge=640, le=3840, multiple_of=2)
    height_px: int = Field(768, ge=480, le=2160, multiple_of=2)
    browser: Literal["none", "firefox-esr", "chromium"] = Field("none", description="Each in an image of its own")
    memory_mb: int = Field(2048, ge=256, description="Of all its programs and files")
    processes: int = Field(512, ge=64, description="Threads count, too")
    cpus: float = Field(2.0, gt=0, description="Processors that its programs may use at once")
    view: bool = Field(False, description="Serve a live view to browsers on this machine")

    @property
    def image(self) -> str:
        """The name of the image that it runs."""
        return "desktop" if self.browser == "none" else f"desktop-{self.browser}"


class _Answer(BaseModel):
    id: int
    ok: Any = None
    error: str | None = None


class DesktopSession:
    """A desktop that is open. Leaving the ``with`` block ends it; nothing of it is left.

    Several threads may use it. See `open_session`.
    """

    def __init__(self, config: DesktopConfig) -> None:
        from tracekit.sandbox.docker import DockerSandbox

        self.width_px, self.height_px = config.width_px, config.height_px
        self._lock = threading.Lock()
        self._asked = 0
        self._open = ExitStack()
        with ExitStack() as unless_ready:
            unless_ready.enter_context(self._open)
            folder = SharedFolder()
            self._open.callback(folder.remove)
            self.framebuffer: Path = folder.files / "Xvfb_screen0"
            """The screen as Xvfb writes it, in the format of xwd(1)."""
            self.x_socket: Path = folder.sockets / "X1"
            self._log = folder.files / "log"
            password = new_password() if config.view else ""
            began = time.monotonic()
            sandbox = DockerSandbox(config.image)
            self._open.callback(sandbox.close)
            self.image_digest: str = sandbox.image_digest
            self._session = self._open.enter_context(
                sandbox.start(
                    _command(config),
                    files={".vnc-password": f"{password}\n".encode()} if password else {},
                    limits=Limits(
                        memory_mb=config.memory_mb,
                        processes=config.processes,
                        disk_mb=config.memory_mb // 4,
                        open_files=4096,
                        cpu_s=_DAY_S,
                        wall_s=_DAY_S,
                        output_mb=1 << 20,
                        cpus=config.cpus,
                    ),
                    shared={"/shared": folder.files, "/tmp/.X11-unix": folder.sockets},
                )
            )
            self._await_ready()
            self.ready_s: float = time.monotonic() - began
            """From starting the container to the desktop being ready."""
            self.view_url: str = ""
            """Where a browser on this machine shows the desktop; '' without a live view."""
            if config.view:
                view = self._open.enter_context(LiveView(folder.files / "view", password))
                self.view_url = view.url
            unless_ready.pop_all()

    def ask(self, do: str, /, **what: Any) -> Any:
        """Ask the agent inside; docker/desktop/README.md lists what it can be asked.

        Args:
            do: the command.
            what: its arguments, as JSON takes them. A ``limit_s`` among them extends the time to answer.

        Raises:
            TracekitError: the agent can't, does not answer in time, or is gone.
        """
        with self._lock:
            self._asked += 1
            question = {"id": self._asked, "do": do, "what": what}
            self._session.write(json.dumps(question).encode() + b"\n")
            until_s = time.monotonic() + ANSWER_S + float(what.get("limit_s", 0))
            while (answer := self._answer(do, until_s)).id != self._asked:
                pass  # of a question whose time was over
        if answer.error is not None:
            raise TracekitError(f"the desktop can't {do}: {answer.error[:1000]}")
        return answer.ok

    def cpu_s(self) -> float:
        """Processor seconds that the container has had so far."""
        return self._session.cpu_s()

    def close(self) -> None:
        """End it; harmless if it has ended. A question in another thread is then answered that it has."""
        self._session.kill()
        with self._lock:
            self._open.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _answer(self, do: str, until_s: float) -> _Answer:
        try:
            line = self._session.readline(until_s)
        except TimeoutError:
            raise TracekitError(f"the desktop does not answer {do!r}") from None
        if not line:
            raise TracekitError(f"the desktop has ended{self._last_words()}")
        try:
            return _Answer.model_validate_json(line)
        except ValidationError as error:
            raise TracekitError(f"the desktop's answer to {do!r} is none") from error

    def _await_ready(self) -> None:
        from Xlib.error import ConnectionClosedError

        from tracekit.desktop.connect import close, connect, hang_up
        from tracekit.desktop.framebuffer import FrameBuffer
        from tracekit.desktop.readiness import await_ready

        self.ask("ping")
        display = connect(self.x_socket)
        patience = threading.Timer(READY_S + 1, hang_up, [display])  # python-xlib would wait for ever
        patience.daemon = True
        patience.start()
        try:
            with FrameBuffer(self.framebuffer, self.width_px, self.height_px) as framebuffer:
                why = await_ready(display, framebuffer, lambda: dict(self.ask("work")), READY_S)
        except ConnectionClosedError as error:
            raise TracekitError(f"the desktop's X server does not answer{self._last_words()}") from error
        finally:
            patience.cancel()
            close(display)
        if why:
            raise TracekitError(f"the desktop did not get ready: {why}{self._last_words()}")

    def _last_words(self) -> str:
        """The last of what the session wrote to its standard error and its programs to the log."""
        self._session.kill()
        said = [self._session.finish().detail]
        with suppress(TracekitError):
            descriptor = open_file(self._log)
            try:
                size = os.fstat(descriptor).st_size
                said.append(os.pread(descriptor, _LOG_BYTES, max(0, size - _LOG_BYTES)).decode(errors="replace"))
            finally:
                os.close(descriptor)
        return "".join(f"\n{text.strip()}" for text in said if text.strip())


def open_session(config: DesktopConfig) -> DesktopSession:
    """Open a desktop, and wait until it is ready.

    Raises:
        TracekitError: no Docker engine, no image, or a desktop that does not get ready, with what it said last.
    """
    return DesktopSession(config)


def _command(config: DesktopConfig) -> list[str]:
    agent = ["/usr/bin/tini", "--", "/usr/bin/python3", "/opt/tracekit/desktop/agent.py"]
    return [*agent, f"{config.width_px}x{config.height_px}", *(["view"] if config.view else [])]
