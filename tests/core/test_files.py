"""A file under its final name is whole; what goes wrong is told so that it can be put right."""

import errno
import fcntl
import os
import resource
import signal
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import IO

import pytest

from tracekit.core import faults
from tracekit.core.errors import TracekitError
from tracekit.core.files import Folder, digest, measure, to_json


def in_child(work: Callable[[], object]) -> int:
    """Run something in a process of its own; return its exit status, negative for a signal."""
    child = os.fork()
    if child == 0:
        try:
            work()
            os._exit(0)
        except TracekitError as error:
            print(error)
            os._exit(3)
        except BaseException:
            os._exit(4)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.parametrize("url", ["{tmp}/out", "memory://{tmp}/out"])
def test_what_is_written_is_read_back(url: str, tmp_path: Path) -> None:
    folder = Folder(url.format(tmp=tmp_path))
    assert not folder.exists("a/b.txt")
    assert folder.names() == []
    written = folder.write("a/b.txt", b"first")
    folder.write("a/b.txt", lambda file: file.write(b"second"))
    folder.write("c.txt", b"")
    assert written.bytes == 5
    assert folder.read("a/b.txt") == b"second"
    assert folder.size("a/b.txt") == 6
    assert folder.names() == ["a/b.txt", "c.txt"]
    assert folder.names("a") == ["a/b.txt"]
    with folder.open("a/b.txt") as file:
        file.seek(3)
        assert file.read() == b"ond"
    folder.remove("a/b.txt")
    folder.remove("a/b.txt")
    assert folder.names() == ["c.txt"]


def test_writing_returns_what_measuring_finds(tmp_path: Path) -> None:
    folder = Folder(tmp_path)

    def write(file: IO[bytes]) -> None:
        file.write(b"x" * 3_000_000)
        file.seek(0)
        file.write(b"y")

    assert folder.write("big", write) == measure(folder.path("big"))


@pytest.mark.parametrize(("point", "after"), [("commit-written", b"old"), ("commit-renamed", b"new")])
def test_killed_while_it_is_written_a_file_is_the_old_or_the_new_one(
    point: str, after: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Folder(tmp_path)
    folder.write("file", b"old")
    monkeypatch.setattr(faults, "_passed", Counter())
    monkeypatch.setenv("TRACEKIT_FAULT", point)
    assert in_child(lambda: folder.write("file", b"new")) == -signal.SIGKILL
    assert folder.read("file") == after
    assert folder.names() == ["file"]
    assert folder.sweep() == (1 if point == "commit-written" else 0)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_sweeping_leaves_what_is_being_written(tmp_path: Path) -> None:
    folder = Folder(tmp_path)

    def write(file: IO[bytes]) -> None:
        assert Folder(tmp_path).sweep() == 0
        file.write(b"whole")

    folder.write("file", write)
    assert folder.read("file") == b"whole"


def test_a_file_that_could_not_be_written_leaves_nothing(tmp_path: Path) -> None:
    def write(file: IO[bytes]) -> None:
        file.write(b"half")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Folder(tmp_path).write("file", write)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(TracekitError, match="the disk is full") as caught:
        Folder(tmp_path).write("file", b"data")
    assert caught.value.place == str(tmp_path / "file")
    assert list(tmp_path.iterdir()) == []


def test_a_file_larger_than_allowed_is_told(tmp_path: Path) -> None:
    def write() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
        Folder(tmp_path).write("file", bytes(10_000))

    assert in_child(write) == 3
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("nosuch://bucket", "nosuch"),
        ("/proc/tracekit", "no such file|no right"),
        ("/dev/null/x", "a file is in the way"),
    ],
)
def test_a_folder_that_cannot_be_is_told(url: str, message: str) -> None:
    with pytest.raises(TracekitError, match=message):
        Folder(url).write("file", b"")


def test_reading_what_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(TracekitError, match="no such file"):
        Folder(tmp_path).read("nothing")
    with pytest.raises(TracekitError, match="no such file"):
        measure(tmp_path / "nothing")


def test_the_lock_of_a_writer_ends_with_it(tmp_path: Path) -> None:
    (tmp_path / f"dead.tmp-{'0' * 32}").touch()
    with (tmp_path / f"alive.tmp-{'0' * 32}").open("wb") as alive:
        fcntl.flock(alive, fcntl.LOCK_EX)
        assert Folder(tmp_path).sweep() == 1
    assert Folder(tmp_path).sweep() == 1


def test_digests_know_no_order_of_keys() -> None:
    assert digest({"a": 1, "b": [2]}) == digest({"b": [2], "a": 1}) != digest({"a": 1, "b": [3]})
    with pytest.raises(ValueError, match="JSON"):
        to_json(float("nan"))
