"""Hostile casts: whatever a file holds, reading ends in events or in ``Rejected``, in bounded memory."""

import gzip
import json
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import fsspec
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from tracekit.casts.limits import Limits
from tracekit.casts.read import CODES, open_cast
from tracekit.core.errors import Rejected
from tracekit.core.events import Event

LIMITS = Limits()
HEAD = b'{"version": 2, "width": 80, "height": 24}\n'
SEEDS = [
    (
        b'{"version": 2, "width": 80, "height": 24, "env": {"TERM": "xterm"}, "theme": {}}\n[0.1, "o", "a\\u001b[1m"]\n'
        b'[0.2, "i", "x"]\n[0.3, "r", "90x30"]\n[0.4, "m", ""]\n'
    ),
    b'{"version": 3, "term": {"cols": 80, "rows": 24}}\n# note\n[0.1, "o", "\xe6\x97\xa5"]\n[1, "x", "0"]\n',
    b'{"version": 1, "width": 80, "height": 24, "duration": 1.5, "stdout": [[0.5, "a"], [1.0, "b"]]}',
]


def read(data: bytes) -> list[Event]:
    """Read a cast and check what every reading promises; [] if it is rejected."""
    with fsspec.open("memory://fuzz.cast", "wb") as file:
        file.write(data)
    try:
        with open_cast("memory://fuzz.cast") as reader:
            header, events = reader.header, list(reader)
    except Rejected as error:
        assert error.reason and error.place  # noqa: PT017, PT018
        return []
    assert 0 < header.columns <= LIMITS.columns
    assert 0 < header.rows <= LIMITS.rows
    assert events
    times = [event.time_ns for event in events]
    assert times == sorted(times)
    assert times[0] >= 0
    assert times[-1] == reader.end_ns
    for text in (header.title, header.command, header.term_type, *header.env, *header.env.values()):
        (text or "").encode()
    for event in events:
        event.data.encode()
        event.code.encode()
        assert event.code in CODES or reader.problem_counts["unknown-code"]
    assert sum(reader.problem_counts.values()) >= len(reader.problems)
    return events


@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    read(data)
    read(HEAD + data)
    read(gzip.compress(data))


@given(
    st.sampled_from(SEEDS),
    st.lists(st.tuples(st.integers(0, 250), st.integers(0, 9), st.binary(max_size=9)), max_size=6),
)
def test_mutated_casts(data: bytes, edits: list[tuple[int, int, bytes]]) -> None:
    for place, removed, inserted in edits:
        data = data[:place] + inserted + data[place + removed :]
    read(data)


@given(st.data())
def test_mutated_real_casts(real_casts: list[Path], data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(real_casts)).read_bytes()[:4000]
    place = data.draw(st.integers(0, len(text)))
    read(text[:place] + data.draw(st.binary(max_size=20)) + text[place + data.draw(st.integers(0, 50)) :])


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["80", "9x9", "o", "\ud800"]),
    lambda values: st.lists(values, max_size=4) | st.dictionaries(st.text(max_size=3), values, max_size=4),
    max_leaves=8,
)
HEADERS = st.fixed_dictionaries(
    {"version": st.sampled_from([1, 2, 3, "2", 3.0, None])},
    optional={
        "width": st.sampled_from([80, "80", 80.5, 0]) | JSON,
        "height": st.sampled_from([24, 24.0]) | JSON,
        "term": st.fixed_dictionaries(
            {"cols": st.just(80), "rows": st.just(24)}, optional={"theme": JSON, "type": JSON}
        ),
        "stdout": st.lists(st.tuples(st.floats(), st.text()) | JSON, max_size=3),
        **dict.fromkeys(("timestamp", "idle_time_limit", "command", "title", "env", "theme", "duration"), JSON),
    },
)
LINES = st.tuples(st.floats() | st.integers(-5, 99), st.sampled_from("oimrxq") | st.text(), st.text()) | JSON


