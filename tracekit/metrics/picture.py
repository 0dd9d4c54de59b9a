"""PSNR and SSIM of pairs of frames, as torchmetrics has them, without torch and several times quicker.

SSIM is that of Wang et al. (2004) with a Gaussian window of 11 x 11, sigma 1.5, over RGB of range 0 to 1, pictures
reflected at their edges and the mean taken over all pixels and channels: the default of torchmetrics, which the paper
uses (Neural Computers, appendix B.3). scikit-image leaves out a margin of five pixels instead.
"""

import numpy as np
from numpy.typing import NDArray

from tracekit.metrics.frames import Video

_RADIUS = 5
_SIGMA = 1.5
_WINDOW = np.exp(-np.square(np.arange(-_RADIUS, _RADIUS + 1) / _SIGMA) / 2)
_WEIGHTS = (_WINDOW / _WINDOW.sum()).astype(np.float32)
_C1, _C2 = np.float32(0.01**2), np.float32(0.03**2)
_BAND_ROWS = 32
"""Rows that are worked on at once: so many of a wide screen stay in the processor's cache."""


def mse(truth: Video, predicted: Video) -> NDArray[np.float64]:
    """Mean squared error of each frame, shape (frames,), of values from 0 to 255."""
    return np.array([_mse(*frames) for frames in zip(truth, predicted, strict=True)], np.float64)


def psnr_db(mean_squared_error: float) -> float | None:
    """Peak signal-to-noise ratio below a peak of 255; None where the error is 0 and it is infinite."""
    return float(10 * np.log10(255**2 / mean_squared_error)) if mean_squared_error else None


def ssim(truth: Video, predicted: Video) -> NDArray[np.float64]:
    """Structural similarity of each frame, shape (frames,)."""
    return np.array([_ssim(*frames) for frames in zip(truth, predicted, strict=True)], np.float64)


def _mse(truth: NDArray[np.uint8], predicted: NDArray[np.uint8]) -> float:
    difference = np.subtract(truth, predicted, dtype=np.int16)
    return float(np.square(difference, dtype=np.int32).mean())


def _ssim(truth: NDArray[np.uint8], predicted: NDArray[np.uint8]) -> float:
    height, width, channels = truth.shape
    margin = ((_RADIUS, _RADIUS), (_RADIUS, _RADIUS), (0, 0))
    padded = [np.pad(picture, margin, "reflect") for picture in (truth, predicted)]
    total = 0.0
    for top in range(0, height, _BAND_ROWS):
        rows = slice(top, min(top + _BAND_ROWS, height) + 2 * _RADIUS)
        total += _similarity(*(picture[rows].astype(np.float32) for picture in padded)).sum(dtype=np.float64)
    return float(total / (height * width * channels))


def _similarity(truth: NDArray[np.float32], predicted: NDArray[np.float32]) -> NDArray[np.float32]:
    """SSIM of each pixel of a band, given with a margin on all sides; values from 0 to 255."""
    # About the middle of the range the squares are smallest, and so is what rounding takes from their differences.
    x, y = truth / 255 - np.float32(0.5), predicted / 255 - np.float32(0.5)
    mean_x, mean_y, squares, product = _blurred(np.stack([x, y, x * x + y * y, x * y]))
    covariance = product - mean_x * mean_y
    variances = squares - (mean_x * mean_x + mean_y * mean_y)
    mean_x += np.float32(0.5)
    mean_y += np.float32(0.5)
    luminance: NDArray[np.float32] = (2 * mean_x * mean_y + _C1) / (mean_x * mean_x + mean_y * mean_y + _C1)
    luminance *= (2 * covariance + _C2) / (variances + _C2)
    return luminance


def _blurred(maps: NDArray[np.float32]) -> NDArray[np.float32]:
    """Maps, shape (n, rows, columns, channels), under the window, without the margin where it does not fit."""
    for axis in (1, 2):
        length = maps.shape[axis] - 2 * _RADIUS
        shifted = [maps[(slice(None),) * axis + (slice(by, by + length),)] for by in range(2 * _RADIUS + 1)]
        total = shifted[_RADIUS] * _WEIGHTS[_RADIUS]
        for by in range(_RADIUS):
            total += (shifted[by] + shifted[-1 - by]) * _WEIGHTS[by]
        maps = total
    return maps
