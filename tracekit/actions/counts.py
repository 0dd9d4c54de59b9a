"""How much is done: actions, and how far the cursor moves. The measures of Neural Computers, Table 7.

The paper gives actions a second without saying what an action is. Here it is a press of a button, a press of a key, or
a notch of the wheel: a double click is two, Ctrl+C is two, and a key that repeats because it is held is one.
"""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from tracekit.actions.events import InputEvent
from tracekit.actions.hands import DRAG_PX


def count_actions(events: Iterable[InputEvent]) -> int:
    """How many actions there are: button-downs, key-downs of keys that are not yet down, and notches of scrolls.

    Args:
        events: in order of time. A key that was down before them counts when it repeats for the first time.
    """
    return sum(actions for _, actions in _actions(events))


def action_times_ns(events: Iterable[InputEvent]) -> list[int]:
    """The instants of actions, ascending; notches of one scroll have one between them.

    Args:
        events: as of `count_actions`.
    """
    return [time_ns for time_ns, actions in _actions(events) if actions]


def _actions(events: Iterable[InputEvent]) -> Iterator[tuple[int, int]]:
    """Of each event its instant, and how many actions it is."""
    down: set[int] = set()
    for event in events:
        actions = 0
        if event.code == "button-down":
            actions = 1
        elif event.code == "scroll":
            actions = abs(event.dx) + abs(event.dy)
        elif event.code == "key-down":
            actions = int(event.keycode not in down)
            down.add(event.keycode)
        elif event.code == "key-up":
            down.discard(event.keycode)
        yield event.time_ns, actions


def count_drags(events: Iterable[InputEvent]) -> int:
    """How many presses of buttons there are with which the pointer then goes DRAG_PX or further."""
    drags = 0
    pressed: dict[str, tuple[int, int]] = {}
    """Where each button that is down, and does not drag yet, was pressed."""
    for event in events:
        for button, (x, y) in list(pressed.items()):
            if max(abs(event.x - x), abs(event.y - y)) >= DRAG_PX:
                drags += 1
                del pressed[button]
        if event.code == "button-down":
            pressed[event.button] = event.x, event.y
        elif event.code == "button-up":
            pressed.pop(event.button, None)
    return drags


def px_per_frame(positions: NDArray[np.int32]) -> float:
    """How far the cursor is from where it was in the frame before, mean over the frames after the first.

    Args:
        positions: shape (frames, 2), pixels of the screen.

    Returns:
        Pixels, 0.0 where there are fewer than two frames. Rounded to 1e-9, so that it is the same on every machine.
    """
    if len(positions) < 2:
        return 0.0
    x, y = np.diff(positions.astype(np.float64), axis=0).T
    return round(float(np.hypot(x, y).mean()), 9)
