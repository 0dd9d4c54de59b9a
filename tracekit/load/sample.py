"""One sample as a trainer takes it: from the members that lie in a shard to tensors."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from tracekit.actions.archive import ActionArchive
from tracekit.actions.cursor_track import CursorTrack
from tracekit.actions.keystrokes import terminal_views
from tracekit.actions.npz import load_arrays
from tracekit.core.errors import TracekitError
from tracekit.load import torchcodec_frames
from tracekit.load.frames import Size, clip_frames
from tracekit.load.shared import blank
from tracekit.shards.events import load_events
from tracekit.shards.read import StoredSample

TIERS = ("semantic", "regular", "detailed", "script", "instruction", "chosen")
"""Captions that can be asked for; ``chosen`` is that of ``KEY.txt``."""
DECODERS = ("pyav", "torchcodec")
MOST_FRAMES = 1 << 20
"""Of a clip: 19 hours."""
_OF_A_FRAME = ("frames", "cursor")
"""Arrays of ``KEY.cells.npz`` with a row a frame."""
INDEXES = ("texts", "shortcuts")
"""Arrays of the meta view where -1 is none."""

Loaded = dict[str, Any]


@dataclass(frozen=True)
class Wanted:
    """What is made of a sample; as `tracekit.load.clips.load` has it."""

    frames: int | None = None
    size: Size | None = None
    tiers: tuple[str, ...] = ("regular",)
    actions: bool = True
    cells: bool = False
    cursor: bool = False
    keystrokes: bool = False
    video: bool = True
    decoder: str = "pyav"
    device: str = "cpu"

    def __post_init__(self) -> None:
        if unknown := set(self.tiers) - set(TIERS):
            raise TracekitError(f"there is no caption {min(unknown)!r}", remedy=f"known: {', '.join(TIERS)}")
        if self.frames is not None and self.frames < 1:
            raise TracekitError("frames must be at least 1")
        if self.size is not None and min(self.size) < 1:
            raise TracekitError("size must be at least 1 by 1 pixel")
        if self.decoder not in DECODERS:
            raise TracekitError(f"there is no decoder {self.decoder!r}", remedy=f"known: {', '.join(DECODERS)}")
        if self.decoder == "pyav" and self.device != "cpu":
            raise TracekitError("PyAV decodes on the CPU alone", remedy="use decoder='torchcodec'")


def make_sample(stored: StoredSample, wanted: Wanted) -> Loaded:
    """Make what is wanted of a sample, and decode nothing else.

    Raises:
        TracekitError: a member is missing, damaged or of another hash than ``KEY.json`` says.
    """
    described = described_by(stored)
    own = described["clock"]["frames"]
    frames = wanted.frames or own
    shown = np.minimum(np.arange(frames), own - 1)  # of each frame that is given, which one of the clip it shows
    sample: Loaded = {
        "key": stored.key,
        "video": _video(_member(stored, described, "mp4"), own, frames, wanted) if wanted.video else None,
        "frame_mask": torch.arange(frames) < own,
        "captions": {tier: caption_of(stored, described, tier) for tier in wanted.tiers},
        "json": described,
    }
    if wanted.actions:
        archive = _archive(stored, described, wanted.keystrokes)
        sample["actions"] = _actions(archive, own, shown) if archive else None
    if wanted.cells:
        has = "cells.npz" in stored.files
        sample["cells"] = _cells(_member(stored, described, "cells.npz"), own, shown) if has else None
    if wanted.cursor:
        has = "cursor.npz" in stored.files
        sample["cursor"] = _cursor(_member(stored, described, "cursor.npz"), own, shown) if has else None
    return sample


def described_by(stored: StoredSample) -> dict[str, Any]:
    """``KEY.json``, checked as far as it is used here.

    Raises:
        TracekitError: it is missing or damaged.
    """
    try:
        described: dict[str, Any] = json.loads(stored.files["json"])
        if described["key"] != stored.key:
            raise ValueError("it is of another key")
        if type(described["clock"]["frames"]) is not int or described["clock"]["frames"] < 1:
            raise ValueError("it has no frames")
        if described["clock"]["frames"] > MOST_FRAMES:
            raise ValueError(f"it has more than {MOST_FRAMES} frames")
        if not isinstance(described["files"], dict) or not isinstance(described["captions"], dict):
            raise ValueError("it names no files or captions")
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise TracekitError(f"the member .json is missing or damaged: {error}") from error
    return described


def _member(stored: StoredSample, described: Mapping[str, Any], extension: str) -> bytes:
    if extension not in stored.files:
        raise TracekitError(f"there is no member .{extension}")
    data = stored.files[extension]
    if hashlib.sha256(data).hexdigest() != described["files"].get(extension):
        raise TracekitError(f"the member .{extension} is not what .json has the hash of")
    return data


def caption_of(stored: StoredSample, described: Mapping[str, Any], tier: str) -> str:
    """A caption, or '' where the sample has none of that tier.

    Raises:
        TracekitError: it is that of ``KEY.txt``, which is missing or damaged.
    """
    if tier == "chosen":
        return _member(stored, described, "txt").decode("utf-8", "replace")
    return str(described["captions"].get(tier) or "")


def _video(data: bytes, own: int, frames: int, wanted: Wanted) -> torch.Tensor:
    if wanted.decoder == "torchcodec":
        return torchcodec_frames.clip_frames(data, own, frames, wanted.size, wanted.device)
    made: list[torch.Tensor] = []

    def into(shape: tuple[int, ...]) -> NDArray[np.uint8]:
        made.append(blank(shape))
        array: NDArray[np.uint8] = made[0].numpy()
        return array

    clip_frames(data, own, frames, wanted.size, into)
    return made[0]


def _archive(stored: StoredSample, described: Mapping[str, Any], keystrokes: bool) -> ActionArchive | None:
    """What was done: of a desktop as it lies there, of a terminal by its input if that is asked for."""
    if "actions.npz" in stored.files:
        return ActionArchive.load(_member(stored, described, "actions.npz"))
    if keystrokes and described.get("kind") == "terminal":
        return terminal_views(load_events(_member(stored, described, "events.jsonl")), described["clock"]["frames"])
    return None


def _actions(archive: ActionArchive, own: int, shown: NDArray[np.int64]) -> dict[str, Any]:
    """Both views and the cursor's place; in frames past the clip's end nothing is done and all stays as it was."""
    _check_frames("actions", archive.frames, own)
    raw = archive.raw.classes[shown]
    raw[own:] = 0
    meta = archive.meta_arrays()
    slots = {name: values[shown].astype(np.int64) for name, values in meta.slots.items()}
    for name, values in slots.items():
        values[own:] = -1 if name in INDEXES else 0
    return {
        "raw": torch.from_numpy(raw),
        "held": torch.from_numpy(archive.raw.held[1:][shown]),
        "buttons": torch.from_numpy(archive.raw.buttons[1:][shown]),
        "positions": torch.from_numpy(archive.positions[shown]),
        "visible": torch.from_numpy(archive.visible[shown]),
        "meta": {name: torch.from_numpy(values) for name, values in slots.items()},
        "text_table": meta.texts,
        "shortcut_table": meta.shortcuts,
    }


def _cells(data: bytes, own: int, shown: NDArray[np.int64]) -> dict[str, Any]:
    arrays = load_arrays(data, "cells.npz")
    for name in _OF_A_FRAME:
        _check_frames("cells", len(arrays.get(name, ())), own)
        arrays[name] = arrays[name][shown]
    return arrays


def _cursor(data: bytes, own: int, shown: NDArray[np.int64]) -> CursorTrack:
    track = CursorTrack.load(data)
    _check_frames("cursor", track.frames, own)
    return track.cut(shown)


def _check_frames(what: str, found: int, own: int) -> None:
    if found != own:
        raise TracekitError(f"the {what} are of {found} frames, the video of {own}")
