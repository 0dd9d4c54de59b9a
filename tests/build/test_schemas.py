"""The schemas in the project are those of the models, and the models' values fit them."""

from pathlib import Path

from tracekit.build.schemas import FOLDER, main, schemas


def test_the_committed_schemas_are_up_to_date() -> None:
    assert main(["--check"]) == 0, f"run `make schemas` ({FOLDER})"


def test_a_stale_or_missing_schema_is_told(tmp_path: Path) -> None:
    assert main([str(tmp_path), "--check"]) == 1
    assert main([str(tmp_path)]) == 0
    assert main([str(tmp_path), "--check"]) == 0
    assert {path.name for path in tmp_path.iterdir()} == set(schemas())
    (tmp_path / "sample.schema.json").write_text("{}")
    assert main([str(tmp_path), "--check"]) == 1
