"""Fourier features of a position, from a fixed Gaussian matrix (Neural Computers, appendix D; Tancik et al. 2020)."""

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tracekit.core.errors import TracekitError

SIGMA: Final = 10.0
"""Standard deviation of the matrix, cycles over the picture. The paper does not give its own."""


def gaussian_matrix(features: int, seed: int = 0, sigma: float = SIGMA) -> NDArray[np.float32]:
    """The fixed matrix, shape (2, features): the same for the same seed, with every version of numpy.

    Raises:
        TracekitError: there are no features, or sigma or the seed is below 0.
    """
    if features < 1 or sigma < 0 or not 0 <= seed < 1 << 32:
        raise TracekitError(f"{features} Fourier features, sigma {sigma}, seed {seed}")
    # RandomState's stream is frozen (NEP 19), default_rng's is not.
    return (np.random.RandomState(seed).standard_normal((2, features)) * sigma).astype(np.float32)


def fourier_features(positions: ArrayLike, matrix: NDArray[np.float32]) -> NDArray[np.float32]:
    """Sines and cosines of ``2 pi x B``.

    Args:
        positions: shape (..., 2), as `tracekit.actions.letterbox.Letterbox.normalised` gives them. Where they are not
            finite, all features are 0.
        matrix: B, shape (2, features).

    Returns:
        float32 (..., 2 * features), -1 to 1: first all sines, then all cosines.

    Raises:
        TracekitError: the shapes do not fit.
    """
    places = np.asarray(positions, np.float64)
    if matrix.ndim != 2 or len(matrix) != 2 or places.shape[-1:] != (2,):
        raise TracekitError(f"positions of shape {places.shape} and a matrix of shape {matrix.shape}")
    known = np.isfinite(places).all(axis=-1, keepdims=True)
    angles = 2 * np.pi * np.where(known, places, 0) @ matrix.astype(np.float64)
    return np.where(known, np.concatenate([np.sin(angles), np.cos(angles)], axis=-1), 0).astype(np.float32)
