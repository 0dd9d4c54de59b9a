"""Logs of events as others write them: our own lines, a CSV with a row a frame, or JSON with an object an action.

What a line means is read here and nowhere else; what can't be used is a problem with its place, never lost in silence.
Files come from anywhere: sizes are bounded, and nothing in them is run.
"""

import ast
import csv
import io
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tracekit.actions.events import Code, InputEvent, InputLine
from tracekit.actions.hands import complete
from tracekit.core.clock import to_ns
from tracekit.core.errors import TracekitError
from tracekit.desktop.foreign.actions_json import read_actions
from tracekit.desktop.foreign.keynames import keysym_of_name, with_text
from tracekit.desktop.foreign.problems import Problems

MOST_BYTES = 256 << 20
_MOST_KEYS_CHARACTERS = 4096
"""Of one row's key events: Python literals are parsed up to this length."""
_SCROLLS = {"up": (0, -1), "down": (0, 1), "left": (-1, 0), "right": (1, 0)}


class Log(NamedTuple):
    """What was read."""

    events: list[InputEvent]
    """In order of time, on the log's own clock, which may begin before 0."""
    kind: str
    """events.jsonl, csv or actions."""
    unused: dict[str, int]
    """Of actions, how many there were of each that are no input: ``wait``, ``screenshot`` ..."""


def read_log(path: Path, problems: Problems) -> Log:
    """Read a log of events, of whichever kind it is.

    Raises:
        TracekitError: it can't be read, or is none of these as a whole.
    """
    data = _read(path)
    start = data.lstrip()[:1]
    unused: dict[str, int] = {}
    if start == "[" or (start == "{" and '"code"' not in data.partition("\n")[0]):
        kind, events = "actions", list(read_actions(data, path.name, problems, unused))
    elif start == "{":
        kind, events = "events.jsonl", list(_lines(data, path.name, problems))
    else:
        kind, events = "csv", list(_rows(data, path.name, problems))
    ordered = sorted(events, key=lambda event: event.time_ns)
    if kind != "events.jsonl":
        ordered = with_text(complete(ordered))
    return Log(ordered, kind, unused)


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise TracekitError(f"can't be read: {error.strerror}", place=str(path)) from error
    if len(data) > MOST_BYTES:
        raise TracekitError(f"a log of events of more than {MOST_BYTES >> 20} MiB", place=str(path))
    return data.decode("utf-8-sig", "replace")


def _lines(data: str, name: str, problems: Problems) -> Iterator[InputEvent]:
    """Our own lines, each for itself."""
    last_ns = 0
    for number, line in enumerate(data.splitlines(), 1):
        try:
            values = InputLine.model_validate_json(line).model_dump()
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            problems.add(f"{name}:{number}", f"not an event: {'.'.join(map(str, first['loc']))}: {first['msg']}")
            continue
        time_ns = values.pop("t")
        last_ns = _in_order(last_ns, time_ns, f"{name}:{number}", problems)
        yield InputEvent(time_ns, **values)


def _in_order(last_ns: int, time_ns: int, place: str, problems: Problems) -> int:
    if time_ns < last_ns:
        problems.add(place, "its time is before that of the line above: put where it belongs")
    return max(last_ns, time_ns)


_Finite = Annotated[float, Field(allow_inf_nan=False, gt=-9e9, lt=9e9)]


class _Row(BaseModel):
    """The columns that mean something; the time as text (``Timestamp_formated``) says nothing more."""

    model_config = ConfigDict(extra="ignore")

    timestamp: _Finite = Field(alias="Timestamp")
    x: Annotated[float, Field(allow_inf_nan=False, ge=-32768, le=32767)] = Field(alias="X")
    y: Annotated[float, Field(allow_inf_nan=False, ge=-32768, le=32767)] = Field(alias="Y")
    left: bool = Field(False, alias="Left Click")
    right: bool = Field(False, alias="Right Click")
    keys: str = Field("", alias="Key Events", max_length=_MOST_KEYS_CHARACTERS)


def _rows(data: str, name: str, problems: Problems) -> Iterator[InputEvent]:
    """A CSV with a row a frame: where the pointer is, whether a click was made, which keys went down and up."""
    table = csv.reader(io.StringIO(data, newline=""), strict=True)
    header = next(_told(table, name, problems), [])
    columns = [{"Keys": "Key Events"}.get(column.strip(), column.strip()) for column in header]
    if missing := {"Timestamp", "X", "Y"} - set(columns):
        raise TracekitError(
            f"not a log of events: no column {', '.join(sorted(missing))}",
            place=name,
            remedy="give events.jsonl, a CSV with Timestamp, X and Y, or JSON with actions",
        )
    place: tuple[int, int] | None = None
    last_ns = -(10**19)
    for values in _told(table, name, problems):
        where = f"{name}:{table.line_num}"
        if not values:
            continue
        given = {column: value.strip() for column, value in zip(columns, values, strict=False) if value.strip()}
        try:
            row = _Row.model_validate(given)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            problems.add(where, f"{'.'.join(map(str, first['loc']))}: {first['msg']}")
            continue
        time_ns = to_ns(row.timestamp)
        last_ns = _in_order(last_ns, time_ns, where, problems)
        x, y = round(row.x), round(row.y)
        if (x, y) != place:
            place = x, y
            yield InputEvent(time_ns, "move", x, y)
        for clicked, button in ((row.left, "left"), (row.right, "right")):
            if clicked:
                yield InputEvent(time_ns, "button-down", x, y, button)  # type: ignore[arg-type]
                yield InputEvent(time_ns, "button-up", x, y, button)  # type: ignore[arg-type]
        yield from _key_events(row.keys, InputEvent(time_ns, "move", x, y), where, problems)


def _told(table: Iterator[list[str]], name: str, problems: Problems) -> Iterator[list[str]]:
    """The rows of a CSV; what is no row is a problem."""
    while True:
        try:
            yield next(table)
        except StopIteration:
            return
        except csv.Error as error:
            problems.add(f"{name}:{getattr(table, 'line_num', 0)}", f"not a row: {error}")


def _key_events(text: str, at: InputEvent, where: str, problems: Problems) -> Iterator[InputEvent]:
    """``[('keydown', 'a'), ('keyup', 'a')]``; a set's order means nothing, so it is sorted."""
    if text in ("", "[]", "set()"):
        return
    try:
        with warnings.catch_warnings(action="ignore"):
            found = ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
        found = None
    if not isinstance(found, list | tuple | set):
        problems.add(where, "its key events are no list")
        return
    for pair in sorted(found, key=repr) if isinstance(found, set) else found:
        event = _key_event(pair, at)
        if event is None:
            problems.add(where, f"not a key event: {repr(pair)[:80]}")
        else:
            yield event


_KEY_CODES: dict[str, Code] = {"keydown": "key-down", "keyup": "key-up"}


def _key_event(pair: object, at: InputEvent) -> InputEvent | None:
    match pair:
        case ("keydown" | "keyup") as kind, str(name) if keysym := keysym_of_name(name):
            return at._replace(code=_KEY_CODES[kind], keysym=keysym)
        case "scroll", str(value):
            direction, _, amount = value.partition(":")
            if direction in _SCROLLS and (amount or "1").isdecimal() and len(amount) < 4:
                dx, dy = (part * int(amount or 1) for part in _SCROLLS[direction])
                return at._replace(code="scroll", dx=dx, dy=dy)
    return None
