"""Every cast that a recipe names is found once, under a name of its own, or there is an error that says what to do."""

import gzip
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest

from tracekit.clips import inputs
from tracekit.clips.cast_source import SUFFIXES
from tracekit.clips.clip import Input
from tracekit.clips.inputs import Listed, find_files, listing, read_index
from tracekit.core.errors import TracekitError


def find_casts(paths: list[str]) -> list[Input]:
    return find_files(paths, SUFFIXES, "casts")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in (
        "b.cast",
        "a.json",
        "c.CAST",
        "d.cast.gz",
        "e.json.zst",
        "f.cast.zst",
        "notes.md",
        "cast",
        ".cast.swp",
        ".hidden.cast",
    ):
        (tmp_path / name).write_bytes(name.encode())
    (tmp_path / "below.cast").mkdir()
    (tmp_path / "below.cast" / "g.cast").write_text("below")
    return tmp_path


@pytest.fixture
def store() -> Iterator[fsspec.AbstractFileSystem]:
    memory = fsspec.filesystem("memory")
    yield memory
    memory.rm("/inputs", recursive=True)


def uris(*paths: object) -> list[str]:
    return [item.uri for item in find_casts(list(map(str, paths)))]


def test_a_folder_stands_for_its_casts_and_not_for_what_is_below(folder: Path) -> None:
    assert uris(folder) == ["a.json", "b.cast", "c.CAST", "d.cast.gz", "e.json.zst", "f.cast.zst"]


def test_inputs_carry_size_and_hash_of_their_bytes_as_stored(folder: Path) -> None:
    packed = gzip.compress(b"{}")
    (folder / "d.cast.gz").write_bytes(packed)
    (item,) = find_casts([str(folder / "d.cast.gz")])
    assert (item.bytes, item.sha256, item.problem) == (len(packed), hashlib.sha256(packed).hexdigest(), "")
    with fsspec.open(item.locator) as file:
        assert file.read() == packed


def test_a_file_named_by_itself_may_be_called_anything(folder: Path) -> None:
    (folder / "odd [1]*?#%20 name").write_text("x")
    assert uris(folder / "notes.md", folder / "odd [1]*?#%20 name") == ["notes.md", "odd [1]*?#%20 name"]


def test_a_pattern_names_files_by_their_path_from_where_it_begins(folder: Path) -> None:
    assert uris(f"{folder}/**/*.cast") == ["b.cast", "below.cast/g.cast"]
    assert uris(f"{folder}/?.cast") == ["b.cast"]


def test_a_file_that_two_paths_name_is_found_once(folder: Path) -> None:
    assert uris(folder, folder / "b.cast", f"{folder}/*.cast", f"{folder}/") == uris(folder)


def test_files_of_one_name_keep_apart(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("x/one", "x/two", "y/one")]
    for number, place in enumerate(folders):
        place.mkdir(parents=True)
        (place / "demo.cast").write_text(str(number))
    (tmp_path / "x" / "other.cast").write_text("3")
    found = find_casts([*map(str, reversed(folders)), str(tmp_path / "x")])
    assert {item.uri: item.locator.partition(str(tmp_path))[2] for item in found} == {
        "one/demo.cast": "/x/one/demo.cast",
        "two/demo.cast": "/x/two/demo.cast",
        "one/demo.cast~1": "/y/one/demo.cast",
        "other.cast": "/x/other.cast",
    }


def test_no_name_says_where_on_the_host_a_file_lies(folder: Path) -> None:
    every = find_casts([str(folder), f"{folder}/**/*.cast", str(folder / "notes.md")])
    assert not [item.uri for item in every if item.uri.startswith("/") or str(folder) in item.uri]


def test_the_order_of_paths_makes_no_difference(folder: Path) -> None:
    paths = [str(folder), str(folder / "below.cast"), str(folder / "notes.md")]
    assert find_casts(paths) == find_casts(paths[::-1])


def test_what_cannot_be_read_is_an_input_with_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "locked.cast").write_text("x")
    (tmp_path / "nowhere.cast").symlink_to("gone")
    os.mkfifo(tmp_path / "pipe.cast")

    def locked(url: str) -> object:
        raise TracekitError("there is no right to do this", place=url)  # root may read everything

    monkeypatch.setattr(inputs, "measure", locked)
    found = find_casts([str(tmp_path)])
    assert {item.uri: item.problem for item in found} == {
        "locked.cast": "there is no right to do this",
        "nowhere.cast": "not a file",
        "pipe.cast": "not a file",
    }
    assert {(item.sha256, item.bytes) for item in found} == {("", 0)}


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("{}/absent.cast", "there is no such file or folder"),
        ("{}/empty", "no casts here"),
        ("{}/empty/*.cast", "no casts here"),
        ("{}/empty/**", "no casts here"),
        ("nosuchkind://place/x", "can't be listed: Protocol not known"),
    ],
)
def test_a_path_that_stands_for_nothing_is_an_error(tmp_path: Path, path: str, message: str) -> None:
    (tmp_path / "empty").mkdir()
    path = path.format(tmp_path)
    with pytest.raises(TracekitError) as told:
        find_casts([path])
    assert told.value.message.startswith(message)
    assert told.value.place == path


