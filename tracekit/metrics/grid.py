"""The text of a video against what the terminal held: the scores of `tracekit.metrics.ocr`, without OCR of the truth.

The predicted frames are still read by tesseract. What it makes of the true frames is the ceiling: a perfect prediction
gets that, and not 1.
"""

from tracekit.core.errors import TracekitError
from tracekit.metrics.frames import Video
from tracekit.metrics.ocr import Reader
from tracekit.metrics.text_accuracy import FRAMES, TextAccuracy, frames_to_read, normalised, text_accuracy
from tracekit.terminal.grid import Grid


def grid_lines(grid: Grid, frame: int) -> list[str]:
    """The lines of a frame of the grid, normalised as those that are read."""
    return normalised("\n".join(grid.lines(frame)))


def grid_accuracy(
    grid: Grid, video: Video, reader: Reader, *, frames: int | None = None, most_frames: int = FRAMES
) -> TextAccuracy:
    """Hold what is read off a video against the text of the terminal.

    Args:
        grid: of the true clip, ``KEY.cells.npz``.
        video: every frame of the predicted video; or of the true one, for the ceiling.
        reader: of the video.
        frames: that the truth and the prediction have, so that score and ceiling are of the same ones; None: as many
            as the grid and the video have.
        most_frames: how many are read.

    Raises:
        Rejected: reason ``late``: tesseract takes too long.
        TracekitError: tesseract fails, there are no frames, or fewer than ``frames``.
    """
    both = min(grid.frames, len(video))
    if frames is not None and frames > both:
        raise TracekitError(f"{frames} frames of a video and a text that have {both}")
    numbers = frames_to_read(both if frames is None else frames, most_frames)
    truth = [grid_lines(grid, number) for number in numbers]
    return text_accuracy(numbers, truth, [reader.lines(video[number]) for number in numbers])
