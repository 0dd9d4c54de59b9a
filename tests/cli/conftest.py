"""The command line as a user meets it: what it prints, and its exit status."""

from collections.abc import Callable
from typing import NamedTuple

import pytest

from tracekit.cli.main import main


class Answer(NamedTuple):
    """What a command left."""

    status: int
    out: str
    err: str


Run = Callable[..., Answer]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `tracekit` in this process."""

    def run(*arguments: object) -> Answer:
        monkeypatch.setattr("sys.argv", ["tracekit", *map(str, arguments)])
        status: object = None
        try:
            main()
        except SystemExit as stop:
            status = stop.code
        printed = capsys.readouterr()
        assert status is None or isinstance(status, int)
        return Answer(status or 0, printed.out, printed.err)

    return run
