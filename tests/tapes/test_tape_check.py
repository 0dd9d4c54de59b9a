"""`tracekit tape check`: a verdict a tape, problems by line and column, exit status 1 if one is refused."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tracekit.cli.tape import app


def check(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["check", *map(str, arguments)])


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "good.tape"
    path.write_text("Set FontSize 13\nType 'ls'\nEnter\n")
    return path


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    path = tmp_path / "sub" / "bad.tape"
    path.parent.mkdir()
    path.write_text("Typ 'ls'\nSleep soon\n")
    return path


def test_a_good_tape_is_told_with_the_size_of_its_terminal(good: Path) -> None:
    done = check(good)
    assert (done.exit_code, done.stdout) == (0, f"{good}: ok: 3 commands, 108x30 cells\n")


def test_every_problem_is_told_with_its_place_and_the_exit_status_is_1(bad: Path, good: Path) -> None:
    done = check(bad, good)
    lines = done.stdout.splitlines()
    assert done.exit_code == 1
    assert lines[0] == f"{bad}:1:1: unknown command: found 'Typ' (did you mean Type?)"
    assert [line for line in lines if line.startswith(f"{bad}:2:7: a time is expected: found 'soon'")]
    assert lines[-1].startswith(f"{good}: ok")


def test_a_folder_stands_for_its_tapes(bad: Path, good: Path) -> None:
    done = check("--json", good.parent)
    verdicts = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(verdict["file"], verdict["ok"]) for verdict in verdicts] == [(str(good), True), (str(bad), False)]


def test_a_folder_without_tapes_is_an_error(tmp_path: Path) -> None:
    done = check(tmp_path)
    assert done.exit_code == 1
    assert "there are no tapes" in str(done.exception)


def test_json_has_problems_and_remarks(tmp_path: Path) -> None:
    path = tmp_path / "a.tape"
    path.write_text("Set Theme Bubbles\nType x\nSet FontSize 30\nSet TypingSpeed 1\n")
    (verdict,) = [json.loads(line) for line in check("--json", path).stdout.splitlines()]
    assert verdict["ok"]
    assert verdict["problems"] == []
    assert (verdict["commands"], verdict["columns"], verdict["rows"]) == (4, 77, 18)
    assert [(one["line"], one["column"], one["found"]) for one in verdict["remarks"]] == [
        (1, 1, "Bubbles"),
        (3, 1, "FontSize"),
    ]


def test_sources_are_followed(tmp_path: Path, good: Path) -> None:
    path = tmp_path / "a.tape"
    path.write_text("Source good.tape\nSource missing.tape\n")
    assert check(path).stdout.startswith(f"{path}:2:1: Source missing.tape: No such file")


def test_a_file_that_can_not_be_read_or_drawn_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "huge.tape"
    path.write_text("Set FontSize 5000\nType x\n")
    done = check(tmp_path / "none.tape", path)
    assert done.exit_code == 1
    assert "none.tape:1:1: No such file or directory" in done.stdout
    assert "huge.tape:1:1: FontSize 5000 can't be drawn (from 4 to 200)" in done.stdout


def test_of_the_tapes_of_others_one_is_refused(shared_tapes: list[Path]) -> None:
    done = check("--json", *shared_tapes)
    verdicts = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(verdicts) == len(shared_tapes)
    assert [Path(verdict["file"]).name for verdict in verdicts if not verdict["ok"]] == ["errors_parser.tape"]
