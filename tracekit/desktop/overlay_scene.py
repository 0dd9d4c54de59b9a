"""What an overlay shows at each frame: told from the events alone, nothing is drawn here."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from tracekit.actions.classes import KEYS, OTHER, key_number
from tracekit.actions.events import Button, InputEvent
from tracekit.actions.hands import base_of
from tracekit.core.clock import frame_of

FADE_FRAMES = 6
"""How long a click stays to be seen: 0.4 s."""
_CAP_FRAMES = 15
_TEXT_FRAMES = 60
_MOST_CAPS = 16
_MOST_TEXT = 120
_LABELS = {
    "Return": "Enter",
    "KP_Enter": "Enter",
    "BackSpace": "⌫",
    "Escape": "Esc",
    "Delete": "Del",
    "Insert": "Ins",
    "Prior": "PgUp",
    "Next": "PgDn",
    "Left": "←",
    "Right": "→",
    "Up": "↑",
    "Down": "↓",
    "space": "Space",
    "Caps_Lock": "Caps",
    "ISO_Level3_Shift": "AltGr",
    "VoidSymbol": "•",
}


class Cap(NamedTuple):
    """A key that is held, or was a moment ago."""

    label: str
    held: bool
    age: int
    """Frames since it went up, 0 while it is held."""
    times: int
    """How often it went down in a row."""


class Mark(NamedTuple):
    """A click, or notches of the wheel."""

    x: int
    y: int
    button: Button
    """Of a click."""
    dx: int
    """Of the wheel: notches to the right."""
    dy: int
    """Down."""
    age: int
    """Frames since then, below FADE_FRAMES."""


class Trail(NamedTuple):
    """The way of a drag."""

    points: tuple[tuple[int, int], ...]
    button: Button
    age: int
    """Frames since the button went up, 0 while it is held."""


class Scene(NamedTuple):
    """What is to be seen at a frame."""

    cursor: tuple[int, int] | None
    """Where the log has the pointer."""
    buttons: tuple[Button, ...]
    """Those held."""
    marks: tuple[Mark, ...]
    trails: tuple[Trail, ...]
    caps: tuple[Cap, ...]
    text: str
    """What was typed in the last seconds."""


@dataclass
class _Press:
    key: str
    label: str
    times: int = 1
    up: int | None = None
    """Frame at which it went up."""


@dataclass
class _Drag:
    button: Button
    points: list[tuple[int, int]]
    up: int | None = None


@dataclass
class _State:
    cursor: tuple[int, int] | None = None
    marks: list[tuple[int, InputEvent]] = field(default_factory=list)
    drags: list[_Drag] = field(default_factory=list)
    presses: list[_Press] = field(default_factory=list)
    text: str = ""
    typed: int = 0
    """Frame of the last character."""


def scenes(events: Sequence[InputEvent]) -> Iterator[Scene]:
    """The scenes of frame 0, 1, 2 ... without end.

    Args:
        events: of a trace, in order. Each is seen from its own frame on, as in the picture.
    """
    state, at, frame = _State(), 0, 0
    if events:
        state.cursor = events[0].x, events[0].y
    while True:
        while at < len(events) and frame_of(events[at].time_ns) <= frame:
            _happens(state, events[at], frame)
            at += 1
        yield _scene(state, frame)
        frame += 1


def _happens(state: _State, event: InputEvent, frame: int) -> None:
    state.cursor = event.x, event.y
    for drag in state.drags:
        if drag.up is None and drag.points[-1] != state.cursor:
            drag.points.append(state.cursor)
    match event.code:
        case "button-down":
            state.marks.append((frame, event))
            state.drags.append(_Drag(event.button, [state.cursor]))
        case "button-up":
            for drag in state.drags:
                if drag.button == event.button and drag.up is None:
                    drag.up = frame
        case "scroll":
            state.marks.append((frame, event))
        case "key-down":
            _press(state, event, frame)
        case "key-up":
            for press in state.presses:
                if press.key == base_of(event.keysym) and press.up is None:
                    press.up = frame


def _press(state: _State, event: InputEvent, frame: int) -> None:
    key = base_of(event.keysym)
    last = state.presses[-1] if state.presses else None
    if last and last.key == key:
        last.times, last.up = last.times + 1, None
    else:
        state.presses.append(_Press(key, _label(key)))
    if key == "BackSpace":
        state.text, state.typed = state.text[:-1], frame
    elif event.text:
        state.text += "".join("⏎" if one == "\n" else one if one.isprintable() else " " for one in event.text)
        state.text, state.typed = state.text[-_MOST_TEXT:], frame


def _label(key: str) -> str:
    """What stands on a key: ``Ctrl``, ``A``, ``,``, ``é``."""
    if key in _LABELS:
        return _LABELS[key]
    known = KEYS[key_number(key)]
    if known.keysym != OTHER:
        return known.text.upper() or known.keysym.removesuffix("_L").removesuffix("_R").replace("Control", "Ctrl")
    if key[:1] == "U" and len(key) > 4 and key[1:].isalnum():
        try:
            return chr(int(key[1:], 16))
        except (ValueError, OverflowError):
            return key[:12]
    return key[:12]


def _scene(state: _State, frame: int) -> Scene:
    state.marks = [(since, event) for since, event in state.marks if frame - since < FADE_FRAMES]
    state.drags = [drag for drag in state.drags if drag.up is None or frame - drag.up < FADE_FRAMES]
    state.presses = [one for one in state.presses if one.up is None or frame - one.up < _CAP_FRAMES][-_MOST_CAPS:]
    if frame - state.typed > _TEXT_FRAMES:
        state.text = ""
    return Scene(
        state.cursor,
        tuple(drag.button for drag in state.drags if drag.up is None),
        tuple(Mark(event.x, event.y, event.button, event.dx, event.dy, frame - since) for since, event in state.marks),
        tuple(
            Trail(tuple(drag.points), drag.button, 0 if drag.up is None else frame - drag.up)
            for drag in state.drags
            if len(drag.points) > 1
        ),
        tuple(
            Cap(one.label, one.up is None, 0 if one.up is None else frame - one.up, one.times) for one in state.presses
        ),
        state.text,
    )
