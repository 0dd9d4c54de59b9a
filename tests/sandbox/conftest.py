"""The sandboxes that tests try to break out of."""

from collections.abc import Iterator

import pytest
from sandboxes import opened

from tracekit.sandbox.base import Sandbox


@pytest.fixture(scope="session", params=["docker", "bwrap"])
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
def sandbox(name: str) -> Iterator[Sandbox]:
    box = opened(name)
    yield box
    box.close()
