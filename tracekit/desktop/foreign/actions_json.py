"""JSON of actions, as agents log them: ``{"actions": [{"action": "left_click", "coordinate": [x, y], ...}]}``."""

import json
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tracekit.actions.events import Button, Code, InputEvent
from tracekit.core.clock import to_ns
from tracekit.core.errors import TracekitError
from tracekit.desktop.foreign.keynames import keysym_of_character, keysym_of_name
from tracekit.desktop.foreign.problems import Problems

_CLICKS: dict[str, tuple[Button, int]] = {
    "click": ("left", 1),
    "left_click": ("left", 1),
    "right_click": ("right", 1),
    "middle_click": ("middle", 1),
    "double_click": ("left", 2),
    "triple_click": ("left", 3),
}
_BUTTONS: dict[str, Code] = {"left_mouse_down": "button-down", "left_mouse_up": "button-up"}
_NO_INPUT = {"wait", "screenshot", "cursor_position", "zoom"}
_DIRECTIONS = {"up": (0, -1), "down": (0, 1), "left": (-1, 0), "right": (1, 0)}
_MOST_CHARACTERS = 100_000

_Pixel = Annotated[float, Field(ge=-32768, le=32767, allow_inf_nan=False)]


class _Action(BaseModel):
    """What the kinds of actions have in common. Fields that say how an action went are not read."""

    model_config = ConfigDict(extra="ignore")

    action: str = Field(max_length=100)
    timestamp: Annotated[float, Field(allow_inf_nan=False, gt=-9e9, lt=9e9)]
    coordinate: tuple[_Pixel, _Pixel] | None = None
    start_coordinate: tuple[_Pixel, _Pixel] | None = None
    x: _Pixel | None = None
    y: _Pixel | None = None
    text: str | None = Field(None, max_length=_MOST_CHARACTERS)
    key: str | None = Field(None, max_length=1000)
    scroll_direction: Literal["up", "down", "left", "right"] | None = None
    scroll_amount: int | None = Field(None, ge=0, le=1000)
    duration: Annotated[float, Field(allow_inf_nan=False, ge=0, le=86_400)] | None = None

    @property
    def place(self) -> tuple[int, int] | None:
        """Where to."""
        if self.coordinate is not None:
            return round(self.coordinate[0]), round(self.coordinate[1])
        return None if self.x is None or self.y is None else (round(self.x), round(self.y))


def read_actions(data: str, name: str, problems: Problems, unused: dict[str, int]) -> Iterator[InputEvent]:
    """The inputs that actions stand for. An action has one instant: all it does is put there, a held key's end aside.

    Args:
        data: the JSON: a list of actions, or an object that has one as ``actions``.
        name: what problems call it; the place is ``name:actions[3]``.
        problems: takes what can't be used.
        unused: takes how many actions there are of each kind that is no input.

    Raises:
        TracekitError: it is no JSON, or holds no such list.
    """
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else 1
        raise TracekitError("not JSON", place=f"{name}:{line}") from error
    actions = found.get("actions") if isinstance(found, dict) else found
    if not isinstance(actions, list):
        raise TracekitError("no list of actions", place=name, remedy='a list, or {"actions": [...]}')
    place = 0, 0
    for number, value in enumerate(actions):
        where = f"{name}:actions[{number}]"
        action = _action(value, where, problems)
        if action is None:
            continue
        if action.action in _NO_INPUT or action.action.endswith(("_success", "_failed")):
            unused[action.action] = unused.get(action.action, 0) + 1
            continue
        at = InputEvent(to_ns(action.timestamp), "move", *(action.place or place))
        moves = list(_moves(action, at, place))
        events = [*moves, *_does(action, at, (moves[-1].x, moves[-1].y) if moves else place)]
        if len(events) == len(moves) and not (moves and action.action == "mouse_move"):
            problems.add(where, f"no input can be made of {action.action[:40]!r} and what comes with it")
            continue
        if action.action == "type" and (left := [one for one in action.text or "" if not keysym_of_character(one)]):
            problems.add(where, f"no key types {''.join(left)[:40]!r}")
        yield from events
        place = events[-1].x, events[-1].y


def _action(value: Any, where: str, problems: Problems) -> _Action | None:
    try:
        return _Action.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        problems.add(where, f"{'.'.join(map(str, first['loc']))}: {first['msg']}")
        return None


def _moves(action: _Action, at: InputEvent, place: tuple[int, int]) -> Iterator[InputEvent]:
    """The way to where an action is done; a drag is done where it starts."""
    if action.action == "left_click_drag":
        if action.start_coordinate is not None:
            yield at._replace(x=round(action.start_coordinate[0]), y=round(action.start_coordinate[1]))
    elif action.place is not None and (action.place != place or action.action == "mouse_move"):
        yield at


def _does(action: _Action, at: InputEvent, place: tuple[int, int]) -> Iterator[InputEvent]:
    """What one action does, from a place. Nothing for one that is not known, or that lacks what it needs."""
    if action.action in _CLICKS:
        button, times = _CLICKS[action.action]
        for _ in range(times):
            yield at._replace(code="button-down", button=button)
            yield at._replace(code="button-up", button=button)
    elif action.action in _BUTTONS:
        yield at._replace(code=_BUTTONS[action.action], button="left")
    elif action.action == "left_click_drag" and action.place:
        yield at._replace(code="button-down", x=place[0], y=place[1], button="left")
        yield from (at, at._replace(code="button-up", button="left"))
    elif action.action == "scroll" and action.scroll_direction:
        dx, dy = (part * (action.scroll_amount or 1) for part in _DIRECTIONS[action.scroll_direction])
        yield at._replace(code="scroll", dx=dx, dy=dy)
    elif action.action in ("key", "hold_key"):
        yield from _chord(action, at)
    elif action.action == "type":
        for keysym in filter(None, map(keysym_of_character, action.text or "")):
            yield at._replace(code="key-down", keysym=keysym)
            yield at._replace(code="key-up", keysym=keysym)


def _chord(action: _Action, at: InputEvent) -> Iterator[InputEvent]:
    """``ctrl+shift+t``: down in this order, up in the other one."""
    text = action.text or action.key or ""
    names = [text] if text in ("+", "-") else text.replace("++", "+plus").split("+")
    keysyms = [keysym_of_name(name) for name in names]
    held_ns = to_ns(action.duration or 0.0) if action.action == "hold_key" else 0
    known = [keysym for keysym in keysyms if keysym]
    if len(known) != len(keysyms):
        return
    for keysym in known:
        yield at._replace(code="key-down", keysym=keysym)
    for keysym in reversed(known):
        yield at._replace(time_ns=at.time_ns + held_ns, code="key-up", keysym=keysym)
