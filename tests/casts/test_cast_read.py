"""Reading casts: the three versions agree, clear intent is repaired and said, the rest is rejected by name."""

import csv
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fsspec
import pytest
import zstandard

from tracekit.casts.limits import Limits
from tracekit.casts.model import Theme
from tracekit.casts.read import KEPT_PROBLEMS, open_cast, read_cast
from tracekit.core.errors import Rejected, TracekitError
from tracekit.core.events import Event

V1 = '{"version": 1, "width": 80, "height": 24, "duration": 3, "stdout": [[0.5, "a"], [1.0, "b"], [1.5, "c"]]}'
V2 = '{"version": 2, "width": 80, "height": 24}\n[0.5, "o", "a"]\n[1.5, "o", "b"]\n[3, "o", "c"]\n'
V3 = '{"version": 3, "term": {"cols": 80, "rows": 24}}\n# hi\n[0.5, "o", "a"]\n\n[1.0, "o", "b"]\n[1.5, "o", "c"]\n'
EVENTS = [Event(500_000_000, "o", "a"), Event(1_500_000_000, "o", "b"), Event(3_000_000_000, "o", "c")]
HEAD = '{"version": 2, "width": 80, "height": 24}\n'
HEAD3 = '{"version": 3, "term": {"cols": 80, "rows": 24}}\n'

