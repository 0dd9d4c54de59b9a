"""The text of a predicted video against that of the true one, both read by tesseract (Neural Computers, B.2)."""

import hashlib

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tracekit.core.errors import TracekitError
from tracekit.metrics.frames import Pair
from tracekit.metrics.text_accuracy import FRAMES, TextAccuracy, frames_to_read, normalised, text_accuracy
from tracekit.video.ocr import need_tesseract, read_text

_REMEMBERED = 1024
_MOST_PX = 100_000_000
"""Of a picture as tesseract is given it."""


class Reader:
    """Reads frames, and remembers what it read: much of a screen's time nothing moves.

    Args:
        zoom: pictures are scaled up by it, 1 to 8; tesseract was trained on print, whose letters are larger.
        dark_on_light: whether pictures are made grey, and inverted where their commonest tone is dark.
        segmentation: tesseract's ``--psm``, 0 to 13.

    Raises:
        TracekitError: tesseract is not installed, or an option is out of range.
    """

    def __init__(self, *, zoom: int = 2, dark_on_light: bool = True, segmentation: int = 6) -> None:
        need_tesseract()
        if not (1 <= zoom <= 8 and 0 <= segmentation <= 13):
            raise TracekitError(f"a zoom of {zoom} and a segmentation of {segmentation}", remedy="1 to 8, and 0 to 13")
        self.zoom, self.dark_on_light, self.segmentation = zoom, dark_on_light, segmentation
        self._read: dict[bytes, list[str]] = {}

    @classmethod
    def as_in_paper(cls) -> "Reader":
        """Gives tesseract RGB frames as they are and no options: the paper tells of neither."""
        return cls(zoom=1, dark_on_light=False, segmentation=3)

    def lines(self, frame: NDArray[np.uint8]) -> list[str]:
        """The lines of a frame, normalised.

        Args:
            frame: shape (height, width, 3), RGB.

        Raises:
            Rejected: reason ``late``: tesseract takes too long.
            TracekitError: tesseract fails, or the picture is too large for it.
        """
        digest = hashlib.blake2b(repr(frame.shape).encode() + frame.tobytes(), digest_size=16).digest()
        if digest not in self._read:
            if len(self._read) == _REMEMBERED:
                self._read.clear()
            self._read[digest] = normalised(read_text(self._prepared(frame), segmentation=self.segmentation))
        return self._read[digest]

    def _prepared(self, frame: NDArray[np.uint8]) -> Image.Image:
        if frame.shape[0] * frame.shape[1] * self.zoom**2 > _MOST_PX:
            raise TracekitError(f"a picture of {frame.shape[1]}x{frame.shape[0]} is too large to be read")
        image = Image.fromarray(frame)
        if self.dark_on_light:
            image = image.convert("L")
            grey = np.asarray(image)
            if np.bincount(grey.ravel(), minlength=256).argmax() < 128:
                image = Image.fromarray(255 - grey)
        if self.zoom > 1:
            image = image.resize((image.width * self.zoom, image.height * self.zoom), Image.Resampling.BICUBIC)
        return image


def ocr_accuracy(pair: Pair, reader: Reader, most_frames: int = FRAMES) -> TextAccuracy:
    """Hold what is read off a predicted video against what is read off the true one.

    Where tesseract misreads the true frames, a perfect prediction has to be misread as they are; how well it reads them
    is told by `tracekit.metrics.grid.grid_accuracy` of the true frames.

    Args:
        pair: every frame of two videos.
        reader: of both.
        most_frames: how many are read.

    Raises:
        Rejected: reason ``late``: tesseract takes too long.
        TracekitError: tesseract fails, or there are no frames.
    """
    chosen = pair.take(frames_to_read(pair.frames, most_frames))
    truth, predicted = ([reader.lines(frame) for frame in video] for video in (chosen.truth, chosen.predicted))
    return text_accuracy(chosen.numbers.tolist(), truth, predicted)