@given(HEADERS, st.lists(LINES, max_size=8))
def test_any_json(header: dict[str, Any], lines: list[Any]) -> None:
    read("\n".join(json.dumps(value) for value in (header, *lines)).encode())


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
@pytest.mark.parametrize("depth", [900, 100_000])
def test_deep_nesting(opening: bytes, depth: int) -> None:
    nested = opening * depth
    closed = nested + b"1" + (b"]" if opening == b"[" else b"}") * depth
    for line in (nested, closed):
        assert read(line) == []
        assert read(b'{"version": ' + line + b"}\n") == []
        assert read(b'{"version": 2, "width": ' + line + b', "height": 2}\n') == []
        assert read(HEAD + line + b'\n[1, "o", "x"]\n') == [Event(1_000_000_000, "o", "x")]


@pytest.mark.parametrize("digits", [400, 5000])
def test_long_numbers(digits: int) -> None:
    number = b"9" * digits
    read(b'{"version": %b}\n' % number)
    read(b'{"version": 2, "width": %b, "height": 2}\n' % number)
    read(b'{"version": 2, "width": 2, "height": 2, "timestamp": %b}\n[1, "o", ""]\n' % number)
    read(HEAD + b'[%b, "o", ""]\n' % number)
    read(HEAD + b'[1, "o", ""]\n[1, "r", "%bx%b"]\n' % (number, number))


def test_nul_is_text() -> None:
    assert read(HEAD + b'[1, "o", "a\\u0000b"]\n')[0].data == "a\0b"


@contextmanager
def memory_below(mebibytes: int) -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < mebibytes << 20, f"{peak >> 20} MiB"


def rejected(path: Path) -> str:
    """Read a cast that is expected to be rejected; return why."""
    with pytest.raises(Rejected) as caught, open_cast(path) as reader:
        for _ in reader:
            pass
    return caught.value.reason


@pytest.mark.parametrize("start", [b"", HEAD, HEAD + b'[1, "o", "', b"{", b"#", b'{"version": 1, "stdout": ["'])
def test_a_line_of_100_mb_is_not_held(tmp_path: Path, start: bytes) -> None:
    path = tmp_path / "long.cast"
    with path.open("wb") as file:
        file.write(start)
        file.truncate(100 << 20)  # a hole: zeros without a line feed
    with memory_below(40):
        assert rejected(path) in {"too-large", "not-a-cast"}


@pytest.mark.parametrize("suffix", ["gz", "zst"])
def test_a_bomb_is_not_unpacked(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"bomb.cast.{suffix}"
    open_file: Any = gzip.open if suffix == "gz" else zstandard.open
    with open_file(path, "wb") as file:
        file.write(HEAD)
        for _ in range(70):
            file.write(b"x" * (1 << 20) + b"\n")
    assert path.stat().st_size < 1 << 20
    with memory_below(60), pytest.raises(Rejected) as caught, open_cast(path, Limits(file_bytes=64 << 20)) as reader:
        list(reader)
    assert caught.value.reason == "too-large"


def test_an_endless_string_is_streamed(tmp_path: Path) -> None:
    """An OSC string that never ends, over many events: the reader keeps none of it."""
    path = tmp_path / "osc.cast"
    path.write_bytes(HEAD + b'[0, "o", "\\u001b]0;"]\n' + b'[0, "o", "%b"]\n' % (b"x" * 1000) * 20_000)
    with memory_below(5), open_cast(path) as reader:
        assert sum(len(event.data) for event in reader) > 20_000_000


def test_a_line_dense_with_values_stays_small(tmp_path: Path) -> None:
    """The worst ratio of parsed JSON to its text that a line within the limits reaches."""
    path = tmp_path / "dense.cast"
    path.write_bytes(HEAD + b"[" + b"{}," * (LIMITS.line_bytes // 3 - 9) + b'{}]\n[1, "o", "x"]\n')
    with memory_below(150), open_cast(path) as reader:
        assert len(list(reader)) == 1
