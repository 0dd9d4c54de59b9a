"""Law 4: of a folder of anything, every file is kept or rejected with a reason, and the data set is whole."""

import gzip
import os
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from data_sets import UNFILTERED, built, typed, write

from tracekit.shards.verify import verify

HEAD = '{"version": 2, "width": 40, "height": 8}\n'
BROKEN = {
    "empty.cast": b"",
    "binary.cast": bytes(range(256)) * 40,
    "huge-size.cast": b'{"version": 2, "width": 99999, "height": 99999}\n[0, "o", "x"]\n',
    "no-size.cast": b'{"version": 2, "width": 0, "height": 0}\n[0, "o", "x"]\n',
    "no-output.cast": f'{HEAD}[1, "i", "x"]\n'.encode(),
    "no-header.cast": b'[1, "o", "x"]\n',
    "future.cast": b'{"version": 9, "width": 40, "height": 8}\n',
    "not-gzip.cast.gz": b"no gzip",
    "cut.cast.gz": gzip.compress(HEAD.encode() + os.urandom(999).hex().encode(), mtime=0)[:200],
    "package.json": b'{"name": "no cast", "version": "1.0.0"}',
    "times.cast": f'{HEAD}[1e999, "o", "x"]\n[NaN, "o", "y"]\n'.encode(),
}


@pytest.fixture
def casts(tmp_path: Path) -> Path:
    folder = tmp_path / "all sorts ü"
    good = write(folder / "good.cast", typed("echo all is well\r\n")).read_bytes()
    (folder / "truncated.cast").write_bytes(good[:-9])
    (folder / "twin.cast").write_bytes(good)
    for name, content in BROKEN.items():
        (folder / name).write_bytes(content)
    (folder / "folder.cast").mkdir()
    (folder / "loop.cast").symlink_to("loop.cast")
    (folder / "nowhere.cast").symlink_to("not-there.cast")
    os.mkfifo(folder / "pipe.cast")
    (folder / os.fsdecode(b"not-utf-8-\xff.cast")).write_bytes(good.replace(b'"l"', b'"L"'))
    write(folder / "secret.cast", typed("nobody may read this")).chmod(0)
    return folder


def test_every_input_is_kept_or_rejected_with_a_reason(casts: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    files = {path.name for path in casts.iterdir() if path.is_symlink() or not path.is_dir()}
    summary = built(casts, out, *UNFILTERED)
    assert summary.inputs == summary.inputs_kept + summary.inputs_rejected == len(files)

    rows = pq.read_table(out / "index.parquet").to_pylist()
    assert len({row["uri"] for row in rows}) == len(files)
    statuses = {row["uri"]: row["status"] for row in rows}
    rejected = {row["uri"]: row["reason"] for row in rows if row["status"] == "rejected"}
    assert statuses["good.cast"] != statuses["twin.cast"]
    assert Counter(rejected.values())["duplicate-of"] == 1
    assert BROKEN.keys() | {"loop.cast", "nowhere.cast", "pipe.cast"} <= rejected.keys()
    assert all(rejected.values())
    assert statuses["truncated.cast"] == statuses["not-utf-8-\\xff.cast"] == "kept"
    assert statuses["secret.cast"] == ("kept" if os.geteuid() == 0 else "rejected")

    report = verify(str(out))
    assert not report.problems
    assert (report.inputs_kept, report.inputs_rejected) == (summary.inputs_kept, summary.inputs_rejected)
