"""Clips of terminals whose text can't be read off the picture: a wrong font, letters too small, bad coding."""

import re
from collections import Counter
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydantic import Field, model_validator

from tracekit.filters.base import Candidate, ClipFilter
from tracekit.filters.measure import StoredClip
from tracekit.filters.pictures import luma
from tracekit.shards.sample import Decision
from tracekit.terminal.grid import Grid
from tracekit.video import ocr
from tracekit.video.decode import frames_rgb

_WORD = re.compile(r"[A-Za-z]{3,}")
_LINE_PX = 30
"""How high lines should be for tesseract; it was trained on print of 300 dots an inch."""
_CONTRAST = 3
"""By which letters are set off, or tesseract passes over dim ones beside bright ones."""


class Legibility(ClipFilter):
    """Reject clips of terminals of whose words optical character recognition (tesseract) finds too few.

    Words are three or more Latin letters, as the text grid has them; the clip's frame with the most of them is read, of
    equals the first. A clip with few words is not judged, and so are desktops: nothing tells what their pictures say.

    Raises:
        TracekitError: tesseract is not installed.
    """

    measure_version: ClassVar[int] = 1

    min_read: float = Field(0.7, ge=0, le=1, description="Share of the words that must be read")
    min_words: int = Field(8, ge=1, description="Words that a clip must show to be judged")

    @model_validator(mode="after")
    def _has_tesseract(self) -> Self:
        ocr.need_tesseract()
        return self

    def measure(self, clip: StoredClip) -> dict[str, int] | None:
        """Of the frame that was read its number, its words, and how many of them were read; null of desktops.

        Raises:
            Rejected: reason ``late``: reading takes longer than `tracekit.video.ocr.LIMIT_S`.
        """
        if clip.grid is None:
            return None
        frame, words = _most_words(clip.grid)
        found = Counter[str]()
        if words:
            geometry = clip.sample["geometry"]
            line_px = geometry["cell_height_px"] * geometry["scale"]
            found = _words(_read(frames_rgb(clip.files["mp4"], [frame], luma)[0], line_px))
        return {"frame": frame, "words": words.total(), "read": (words & found).total()}

    def judge(self, candidate: Candidate) -> Decision:
        """Score: share of the words that are read; null of a clip that is not judged."""
        told = candidate.measured.get("legibility")
        if told is None or told["words"] < self.min_words:
            return Decision(filter="legibility", keep=True)
        share = told["read"] / told["words"]
        keep = share >= self.min_read
        reason = "" if keep else f"{told['read']} of {told['words']} words can be read"
        return Decision(filter="legibility", keep=keep, score=round(share, 4), threshold=self.min_read, reason=reason)


def _most_words(grid: Grid) -> tuple[int, Counter[str]]:
    """The first frame with the most words, and these."""
    firsts = np.unique(grid.frame_screens, return_index=True)[1].tolist()
    counted = [(frame, _words("\n".join(grid.lines(frame)))) for frame in sorted(firsts)]
    return max(counted, key=lambda one: one[1].total())


def _words(text: str) -> Counter[str]:
    return Counter(word.lower() for word in _WORD.findall(text))


def _read(picture: NDArray[np.uint8], line_px: float) -> str:
    """What tesseract reads off a picture, given as luma: made dark on light, and of the size that it was trained on."""
    ground = int(np.bincount(picture.ravel()).argmax())
    strength = np.abs(picture.astype(np.int16) - ground) * _CONTRAST
    image = Image.fromarray((255 - np.minimum(strength, 255)).astype(np.uint8))
    if (zoom := round(_LINE_PX / line_px)) > 1:
        image = image.resize((image.width * zoom, image.height * zoom), Image.Resampling.BICUBIC)
    return ocr.read_text(image)
