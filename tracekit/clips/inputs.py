"""Finding files: paths of a recipe to inputs with names, hashes and licences."""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import fsspec

from tracekit.clips.clip import Input
from tracekit.core.errors import TracekitError
from tracekit.core.files import Folder, measure

INDEX_NAMES = ("INDEX.tsv", "INDEX.csv")
_PATTERN_MARKS = "*?["


@dataclass(frozen=True)
class Listed:
    """What an index says of a recording."""

    licence: str | None
    title: str | None


def find_files(paths: Sequence[str], suffixes: tuple[str, ...], what: str) -> list[Input]:
    """List and hash files.

    Args:
        paths: files, folders (their files with one of the suffixes, neither hidden ones nor those of folders below) and
            patterns (``casts/**/*.cast``), local or as fsspec URLs. A file named by itself may be called anything.
        suffixes: what a folder stands for: files that end so, in any case.
        what: the files are, in the plural.

    Raises:
        TracekitError: a path is not there, or holds nothing.
    """
    found: dict[str, tuple[Any, str, str]] = {}
    for path in paths:
        matches = list(_matches(path, suffixes))
        if not matches:
            raise TracekitError(f"no {what} here", place=path, remedy=f"a folder's {what} end in {', '.join(suffixes)}")
        for fs, inner, name in matches:
            found.setdefault(fs.unstrip_protocol(inner), (fs, inner, name))
    names = Counter(name for _, _, name in found.values())
    inputs: dict[str, Input] = {}
    for locator, (fs, inner, name) in sorted(found.items()):
        # Files of one name in several folders keep apart by the folders' names, or in the end by a number.
        uri = wanted = _text(name if names[name] == 1 else "/".join(PurePosixPath(inner.lstrip("/")).parts[-2:]))
        number = 0
        while uri in inputs:
            number += 1
            uri = f"{wanted}~{number}"
        inputs[uri] = _measured(fs, inner, uri, locator)
    return list(inputs.values())


def _text(name: str) -> str:
    """A file's name as text that can be written: on Linux names are bytes, and need not be UTF-8."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _matches(path: str, suffixes: tuple[str, ...]) -> Iterator[tuple[Any, str, str]]:
    """File system, path in it, and name, of each file that a path of the recipe stands for."""
    with _listing(path):
        fs, inner = fsspec.core.url_to_fs(path)
        if fs.isdir(inner):
            for name in sorted(map(str, fs.ls(inner, detail=False))):
                plain = PurePosixPath(name).name
                if plain.lower().endswith(suffixes) and not plain.startswith(".") and not fs.isdir(name):
                    yield fs, name, plain
        elif fs.exists(inner):
            yield fs, inner, PurePosixPath(inner).name
        elif marks := [inner.index(mark) for mark in _PATTERN_MARKS if mark in inner]:
            base = inner[: min(marks)].rpartition("/")[0]
            for name in sorted(map(str, fs.glob(inner))):
                plain = name[len(base) :].lstrip("/")
                # fsspec's patterns take hidden files, a shell's don't.
                if not any(part.startswith(".") for part in plain.split("/")) and not fs.isdir(name):
                    yield fs, name, plain
        else:
            raise TracekitError("there is no such file or folder", place=path, remedy="source.paths of the recipe")


@contextmanager
def _listing(path: str) -> Iterator[None]:
    try:
        yield
    except TracekitError:
        raise
    except Exception as error:  # storage back ends raise what they like
        raise TracekitError(f"can't be listed: {error}", place=path) from error


def _measured(fs: Any, inner: str, uri: str, locator: str) -> Input:
    try:
        if not fs.isfile(inner):  # a pipe would never end, a link may lead nowhere
            raise TracekitError("not a file")
        content = measure(locator)
    except TracekitError as error:
        return Input(uri, "", 0, locator, problem=error.message)
    return Input(uri, content.sha256, content.bytes, locator)


def read_index(paths: Sequence[str], index: str | None) -> Mapping[str, Listed]:
    """What is known of recordings; `listing` looks it up.

    An index is a table with a header, tab- or comma-separated, with the column ``file`` and any of ``licence`` (or
    ``license``) and ``title``. The recipe's goes by the names of files, wherever they lie; without it, ``INDEX.tsv``
    and ``INDEX.csv`` in the folders tell of their own files.

    Raises:
        TracekitError: the recipe's index can't be read, or a table is none, or has no column ``file``.
    """
    if index:
        parent, slash, name = index.rpartition("/")
        return _table(Folder(parent or slash or "."), name, "")
    listed: dict[str, Listed] = {}
    for path in paths:
        with _listing(path):
            fs, inner = fsspec.core.url_to_fs(path)
            folder = Folder(path) if fs.isdir(inner) else None
        for name in INDEX_NAMES:
            if folder and folder.exists(name):
                listed |= _table(folder, name, f"{fs.unstrip_protocol(inner).rstrip('/')}/")
    return listed


def listing(listed: Mapping[str, Listed], locator: str) -> Listed:
    """What `read_index` has found on a recording."""
    return listed.get(locator) or listed.get(locator.rpartition("/")[2]) or Listed(None, None)


def _table(folder: Folder, name: str, prefix: str) -> dict[str, Listed]:
    """The rows of an index, by prefix and file."""
    text = folder.read(name).decode("utf-8-sig", "replace")
    rows = csv.DictReader(io.StringIO(text), dialect="excel-tab" if "\t" in text.partition("\n")[0] else "excel")
    try:
        if "file" not in (rows.fieldnames or ()):
            raise TracekitError("the index has no column 'file'", place=folder.path(name))
        return {
            f"{prefix}{row['file']}": Listed(row.get("licence") or row.get("license") or None, row.get("title") or None)
            for row in rows
        }
    except csv.Error as error:
        raise TracekitError(f"not a table: {error}", place=f"{folder.path(name)}:{rows.line_num}") from error
