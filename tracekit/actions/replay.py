"""From the meta view back to events."""

from collections.abc import Iterator, Sequence
from typing import cast

import numpy as np
from numpy.typing import NDArray

from tracekit.actions.classes import KEYS, OTHER, key_number, key_of_text
from tracekit.actions.events import Button, InputEvent
from tracekit.actions.hands import MODIFIERS, complete
from tracekit.actions.meta import Click, Frame, Scroll, Text
from tracekit.core.clock import frame_time_ns

_STEPS = {"up": (0, -1), "down": (0, 1), "left": (-1, 0), "right": (1, 0)}


def from_meta(meta: Sequence[Frame], positions: NDArray[np.int32]) -> list[InputEvent]:
    """Events that do what the meta view says. Each stands at the instant of its frame, at the cursor's place there.

    The pointer moves where the cursor does, first in the frame. A button goes up in the last frame of its drag, and
    without one in the frame of its press; keys go up in the frame in which they go down, and Shift goes with characters
    that need it.

    Args:
        meta: slots of each frame.
        positions: of the cursor, shape (frames, 2), pixels.
    """
    events: list[InputEvent] = []
    place: list[int] | None = None
    for frame, slots in enumerate(meta):
        x, y = now = positions[frame].tolist()
        blank = InputEvent(frame_time_ns(frame), "move", x, y)
        if place is not None and now != place:
            events.append(blank)
        place = now
        for number, slot in enumerate(slots):
            if isinstance(slot, Click):
                events += _click(slot, blank, drops=not _drags_on(meta, frame, number))
            elif isinstance(slot, Scroll):
                dx, dy = _STEPS[slot.direction]
                events += [blank._replace(code="scroll", dx=dx, dy=dy)] * slot.amount
            elif isinstance(slot, Text):
                events += _typed(slot.text, blank)
            else:
                events += _chord(slot.keys, blank)
    return complete(events)


def _drags_on(meta: Sequence[Frame], frame: int, number: int) -> bool:
    """Whether a later slot says that the button of this one is still down: a drag of it before another press."""
    button = cast(Click, meta[frame][number]).button
    rest = [*meta[frame][number + 1 :], *(slot for slots in meta[frame + 1 :] for slot in slots)]
    later = next((slot for slot in rest if isinstance(slot, Click) and slot.button == button), None)
    return later is not None and later.drag


def _click(slot: Click, blank: InputEvent, *, drops: bool) -> Iterator[InputEvent]:
    button = cast(Button, slot.button)
    if not slot.drag:
        yield blank._replace(code="button-down", button=button)
    if drops:
        yield blank._replace(code="button-up", button=button)


def _typed(text: str, blank: InputEvent) -> Iterator[InputEvent]:
    shifted = False
    for character in text:
        found = key_of_text(character)
        key, shift = found or (None, False)
        if shift != shifted:
            yield blank._replace(code="key-down" if shift else "key-up", keysym="Shift_L")
            shifted = shift
        # Characters that the layout us lacks go by X's names of keysyms for Unicode.
        keysym = f"U{ord(character):04X}" if key is None else key.shifted if shift else key.keysym
        yield blank._replace(code="key-down", keysym=keysym, text=character)
        yield blank._replace(code="key-up", keysym=keysym)
    if shifted:
        yield blank._replace(code="key-up", keysym="Shift_L")


def _chord(keys: str, blank: InputEvent) -> Iterator[InputEvent]:
    *names, last = keys.split("+")
    modifiers = [MODIFIERS[name][0] for name in names]
    key = KEYS[key_number(last)]
    shift = "shift" in names
    keysym = last if key.keysym == OTHER else key.shifted if shift else key.keysym
    for modifier in modifiers:
        yield blank._replace(code="key-down", keysym=modifier)
    yield blank._replace(code="key-down", keysym=keysym)
    yield blank._replace(code="key-up", keysym=keysym)
    for modifier in reversed(modifiers):
        yield blank._replace(code="key-up", keysym=modifier)
