"""Writing casts: a file under its final name is whole, and times do not drift."""

import gzip
import json
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import IO, Any, Literal, TextIO, cast

import zstandard

from tracekit.casts.model import Header, Theme
from tracekit.core.events import Event


def write_cast(
    target: str | Path | TextIO, header: Header, events: Iterable[Event], *, version: Literal[1, 2, 3] = 2
) -> None:
    """Write a cast. The same header and events make the same bytes.

    Times are written to the microsecond. Versions 1 and 3 have intervals; each is the difference of two rounded times,
    so that their sum never strays from the event's own time by more than half a microsecond.

    Args:
        target: a local file, which appears under its name when it is whole (compressed if the name ends in ``.gz`` or
            ``.zst``), or an open text file.
        header: the header; its ``version`` and ``duration_s`` do not matter.
        events: the events, in order of time. Version 1 holds output only: the others are left out.
        version: of the format.

    Raises:
        ValueError: an event lies before the one that precedes it.
    """
    lines = _document(header, events) if version == 1 else _lines(header, events, version)
    if not isinstance(target, str | Path):
        target.writelines(lines)
        return
    with _whole(Path(target)) as file:
        for line in lines:
            file.write(line.encode())


def _lines(header: Header, events: Iterable[Event], version: int) -> Iterator[str]:
    yield _json(_header_v3(header) if version == 3 else _header_v2(header)) + "\n"
    before_us = 0
    for event, time_us in _timed(events):
        yield f"[{_seconds(time_us - before_us)}, {_json(event.code)}, {_json(event.data)}]\n"
        if version == 3:
            before_us = time_us


def _document(header: Header, events: Iterable[Event]) -> Iterator[str]:
    frames, before_us = [], 0
    for event, time_us in _timed(event for event in events if event.code == "o"):
        frames.append(f"    [{_seconds(time_us - before_us)}, {_json(event.data)}]")
        before_us = time_us
    fields = {"version": 1, "width": header.columns, "height": header.rows, "duration": before_us / 1_000_000}
    fields |= _given(command=header.command, title=header.title, env=header.env)
    yield "{\n" + "".join(f"  {_json(key)}: {_json(value)},\n" for key, value in fields.items())
    yield '  "stdout": [\n' + ",\n".join(frames) + "\n  ]\n}\n"


def _timed(events: Iterable[Event]) -> Iterator[tuple[Event, int]]:
    """Events with their times in whole microseconds."""
    before_us = 0
    for event in events:
        time_us = (event.time_ns + 500) // 1000
        if time_us < before_us:
            raise ValueError(f"an event at {event.time_ns} ns comes after one at {before_us * 1000} ns")
        before_us = time_us
        yield event, time_us


def _seconds(time_us: int) -> str:
    """Microseconds as decimal seconds, exactly: no float in between."""
    return f"{time_us // 1_000_000}.{time_us % 1_000_000:06d}"


def _header_v2(header: Header) -> dict[str, Any]:
    env = header.env
    if header.term_type is not None:
        env = {"TERM": header.term_type} | env
    return {"version": 2, "width": header.columns, "height": header.rows} | _given(
        timestamp=header.timestamp_s,
        idle_time_limit=header.idle_time_limit_s,
        command=header.command,
        title=header.title,
        env=env,
        theme=_theme(header.theme),
    )


def _header_v3(header: Header) -> dict[str, Any]:
    size = {"cols": header.columns, "rows": header.rows}
    term = size | _given(type=header.term_type or header.env.get("TERM"), theme=_theme(header.theme))
    return {"version": 3, "term": term} | _given(
        timestamp=header.timestamp_s,
        idle_time_limit=header.idle_time_limit_s,
        command=header.command,
        title=header.title,
        env=header.env,
    )


def _theme(theme: Theme | None) -> dict[str, str] | None:
    if theme is None:
        return None
    return {
        "fg": f"#{theme.foreground:06x}",
        "bg": f"#{theme.background:06x}",
        "palette": ":".join(f"#{color:06x}" for color in theme.palette),
    }


def _given(**fields: Any) -> dict[str, Any]:
    """The fields that say something."""
    return {name: value for name, value in fields.items() if value not in (None, {})}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


@contextmanager
def _whole(path: Path) -> Iterator[IO[bytes]]:
    """A file that appears under its name when it is whole, or not at all."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    part = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as raw:
            with _compressed(raw, path.suffix) as file:
                yield file
            raw.flush()
            os.fsync(raw.fileno())
        part.chmod(0o644)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _compressed(raw: IO[bytes], suffix: str) -> AbstractContextManager[IO[bytes]]:
    if suffix == ".gz":
        return cast(AbstractContextManager[IO[bytes]], gzip.GzipFile("", "wb", fileobj=raw, mtime=0))
    if suffix == ".zst":
        return zstandard.ZstdCompressor().stream_writer(raw, closefd=False)
    return nullcontext(raw)
