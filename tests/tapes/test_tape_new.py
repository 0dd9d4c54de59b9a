"""`tracekit tape new`: files that are tapes, in folders of a thousand."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tracekit.cli.main import app
from tracekit.core.errors import TracekitError
from tracekit.tapes.language.parser import parse


def new(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["tape", "new", *arguments], catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def test_the_same_seed_writes_the_same_tapes(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        new(str(tmp_path / folder), "--family", "logs,text", "--count", "12", "--seed", "5")
    first, second = ({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in "ab")
    assert first == second
    assert len(first) == 12
    for name, text in first.items():
        parse(text.decode(), name)


def test_machines_are_told_what_was_made(tmp_path: Path) -> None:
    told = json.loads(new(str(tmp_path), "--family", "git", "--count", "4", "--level", "3", "--json"))
    assert told == {
        "folder": str(tmp_path),
        "tapes": 4,
        "families": {"git": 4},
        "distinct_bodies": 4,
        "distinct_instructions": 4,
    }


def test_from_a_thousand_on_tapes_go_into_folders(tmp_path: Path) -> None:
    new(str(tmp_path), "--family", "shell", "--count", "1001")
    assert {path.name: len(list(path.iterdir())) for path in tmp_path.iterdir()} == {"000": 1000, "001": 1}


def test_a_family_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(TracekitError, match="no family named 'nope'"):
        new(str(tmp_path), "--family", "nope")


def test_a_folder_that_can_not_be_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(TracekitError, match="choose another folder"):
        new(str(tmp_path / "file" / "tapes"))
