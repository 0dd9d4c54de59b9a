"""The desktop that tests share, who leave it as they found it."""

from collections.abc import Iterator

import pytest
from desktops import opened

from tracekit.desktop.session import DesktopSession


@pytest.fixture(scope="module")
def session() -> Iterator[DesktopSession]:
    """A desktop for the tests of a module."""
    with opened() as desktop:
        yield desktop
