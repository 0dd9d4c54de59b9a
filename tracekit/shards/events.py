"""``KEY.events.jsonl``: the events of a clip, one JSON object a line."""

import json
from collections.abc import Iterable

from pydantic import Field, ValidationError

from tracekit.core.errors import TracekitError
from tracekit.core.events import Event
from tracekit.shards.sample import Count, Model

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class EventLine(Model):
    """One line of ``KEY.events.jsonl``."""

    t: Count = Field(description="Nanoseconds from the clip's start; its frame is ceil(t * 15 / 1e9)")
    code: str = Field(min_length=1, description="Of a terminal: o output, i input, m marker, r resize, x exit")
    data: str = Field(description="Output text, keystroke, label, COLSxROWS or exit status, as in an asciicast")


def dump_events(events: Iterable[Event]) -> bytes:
    """The bytes of ``KEY.events.jsonl``: UTF-8, a line feed after each line, nothing for no events."""
    lines = [_encode({"t": event.time_ns, "code": event.code, "data": event.data}) + "\n" for event in events]
    return "".join(lines).encode()


def load_events(data: bytes) -> list[Event]:
    """Read ``KEY.events.jsonl``.

    Raises:
        TracekitError: a line is not an event, or they are not in order of time; the line is the error's place.
    """
    events: list[Event] = []
    for number, line in enumerate(data.splitlines(), 1):
        try:
            event = EventLine.model_validate_json(line, strict=True)
        except ValidationError as error:
            what = error.errors(include_url=False, include_input=False)[0]
            field = ".".join(map(str, what["loc"]))
            raise TracekitError(
                f"not an event: {field + ': ' if field else ''}{what['msg']}", place=f"line {number}"
            ) from None
        if events and event.t < events[-1].time_ns:
            raise TracekitError("an event before the one above it", place=f"line {number}")
        events.append(Event(event.t, event.code, event.data))
    return events
