"""Both views of a clip's actions and the cursor's place, in one file: ``KEY.actions.npz``."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tracekit.actions.classes import BUTTONS, CLASSES, DIRECTIONS, KEYS, VERSION
from tracekit.actions.cursor_track import HIDDEN, CursorTrack
from tracekit.actions.events import InputEvent
from tracekit.actions.hands import NOTHING, Held, held_after
from tracekit.actions.meta import SLOTS, Click, Frame, Scroll, Shortcut, Slot, Text, to_meta
from tracekit.actions.npz import dump_arrays, load_arrays
from tracekit.actions.raw import RawView, to_raw
from tracekit.core.errors import TracekitError

NONE, CLICK, SCROLL, TEXT, SHORTCUT = range(5)
"""The types of slots, as ``types`` has them."""
_SLOT_ARRAYS: Final = {
    "types": np.dtype(np.uint8),
    "click_buttons": np.dtype(np.uint8),
    "click_counts": np.dtype(np.uint8),
    "drags": np.dtype(np.bool_),
    "scroll_directions": np.dtype(np.uint8),
    "scroll_amounts": np.dtype(np.uint16),
    "texts": np.dtype(np.int32),
    "shortcuts": np.dtype(np.int32),
}


class MetaArrays(NamedTuple):
    """The meta view in numbers, as docs/actions.md has it."""

    slots: dict[str, NDArray[Any]]
    """Of each array, by its name, shape (frames, 2)."""
    texts: list[str]
    """``text_table``."""
    shortcuts: list[str]
    """``shortcut_table``."""


@dataclass(frozen=True)
class ActionArchive:
    """The actions of a clip."""

    raw: RawView
    meta: tuple[Frame, ...]
    """Of each frame at most two slots."""
    positions: NDArray[np.int32]
    """Shape (frames, 2): x, y of the cursor's hotspot in pixels of the screen as recorded."""
    visible: NDArray[np.bool_]
    """Shape (frames,): whether the cursor is to be seen."""

    @property
    def frames(self) -> int:
        """How many."""
        return len(self.positions)

    def save(self) -> bytes:
        """The bytes of ``KEY.actions.npz``: the same for the same actions. docs/actions.md lists the arrays."""
        arrays: dict[str, NDArray[Any]] = {
            "version": np.array([VERSION], np.int32),
            "raw": self.raw.classes,
            "held": self.raw.held[1:],
            "held_before": self.raw.held[0],
            "held_buttons": self.raw.buttons[1:],
            "held_buttons_before": self.raw.buttons[0],
            "positions": self.positions,
            "visible": self.visible,
        }
        meta = self.meta_arrays()
        tables = {"text_table": np.array(meta.texts, np.str_), "shortcut_table": np.array(meta.shortcuts, np.str_)}
        return dump_arrays(arrays | meta.slots | tables)

    def meta_arrays(self) -> "MetaArrays":
        """The meta view in numbers."""
        texts = sorted({slot.text for frame in self.meta for slot in frame if isinstance(slot, Text)})
        chords = sorted({slot.keys for frame in self.meta for slot in frame if isinstance(slot, Shortcut)})
        slots = {name: np.zeros((self.frames, SLOTS), dtype) for name, dtype in _SLOT_ARRAYS.items()}
        slots["texts"][:] = slots["shortcuts"][:] = -1
        for number, frame in enumerate(self.meta):
            for place, slot in enumerate(frame):
                for name, value in _numbers(slot, texts, chords):
                    slots[name][number, place] = value
        return MetaArrays(slots, texts, chords)

    @classmethod
    def load(cls, data: bytes, name: str = "actions.npz") -> "ActionArchive":
        """Read ``KEY.actions.npz``.

        Raises:
            TracekitError: it is none, is of another version, or its arrays do not fit each other.
        """
        arrays = load_arrays(data, name)
        try:
            _check(arrays)
        except (KeyError, TypeError, ValueError) as error:
            raise TracekitError(f"not the actions of a clip: {error}", place=name) from error
        raw = RawView(
            arrays["raw"],
            np.concatenate([arrays["held_before"][None], arrays["held"]]),
            np.concatenate([arrays["held_buttons_before"][None], arrays["held_buttons"]]),
        )
        meta = tuple(_frame(arrays, number) for number in range(len(arrays["raw"])))
        return cls(raw, meta, arrays["positions"], arrays["visible"])


