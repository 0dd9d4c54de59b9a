"""Fréchet video distance (Unterthiner et al., arXiv 1812.01717): how far two sets of videos are from each other.

Two Gaussians are fitted to the features of the true and of the predicted clips; theirs is the distance
``|m - n|² + tr(S + T - 2 (S T)^½)``. It is one of sets: a single pair has none, and of few clips it says little, for it
falls with their number. `FvdScore` has the number beside it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tracekit.core.errors import TracekitError

Array = NDArray[np.float32] | NDArray[np.float64]


@dataclass(frozen=True)
class FvdScore:
    """Of two sets of clips."""

    fvd: float
    """0 for equal sets."""
    clips: int
    """In each set; of the smaller one, if they differ."""
    dimensions: int
    """Of the features."""
    full_rank: bool
    """Whether there are more clips than dimensions: if not, the covariances are not determined by them, and the
    distance can only be compared with others of as many clips."""
    features: str
    """What they were made with."""
    weights_sha256: str
    """Of the file of its weights."""


def fvd_score(truth: Array, predicted: Array, features: str, weights_sha256: str) -> FvdScore:
    """The distance of features, with what it was made of.

    Args:
        truth: shape (clips, dimensions), a row a true clip.
        predicted: likewise; it may be of another number of clips.
        features: name of what made them.
        weights_sha256: of its weights.

    Raises:
        TracekitError: as `frechet_distance`.
    """
    distance = frechet_distance(truth, predicted)
    clips, dimensions = min(len(truth), len(predicted)), truth.shape[1]
    return FvdScore(distance, clips, dimensions, clips > dimensions, features, weights_sha256)


def frechet_distance(one: Array, other: Array) -> float:
    """The squared Fréchet distance of the Gaussians of two sets of vectors, shape (n, dimensions) each; >= 0.

    With the deviations from their means A and B, of which S = AᵀA and T = BᵀB, the trace of (S T)^½ is the sum of the
    singular values of A Bᵀ. Unlike the root of S T it is exact where a covariance is singular, as it is of few clips.

    Raises:
        TracekitError: a set has fewer than two vectors, or one that is not finite.
    """
    (mean, deviations), (other_mean, other_deviations) = _gaussian(one), _gaussian(other)
    root = np.linalg.svd(deviations @ other_deviations.T, compute_uv=False).sum()
    spread = np.square(deviations).sum() + np.square(other_deviations).sum() - 2 * root
    return max(0.0, float(np.square(mean - other_mean).sum() + spread))


def _gaussian(features: Array) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean (d,), and deviations (at most d, d) whose products with each other are the unbiased covariance."""
    vectors = np.asarray(features, np.float64)
    if len(vectors) < 2:
        raise TracekitError(f"a Fréchet distance takes two clips or more, not {len(vectors)}")
    if not np.isfinite(vectors).all():
        raise TracekitError("features are not finite")
    mean = vectors.mean(axis=0)
    return mean, np.linalg.qr((vectors - mean) / np.sqrt(len(vectors) - 1)).R
