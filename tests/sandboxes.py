"""Sandboxes that tests use: skipped with the reason where what one needs is absent."""

from components import missing, require

from tracekit.core.errors import TracekitError
from tracekit.sandbox import images
from tracekit.sandbox.base import Sandbox, open_sandbox
from tracekit.sandbox.engine import connect


def opened(name: str) -> Sandbox:
    """A sandbox, or a skipped test where what it needs is missing."""
    if name == "docker":
        require("docker", module="docker", remedy="pip install 'tracekit[docker]'")
        try:
            connect()
        except TracekitError as error:
            missing("docker", str(error))
    else:
        require("bwrap", remedy="apt install bubblewrap")
    try:
        images.find("terminal")
    except TracekitError as error:
        missing("terminal-image", str(error))
    return open_sandbox(name)