def views_of(
    events: Sequence[InputEvent], cursor: CursorTrack, frames: int, before: Sequence[InputEvent] | Held = NOTHING
) -> ActionArchive:
    """Both views of a clip.

    Args:
        events: in order of time, on the clip's clock.
        cursor: of the clip's frames.
        frames: of the clip, as many as the cursor has.
        before: what is held when the clip begins, or the events of the recording before it.

    Raises:
        TracekitError: the cursor is of another number of frames.
    """
    if cursor.frames != frames:
        raise TracekitError(f"the cursor of {cursor.frames} frames in a clip of {frames}")
    held = before if isinstance(before, Held) else held_after(before)
    meta = tuple(to_meta(events, frames, held))
    return ActionArchive(to_raw(events, frames, held), meta, cursor.positions.astype(np.int32), cursor.shapes != HIDDEN)


def _numbers(slot: Slot, texts: Sequence[str], chords: Sequence[str]) -> list[tuple[str, int]]:
    """What a slot puts into the arrays."""
    match slot:
        case Click(button, clicks, drag):
            number = BUTTONS.index(button) + 1
            return [("types", CLICK), ("click_buttons", number), ("click_counts", clicks), ("drags", drag)]
        case Scroll(direction, amount):
            number = DIRECTIONS.index(direction) + 1
            return [("types", SCROLL), ("scroll_directions", number), ("scroll_amounts", min(amount, 0xFFFF))]
        case Text(text):
            return [("types", TEXT), ("texts", texts.index(text))]
        case Shortcut(keys):
            return [("types", SHORTCUT), ("shortcuts", chords.index(keys))]


def _frame(arrays: dict[str, NDArray[Any]], number: int) -> Frame:
    slots: list[Slot] = []
    for place in range(SLOTS):
        values = {name: arrays[name][number, place].item() for name in _SLOT_ARRAYS}
        if values["types"] == CLICK:
            slots.append(Click(BUTTONS[values["click_buttons"] - 1], values["click_counts"], values["drags"]))
        elif values["types"] == SCROLL:
            slots.append(Scroll(DIRECTIONS[values["scroll_directions"] - 1], values["scroll_amounts"]))
        elif values["types"] == TEXT:
            slots.append(Text(str(arrays["text_table"][values["texts"]])))
        elif values["types"] == SHORTCUT:
            slots.append(Shortcut(str(arrays["shortcut_table"][values["shortcuts"]])))
    return tuple(slots)


def _check(arrays: dict[str, NDArray[Any]]) -> None:
    """Raise ValueError, KeyError or TypeError unless the arrays are as `ActionArchive.save` writes them."""
    if (version := arrays["version"].tolist()) != [VERSION]:
        raise ValueError(f"version {version}, not {VERSION}")
    frames = len(arrays["raw"])
    shapes: dict[str, tuple[tuple[int, ...], Any]] = {
        "raw": ((frames, CLASSES), np.uint8),
        "held": ((frames, len(KEYS)), np.bool_),
        "held_before": ((len(KEYS),), np.bool_),
        "held_buttons": ((frames, len(BUTTONS)), np.bool_),
        "held_buttons_before": ((len(BUTTONS),), np.bool_),
        "positions": ((frames, 2), np.int32),
        "visible": ((frames,), np.bool_),
        **{name: ((frames, SLOTS), dtype) for name, dtype in _SLOT_ARRAYS.items()},
    }
    for name, (shape, dtype) in shapes.items():
        if arrays[name].shape != shape or arrays[name].dtype != dtype:
            raise ValueError(f"{name} is {arrays[name].dtype} {arrays[name].shape}")
    types = arrays["types"]
    for name, of, least, most in (
        ("raw", None, 0, 1),
        ("types", None, NONE, SHORTCUT),
        ("click_buttons", CLICK, 1, len(BUTTONS)),
        ("click_counts", CLICK, 1, 3),
        ("scroll_directions", SCROLL, 1, len(DIRECTIONS)),
        ("scroll_amounts", SCROLL, 1, 0xFFFF),
        ("texts", TEXT, 0, _length(arrays["text_table"]) - 1),
        ("shortcuts", SHORTCUT, 0, _length(arrays["shortcut_table"]) - 1),
    ):
        values = arrays[name] if of is None else arrays[name][types == of]
        if values.size and not least <= int(values.min()) <= int(values.max()) <= most:
            raise ValueError(f"{name} is out of range")


def _length(table: NDArray[Any]) -> int:
    if table.ndim != 1 or table.dtype.kind != "U":
        raise ValueError("a table of texts is none")
    return len(table)
