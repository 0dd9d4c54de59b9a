"""The plug-ins of docs/plugins.md, installed as they stand there, do what is said there."""

import json
import os
import struct
import subprocess
import sys
import tomllib
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from document_blocks import ROOT, blocks

from tracekit.shards.verify import verify

FILES = {block.title: block.text for block in blocks(ROOT / "docs" / "plugins.md") if block.title}


@pytest.fixture(scope="module")
def acme(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the distribution of the document, installed as a package manager does."""
    folder = tmp_path_factory.mktemp("acme")
    for name, text in FILES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    (folder / "acme_traces" / "__init__.py").touch()
    project = tomllib.loads(FILES["pyproject.toml"])["project"]
    info = folder / f"acme_traces-{project['version']}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n")
    groups = project["entry-points"].items()
    entries = (f"[{group}]\n" + "".join(f"{name} = {at}\n" for name, at in found.items()) for group, found in groups)
    (info / "entry_points.txt").write_text("\n".join(entries))
    return folder


def tracekit(folder: Path, *arguments: str) -> str:
    """Run a command where the distribution is installed."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])}
    command = [sys.executable, "-m", "tracekit", *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def ttyrec(*records: tuple[float, bytes]) -> bytes:
    times = ((*divmod(round(second * 1_000_000), 1_000_000), data) for second, data in records)
    return b"".join(struct.pack("<III", whole, rest, len(data)) + data for whole, rest, data in times)


def test_source_captioner_and_filter_work_together(acme: Path) -> None:
    recordings = acme / "recordings"
    recordings.mkdir()
    rolls = [(1_000_000 + 0.5 * number, f"roll {number}: \xe9\r\n".encode()) for number in range(8)]
    (recordings / "dice.ttyrec").write_bytes(ttyrec(*rolls))
    (recordings / "torn.ttyrec").write_bytes(ttyrec(*rolls)[:-90] + b"torn")
    build = ["build", "acme.yaml", "--workers", "0", "--json"]
    wide = json.loads(tracekit(acme, *build, "--out", "wide").splitlines()[-1])
    assert wide["reasons"] == {"long-lines": wide["clips"], "not-ttyrec": 1}
    tracekit(acme, *build, "--out", "narrow", "--set", "source.columns=40")
    rows = pq.read_table(acme / "narrow" / "index.parquet").to_pylist()
    kept = [row for row in rows if row["status"] == "kept"]
    assert {(row["uri"], row["source"], row["columns"], row["caption"]) for row in kept} == {
        ("dice.ttyrec", "ttyrec", 40, "A game of chance.")
    }
    assert kept[0]["caption_detailed"].startswith("A game of chance. The last line reads `roll ")
    assert kept[0]["captioner"] == "title/1"
    assert {(row["uri"], row["reason"]) for row in rows if row["level"] == "input"} == {("torn.ttyrec", "not-ttyrec")}
    assert verify(str(acme / "narrow")).problems == []


def test_an_engine_is_found_by_its_name(acme: Path) -> None:
    (acme / "session.cast").write_text(
        '{"version": 2, "width": 30, "height": 2}\n[0.1, "o", "a\\r\\nb\\u001b[1mc\\n"]\n'
    )
    [command] = [block.text for block in blocks(ROOT / "docs" / "plugins.md") if "--engine" in block.text]
    printed = tracekit(acme, *command.removeprefix("$ tracekit ").split())
    assert printed == "b[1mc\n\n"
