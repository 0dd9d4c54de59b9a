"""Y'CbCr as tracekit's videos have it: ITU-R BT.709, limited range, 8 bits.

The encoder says the same in the stream (VUI: colour primaries, transfer and matrix 1, full range 0), so that a player
comes back to the colours that were drawn.
"""

import numpy as np
from numpy.typing import NDArray

from tracekit.video.planes import Planes

KR, KB = 0.2126, 0.0722
"""Weights of red and blue in luma (BT.709-6, item 3.2)."""

_KG = 1 - KR - KB
MATRIX = np.array(
    [
        [219 * KR, 219 * _KG, 219 * KB],
        [-112 * KR / (1 - KB), -112 * _KG / (1 - KB), 112],
        [112, -112 * _KG / (1 - KR), -112 * KB / (1 - KR)],
    ]
)
"""From R'G'B' of 0 to 1 to luma of 219 and chroma of 224 steps (item 3.4)."""

OFFSET = np.array([16.0, 128.0, 128.0])
"""Luma of black, chroma of grey."""


def from_rgb(rgb: NDArray[np.float64]) -> NDArray[np.float64]:
    """Y, U and V, not rounded, of colours of 0 to 255; shapes (..., 3) to (..., 3)."""
    yuv: NDArray[np.float64] = rgb / 255 @ MATRIX.T + OFFSET
    return yuv


def to_rgb(planes: Planes) -> NDArray[np.uint8]:
    """The picture in RGB, shape (height, width, 3); chroma of 4:2:0 is repeated, not smoothed."""
    full = [planes.y, planes.u, planes.v]
    if planes.u.shape != planes.y.shape:
        full[1:] = [plane.repeat(2, axis=0).repeat(2, axis=1) for plane in full[1:]]
    yuv = np.stack(full, axis=-1).astype(np.float64)
    rgb = (yuv - OFFSET) @ np.linalg.inv(MATRIX).T * 255
    whole: NDArray[np.uint8] = np.clip(np.rint(rgb), 0, 255).astype(np.uint8)
    return whole
