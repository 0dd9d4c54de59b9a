"""Cursor supervision: the cursor by itself in each frame, and where it is (Neural Computers, appendix D).

A frame's map is a foreground, the cursor over neutral ground, and a soft mask, the share of each pixel that the cursor
covers. The reference stream has the whole picture in frame 0, with a mask of ones, and maps after it.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tracekit.actions.cursor_track import HIDDEN, CursorTrack
from tracekit.actions.letterbox import Letterbox
from tracekit.core.errors import TracekitError

MOST_CURSOR_PX: Final = 1024
"""Of a side of a cursor's picture."""


class CursorMap(NamedTuple):
    """The cursor of a frame, or of several with a first axis for frames."""

    foreground: NDArray[np.float32]
    """Shape (height, width, 3), RGB from -1 to 1; 0 where no cursor is."""
    mask: NDArray[np.float32]
    """Shape (height, width), 0 to 1."""


def on_screen(track: CursorTrack, box: Letterbox) -> NDArray[np.bool_]:
    """Shape (frames,): whether the cursor is to be seen, and its hotspot on the screen. The other masks are 0."""
    shown: NDArray[np.bool_] = track.shapes != HIDDEN
    return shown & box.on_screen(track.positions)


def cursor_map(track: CursorTrack, frame: int, box: Letterbox) -> CursorMap:
    """The cursor of one frame.

    Args:
        track: of the clip; `tracekit.actions.arrow.arrow_track` gives it another look.
        frame: its number.
        box: where the screen is in the picture. The cursor is cut off where the screen ends, as on the screen.

    Raises:
        TracekitError: the cursor's picture is too large.
    """
    foreground = np.zeros((box.height_px, box.width_px, 3), np.float32)
    mask = np.zeros((box.height_px, box.width_px), np.float32)
    if on_screen(track, box)[frame]:
        shape = int(track.shapes[frame])
        image = track.images[shape]
        if max(image.shape[:2]) > MOST_CURSOR_PX:
            raise TracekitError(f"a cursor of {image.shape[1]} x {image.shape[0]} pixels", remedy="is it a cursor?")
        x, y = box.to_picture(track.positions[frame] - track.hotspots[shape]).tolist()
        left, top, right, bottom = box.content_px
        across = _coverage(x, image.shape[1], box.scale, left, right)
        down = _coverage(y, image.shape[0], box.scale, top, bottom)
        rows, columns = _touched(down, top), _touched(across, left)
        down, across = down[down.any(axis=1)], across[across.any(axis=1)]
        seen = np.moveaxis(down @ np.moveaxis(image / 255, 2, 0) @ across.T, 0, 2)
        alpha = np.clip(seen[..., 3:], 0, 1)
        # The colour is premultiplied: 2 c - a is 2 (c / a) - 1 over a ground of 0.
        foreground[rows, columns] = np.clip(2 * seen[..., :3] - alpha, -alpha, alpha)
        mask[rows, columns] = alpha[..., 0]
    return CursorMap(foreground, mask)


def iter_maps(track: CursorTrack, box: Letterbox) -> Iterator[CursorMap]:
    """The maps of all frames, one after the other."""
    return (cursor_map(track, frame, box) for frame in range(track.frames))


def iter_reference(track: CursorTrack, box: Letterbox, first: NDArray[np.uint8]) -> Iterator[CursorMap]:
    """The reference stream, one frame after the other.

    Args:
        track: of the clip.
        box: where the screen is in the picture.
        first: the picture of frame 0, uint8 (height, width, 3), RGB.

    Raises:
        TracekitError: that picture is of another size or kind.
    """
    if first.shape != (box.height_px, box.width_px, 3) or first.dtype != np.uint8:
        raise TracekitError(f"frame 0 is {first.dtype} {first.shape}, not uint8 {(box.height_px, box.width_px, 3)}")
    yield CursorMap(first.astype(np.float32) / np.float32(127.5) - 1, np.ones(first.shape[:2], np.float32))
    yield from (cursor_map(track, frame, box) for frame in range(1, track.frames))


def cursor_maps(track: CursorTrack, box: Letterbox) -> CursorMap:
    """The maps of all frames at once: (frames, height, width, 3) and (frames, height, width).

    They take 16 bytes a pixel and frame, a gigabyte for 75 frames of 1024 x 768; `iter_maps` has one at a time.
    """
    return _stacked(iter_maps(track, box), track.frames, box)


def reference_maps(track: CursorTrack, box: Letterbox, first: NDArray[np.uint8]) -> CursorMap:
    """The reference stream at once, shaped as `cursor_maps` has it."""
    return _stacked(iter_reference(track, box, first), track.frames, box)


def _stacked(maps: Iterator[CursorMap], frames: int, box: Letterbox) -> CursorMap:
    foreground = np.empty((frames, box.height_px, box.width_px, 3), np.float32)
    mask = np.empty((frames, box.height_px, box.width_px), np.float32)
    for frame, one in enumerate(maps):
        foreground[frame], mask[frame] = one
    return CursorMap(foreground, mask)


def _coverage(start: float, length: int, scale: float, first: int, end: int) -> NDArray[np.float64]:
    """Shape (end - first, length): the share of each pixel ``first`` to ``end`` that each of a row of pixels covers,
    of which the first begins at ``start`` and each is ``scale`` wide."""
    pixels = np.arange(first, end)[:, None]
    edges = start + np.arange(length + 1) * scale
    shared: NDArray[np.float64] = np.minimum(pixels + 1, edges[1:]) - np.maximum(pixels, edges[:-1])
    return shared.clip(0)


def _touched(coverage: NDArray[np.float64], first: int) -> slice:
    """The pixels that anything covers; they are next to each other."""
    found = np.flatnonzero(coverage.any(axis=1))
    return slice(first + int(found[0]), first + int(found[-1]) + 1) if len(found) else slice(0, 0)
