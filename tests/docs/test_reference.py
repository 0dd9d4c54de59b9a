"""The parts of the documents that say what the program says are as the program says."""

from pathlib import Path

import pytest

from tracekit.cli.reference import FOLDER, PARTS, main, renewed


def test_the_committed_documents_are_up_to_date() -> None:
    assert main(["--check"]) == 0, f"run `make docs` ({FOLDER})"


def test_every_part_stands_between_its_markers_once() -> None:
    texts = "".join(path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md"))
    for marker in ("<!-- made by make docs: {} -->\n", "\n<!-- end of {} -->\n"):
        assert {name: texts.count(marker.format(name)) for name in PARTS} == dict.fromkeys(PARTS, 1)


def test_a_stale_part_is_told_and_renewed_and_nothing_else_is_touched(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document, other = tmp_path / "events.md", tmp_path / "other.md"
    document.write_text("above\n<!-- made by make docs: events -->\nold\n<!-- end of events -->\nbelow\n")
    other.write_text("no part\n")
    assert main([str(tmp_path), "--check"]) == 1
    assert "events.md (make docs)" in capsys.readouterr().err
    assert "old" in document.read_text()
    assert main([str(tmp_path)]) == main([str(tmp_path), "--check"]) == 0
    text = document.read_text()
    assert (text.startswith("above\n"), text.endswith("\nbelow\n"), "old" in text) == (True, True, False)
    assert "| `t` | integer, ≥ 0 | Nanoseconds from the clip's start" in text
    assert other.read_text() == "no part\n"


def test_a_marker_of_no_part_is_an_error() -> None:
    with pytest.raises(KeyError, match="nothing"):
        renewed("<!-- made by make docs: nothing -->\n<!-- end of nothing -->")