def test_a_store_is_listed_like_a_folder(store: fsspec.AbstractFileSystem) -> None:
    store.pipe({"/inputs/a.cast": b"a", "/inputs/deep/b.cast.gz": b"b", "/inputs/notes.md": b"n"})
    assert uris("memory://inputs") == ["a.cast"]
    assert uris("memory://inputs/**/*.gz") == ["deep/b.cast.gz"]
    (item,) = find_casts(["memory://inputs/a.cast"])
    assert (item.sha256, item.locator) == (hashlib.sha256(b"a").hexdigest(), "memory:///inputs/a.cast")


def test_a_store_that_fails_is_an_error_and_no_traceback(
    store: fsspec.AbstractFileSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.pipe("/inputs/a.cast", b"a")

    def fail(*_: object, **__: object) -> object:
        raise RuntimeError("no answer")  # stores raise what they like

    monkeypatch.setattr(type(store), "isdir", fail)
    for call in (lambda: find_casts(["memory://inputs"]), lambda: read_index(["memory://inputs"], None)):
        with pytest.raises(TracekitError, match="can't be listed: no answer"):
            call()


@pytest.mark.parametrize(
    ("name", "table"),
    {
        "tabs": ("INDEX.tsv", "file\tlicense\ttitle\nb.cast\tMIT\t\ndemo\t\tA demo\n"),
        "commas": ("INDEX.csv", '\ufefftitle,file,licence,more\n,b.cast,MIT,1\n"A demo",demo,,\n'),
    }.values(),
)
def test_an_index_tells_licences_and_titles(folder: Path, name: str, table: str) -> None:
    (folder / name).write_text(table)
    (folder / "demo").write_text("x")
    listed = read_index([str(folder), str(folder / "b.cast"), f"{folder}/*.cast"], None)
    told = {item.uri: listing(listed, item.locator) for item in find_casts([str(folder), str(folder / "demo")])}
    assert told.pop("b.cast") == Listed("MIT", None)
    assert told.pop("demo") == Listed(None, "A demo")
    assert set(told.values()) == {Listed(None, None)}


def test_an_index_tells_of_its_own_folder_only(tmp_path: Path) -> None:
    for licence in ("MIT", "GPL-3.0-only"):
        place = tmp_path / licence
        place.mkdir()
        (place / "demo.cast").write_text(licence)
        (place / "INDEX.tsv").write_text(f"file\tlicence\ndemo.cast\t{licence}\n")
    paths = [str(tmp_path / licence) for licence in ("MIT", "GPL-3.0-only")]
    listed = read_index(paths, None)
    assert {item.uri: listing(listed, item.locator).licence for item in find_casts(paths)} == {
        "MIT/demo.cast": "MIT",
        "GPL-3.0-only/demo.cast": "GPL-3.0-only",
    }


def test_the_recipes_index_goes_by_name_and_replaces_those_of_folders(folder: Path, tmp_path: Path) -> None:
    (folder / "INDEX.tsv").write_text("file\tlicence\nb.cast\tMIT\n")
    (folder / "mine.csv").write_text("file,licence\na.json,CC0-1.0\n")
    listed = read_index([str(folder)], str(folder / "mine.csv"))
    told = {item.uri: listing(listed, item.locator).licence for item in find_casts([str(folder)])}
    assert told.pop("a.json") == "CC0-1.0"
    assert set(told.values()) == {None}


def test_an_index_in_a_store_is_read(store: fsspec.AbstractFileSystem) -> None:
    store.pipe({"/inputs/a.cast": b"a", "/inputs/INDEX.csv": b"file,licence\na.cast,MIT\n"})
    listed = read_index(["memory://inputs"], None)
    (item,) = find_casts(["memory://inputs"])
    assert listing(listed, item.locator).licence == "MIT"


@pytest.mark.parametrize(
    ("table", "message"),
    {
        "no column": (b"name,licence\na,b\n", "the index has no column 'file'"),
        "empty": (b"", "the index has no column 'file'"),
        "binary": (bytes(range(256)) * 9, "the index has no column 'file'"),
        "a field without end": (b'file,title\na,"' + b"x" * 200_000, "not a table: field larger than"),
    }.values(),
)
def test_an_index_that_is_none_is_an_error_with_its_place(tmp_path: Path, table: bytes, message: str) -> None:
    place = tmp_path / "INDEX.csv"
    place.write_bytes(table)
    with pytest.raises(TracekitError) as told:
        read_index([str(tmp_path)], None)
    assert told.value.message.startswith(message)
    assert told.value.place.startswith(str(place))


def test_a_missing_index_is_an_error_only_where_the_recipe_names_it(tmp_path: Path) -> None:
    assert read_index([str(tmp_path)], None) == {}
    with pytest.raises(TracekitError, match="no such file"):
        read_index([str(tmp_path)], str(tmp_path / "mine.csv"))
