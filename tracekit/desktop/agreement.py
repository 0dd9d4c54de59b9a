"""How far two traces show the same: whether a desktop does the same when the same is done to it."""

import math
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tracekit.core.errors import TracekitError
from tracekit.desktop.foreign.film import frame_luma
from tracekit.video.decode import decode

NEAR_FRAMES = 2
"""How many frames earlier or later a picture may come to be near."""
LEVELS = 16
"""By how many of 255 levels of luma a pixel must differ to be another: more than coding makes of it."""
TOLERANCE = 0.001
"""Share of the pixels that may be others in frames that count as the same. A caret that blinks is far less, a typed
word is more."""

Luma = NDArray[np.uint8]


@dataclass(frozen=True)
class Agreement:
    """Two videos frame by frame."""

    frames: int
    """Those that both have."""
    frames_a: int
    frames_b: int
    same: int
    """Frames that show the same at the same index."""
    near: int
    """Frames of the first that the second shows at the same index or up to two frames from it, `same` included."""
    psnr_db: float | None
    """Of the luma of all frames together, above a peak of 255; None where nothing differs at all."""
    last_same: bool
    """Whether the last frames that both have show the same: whether both came to the same end."""

    @property
    def same_share(self) -> float:
        """Of the frames that both have."""
        return self.same / self.frames if self.frames else 0.0

    @property
    def near_share(self) -> float:
        """Of the frames that both have."""
        return self.near / self.frames if self.frames else 0.0


def agreement(trace_a: Path, trace_b: Path, tolerance: float = TOLERANCE) -> Agreement:
    """Compare the videos of two traces.

    Args:
        trace_a: folder of one, the recording.
        trace_b: folder of the other, its replay.
        tolerance: share of the pixels that may be others in frames that count as the same.

    Raises:
        TracekitError: a video does not decode, or they differ in size.
    """
    shown_a, shown_b = (decode(folder / "screen.mp4") for folder in (trace_a, trace_b))
    return compare((frame_luma(frame) for frame in shown_a), (frame_luma(frame) for frame in shown_b), tolerance)


def compare(shown_a: Iterator[Luma], shown_b: Iterator[Luma], tolerance: float = TOLERANCE) -> Agreement:
    """Compare two sequences of pictures, each shape (height, width), 8 bits of luma. A few are kept at a time.

    Raises:
        TracekitError: they differ in size.
    """
    around: deque[Luma | None] = deque([None] * (NEAR_FRAMES + 1), maxlen=2 * NEAR_FRAMES + 1)
    frames_a = frames_b = both = same = near = 0
    squares = pixels = 0
    last_same = False
    for _ in range(NEAR_FRAMES):
        frames_b += _next_into(around, shown_b)
    for picture in shown_a:
        frames_a += 1
        frames_b += _next_into(around, shown_b)
        partner = around[NEAR_FRAMES]
        if partner is None:
            continue
        if picture.shape != partner.shape:
            raise TracekitError(f"the videos differ in size: {_size(picture)} and {_size(partner)}")
        both += 1
        pixels += picture.size
        squares += _squared_error(picture, partner)
        last_same = _are_same(picture, partner, tolerance)
        same += last_same
        near += last_same or any(
            other is not None and _are_same(picture, other, tolerance) for other in around if other is not partner
        )
    frames_b += sum(1 for _ in shown_b)
    psnr_db = round(10 * math.log10(255**2 * pixels / squares), 3) if squares else None
    return Agreement(both, frames_a, frames_b, same, near, psnr_db, last_same)


def _next_into(around: deque[Luma | None], shown: Iterator[Luma]) -> int:
    """Take one picture on, None after the last; how many were taken."""
    picture = next(shown, None)
    around.append(picture)
    return picture is not None


def _are_same(one: Luma, other: Luma, tolerance: float) -> bool:
    differs = np.maximum(one, other) - np.minimum(one, other) > LEVELS
    return int(np.count_nonzero(differs)) <= tolerance * one.size


def _squared_error(one: Luma, other: Luma) -> int:
    differs = (np.maximum(one, other) - np.minimum(one, other)).ravel().astype(np.float32)
    return round(float(differs @ differs))


def _size(picture: Luma) -> str:
    return f"{picture.shape[1]}x{picture.shape[0]}"
