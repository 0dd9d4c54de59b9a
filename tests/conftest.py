"""Fixtures shared by all tests."""

import os
from pathlib import Path

import pytest
from command_line import Answer, Tracekit
from hypothesis import settings

from tracekit.cli.main import main

# Where work lands the same examples are drawn each time; at home new ones are, and what they find gets a test.
# An example may take long on a busy machine: no test is timed.
settings.register_profile("home", deadline=None)
settings.register_profile("ci", derandomize=True, deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "home")

DEMO_CASTS = sorted((Path(__file__).parent.parent / "recipes" / "demo_casts").glob("*.cast*"))
SHARED = Path(os.environ.get("TRACEKIT_SHARED", Path(__file__).parent.parent.parent / "shared"))


@pytest.fixture
def tracekit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Tracekit:
    """Runs a command in this process, in the folder of the test."""

    def run(*arguments: str) -> Answer:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr("sys.argv", ["tracekit", *arguments])
        with pytest.raises(SystemExit) as stop:
            main()
        printed = capsys.readouterr()
        return Answer(int(stop.value.code or 0), printed.out, printed.err)

    return run


@pytest.fixture(scope="session")
def demo_casts() -> list[Path]:
    """The recordings that ship with the project."""
    assert DEMO_CASTS, "recipes/demo_casts is empty"
    return DEMO_CASTS


@pytest.fixture(scope="session")
def shared_casts() -> list[Path]:
    """Real recordings that nobody here made, from a folder beside the checkout; skipped where it is absent."""
    found = sorted(path for path in (SHARED / "casts").glob("*") if path.suffix in {".cast", ".json"})
    if not found:
        pytest.skip(f"no recordings in {SHARED / 'casts'} (set TRACEKIT_SHARED)")
    return found


@pytest.fixture(scope="session")
def shared_tapes() -> list[Path]:
    """Tapes that nobody here made, those of a released pipeline and vhs's examples; skipped where they are absent."""
    found = sorted((SHARED / "tapes").rglob("*.tape"))
    if not found:
        pytest.skip(f"no tapes in {SHARED / 'tapes'} (set TRACEKIT_SHARED)")
    return found


@pytest.fixture(scope="session")
def real_casts() -> list[Path]:
    """The recordings beside the checkout, or where they are absent the ones that ship with the project."""
    return sorted(path for path in (SHARED / "casts").glob("*") if path.suffix in {".cast", ".json"}) or DEMO_CASTS
