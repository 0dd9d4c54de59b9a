"""Lines under, through and over text, and the cursors that are lines. All of them join from cell to cell."""

import numpy as np

from tracekit.terminal.boxdraw import Mask, stroke
from tracekit.terminal.cells import UNDERLINES


def underline(kind: int, width: int, height: int, baseline: int) -> Mask:
    """An underline in a cell.

    Args:
        kind: index into `tracekit.terminal.cells.UNDERLINES`, not 0.
        width: of the cell, in pixels.
        height: of the cell.
        baseline: pixels from the cell's top to the line that letters stand on.
    """
    canvas = np.zeros((height, width), dtype=np.uint8)
    t = stroke(width)
    name = UNDERLINES[kind]
    if name == "double":
        top = min(baseline + 1, height - 3 * t)
        canvas[top : top + t] = canvas[top + 2 * t : top + 3 * t] = 255
        return canvas
    if name == "curly":
        depth = max(3 * t, min(height - baseline, width // 2))
        wave = (depth - t) / 2 * np.sin(np.arange(0.5, width) / width * 2 * np.pi)
        distance = np.abs(np.arange(0.5, height)[:, None] - (height - depth / 2 + wave))
        canvas[:] = np.rint(255 * np.clip((t + 1) / 2 - distance, 0, 1))
        return canvas
    top = min(baseline + 1, height - t)
    canvas[top : top + t] = 255
    if name == "dotted":
        dots = max(1, width // (2 * t))
        canvas[:, np.arange(width) * 2 * dots // width % 2 == 1] = 0
    elif name == "dashed":
        canvas[:, width * 3 // 4 :] = 0
    return canvas


def strike(width: int, height: int, baseline: int, x_height: int) -> Mask:
    """A line through the middle of small letters, ``x_height`` pixels tall."""
    canvas = np.zeros((height, width), dtype=np.uint8)
    t = stroke(width)
    top = baseline - (x_height + t) // 2
    canvas[top : top + t] = 255
    return canvas


def overline(width: int, height: int) -> Mask:
    """A line along the top edge."""
    canvas = np.zeros((height, width), dtype=np.uint8)
    canvas[: stroke(width)] = 255
    return canvas


def cursor(mark: int, width: int, height: int) -> Mask:
    """The cursor as an underline (``mark`` 1) or a bar on the left edge (2), a little thicker than lines of text."""
    canvas = np.zeros((height, width), dtype=np.uint8)
    thickness = stroke(width) + max(1, width // 16)
    if mark == 1:
        canvas[height - thickness :] = 255
    else:
        canvas[:, :thickness] = 255
    return canvas
