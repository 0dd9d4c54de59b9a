"""The actions that a model may ask for: the vocabulary of Anthropic's computer-use tool, which both protocols use.

Source: the tool versions ``computer_20250124`` and ``computer_20251124`` and the members of
``computer_toolset_20260801`` in Anthropic's API, whose field names are kept. Coordinates are those of the model's own
picture: `tracekit.desktop.models.scale` knows where on the screen they are.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from tracekit.core.errors import TracekitError


class CantDo(TracekitError):
    """An action that is none, or can't be done. The message is written for the model, which is told."""


MAX_TYPED: Final = 4000
"""Characters of one ``type``: at a person's speed, minutes."""

_Number = Annotated[float, Field(allow_inf_nan=False)]
Point = tuple[_Number, _Number]
_Held = Annotated[str, Field(max_length=100)]


class _Action(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Click(_Action):
    """Press and release a button, at a point or where the pointer is, with keys held or without."""

    action: Literal["left_click", "right_click", "middle_click", "double_click", "triple_click"]
    coordinate: Point | None = None
    text: _Held | None = None


class Move(_Action):
    """Move the pointer."""

    action: Literal["mouse_move"]
    coordinate: Point


class Drag(_Action):
    """Move with the left button held; from where the pointer is, if no start is given."""

    action: Literal["left_click_drag"]
    start_coordinate: Point | None = None
    coordinate: Point
    text: _Held | None = None


class Button(_Action):
    """The left button alone."""

    action: Literal["left_mouse_down", "left_mouse_up"]


class Key(_Action):
    """Keys and chords, as xdotool writes them: ``ctrl+s``, ``Page_Down``, several with spaces between."""

    action: Literal["key"]
    text: str = Field(min_length=1, max_length=200)
    repeat: int = Field(1, ge=1, le=100)


class HoldKey(_Action):
    """A chord held for some seconds."""

    action: Literal["hold_key"]
    text: str = Field(min_length=1, max_length=100)
    duration: float = Field(ge=0, le=30, allow_inf_nan=False)


class Type(_Action):
    """Text, typed character by character."""

    action: Literal["type"]
    text: str = Field(min_length=1, max_length=MAX_TYPED)


class Scroll(_Action):
    """Notches of the wheel."""

    action: Literal["scroll"]
    coordinate: Point | None = None
    scroll_direction: Literal["up", "down", "left", "right"]
    scroll_amount: int = Field(ge=0, le=100)
    text: _Held | None = None


class Wait(_Action):
    """Nothing, for some seconds."""

    action: Literal["wait"]
    duration: float = Field(ge=0, le=60, allow_inf_nan=False)


class Look(_Action):
    """The screen, or where the pointer is."""

    action: Literal["screenshot", "cursor_position"]


class Zoom(_Action):
    """A part of the screen, enlarged: left, top, right, bottom."""

    action: Literal["zoom"]
    region: tuple[_Number, _Number, _Number, _Number]


Action = Click | Move | Drag | Button | Key | HoldKey | Type | Scroll | Wait | Look | Zoom
_KINDS: Final = get_args(Action)
_ACTION: TypeAdapter[Action] = TypeAdapter(Annotated[Action, Field(discriminator="action")])


def parse(arguments: Mapping[str, Any]) -> Action:
    """The action that a call's arguments stand for.

    Raises:
        CantDo: they stand for none.
    """
    try:
        return _ACTION.validate_python(dict(arguments))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"][1:])
        raise CantDo(f"{where}: {first['msg']}"[:500] if where else first["msg"][:500]) from None


def schema() -> dict[str, Any]:
    """The actions as parameters of one function, for protocols without a computer tool.

    One flat object: small models, and grammars made from schemas, follow that better than a choice of eleven.
    """
    point = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
    names = [name for kind in _KINDS for name in get_args(kind.model_fields["action"].annotation)]
    return {
        "type": "object",
        "properties": {
            "action": {"type": "string", "enum": names},
            "coordinate": point | {"description": "x, y in the screenshot: of clicks, moves, scroll; end of a drag"},
            "start_coordinate": point | {"description": "Where left_click_drag starts"},
            "text": {
                "type": "string",
                "description": "What type types; of key and hold_key the keys, such as Return, ctrl+s, Page_Down; "
                "of clicks, drags and scroll the keys held meanwhile, such as ctrl",
            },
            "repeat": {"type": "integer", "description": "How often key is pressed"},
            "duration": {"type": "number", "description": "Seconds, of wait and hold_key"},
            "scroll_direction": {"type": "string", "enum": ["up", "down", "left", "right"]},
            "scroll_amount": {"type": "integer", "description": "Notches of the wheel"},
            "region": {
                "type": "array",
                "items": {"type": "number"},
                "minItems": 4,
                "maxItems": 4,
                "description": "Of zoom: left, top, right, bottom in the screenshot",
            },
        },
        "required": ["action"],
    }
