"""Shards: the same samples make the same bytes, any WebDataset loader opens them, damage never passes for an end."""

import io
import subprocess
import sys
import tarfile
from collections.abc import Mapping
from contextlib import suppress

import pytest
import webdataset
from components import require
from hypothesis import given, settings
from hypothesis import strategies as st

from tracekit.core.errors import TracekitError
from tracekit.shards.read import iter_samples, read_sample
from tracekit.shards.write import plan_shards, write_shard

Samples = list[tuple[str, Mapping[str, bytes]]]

EXTENSIONS = st.sampled_from(["mp4", "json", "txt", "events.jsonl", "cells.npz", "cursor.npz"])
SAMPLES: st.SearchStrategy[Samples] = st.lists(
    st.tuples(
        st.from_regex(r"[a-z0-9_-]{1,120}", fullmatch=True),
        st.dictionaries(EXTENSIONS, st.binary(max_size=1500), min_size=1),
    ),
    unique_by=lambda sample: sample[0],
    max_size=5,
)


def shard(samples: Samples) -> bytes:
    file = io.BytesIO()
    write_shard(file, samples)
    return file.getvalue()


def read(data: bytes) -> list[tuple[str, dict[str, bytes]]]:
    return [(stored.key, stored.files) for stored in iter_samples(io.BytesIO(data), "train-000000.tar")]


@given(SAMPLES)
def test_what_is_written_is_read(samples: Samples) -> None:
    assert read(shard(samples)) == [(key, dict(files)) for key, files in samples]


@given(SAMPLES)
def test_bytes_depend_on_the_samples_alone(samples: Samples) -> None:
    other_order = [(key, dict(sorted(files.items(), reverse=True))) for key, files in samples]
    assert shard(samples) == shard(other_order)
    with tarfile.open(fileobj=io.BytesIO(shard(samples))) as tar:
        for found in tar:
            assert (found.mtime, found.mode) == (0, 0o644)
            assert (found.uid, found.gid, found.uname, found.gname) == (0, 0, "", "")


@given(SAMPLES)
def test_a_sample_is_read_by_its_place_alone(samples: Samples) -> None:
    file = io.BytesIO()
    places = write_shard(file, samples)
    assert places == [stored.place for stored in iter_samples(file, "shard")]
    for place, (key, files) in zip(places, samples, strict=True):
        assert read_sample(file, place, "shard")[:2] == (key, files)


def test_plain_webdataset_opens_a_shard(tmp_path) -> None:  # type: ignore[no-untyped-def]
    samples = [("one_0000", {"mp4": b"film", "txt": b"words", "cells.npz": b"cells"}), ("one_0001", {"mp4": b"more"})]
    path = tmp_path / "train-000000.tar"
    path.write_bytes(shard(samples))
    found = list(webdataset.WebDataset(str(path), shardshuffle=False))
    parts = [{name: part for name, part in sample.items() if not name.startswith("__")} for sample in found]
    assert [(sample["__key__"], part) for sample, part in zip(found, parts, strict=True)] == samples


@pytest.mark.parametrize("key", ["", "A", "a.b", "a/b", "../a", "a b", "é", "a" * 121])
def test_a_key_that_would_not_come_back_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="key"):
        shard([(key, {"txt": b""})])


@pytest.mark.parametrize("files", [{}, {"": b""}, {".mp4": b""}, {"MP4": b""}, {"a/b": b""}, {"__key__": b""}])
def test_an_extension_that_would_not_come_back_is_refused(files: dict[str, bytes]) -> None:
    with pytest.raises(ValueError, match="extensions"):
        shard([("a", files)])


def member(tar: tarfile.TarFile, name: str, kind: bytes = tarfile.REGTYPE) -> None:
    info = tarfile.TarInfo(name)
    info.type = kind
    tar.addfile(info, io.BytesIO())


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["a.mp4", "b.mp4", "a.txt"], "stand together"),
        (["a.mp4", "a.mp4"], "twice"),
        (["a"], r"KEY\.EXTENSION"),
        (["A.mp4"], r"KEY\.EXTENSION"),
        (["folder/a.mp4"], r"KEY\.EXTENSION"),
    ],
)
def test_members_that_loaders_would_drop_or_mix_are_errors(names: list[str], message: str) -> None:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as tar:
        for name in names:
            member(tar, name)
    with pytest.raises(TracekitError, match=message) as told:
        read(file.getvalue())
    assert "train-000000.tar" in str(told.value)


def test_a_link_is_no_sample() -> None:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as tar:
        member(tar, "a.mp4", tarfile.SYMTYPE)
    with pytest.raises(TracekitError, match=r"KEY\.EXTENSION"):
        read(file.getvalue())


WHOLE = shard([("a", {"mp4": b"x" * 700, "txt": b"y"}), ("b", {"mp4": b"z" * 512})])


@given(st.integers(0, len(WHOLE) - 1))
def test_a_truncated_shard_is_an_error(length: int) -> None:
    content = len(WHOLE.rstrip(b"\0")) + 2 * tarfile.BLOCKSIZE
    data = WHOLE[:length]
    if length < content:  # the rest is padding
        with pytest.raises(TracekitError):
            read(data)


@given(st.integers(0, len(WHOLE) - 1), st.integers(1, 255))
def test_a_flipped_byte_is_an_error_or_in_a_content(position: int, flip: int) -> None:
    data = bytearray(WHOLE)
    data[position] ^= flip
    try:
        found = read(bytes(data))
    except TracekitError:
        return
    assert [(key, sorted(files)) for key, files in found] == [("a", ["mp4", "txt"]), ("b", ["mp4"])]


@settings(max_examples=300)
@given(st.binary(max_size=2000), st.integers(0, len(WHOLE)), st.integers(0, len(WHOLE)))
def test_no_bytes_raise_anything_else(noise: bytes, start: int, end: int) -> None:
    for data in (noise, WHOLE[:start] + noise + WHOLE[end:]):
        with suppress(TracekitError):
            assert all(files for _, files in read(data))


PLANS = st.lists(st.tuples(st.sampled_from(["train", "validation"]), st.integers(0, 100)), max_size=30)


@given(PLANS, st.integers(1, 5), st.integers(1, 150))
def test_a_plan_keeps_order_and_limits(planned: list[tuple[str, int]], max_samples: int, max_bytes: int) -> None:
    samples = [(f"k{number}", split, size) for number, (split, size) in enumerate(planned)]
    size_of = {key: size for key, _, size in samples}
    shards = plan_shards(samples, max_samples=max_samples, max_bytes=max_bytes)
    for split in ("train", "validation"):
        of_split = [part for part in shards if part.name.startswith(split)]
        assert [part.name for part in of_split] == [f"{split}-{number:06d}.tar" for number in range(len(of_split))]
        assert [key for part in of_split for key in part.keys] == [key for key, of, _ in samples if of == split]
    for part in shards:
        assert 1 <= len(part.keys) <= max_samples
        assert len(part.keys) == 1 or sum(size_of[key] for key in part.keys) <= max_bytes


def test_writing_loads_no_torch_and_leaves_webdataset_whole_for_others() -> None:
    require("torch", module="torch", remedy="pip install 'tracekit[train]'")
    script = (
        "import io, sys; from tracekit.shards.write import write_shard\n"
        "write_shard(io.BytesIO(), [('a', {'txt': b'1'})]); assert 'torch' not in sys.modules\n"
        "import webdataset, torch; assert issubclass(webdataset.WebDataset, torch.utils.data.IterableDataset)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
