"""How well a video autoencoder keeps text, by the size of the font.

The same terminal session is drawn with each font size into pictures of one size, in exact colours, coded, decoded, and
compared. The screen has as many cells as fit, and the session fills them, so that all pictures are full of text; only
its size differs. The paper names figures of its own recordings at 13 px (section 3.1.4): those are of other pictures.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import cycle, islice

import numpy as np

from tracekit.clips.render import pictures
from tracekit.clips.screen import Screen
from tracekit.core.clock import frame_time_ns
from tracekit.core.errors import TracekitError
from tracekit.core.events import Event
from tracekit.metrics.frames import Video
from tracekit.metrics.picture import mse, psnr_db, ssim
from tracekit.terminal.engine import open_engine
from tracekit.terminal.fit import Fit
from tracekit.terminal.painter import Look, Painter

Codec = Callable[[Video], Video]
"""Codes and decodes a video: uint8 (frames, height, width, 3) to the same."""

SIZES_PX = range(6, 41)
"""Heights of the font."""
CANVAS_PX = (832, 480)
"""Width and height of the pictures: those of Wan2.1's 480p."""
FRAMES = 17
"""A multiple of four and one, as a causal autoencoder of stride 4 takes them."""
_LINES = (
    "\x1b[32muser@host\x1b[0m:\x1b[34m~/src\x1b[0m$ ls -la --color && git status --short | head -n 40",
    "drwxr-xr-x  7 user user   4096 Mar 14 09:26 \x1b[1;34mtracks\x1b[0m   -rw-r--r--  1 user user  18233 notes.md",
    "def mean(values: list[float]) -> float: return sum(values) / len(values)  # raises on []",
    "\x1b[33mWARN\x1b[0m 2024-02-29T12:34:56.789Z worker[17]: retry 3/5 after 0.25 s; queue=1024 lag=98.6%",
    '\x1b[31mE: {"code": 404, "path": "/v1/items?id=0O1lI|", "hint": \'check `id`\'}\x1b[0m',
    "\x1b[7m  12 \x1b[0m for (int i = 0; i < n; i++) { a[i] ^= b[i] << 3 & 0xff; }   \x1b[36m/* mix */\x1b[0m",
)
"""What a terminal shows in daily use: a prompt, a listing, code, logs, in colours; letters that look alike."""
_LEAST_CHARACTERS = 60
"""That each of them shows."""


@dataclass(frozen=True)
class FontScore:
    """Of one font size."""

    font_size_px: int
    columns: int
    """Of the screen, in cells."""
    rows: int
    mean_mse: float
    """Mean squared error over all frames, of values from 0 to 255."""
    psnr_db: float | None
    """Of that; None where nothing was changed."""
    mean_ssim: float


def font_scores(
    codec: Codec,
    sizes_px: Iterable[int] = SIZES_PX,
    canvas_px: tuple[int, int] = CANVAS_PX,
    frames: int = FRAMES,
) -> Iterator[FontScore]:
    """Score an autoencoder by font size, one after the other.

    Args:
        codec: it may be given pictures of any content, and must return as many of the same size.
        sizes_px: heights of the font, 6 or more.
        canvas_px: width and height of the pictures, of the multiples that the codec takes, and even.
        frames: of the video.

    Raises:
        TracekitError: the codec returns another shape or type, or the canvas is too small for a cell.
    """
    for size_px in sizes_px:
        columns, rows, video = text_video(size_px, canvas_px, frames)
        decoded = codec(video)
        if decoded.shape != video.shape or decoded.dtype != np.uint8:
            raise TracekitError(f"the codec made {decoded.dtype} {decoded.shape} of uint8 {video.shape}")
        error = float(mse(video, decoded).mean())
        yield FontScore(size_px, columns, rows, error, psnr_db(error), float(ssim(video, decoded).mean()))


def text_video(font_size_px: int, canvas_px: tuple[int, int], frames: int) -> tuple[int, int, Video]:
    """A terminal full of text in which a line is typed, a character a frame: columns, rows and the video.

    Raises:
        TracekitError: the canvas is too small for a cell.
    """
    look = Look(font_size_px=font_size_px)
    cell_width_px, cell_height_px = look.cell_size(font_size_px)
    columns, rows = canvas_px[0] // cell_width_px, canvas_px[1] // cell_height_px
    if not columns or not rows:
        raise TracekitError(f"no cell of a font of {font_size_px} px goes into {canvas_px[0]}x{canvas_px[1]} px")
    screen = Screen(open_engine("pyte", columns, rows), None)
    painter = Painter(look, columns, rows, Fit("pad", canvas_px), "rgb")
    shown: list[Video] = []
    for picture in pictures(_session(columns, rows, frames), screen, painter, lambda done, total: None):
        shown.append(shown[-1] if picture is None else picture)
    return columns, rows, np.stack(shown)


def _session(columns: int, rows: int, frames: int) -> list[Event]:
    """Events of a trace of so many frames: the screen is full at the first, then a character comes with each."""
    written = "  ".join(islice(cycle(_LINES), columns * rows // _LEAST_CHARACTERS + 1))
    typed = islice(cycle("echo $((6*7)); "), frames - 1)
    events = [Event(0, "o", f"\x1b[?7h{written}\r\n$ ")]
    return events + [Event(frame_time_ns(frame), "o", key) for frame, key in enumerate(typed, 1)]
