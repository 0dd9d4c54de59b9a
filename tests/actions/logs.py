"""Logs of events that a desktop could have made: what is held follows from what went down and up."""

from collections.abc import Sequence

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from tracekit.actions.classes import BUTTONS, KEYS, Key
from tracekit.actions.cursor_track import CursorTrack
from tracekit.actions.events import InputEvent
from tracekit.actions.hands import complete
from tracekit.core.clock import NS_PER_S, frame_time_ns

FRAMES = 12
KEYCODE = {key.keysym: 8 + number for number, key in enumerate(KEYS)}
"""A number for each key, as a keymap has one."""
OF_NAME = {key.keysym: key for key in KEYS}


def event(code: str, t: float = 0.0, x: int = 10, y: int = 10, **rest: object) -> InputEvent:
    """An event at ``t`` seconds."""
    return InputEvent(round(t * NS_PER_S), code, x, y, **rest)  # type: ignore[arg-type]


def press(key: str, t: float = 0.0, *, shift: bool = False, chord: bool = False) -> InputEvent:
    """A key that goes down, as X tells it with the modifiers that are held."""
    one = OF_NAME.get(key, Key(key, key))
    text = "" if chord else one.shifted_text if shift else one.text
    return event("key-down", t, keysym=one.shifted if shift else one.keysym, text=text, keycode=KEYCODE.get(key, 250))


def release(key: str, t: float = 0.0, *, shift: bool = False) -> InputEvent:
    """A key that goes up."""
    one = OF_NAME.get(key, Key(key, key))
    return event("key-up", t, keysym=one.shifted if shift else one.keysym, keycode=KEYCODE.get(key, 250))


def track(positions: Sequence[tuple[int, int]] | NDArray[np.int32], shapes: Sequence[int] | None = None) -> CursorTrack:
    """A cursor of one shape."""
    picture = np.full((4, 4, 4), 255, np.uint8)
    return CursorTrack(
        np.array(positions, np.int32).reshape(-1, 2),
        np.array([0] * len(positions) if shapes is None else shapes, np.int32),
        (picture,),
        np.array([[0, 0]], np.int32),
    )


def places(events: Sequence[InputEvent], frames: int = FRAMES) -> NDArray[np.int32]:
    """Where the cursor is in each frame, by the log."""
    found, at = [], (10, 10)
    rest = list(events)
    for frame in range(frames):
        while rest and rest[0].time_ns <= frame_time_ns(frame):
            one = rest.pop(0)
            at = one.x, one.y
        found.append(at)
    return np.array(found, np.int32)


_STEPS = st.sampled_from(["move", "button", "scroll", "key", "key", "shift", "ctrl"])
_NAMES = st.sampled_from(["a", "z", "7", "comma", "space", "Return", "F5", "Left", "Super_L", "XF86AudioMute", "é"])


@st.composite
def logs(draw: st.DrawFn, apart: bool = False) -> list[InputEvent]:
    """Events of FRAMES frames; with ``apart`` at most one in each frame, so that no view has to lose any."""
    count = draw(st.integers(0, FRAMES - 1 if apart else 40))
    if apart:
        frames = sorted(draw(st.sets(st.integers(1, FRAMES - 1), min_size=count, max_size=count)))
        times = [frame_time_ns(frame) - draw(st.integers(0, 60_000_000)) for frame in frames]
    else:
        times = sorted(draw(st.integers(0, frame_time_ns(FRAMES - 1))) for _ in range(count))
    down: dict[str, None] = {}
    pressed: set[str] = set()
    x, y = 10, 10
    found = []
    for t in times:
        step = draw(_STEPS)
        shift, chord = "Shift_L" in down, bool({"Control_L", "Super_L"} & down.keys())
        one = event("move", x=x, y=y)
        if step == "move":
            x, y = draw(st.integers(0, 40)), draw(st.integers(0, 40))
            one = event("move", x=x, y=y)
        elif step == "button":
            button = draw(st.sampled_from(BUTTONS))
            one = event("button-up" if button in pressed else "button-down", button=button)
            pressed ^= {button}
        elif step == "scroll":
            dx, dy = draw(st.sampled_from([(0, 1), (0, -1), (1, 0), (-1, 0)]))
            one = event("scroll", dx=dx, dy=dy)
        else:
            name = {"shift": "Shift_L", "ctrl": "Control_L"}.get(step) or draw(_NAMES)
            if name in down:
                del down[name]
                one = release(name, shift=shift and name != "Shift_L")
            else:
                down[name] = None
                one = press(name, shift=shift, chord=chord)
        found.append(one._replace(time_ns=t, x=x, y=y))
    return complete(found)
