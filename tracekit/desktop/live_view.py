"""The live view of a desktop: a way for a browser on this machine, and nothing else, to the viewer in the container.

The container has no network. Its viewer listens on a socket in the shared folder; here a port of the loopback device
is led to it. Whoever connects is asked for a password that was drawn for this session. The page comes out of the
container: a browser that shows it runs what the desktop's programs may have put there, as with any page of the web.
"""

import asyncio
import secrets
import socket
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from tracekit.core.errors import TracekitError
from tracekit.desktop.shared import reach_socket

_BLOCK = 1 << 16


def new_password() -> str:
    """Eight characters, which is all that VNC's authentication looks at (RFC 6143, 7.2.2): 48 bits."""
    return secrets.token_urlsafe(6)


class LiveView:
    """A port of the loopback device that leads to a desktop's viewer, until the ``with`` block ends.

    Args:
        path: the viewer's socket.
        password: that it asks for.
    """

    def __init__(self, path: Path, password: str) -> None:
        self._path = path
        self._port = socket.create_server(("127.0.0.1", 0))
        number = self._port.getsockname()[1]
        self.url = f"http://127.0.0.1:{number}/vnc.html#autoconnect=true&resize=scale&password={password}"
        """What to open. A browser keeps what follows the # to itself."""
        self._loop = asyncio.new_event_loop()
        self._ended = asyncio.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._serve(),), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join()
        self._loop.close()

    async def _serve(self) -> None:
        async with await asyncio.start_server(self._lead, sock=self._port):
            await self._ended.wait()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()

    async def _lead(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with reach_socket(self._path) as path:
                from_desktop, to_desktop = await asyncio.open_unix_connection(path)
        except (TracekitError, OSError):
            writer.close()
            return
        await asyncio.gather(_copy(reader, to_desktop), _copy(from_desktop, writer))


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    try:
        while data := await source.read(_BLOCK):
            target.write(data)
            await target.drain()
    except OSError:
        pass
    finally:
        target.close()
