"""Animated GIF: for documents, where a video can't stand."""

from collections.abc import Iterable
from fractions import Fraction
from typing import Any, BinaryIO

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tracekit.core.clock import FPS
from tracekit.core.errors import TracekitError

DELAY_UNIT = Fraction(1, 100)
"""GIF counts time in hundredths of a second (GIF89a, section 23)."""


def write_gif(file: BinaryIO, frames: Iterable[NDArray[np.uint8] | None]) -> None:
    """Write pictures, 15 a second, as a GIF that repeats for ever; they are taken and written one by one.

    A picture is shown from the hundredth nearest to its instant, so that errors don't add up, and has a palette of its
    own: exact up to 256 colours, without dithering beyond.

    Args:
        file: where to.
        frames: RGB, shape (height, width, 3), all of one size; None where the picture has not changed.

    Raises:
        TracekitError: there is no picture at the start.
    """
    number, held = 0, None  # the packet written last says how long it is shown, so it waits for the next
    with av.open(file, "w", format="gif") as container:
        stream = container.add_stream("gif")
        stream.pix_fmt, stream.codec_context.time_base = "pal8", DELAY_UNIT
        for number, rgb in enumerate(frames):
            if rgb is None:
                continue
            if number == 0:
                stream.height, stream.width = rgb.shape[:2]
            elif held is None:
                break
            frame = _with_palette(rgb)
            frame.pts, frame.time_base = _hundredths(number), DELAY_UNIT
            for packet in stream.encode(frame):
                if held is not None:
                    container.mux(held)
                held = packet
        if held is None:
            raise TracekitError("a GIF needs a picture to start with")
        held.duration = _hundredths(number + 1) - (held.pts or 0)
        container.mux(held)


def _hundredths(frame: int) -> int:
    """The instant of a frame, in GIF's unit."""
    return round(Fraction(frame, FPS) / DELAY_UNIT)


def _with_palette(rgb: NDArray[np.uint8]) -> av.VideoFrame:
    image = Image.fromarray(rgb).quantize(256, dither=Image.Dither.NONE)
    colors = np.array(image.getpalette(), np.uint8).reshape(-1, 3)
    palette = np.zeros((256, 4), np.uint8)  # alpha, red, green, blue
    palette[: len(colors)] = np.insert(colors, 0, 255, axis=1)
    indices_and_palette: Any = np.asarray(image), palette  # PyAV's annotations leave this form out
    return av.VideoFrame.from_ndarray(indices_and_palette, format="pal8")
