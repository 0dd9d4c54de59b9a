"""`tracekit cast check`: one line a file, and an exit status that tells whether all can be used."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tracekit.casts.check import check_cast
from tracekit.cli.cast import app

GOOD = '{"version": 2, "width": 80, "height": 24}\n[1.5, "o", "x"]\n'
REPAIRED = '{"version": 2, "width": "80", "height": 24}\n[1.5, "o", "x"]\nbad\nworse\n[2, "o", "y"]\n'
LOST = '{"version": 2, "width": 80, "height": 24}\n[1.5, "o", "x"]\n[NaN, "o", "y"]\n'


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    paths = []
    for name, text in {"good": GOOD, "repaired": REPAIRED, "lost": LOST}.items():
        path = tmp_path / f"{name}.cast"
        path.write_text(text)
        paths.append(str(path))
    return [*paths, str(tmp_path / "none.cast")]


def check(*arguments: str) -> tuple[int, list[str]]:
    result = CliRunner().invoke(app, ["check", *arguments])
    return result.exit_code, result.stdout.splitlines()


def test_a_line_a_file(files: list[str]) -> None:
    status, lines = check(*files)
    assert status == 1
    assert len(lines) == 4
    assert lines[0] == f"{files[0]}: ok: version 2, 80x24, 1.5 s, 1 events"
    assert "repaired" in lines[1]
    assert "line 1: width '80' read as 80" in lines[1]
    assert "line 3: not JSON, skipped (2 times)" in lines[1]
    assert lines[2].startswith(f"{files[2]}:3: rejected: bad-time: ")
    assert "rejected: unreadable" in lines[3]


def test_an_object_a_file_for_machines(files: list[str]) -> None:
    status, lines = check("--json", *files)
    assert status == 1
    good, repaired, lost, none = map(json.loads, lines)
    assert good == good | {"file": files[0], "ok": True, "version": 2, "columns": 80, "rows": 24, "duration_s": 1.5}
    assert good == good | {"events": 1, "problems": [], "problem_counts": {}, "reason": None}
    assert repaired["ok"]
    assert repaired["problem_counts"] == {"size-type": 1, "bad-line": 2}
    assert [problem["line"] for problem in repaired["problems"]] == [1, 3, 4]
    assert all(problem["repaired"] for problem in repaired["problems"])
    assert (lost["ok"], lost["reason"], lost["columns"], lost["events"]) == (False, "bad-time", 80, 1)
    assert (lost["problems"][-1]["line"], lost["problems"][-1]["repaired"]) == (3, False)
    assert (none["ok"], none["reason"], none["version"]) == (False, "unreadable", None)


def test_files_that_can_all_be_used_exit_with_0(files: list[str]) -> None:
    assert check(*files[:2])[0] == 0


def test_real_casts_get_a_verdict_each(real_casts: list[Path]) -> None:
    verdicts = [check_cast(path) for path in real_casts]
    assert {verdict.reason for verdict in verdicts} <= {None, "not-a-cast"}
    assert sum(verdict.ok for verdict in verdicts) >= 0.95 * len(verdicts)
