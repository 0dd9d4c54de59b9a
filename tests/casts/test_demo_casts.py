"""The recordings that ship: readable, of every kind the reader knows, and of nobody's machine."""

import re
from pathlib import Path

import pytest

from tracekit.casts.read import read_cast
from tracekit.core.clock import seconds

FOLDER = Path(__file__).parents[2] / "recipes" / "demo_casts"
DEMOS = sorted([*FOLDER.glob("*.cast"), *FOLDER.glob("*.cast.gz")])
ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[()][A-Z0-9]|[=>78M])")


@pytest.mark.parametrize("path", DEMOS, ids=lambda path: path.name)
def test_demo_is_short_clean_and_of_a_neutral_machine(path: Path) -> None:
    header, events, problems = read_cast(path)
    assert problems == []
    assert 10 < seconds(events[-1].time_ns) < 45
    assert path.stat().st_size < 200_000
    assert header.title
    assert header.env.keys() == {"SHELL", "TERM"}
    text = ESCAPES.sub("", "".join(event.data for event in events if event.code == "o"))
    assert "user@host:" in text
    assert set(re.findall(r"\b\w+@\w+", text)) <= {"user@host", "user@example"}
    assert set(re.findall(r"/home/\w+", text)) <= {"/home/user"}
    assert not re.search(r"/(?:root|Users|tmp|work|mnt)\b", text)


def test_demos_are_of_every_kind() -> None:
    assert len(DEMOS) >= 12
    headers, events = zip(*((header, events) for header, events, _ in map(read_cast, DEMOS)), strict=True)
    assert {header.version for header in headers} == {1, 2, 3}
    assert any(path.suffix == ".gz" for path in DEMOS)
    codes = [{event.code for event in recording} for recording in events]
    assert sum("i" in found for found in codes) >= len(DEMOS) / 2
    assert any("r" in found for found in codes)
