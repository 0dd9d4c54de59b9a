"""Pictures that change now and then, and the videos made of them."""

from collections.abc import Iterable, Sequence

import numpy as np

from tracekit.video.encode import ClipEncoder
from tracekit.video.plain import PlainEncoder
from tracekit.video.planes import Planes

FRAMES = 75
_random = np.random.default_rng(0)
CHANGES: dict[str, list[bool]] = {
    "static": [False] * FRAMES,
    "every frame": [True] * FRAMES,
    "first and last": [True, *[False] * (FRAMES - 2), True],
    "alternating": [frame % 2 == 0 for frame in range(FRAMES)],
    "frame_num wraps between": [frame % 17 == 3 for frame in range(FRAMES)],
    "one in four": [bool(_random.random() < 0.25) for _ in range(FRAMES)],
}
"""By name: which frames differ from the one before."""


def film(
    encoders: Iterable[ClipEncoder | PlainEncoder], changes: Sequence[bool], seed: int = 0, small: float = 0.5
) -> list[Planes]:
    """Put the same frames into all the encoders: text-like noise, of which a rectangle is replaced at each change.

    Args:
        encoders: of one size and format.
        changes: which frames differ from the one before; the first does.
        seed: of the noise.
        small: share of the changes that are as small as a character, the others being an eighth of the sides.

    Returns:
        Each frame as it was painted.
    """
    random = np.random.default_rng(seed)
    encoders = list(encoders)
    first = encoders[0].planes
    height, width = first.y.shape
    painted = []
    for frame, changed in enumerate(changes):
        if frame == 0:
            _scribble(first, (0, 0), (height, width), random)
        elif changed:
            size = (16, 8) if random.random() < small else (4 + height // 8, 8 + width // 8)
            _scribble(first, (random.integers(height - size[0]), random.integers(width - size[1])), size, random)
        for encoder in encoders:
            for source, target in zip(first, encoder.planes, strict=True):
                target[:] = source
            encoder.frame(changed)
        painted.append(Planes(*(plane.copy() for plane in first)))
    return painted


def _scribble(planes: Planes, corner: tuple[int, int], size: tuple[int, int], random: np.random.Generator) -> None:
    """Fill a rectangle, given by (top, left) and (height, width), with squares in four levels: as sharp as text."""
    for plane, peak in zip(planes, (235, 240, 240), strict=True):
        step = planes.y.shape[0] // plane.shape[0]
        area = plane[
            tuple(np.s_[start // step : (start + side) // step] for start, side in zip(corner, size, strict=True))
        ]
        coarse = random.integers(0, 4, (area.shape[0] // 2 + 1, area.shape[1] // 2 + 1))
        fine = coarse.repeat(2, axis=0).repeat(2, axis=1)[: area.shape[0], : area.shape[1]]
        area[:] = 16 + fine * ((peak - 16) // 3)


def clip(encoder: ClipEncoder, changes: Sequence[bool], seed: int = 0) -> bytes:
    """The video of such frames."""
    film([encoder], changes, seed)
    return encoder.finish()
