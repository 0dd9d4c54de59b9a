"""How much of a text is right: character accuracy and exact lines, by the rules of Neural Computers, appendix B.2."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from rapidfuzz.distance import Levenshtein

from tracekit.core.errors import TracekitError

FRAMES = 5
"""Of a video at most so many are read, the paper's K."""

Lines = Sequence[str]
"""The text of a frame from the top, as `normalised` makes it."""


@dataclass(frozen=True)
class TextAccuracy:
    """Of a video; each value is 0 to 1."""

    characters: float
    """Mean over the frames."""
    exact_lines: float
    """Mean over the frames."""
    frames: list[int]
    """Which were read."""
    frame_characters: list[float]
    """Of each of them."""
    frame_exact_lines: list[float]


def frames_to_read(frames: int, most: int = FRAMES) -> list[int]:
    """The frames to read of a video: all if there are few, else evenly spaced ones, the first and the last among them.

    The paper rounds "deterministically" to whole numbers; here a half goes to the even one, as in Python and numpy.

    Args:
        frames: that both videos have.
        most: how many, 1 or more.
    """
    if frames <= most:
        return list(range(frames))
    return sorted({round(number * (frames - 1) / max(most - 1, 1)) for number in range(most)})


def normalised(text: str) -> list[str]:
    """The lines of a text without white space at their ends, runs of it as one space, empty lines left out.

    Case and punctuation stay.
    """
    return [line for line in (" ".join(line.split()) for line in text.splitlines()) if line]


def character_accuracy(truth: Lines, predicted: Lines) -> float:
    """``max(0, 1 - d(s, t) / |s|)``, with d the Levenshtein distance of the joined lines and s the true ones.

    1 if both are empty, 0 if only the truth is.
    """
    true, other = "\n".join(truth), "\n".join(predicted)
    if not true:
        return float(not other)
    return max(0.0, 1 - Levenshtein.distance(true, other, score_cutoff=len(true)) / len(true))


def exact_line_accuracy(truth: Lines, predicted: Lines) -> float:
    """The share of the true lines that stand in the prediction at the same index.

    1 if both are empty, 0 if only the truth is.
    """
    if not truth:
        return float(not predicted)
    return sum(one == other for one, other in zip(truth, predicted, strict=False)) / len(truth)


def text_accuracy(frames: Sequence[int], truth: Sequence[Lines], predicted: Sequence[Lines]) -> TextAccuracy:
    """Both, of each frame and as their means.

    Args:
        frames: their numbers.
        truth: of each frame the true lines.
        predicted: of each frame those that are held against them.

    Raises:
        TracekitError: there are no frames.
    """
    if not frames:
        raise TracekitError("there are no frames to read")
    characters = [character_accuracy(*pair) for pair in zip(truth, predicted, strict=True)]
    exact_lines = [exact_line_accuracy(*pair) for pair in zip(truth, predicted, strict=True)]
    return TextAccuracy(fmean(characters), fmean(exact_lines), list(frames), characters, exact_lines)
