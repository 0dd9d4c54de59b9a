"""Sessions of the arithmetic probe, filmed large enough to be read."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from tracekit.clips.clip import Capture
from tracekit.clips.settings import Canvas, ClipSettings, LookSettings, VideoSettings
from tracekit.metrics.arithmetic import Question
from tracekit.metrics.arithmetic_set import SessionFilms
from tracekit.metrics.frames import Video, read_video
from tracekit.terminal.grid import Grid

LOOK = LookSettings(theme="vhs", font_size_px=20, canvas=Canvas(width_px=640, height_px=240))


@cache
def films() -> SessionFilms:
    clip = ClipSettings(window_s=None, idle_limit_s=None)
    return SessionFilms(Capture(clip, LOOK, VideoSettings(), None, 0), columns=50, rows=8)


def filmed(question: Question, answer: str | None = None) -> tuple[Video, Grid]:
    """The video and the text of a session that ends with an answer, the right one unless another is given."""
    clip = films().film(question, answer=answer)
    return read_video(clip.files["mp4"]).video, Grid.load(clip.files["cells.npz"])


def blank(video: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A video of the same size that shows nothing."""
    return np.full_like(video, video[0, 0, 0])
