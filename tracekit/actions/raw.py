"""The raw view of actions: of each frame, which classes had an event, and what is held when the frame is shown."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from tracekit.actions.classes import BUTTONS, CLASSES, KEYS, MOUSE, MOVE, OTHER, key_number
from tracekit.actions.events import Button, Code, InputEvent
from tracekit.actions.hands import ALT, CONTROL, LEVELS, MODIFIERS, NOTHING, SHIFT, SUPER, Held, complete
from tracekit.core.clock import frame_of, frame_time_ns

NO_SYMBOL = "NoSymbol"
"""X's name of no keysym: what a key of the class ``other`` comes back as."""
_FIRST_KEY = len(MOUSE)
_NUMBER = {name: number for number, name in enumerate(MOUSE)}
_ARE_MODIFIERS = [
    number
    for number, key in enumerate(KEYS)
    if key.keysym in LEVELS or any(key.keysym in names for names in MODIFIERS.values())
]
_ARE_KEYS = [number for number in range(len(KEYS)) if number not in _ARE_MODIFIERS]


@dataclass(frozen=True)
class RawView:
    """The raw view of a clip. Classes are numbered as in `tracekit.actions.classes`."""

    classes: NDArray[np.uint8]
    """Shape (frames, 182), 0 or 1: whether the frame is the first that can show an event of the class. A key's class is
    set by its key-down, and again each time it repeats; that it goes up is told by ``held``."""
    held: NDArray[np.bool_]
    """Shape (frames + 1, 169): keys held before frame 0, then when each frame is shown."""
    buttons: NDArray[np.bool_]
    """Shape (frames + 1, 5): the same of the buttons."""

    @property
    def frames(self) -> int:
        """How many."""
        return len(self.classes)

    @property
    def before(self) -> Held:
        """What is held before frame 0."""
        return Held(
            tuple(_plain(number) for number in np.flatnonzero(self.held[0]).tolist()),
            tuple(BUTTONS[number] for number in np.flatnonzero(self.buttons[0]).tolist()),
        )


def _plain(number: int) -> str:
    name = KEYS[number].keysym
    return NO_SYMBOL if name == OTHER else name


def to_raw(events: Iterable[InputEvent], frames: int, before: Held = NOTHING) -> RawView:
    """Make the raw view of a clip's events.

    Args:
        events: in order of time, on the clip's clock. Those after the last frame are left out.
        frames: of the clip.
        before: what is held when the clip begins.
    """
    classes = np.zeros((frames, CLASSES), np.uint8)
    held = np.zeros((frames + 1, len(KEYS)), np.bool_)
    buttons = np.zeros((frames + 1, len(BUTTONS)), np.bool_)
    held[:, [key_number(keysym) for keysym in before.keys]] = True
    buttons[:, [BUTTONS.index(button) for button in before.buttons]] = True
    for event in events:
        frame = frame_of(event.time_ns)
        if frame >= frames:
            break
        for name in _mouse_classes(event):
            classes[frame, _NUMBER[name]] = 1
        if event.code in ("button-down", "button-up") and event.button:
            buttons[frame + 1 :, BUTTONS.index(event.button)] = event.code == "button-down"
        elif event.code in ("key-down", "key-up"):
            if event.code == "key-down":
                classes[frame, _FIRST_KEY + key_number(event.keysym)] = 1
            held[frame + 1 :] = False
            held[frame + 1 :, [key_number(keysym) for keysym in event.held]] = True
    return RawView(classes, held, buttons)


def from_raw(view: RawView, positions: NDArray[np.int32]) -> list[InputEvent]:
    """Events of which `to_raw` makes the same view. Each stands at the instant of its frame.

    In a frame the pointer moves first, then modifiers go down, buttons and the wheel are used, keys are pressed, and
    modifiers go up. What else the events of a recording were, `tracekit.actions.losses.losses` tells.

    Args:
        view: the raw view.
        positions: of the cursor, shape (frames, 2), pixels.
    """
    events: list[InputEvent] = []
    for frame in range(view.frames):
        x, y = positions[frame].tolist()
        blank = InputEvent(frame_time_ns(frame), "move", x, y)
        if view.classes[frame, _NUMBER[MOVE]]:
            events.append(blank)
        keys = {number: list(_transitions(view, frame, number)) for number in range(len(KEYS))}
        held = set(np.flatnonzero(view.held[frame]).tolist())
        for number in _ARE_MODIFIERS:
            if "key-down" in keys[number]:
                events.append(_key(blank, "key-down", number, held))
                held.add(number)
        events += _button_events(view, frame, blank)
        for number in _ARE_KEYS:
            events += [_key(blank, code, number, held) for code in keys[number]]
        for number in _ARE_MODIFIERS:
            if "key-up" in keys[number]:
                events.append(_key(blank, "key-up", number, held))
                held.discard(number)
    return complete(events, view.before)


def _mouse_classes(event: InputEvent) -> Iterator[str]:
    if event.code == "move":
        yield MOVE
    elif event.code in ("button-down", "button-up"):
        name = f"{event.button}-{event.code.removeprefix('button-')}"
        if name in _NUMBER:
            yield name
    elif event.code == "scroll":
        yield from (name for name, amount in scrolled(event) if amount)


def scrolled(event: InputEvent) -> Iterator[tuple[str, int]]:
    """The classes of a scroll event, and the notches of each, 0 or more."""
    for name, notches in (("up", -event.dy), ("down", event.dy), ("left", -event.dx), ("right", event.dx)):
        yield f"scroll-{name}", max(notches, 0)


def _button_events(view: RawView, frame: int, blank: InputEvent) -> Iterator[InputEvent]:
    for number, name in enumerate(BUTTONS):
        button = cast(Button, name)
        down, after = view.buttons[frame : frame + 2, number].tolist()
        pressed = view.classes[frame, _NUMBER[f"{name}-down"]]
        up_class = _NUMBER.get(f"{name}-up")
        released = pressed if up_class is None else view.classes[frame, up_class]
        if down and (released or not after):
            yield blank._replace(code="button-up", button=button)
            down = False
        if pressed and not down:
            yield blank._replace(code="button-down", button=button)
            down = True
        if down and not after:
            yield blank._replace(code="button-up", button=button)
    for name, dx, dy in (("up", 0, -1), ("down", 0, 1), ("left", -1, 0), ("right", 1, 0)):
        if view.classes[frame, _NUMBER[f"scroll-{name}"]]:
            yield blank._replace(code="scroll", dx=dx, dy=dy)


def _transitions(view: RawView, frame: int, number: int) -> Iterator[Code]:
    """What a key did in a frame, from what it was before, whether it was pressed, and what it is after."""
    before, after = view.held[frame : frame + 2, number].tolist()
    pressed = bool(view.classes[frame, _FIRST_KEY + number])
    if pressed:
        yield "key-down"
    if (before or pressed) and not after:
        yield "key-up"


def _key(blank: InputEvent, code: Code, number: int, held: set[int]) -> InputEvent:
    names = {KEYS[one].keysym for one in held}
    key, shift = KEYS[number], bool(names & set(SHIFT))
    keysym = key.shifted if shift else key.keysym
    if key.keysym == OTHER:
        return blank._replace(code=code, keysym=NO_SYMBOL)
    chord = names & {*CONTROL, *ALT, *SUPER}
    text = "" if chord or code == "key-up" else key.shifted_text if shift else key.text
    return blank._replace(code=code, keysym=keysym, text=text)
