"""The sandboxes that tests try to break out of."""

import shutil
from collections.abc import Iterator

import pytest
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
    elif not shutil.which("bwrap"):
        missing("bwrap", "apt install bubblewrap")
    try:
        images.find("terminal")
    except TracekitError as error:
        missing("terminal-image", str(error))
    return open_sandbox(name)


@pytest.fixture(scope="session", params=["docker", "bwrap"])
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
def sandbox(name: str) -> Iterator[Sandbox]:
    box = opened(name)
    yield box
    box.close()
