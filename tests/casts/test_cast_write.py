"""Writing casts: what is written is read back, whole or not at all, the same bytes each time."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Literal

import fsspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracekit.casts.model import Header, Theme
from tracekit.casts.read import read_cast
from tracekit.casts.write import write_cast
from tracekit.core.errors import Rejected
from tracekit.core.events import Event

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
TIMES_NS = st.integers(0, 80_000 * 10**9)
EVENTS = st.lists(
    st.builds(Event, TIMES_NS, st.sampled_from("oimx"), TEXT)
    | st.builds(Event, TIMES_NS, st.just("r"), st.just("90x30")),
    min_size=1,
    max_size=20,
).map(lambda events: sorted(events, key=lambda event: event.time_ns))
COLORS = st.integers(0, 0xFFFFFF)
THEMES = st.builds(Theme, COLORS, COLORS, st.lists(COLORS, min_size=16, max_size=16).map(tuple))
HEADERS = st.builds(
    Header,
    version=st.just(2),
    columns=st.integers(1, 300),
    rows=st.integers(1, 300),
    timestamp_s=st.none() | st.integers(0, 2**40),
    idle_time_limit_s=st.none() | st.floats(0.1, 100),
    command=st.none() | TEXT,
    title=st.none() | TEXT,
    env=st.dictionaries(TEXT, TEXT, max_size=3),
    theme=st.none() | THEMES,
)


def write_and_read(header: Header, events: list[Event], version: Literal[1, 2, 3]) -> tuple[Header, list[Event]]:
    text = io.StringIO()
    write_cast(text, header, events, version=version)
    with fsspec.open("memory://written.cast", "wb") as file:
        file.write(text.getvalue().encode())
    header, events, problems = read_cast("memory://written.cast")
    assert problems == []
    return header, events


def rounded(events: list[Event]) -> list[Event]:
    return [event._replace(time_ns=(event.time_ns + 500) // 1000 * 1000) for event in events]


@given(HEADERS, EVENTS)
def test_what_is_written_is_read_back_to_the_microsecond(header: Header, events: list[Event]) -> None:
    for version in (2, 3):
        read_header, read_events = write_and_read(header, events, version)
        assert read_events == rounded(events)
        for name in ("columns", "rows", "timestamp_s", "idle_time_limit_s", "command", "title", "env", "theme"):
            assert getattr(read_header, name) == getattr(header, name)


@given(HEADERS, EVENTS)
def test_version_1_holds_the_output(header: Header, events: list[Event]) -> None:
    outputs = [event for event in events if event.code == "o"]
    if not outputs:
        with pytest.raises(Rejected, match="no events"):
            write_and_read(header, events, 1)
        return
    read_header, read_events = write_and_read(header, events, 1)
    assert read_events == rounded(outputs)
    assert read_header.duration_s == pytest.approx(read_events[-1].time_ns / 1e9)


def test_intervals_carry_their_rounding(tmp_path: Path) -> None:
    """Each of these intervals rounds down by a third of a microsecond; a sum of rounded ones would be 10 ms late."""
    events = [Event(n * 1_000_000_000 // 3, "o", "x") for n in range(30_000)]
    path = tmp_path / "thirds.cast"
    write_cast(path, Header(3, 80, 24), events, version=3)
    assert read_cast(path)[1] == rounded(events)


def test_the_terminal_type_survives_every_version() -> None:
    header = Header(3, 80, 24, term_type="xterm-kitty")
    events = [Event(0, "o", "x")]
    assert write_and_read(header, events, 2)[0].env == {"TERM": "xterm-kitty"}
    assert write_and_read(header, events, 3)[0].term_type == "xterm-kitty"


@pytest.mark.parametrize("suffix", ["", ".gz", ".zst"])
def test_the_same_events_make_the_same_bytes(tmp_path: Path, suffix: str) -> None:
    one, two = tmp_path / f"one.cast{suffix}", tmp_path / f"two.cast{suffix}"
    events = [Event(n * 1000, "o", "text " * n) for n in range(50)]
    for path in (one, two):
        write_cast(path, Header(2, 80, 24), events)
    assert one.read_bytes() == two.read_bytes()
    assert read_cast(one)[1] == events


def test_a_file_under_its_name_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "x.cast"
    write_cast(path, Header(2, 80, 24), [Event(0, "o", "first")])
    before = path.read_bytes()
    with pytest.raises(ValueError, match="comes after"):
        write_cast(path, Header(2, 80, 24), [Event(5000, "o", "x"), Event(0, "o", "y")])
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path], "nothing half written stays"


def asciinema_cat(path: Path, home: Path) -> bytes:
    """What asciinema itself prints of a recording."""
    environment = dict(os.environ) | {"LC_ALL": "C.UTF-8", "ASCIINEMA_CONFIG_HOME": str(home)}
    command = [sys.executable, "-m", "asciinema", "cat", str(path)]
    return subprocess.run(command, capture_output=True, check=True, env=environment, timeout=60).stdout


@pytest.mark.parametrize("version", [1, 2])
def test_asciinema_reads_what_we_write(tmp_path: Path, real_casts: list[Path], version: Literal[1, 2]) -> None:
    for path in real_casts[:: max(1, len(real_casts) // 6)]:
        try:
            header, events, _ = read_cast(path)
        except Rejected:
            continue
        ours = tmp_path / "ours.cast"
        write_cast(ours, header, events, version=version)
        assert asciinema_cat(ours, tmp_path).decode() == "".join(event.data for event in events if event.code == "o")


def test_lines_are_json_with_exact_decimal_times(tmp_path: Path) -> None:
    text = io.StringIO()
    write_cast(text, Header(2, 80, 24), [Event(86_399_999_999_499, "o", "é\x1b")])
    line = text.getvalue().splitlines()[1]
    assert line == '[86399.999999, "o", "é\\u001b"]'
    assert json.loads(line) == [86399.999999, "o", "é\x1b"]