WriteFile = Callable[[str | bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> WriteFile:
    def write_file(content: str | bytes) -> Path:
        path = tmp_path / "x.cast"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write_file


def codes(path: Path) -> dict[str, int]:
    """The problems of a file, counted by code."""
    with open_cast(path) as reader:
        assert list(reader)
        assert all(problem.repaired for problem in reader.problems)
        return dict(reader.problem_counts)


@pytest.mark.parametrize("text", [V1, V1.replace(", ", ",\n  "), V2, V3], ids=["v1", "v1 spread out", "v2", "v3"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstandard.compress], ids=["plain", "gzip", "zstd"])
def test_versions_and_compressions_give_the_same_events(
    write: WriteFile, text: str, pack: Callable[[bytes], bytes]
) -> None:
    header, events, problems = read_cast(write(pack(text.encode())))
    assert (header.columns, header.rows, events, problems) == (80, 24, EVENTS, [])


def test_urls_are_read_as_paths_are() -> None:
    with fsspec.open("memory://casts/x.cast.gz", "wb") as file:
        file.write(gzip.compress(V2.encode()))
    assert read_cast("memory://casts/x.cast.gz")[1] == EVENTS


def test_relative_times_do_not_drift(write: WriteFile) -> None:
    _, events, _ = read_cast(write(HEAD3 + '[0.1, "o", "x"]\n' * 10_000))
    assert [event.time_ns for event in events] == [n * 100_000_000 for n in range(1, 10_001)]


def test_intervals_of_dropped_events_count(write: WriteFile) -> None:
    _, events, problems = read_cast(write(HEAD3 + '[1, "o", "x"]\n[2, "r", "0x0"]\n[4, "o", 5]\n[8, "o", "y"]\n'))
    assert [event.time_ns for event in events] == [1_000_000_000, 15_000_000_000]
    assert [problem.code for problem in problems] == ["bad-resize", "bad-event"]


def test_header_says_all_it_knows(write: WriteFile) -> None:
    palette = ":".join(f"#0000{n:02x}" for n in range(8))
    theme = {"fg": "#ffffff", "bg": "#102030", "palette": palette}
    term = {"cols": 90, "rows": 30, "type": "xterm-kitty", "version": "kitty", "theme": theme}
    fields = {
        "timestamp": 1_700_000_000,
        "idle_time_limit": 2.5,
        "command": "ls",
        "title": "t",
        "env": {"SHELL": "zsh"},
    }
    header, _, problems = read_cast(write(json.dumps({"version": 3, "term": term} | fields) + '\n[1, "o", "x"]\n'))
    assert problems == []
    assert header.theme == Theme(0xFFFFFF, 0x102030, tuple(range(8)) * 2)
    assert (header.term_type, header.timestamp_s, header.idle_time_limit_s) == ("xterm-kitty", 1_700_000_000, 2.5)
    assert (header.command, header.title, header.env) == ("ls", "t", {"SHELL": "zsh"})


def with_field(field: str) -> str:
    return HEAD.replace("}", f", {field}}}") + '[1, "o", "x"]\n'


REPAIRS: dict[str, tuple[str | bytes, dict[str, int], int]] = {
    "size as text": ('{"version": 2, "width": "80", "height": 24.0}\n[1, "o", "x"]\n', {"size-type": 2}, 1),
    "version as text": ('{"version": "2", "width": 80, "height": 24}\n[1, "o", "x"]\n', {"version": 1}, 1),
    "last line cut": (HEAD + '[1, "o", "x"]\n[2, "o", "y', {"truncated": 1}, 1),
    "gzip cut": (gzip.compress((HEAD + '[1, "o", "x"]\n').encode())[:-4], {"truncated": 1}, 1),
    "unknown code": (HEAD + '[1, "q", "x"]\n[2, "q", "x"]\n', {"unknown-code": 2}, 2),
    "times backwards": (HEAD + '[2, "o", "x"]\n[1, "o", "y"]\n', {"time-backwards": 1}, 2),
    "time below zero": (HEAD3 + '[-2, "o", "x"]\n', {"time-backwards": 1}, 1),
    "not UTF-8": (HEAD.encode() + b'[1, "o", "\xff\xfe"]\n', {"utf-8": 1}, 1),
    "lone surrogate": (HEAD + '[1, "o", "\\ud800 \\udc00"]\n', {"surrogate": 1}, 1),
    "bad line between": (HEAD + '[1, "o", "x"]\n[1.5, "o",\n[2, "o", "y"]\n', {"bad-line": 1}, 2),
    "junk after event": (HEAD + '[1, "o", "x"]!\n[2, "o", "y"]\n', {"bad-line": 1}, 1),
    "wrong arity": (HEAD + '[1, "o", "x"]\n[1, "o"]\n[1, "o", "x", 1]\n', {"bad-event": 2}, 1),
    "wrong types": (HEAD + '[1, "o", "x"]\n[1, 7, "x"]\n["1", "o", "x"]\n[true, "o", "x"]\n', {"bad-event": 3}, 1),
    "resize to nothing": (HEAD + '[1, "o", "x"]\n[1, "r", "0x0"]\n[1, "r", "-5x2"]\n', {"bad-resize": 2}, 1),
    "CR LF": (V2.replace("\n", "\r\n"), {"crlf": 1}, 3),
    "byte order mark": ("\ufeff" + V2, {"bom": 1}, 3),
    "blank line": (V2.replace("\n[3", "\n\n[3"), {"blank-line": 1}, 3),
    "raw escape": (HEAD + '[1, "o", "\x1b[1mx"]\n', {"control-character": 1}, 1),
    "variable not set": (with_field('"env": {"A": null}'), {}, 1),
    "variable a number": (with_field('"env": {"A": 1}'), {"header-field": 1}, 1),
    "no theme": (with_field('"theme": {"fg": 1}'), {"header-field": 1}, 1),
    "odd title": (with_field('"title": [2]'), {"header-field": 1}, 1),
    "endless timestamp": (with_field('"timestamp": 1e999'), {"header-field": 1}, 1),
}  # fmt: skip


@pytest.mark.parametrize(("content", "problems", "count"), REPAIRS.values(), ids=REPAIRS)
def test_clear_intent_is_repaired_and_said(
    write: WriteFile, content: str | bytes, problems: dict[str, int], count: int
) -> None:
    path = write(content)
    assert codes(path) == problems
    header, events, _ = read_cast(path)
    assert len(events) == count
    assert all(value is not None for value in header.env.values())


def test_repairs_name_their_line(write: WriteFile) -> None:
    _, events, problems = read_cast(write(HEAD + '[1, "o", "x"]\nnonsense\n[0.5, "o", "\\ud800"]\n'))
    assert [(problem.line, problem.code) for problem in problems] == [
        (3, "bad-line"),
        (4, "time-backwards"),
        (4, "surrogate"),
    ]
    assert events[1] == Event(1_000_000_000, "o", "\ufffd")


def damaged_zstd() -> bytes:
    packed = zstandard.ZstdCompressor(write_checksum=True).compress(V2.encode())
    return packed[:-1] + bytes([packed[-1] ^ 1])


REJECTIONS: dict[str, tuple[str | bytes, str, int | None]] = {
    "nothing": ("", "empty", None),
    "blank": ("\n\n", "empty", None),
    "no events": (HEAD, "empty", None),
    "only bad lines": (HEAD + "x\n" * 5, "empty", None),
    "text": ("root:x:0\n", "not-a-cast", 1),
    "binary": (bytes(range(256)) * 9, "not-a-cast", 1),
    "other JSON": ('{"a": 1}\n', "not-a-cast", 1),
    "frames of an old player": ("[[0.2, {}]]", "not-a-cast", 1),
    "header over several lines": (json.dumps({"version": 2, "width": 80, "height": 24}, indent=1), "not-a-cast", 1),
    "v1 without output": ('{"version": 1, "width": 80, "height": 24}', "not-a-cast", 1),
    "version 5": ('{"version": 5, "width": 80, "height": 24}\n', "unsupported-version", 1),
    "version true": ('{"version": true, "width": 80, "height": 24}\n', "unsupported-version", 1),
    "no size": ('{"version": 2}\n', "bad-size", 1),
    "0x0": ('{"version": 2, "width": 0, "height": 0}\n', "bad-size", 1),
    "negative size": ('{"version": 3, "term": {"cols": -80, "rows": 24}}\n', "bad-size", 1),
    "size in words": ('{"version": 2, "width": "wide", "height": 24}\n', "bad-size", 1),
    "v2 size in a v3 cast": ('{"version": 3, "width": 80, "height": 24}\n', "bad-size", 1),
    "a million columns": ('{"version": 2, "width": 1000000, "height": 24}\n', "too-large", 1),
    "a resize to a million columns": (HEAD + '[1, "o", "x"]\n[1, "r", "1000000x24"]\n', "too-large", 3),
    "time NaN": (HEAD + '[1, "o", "x"]\n[NaN, "o", "x"]\n', "bad-time", 3),
    "time infinite": (HEAD3 + '[Infinity, "o", "x"]\n', "bad-time", 2),
    "time of 400 digits": (HEAD + f'[1{"0" * 400}, "o", "x"]\n', "bad-time", 2),
    "two days": (HEAD3 + '[80000, "o", "x"]\n' * 2, "too-large", 3),
    "damaged gzip": (gzip.compress(V2.encode())[:-8] + bytes(8), "damaged", None),
    "damaged zstd": (damaged_zstd(), "damaged", None),
}


@pytest.mark.parametrize(("content", "reason", "line"), REJECTIONS.values(), ids=REJECTIONS)
def test_the_rest_is_rejected_with_reason_and_place(
    write: WriteFile, content: str | bytes, reason: str, line: int | None
) -> None:
    path = write(content)
    with pytest.raises(Rejected) as caught:
        read_cast(path)
    assert caught.value.reason == reason
    assert caught.value.place == (f"{path}:{line}" if line else str(path))


def test_files_that_cannot_be_read_are_rejected_and_broken_storage_is_not(tmp_path: Path) -> None:
    for path in (tmp_path / "none.cast", tmp_path):
        with pytest.raises(Rejected) as caught:
            open_cast(path)
        assert caught.value.reason == "unreadable"
    with pytest.raises(TracekitError, match="cannot be opened") as failed:
        open_cast("nosuchstore://x")
    assert not isinstance(failed.value, Rejected)


LIMITED: dict[str, tuple[Limits, str]] = {
    "file": (Limits(file_bytes=60), V2),
    "line": (Limits(line_bytes=50), HEAD + '[1, "o", "' + "x" * 60 + '"]\n'),
    "document": (Limits(document_bytes=80), V1),
    "v1 events": (Limits(events=2), V1),
    "text": (Limits(event_chars=9), HEAD + '[1, "o", "0123456789"]\n'),
    "v2 lines": (Limits(events=2), V2),
    "blank lines": (Limits(events=2), HEAD3 + "\n" * 9),
    "duration": (Limits(duration_s=2), V3),
    "cells": (Limits(cells=1919), V2),
    "resizes": (Limits(resizes=2), HEAD + '[1, "r", "100x30"]\n' * 3),
}


@pytest.mark.parametrize(("limits", "text"), LIMITED.values(), ids=LIMITED)
def test_beyond_a_limit_is_too_large(write: WriteFile, limits: Limits, text: str) -> None:
    with pytest.raises(Rejected) as caught:
        read_cast(write(text), limits)
    assert caught.value.reason == "too-large"


def test_a_field_beyond_its_limit_is_dropped(write: WriteFile) -> None:
    head = {"version": 2, "width": 80, "height": 24, "title": "t" * 5000, "command": "ls"}
    header, _, problems = read_cast(write(json.dumps(head) + '\n[1, "o", "x"]\n'))
    assert (header.title, header.command) == (None, "ls")
    assert [problem.code for problem in problems] == ["header-field"]


def test_problems_are_counted_all_and_kept_in_part(write: WriteFile) -> None:
    with open_cast(write(HEAD + "x\n" * 5000 + '[1, "o", "\\ud800"]\n')) as reader:
        assert len(list(reader)) == reader.event_count == 1
        assert reader.skipped_count == 5000
        assert reader.problem_counts == {"bad-line": 5000, "surrogate": 1}
        assert len(reader.problems) == KEPT_PROBLEMS + 1, "the first of each code is kept"


def _index(folder: Path) -> dict[str, dict[str, Any]]:
    with (folder / "INDEX.tsv").open() as file:
        return {row["file"]: row for row in csv.DictReader(file, delimiter="\t")}


def test_real_casts_read_as_another_reader_found_them(shared_casts: list[Path]) -> None:
    """The index beside the recordings was made by other code, which read every event."""
    index = _index(shared_casts[0].parent)
    rejected = {}
    for path in shared_casts:
        row = index[path.name]
        try:
            header, events, _ = read_cast(path)
        except Rejected as error:
            rejected[path.name] = error.reason
            assert row["errors"].startswith("FATAL")
            continue
        assert [header.version, header.columns, header.rows] == [int(row[key]) for key in ("version", "cols", "rows")]
        assert len(events) == int(row["n_events"])
        assert events[-1].time_ns == pytest.approx(float(row["duration"]) * 1e9, abs=1e6)
    assert set(rejected.values()) <= {"not-a-cast"}


@pytest.mark.parametrize("code", ["", "ghp_0123456789abcdef"])
def test_an_event_code_that_is_empty_or_long_is_dropped(tmp_path: Path, code: str) -> None:
    path = tmp_path / "odd.cast"
    path.write_text('{"version": 2, "width": 80, "height": 24}\n' + f'[1.0, "{code}", "data"]\n[2.0, "o", "shown"]\n')
    _, events, problems = read_cast(path)
    assert [event.data for event in events] == ["shown"]
    assert [problem.code for problem in problems] == ["bad-event"]
