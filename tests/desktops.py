"""Desktops that tests use: skipped with the reason where what one needs is absent."""

from typing import Any

from components import missing, require

from tracekit.core.errors import TracekitError
from tracekit.desktop.session import DesktopConfig, DesktopSession, open_session
from tracekit.sandbox import images
from tracekit.sandbox.engine import connect


def opened(**config: Any) -> DesktopSession:
    """A desktop that is open and ready, or a skipped test where what it needs is missing."""
    needed()
    return open_session(DesktopConfig(**config))


def needed() -> None:
    """Skip this test unless desktops can be opened here."""
    require("docker", module="docker", remedy="pip install 'tracekit[docker]'")
    try:
        connect()
    except TracekitError as error:
        missing("docker", str(error))
    try:
        images.find("desktop")
    except TracekitError as error:
        missing("desktop-image", str(error))
