"""Input events of a desktop, as they stand in ``events.jsonl`` of a trace and of a clip."""

import json
from collections.abc import Iterable
from typing import Literal, NamedTuple, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from tracekit.core.errors import TracekitError

Code = Literal["move", "button-down", "button-up", "scroll", "key-down", "key-up"]
Button = Literal["", "left", "middle", "right", "back", "forward"]


class InputEvent(NamedTuple):
    """Something that was done with the pointer or the keyboard, at an instant of the trace's (or the clip's) clock."""

    time_ns: int
    """Nanoseconds from the start, >= 0. The X server's own time of the event, in the middle of its millisecond."""
    code: Code
    x: int
    """Of the pointer, in screen pixels from the left; where the hotspot is after the event."""
    y: int
    """From the top."""
    button: Button = ""
    """Of ``button-down`` and ``button-up``."""
    dx: int = 0
    """Of ``scroll``: notches to the right."""
    dy: int = 0
    """Of ``scroll``: notches down."""
    keycode: int = 0
    """Of ``key-down`` and ``key-up``: the X server's number of the key, 8 to 255."""
    keysym: str = ""
    """Of keys: X's name of what the key stands for with the modifiers held (``a``, ``Return``)."""
    text: str = ""
    """Of ``key-down``: what it types; '' where it types nothing, as with Ctrl held."""
    held: tuple[str, ...] = ()
    """Of ``key-down`` and ``key-up``: keysyms of all keys held after the event, in the order in which they went down;
    each by its keysym without modifiers."""
    drag: bool = False
    """Whether a button is held with which the pointer has moved since it went down."""


class InputLine(BaseModel):
    """One line of ``events.jsonl`` of a desktop. What an event does not have is left out."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    t: int = Field(ge=0, description="Nanoseconds from the start; its frame is ceil(t * 15 / 1e9)")
    code: Code
    x: int = Field(description="Of the pointer, screen pixels from the left")
    y: int = Field(description="Of the pointer, screen pixels from the top")
    button: Button = Field("", description="Of button-down and button-up")
    dx: int = Field(0, description="Of scroll: notches to the right")
    dy: int = Field(0, description="Of scroll: notches down")
    keycode: int = Field(0, ge=0, le=255, description="Of the X server")
    keysym: str = Field("", description="X's name of what the key stands for")
    text: str = Field("", description="What key-down types")
    held: tuple[str, ...] = Field((), description="Of keys: all that are held after the event")
    drag: bool = Field(False, description="A button is held with which the pointer has moved")

    @model_validator(mode="after")
    def _buttons_have_names(self) -> Self:
        if self.code in ("button-down", "button-up") and not self.button:
            raise ValueError(f"{self.code} without a button")
        return self


CODES: tuple[Code, ...] = get_args(Code)
_DEFAULTS = InputEvent._field_defaults
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def dump_inputs(events: Iterable[InputEvent]) -> bytes:
    """The bytes of ``events.jsonl``: UTF-8, a line feed after each line, nothing for no events."""
    lines = []
    for event in events:
        values = event._asdict()
        line = {"t": values.pop("time_ns"), "code": values.pop("code")}
        line |= {name: value for name, value in values.items() if name not in _DEFAULTS or value != _DEFAULTS[name]}
        lines.append(_encode(line) + "\n")
    return "".join(lines).encode("utf-8", "replace")


def load_inputs(data: bytes, name: str = "events.jsonl") -> list[InputEvent]:
    """Read ``events.jsonl`` of a desktop.

    Args:
        data: its bytes.
        name: what errors call it.

    Raises:
        TracekitError: a line is no event, or times go back; the place is ``name:line``.
    """
    events: list[InputEvent] = []
    for number, line in enumerate(data.splitlines(), 1):
        place = f"{name}:{number}"
        try:
            values = InputLine.model_validate_json(line).model_dump()
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(map(str, first["loc"]))
            raise TracekitError(f"not an event: {where}: {first['msg']}", place=place) from error
        event = InputEvent(values.pop("t"), **values)
        if events and event.time_ns < events[-1].time_ns:
            raise TracekitError("its time is before that of the line above", place=place)
        events.append(event)
    return events
