"""Law 2: the same casts and recipe give the same bytes, whoever works, wherever they lie."""

import os
import shutil
from pathlib import Path

import pytest
from components import require
from data_sets import built, typed, write

SETTINGS = ("parts.inputs=1", "shards.samples=3", "split.validation_fraction=0.4")
RESULTS = ("shards/*", "index.parquet", "README.md", "report.html")


def bytes_of(out: Path) -> dict[str, bytes]:
    """What a data set's users get."""
    found = {str(path.relative_to(out)): path.read_bytes() for name in RESULTS for path in out.glob(name)}
    assert len(found) >= 5
    return found


@pytest.fixture(scope="module")
def casts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("casts")
    for number, word in enumerate(("one", "two", "drei", "四", "пять")):
        lines = "".join(f"echo {word} {number + line}\r\n" for line in range(4))
        write(folder / f"{word}.cast", typed(lines, step_s=0.1))
    return folder


@pytest.fixture(scope="module")
def reference(casts: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    out = tmp_path_factory.mktemp("reference")
    assert built(casts, out, *SETTINGS).inputs_kept == 5
    return bytes_of(out)


@pytest.mark.parametrize("workers", [1, 2])
def test_ray_workers_make_the_same_bytes_as_none(
    workers: int, casts: Path, reference: dict[str, bytes], tmp_path: Path
) -> None:
    built(casts, tmp_path / "out", *SETTINGS, workers=workers)
    assert bytes_of(tmp_path / "out") == reference


def test_neither_the_folder_nor_the_order_of_files_matters(
    casts: Path, reference: dict[str, bytes], tmp_path: Path
) -> None:
    other = tmp_path / "somewhere else ü"
    other.mkdir()
    for path in sorted(casts.iterdir(), reverse=True):
        shutil.copyfile(path, other / path.name)
        os.utime(other / path.name, (0, 0))
    built(other, tmp_path / "out", *SETTINGS)
    assert bytes_of(tmp_path / "out") == reference


def test_the_compiled_engine_repeats_its_own_bytes(casts: Path, tmp_path: Path) -> None:
    require("ghostty", module="pyghostty", remedy="pip install 'tracekit[ghostty]'")
    for name in ("first", "second"):
        built(casts, tmp_path / name, *SETTINGS, "look.engine=ghostty")
    assert bytes_of(tmp_path / "first") == bytes_of(tmp_path / "second")
