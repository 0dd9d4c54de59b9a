"""A plan of inputs: what a policy means to do, and when."""

import json
from collections.abc import Iterable
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tracekit.core.errors import TracekitError

Kind = Literal["move", "down", "up", "scroll", "key-down", "key-up"]


class Do(NamedTuple):
    """One input to be made."""

    due_ns: int
    """When, from the trace's start."""
    kind: Kind
    x: int = 0
    """Of ``move``: where to, screen pixels."""
    y: int = 0
    button: str = ""
    """Of ``down`` and ``up``: left, middle, right, back or forward."""
    dx: int = 0
    """Of ``scroll``: notches to the right."""
    dy: int = 0
    """Of ``scroll``: notches down."""
    keysym: str = ""
    """Of ``key-down`` and ``key-up``: X's name of a keysym, ``U20AC`` for a character without one."""


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid")

    due_ns: int = Field(ge=0)
    kind: Kind
    x: int = 0
    y: int = 0
    button: str = ""
    dx: int = 0
    dy: int = 0
    keysym: str = ""


def dump_plan(plan: Iterable[Do]) -> bytes:
    """``plan.jsonl``: an object a line, without the fields that have their default."""
    defaults = Do._field_defaults
    lines = (
        {name: value for name, value in do._asdict().items() if name not in defaults or value != defaults[name]}
        for do in plan
    )
    return "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines).encode()


def load_plan(data: bytes, name: str = "plan.jsonl") -> list[Do]:
    """Read ``plan.jsonl``.

    Raises:
        TracekitError: a line is none; the place is ``name:line``.
    """
    plan = []
    for number, line in enumerate(data.splitlines(), 1):
        try:
            plan.append(Do(**_Line.model_validate_json(line).model_dump()))
        except ValidationError as error:
            raise TracekitError("not an input of a plan", place=f"{name}:{number}") from error
    return plan
