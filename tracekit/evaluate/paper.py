"""What the paper reports (Neural Computers, arXiv 2604.06425), for the page to set beside what was found.

Its data, its models and part of its protocol are not published: no figure of it is of the clips that are scored here.
"""

from collections.abc import Collection, Iterator
from typing import NamedTuple


class Figure(NamedTuple):
    """A row of one of its tables."""

    score: str
    """That gives what it is to be read beside."""
    of: str
    """What was measured."""
    values: str
    place: str
    """Where it says so."""
    differs: str
    """Why it is no measure of what is found here."""


_OTHER_CLIPS = "of its own clips"
_OTHER_PROBLEMS = "of its own problems, which are not published"
_OWN_HIT = "it does not say what a hit is"
_NO_ACTION = "it does not say what an action is"
_TABLE_10 = "of its own clips, at a rate that it does not tell"

FIGURES = (
    Figure("vae_fonts", "Wan2.1's autoencoder, 13 px", "PSNR 40.77 dB, SSIM 0.989", "table 2", "of other pictures"),
    Figure("tiers", "semantic captions", "PSNR 21.90 dB, SSIM 0.813", "table 3", _OTHER_CLIPS),
    Figure("tiers", "regular captions", "PSNR 23.63 dB, SSIM 0.843", "table 3", _OTHER_CLIPS),
    Figure("tiers", "detailed captions", "PSNR 26.89 dB, SSIM 0.867", "table 3", _OTHER_CLIPS),
    Figure("ocr", "NC-CLIGen before training", "characters 0.03, exact lines 0.01", "table 4", _OTHER_CLIPS),
    Figure("ocr", "NC-CLIGen after 60,000 steps", "characters 0.54, exact lines 0.31", "table 4", _OTHER_CLIPS),
    Figure("arithmetic", "Wan2.1", "0.00", "table 5", _OTHER_PROBLEMS),
    Figure("arithmetic", "NC-CLIGen", "0.04", "table 5", _OTHER_PROBLEMS),
    Figure("arithmetic", "NC-CLIGen, reprompted", "0.83", "figure 6", _OTHER_PROBLEMS),
    Figure("data", "Random Slow", "1.51 px a frame, 1.58 actions a second", "table 7", _NO_ACTION),
    Figure("data", "Random Fast", "195.15 px a frame, 4.18 actions a second", "table 7", _NO_ACTION),
    Figure("data", "CUA", "3.79 px a frame, 0.10 actions a second", "table 7", _NO_ACTION),
    Figure("cursor", "position", "0.087", "table 9", _OWN_HIT),
    Figure("cursor", "position and Fourier features", "0.135", "table 9", _OWN_HIT),
    Figure("cursor", "position, mask and reference", "0.987", "table 9", _OWN_HIT),
    Figure("after_actions", "untrained", "SSIM+15 0.326, LPIPS+15 0.649, FVD+15 184.3", "table 10", _TABLE_10),
    Figure("after_actions", "internal injection", "SSIM+15 0.863, LPIPS+15 0.141, FVD+15 14.5", "table 10", _TABLE_10),
)


def figures(scores: Collection[str]) -> Iterator[Figure]:
    """Those that are of some scores."""
    return (figure for figure in FIGURES if figure.score in scores)
