"""Characters that are geometry, not letters: lines, blocks and dots that must join from cell to cell.

They are computed for the cell's size, so that what leaves one cell on the edge enters the next at the same pixels.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.uint8]
"""How much of each pixel is covered, 0 to 255; shape (height, width)."""

NONE, LIGHT, HEAVY, DOUBLE = range(4)
_WEIGHTS = {"LIGHT": LIGHT, "SINGLE": LIGHT, "HEAVY": HEAVY, "DOUBLE": DOUBLE}
_DIRECTIONS = {
    "LEFT": "l", "UP": "u", "RIGHT": "r", "DOWN": "d", "HORIZONTAL": "lr", "VERTICAL": "ud",
}  # fmt: skip
_DASHES = {"DOUBLE": 2, "TRIPLE": 3, "QUADRUPLE": 4}

_QUADRANTS = (4, 8, 1, 13, 9, 7, 11, 2, 6, 14)
"""U+2596 to U+259F: bit 0 upper left, 1 upper right, 2 lower left, 3 lower right."""

_SAMPLES = 8
"""Samples a pixel and direction for what is not rectangles."""


def stroke(width: int) -> int:
    """Thickness of a light line in a cell of this width, in pixels: an eighth of it."""
    return max(1, round(width / 8))


def mask(character: str, width: int, height: int) -> Mask | None:
    """The shape of a character in a cell of ``width`` x ``height`` pixels, or None if it is not one of these."""
    if len(character) != 1:
        return None
    code = ord(character)
    drawer = next((draw for first, last, draw in _RANGES if first <= code <= last), None)
    if drawer is None:
        return None
    canvas = np.zeros((height, width), dtype=np.uint8)
    drawer(code, canvas)
    return canvas


@cache
def arms(character: str) -> dict[str, int] | None:
    """Weights of the lines from the centre to the edges (l, u, r, d), read from a box drawing character's Unicode name.

    None for dashes, arcs and diagonals.
    """
    name = unicodedata.name(character).removeprefix("BOX DRAWINGS ")
    if re.search("DASH|ARC|DIAGONAL", name):
        return None
    found = dict.fromkeys("lurd", NONE)
    weight = NONE
    for part in name.split(" AND "):
        words = part.split()
        weight = next((_WEIGHTS[word] for word in words if word in _WEIGHTS), weight)
        for word in words:
            found.update(dict.fromkeys(_DIRECTIONS.get(word, ""), weight))
    return found


def _box(code: int, canvas: Mask) -> None:
    name = unicodedata.name(chr(code))
    height, width = canvas.shape
    t = stroke(width)
    x, y = (width - t) // 2, (height - t) // 2
    if "DIAGONAL" in name:
        rising, falling = "UPPER RIGHT" in name or "CROSS" in name, "UPPER LEFT" in name or "CROSS" in name
        # A slanted line looks thinner than an upright one: none of its pixels is covered whole.
        reach = 0.7 * t * np.hypot(width, height) / (width * height)
        _sampled(canvas, lambda px, py: _diagonals(px / width, py / height, rising, falling, reach))
    elif "ARC" in name:
        _arc(canvas, x, y, t, right="RIGHT" in name, down="DOWN" in name)
    elif "DASH" in name:
        words = name.split()
        weight, count, horizontal = _WEIGHTS[words[2]], _DASHES[words[3]], words[-1] == "HORIZONTAL"
        _dashes(canvas if horizontal else canvas.T, y if horizontal else x, t, weight, count)
    else:
        _arms(canvas, x, y, t, arms(chr(code)) or {})


def _arms(canvas: Mask, x: int, y: int, t: int, weight: dict[str, int]) -> None:
    """Draw each arm as if it were the one to the right, on a view of the cell turned that way."""
    height, width = canvas.shape
    left, up, right, down = (weight[side] for side in "lurd")
    mirrored_x, mirrored_y = width - x - t, height - y - t
    _arm(canvas, x, y, t, right, up, down, left)
    _arm(canvas[:, ::-1], mirrored_x, y, t, left, up, down, right)
    _arm(canvas.T, y, x, t, down, left, right, up)
    _arm(canvas[::-1].T, mirrored_y, x, t, up, left, right, down)


def _band(start: int, t: int, weight: int) -> tuple[int, int]:
    """Where a line whose light stroke begins at ``start`` begins and ends across its direction."""
    if weight == DOUBLE:
        return start - t, start + 2 * t
    grow = max(1, t // 2) if weight == HEAVY else 0
    return start - grow, start + t + grow


def _arm(canvas: Mask, x: int, y: int, t: int, weight: int, above: int, below: int, opposite: int) -> None:
    """The arm from the centre to the right edge, ended at the centre as the lines that it meets there ask for."""
    if weight == DOUBLE:
        for top, near, far in ((y - t, above, below), (y + t, below, above)):
            if near == DOUBLE:
                start = x + t  # the inner corner
            elif far == DOUBLE and not opposite:
                start = x - t  # the outer corner
            else:
                start = x
            canvas[top : top + t, start:] = 255
    elif weight:
        if above == below == DOUBLE and not opposite:
            start = x + t  # meets a double wall, and stays outside
        elif opposite:
            start = x
        else:
            start = min(_band(x, t, above)[0], _band(x, t, below)[0])
        top, bottom = _band(y, t, weight)
        canvas[top:bottom, start:] = 255


def _dashes(canvas: Mask, y: int, t: int, weight: int, count: int) -> None:
    width = canvas.shape[1]
    top, bottom = _band(y, t, weight)
    count = min(count, width // 2)  # a dash and its gap take two pixels
    for index in range(count):
        start, end = index * width // count, (index + 1) * width // count
        gap = max(1, (end - start) // 3)
        canvas[top:bottom, start + gap // 2 : end - (gap - gap // 2)] = 255


def _arc(canvas: Mask, x: int, y: int, t: int, *, right: bool, down: bool) -> None:
    """A quarter circle between two half lines, so that its ends are the light lines of the neighbours."""
    if not right:
        canvas, x = canvas[:, ::-1], canvas.shape[1] - x - t
    if not down:
        canvas, y = canvas[::-1], canvas.shape[0] - y - t
    radius = min(side - t for side in canvas.shape) // 2
    _sampled(
        canvas[y : y + t + radius, x : x + t + radius],
        lambda px, py: _ring(t + radius - px, t + radius - py, radius, t),
    )
    # Both ends are full strokes to the edge, also where the quarter circle reaches it.
    canvas[:, -1] = canvas[-1] = 0
    canvas[y : y + t, min(x + t + radius, canvas.shape[1] - 1) :] = 255
    canvas[min(y + t + radius, canvas.shape[0] - 1) :, x : x + t] = 255


def _ring(px: NDArray[np.float64], py: NDArray[np.float64], radius: int, t: int) -> NDArray[np.bool_]:
    distance = np.hypot(px, py)
    return (distance >= radius) & (distance <= radius + t)


def _diagonals(
    px: NDArray[np.float64], py: NDArray[np.float64], rising: bool, falling: bool, reach: float
) -> NDArray[np.bool_]:
    on_rising, on_falling = np.abs(px + py - 1) <= reach, np.abs(px - py) <= reach
    return (on_rising & rising) | (on_falling & falling)


def _sampled(canvas: Mask, inside: Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.bool_]]) -> None:
    """Cover each pixel by the share of its samples that lie inside a shape, given as a test of x and y in pixels."""
    height, width = canvas.shape
    y, x = np.mgrid[: height * _SAMPLES, : width * _SAMPLES] / _SAMPLES + 0.5 / _SAMPLES
    share = inside(x, y).reshape(height, _SAMPLES, width, _SAMPLES).mean(axis=(1, 3))
    canvas[:] = np.rint(share * 255)


def _block(code: int, canvas: Mask) -> None:
    height, width = canvas.shape
    if code == 0x2580:
        canvas[: height // 2] = 255
    elif code <= 0x2588:
        canvas[height - _eighths(height, code - 0x2580) :] = 255
    elif code <= 0x258F:
        canvas[:, : _eighths(width, 0x2590 - code)] = 255
    elif code == 0x2590:
        canvas[:, width // 2 :] = 255
    elif code <= 0x2593:
        canvas[:] = round(255 * (code - 0x2590) / 4)
    elif code == 0x2594:
        canvas[: _eighths(height, 1)] = 255
    elif code == 0x2595:
        canvas[:, width - _eighths(width, 1) :] = 255
    else:
        _mosaic(canvas, _QUADRANTS[code - 0x2596], 2)


def _eighths(length: int, count: int) -> int:
    return max(1, round(length * count / 8))


def _sextant(code: int, canvas: Mask) -> None:
    # The 60 codes leave out what the block elements have: nothing, the left half, the right half, all.
    bits = code - 0x1FB00 + 1
    bits += bits >= 0b010101
    bits += bits >= 0b101010
    _mosaic(canvas, bits, 3)


def _mosaic(canvas: Mask, bits: int, rows: int) -> None:
    """Two columns of ``rows`` blocks, a bit each, from the upper left in reading order."""
    height, width = canvas.shape
    for bit in range(2 * rows):
        if bits >> bit & 1:
            row, column = divmod(bit, 2)
            top, bottom = round(row * height / rows), round((row + 1) * height / rows)
            canvas[top:bottom, column * width // 2 : (column + 1) * width // 2] = 255


def _braille(code: int, canvas: Mask) -> None:
    height, width = canvas.shape
    dot_width, dot_height = max(1, width // 4), max(1, min(height // 8, width // 4))
    for bit in range(8):
        if code >> bit & 1:
            # Bits 0 to 5 go down the left, then the right column; 6 and 7 are the fourth row (Unicode, chapter 21).
            column, row = divmod(bit, 3) if bit < 6 else (bit - 6, 3)
            x = column * width // 2 + (width // 2 - dot_width) // 2
            y = row * height // 4 + (height // 4 - dot_height) // 2
            canvas[y : y + dot_height, x : x + dot_width] = 255


def _powerline(code: int, canvas: Mask) -> None:
    """Separators of status lines: triangles and half circles on the left or right edge, filled or as a line."""
    if code in (0xE0B2, 0xE0B3, 0xE0B6, 0xE0B7, 0xE0BA, 0xE0BE):
        canvas = canvas[:, ::-1]
    height, width = canvas.shape
    thickness = 1.5 * stroke(width) / width if code % 2 else 1.0

    def edge(y: NDArray[np.float64]) -> NDArray[np.float64]:
        """How far the shape reaches at a height."""
        reach: NDArray[np.float64]
        if code >= 0xE0BC:
            reach = 1 - y
        elif code >= 0xE0B8:
            reach = y
        elif code >= 0xE0B4:
            reach = np.sqrt(1 - (2 * y - 1) ** 2)
        else:
            reach = 1 - np.abs(2 * y - 1)
        return reach

    def inside(px: NDArray[np.float64], py: NDArray[np.float64]) -> NDArray[np.bool_]:
        behind = edge(py / height) - px / width
        covered: NDArray[np.bool_] = (behind >= 0) & (behind <= thickness)
        return covered

    _sampled(canvas, inside)


def _scan_line(code: int, canvas: Mask) -> None:
    """Horizontal scan lines 1, 3, 7 and 9 of the DEC special graphics; line 5 is the box drawing one."""
    height, width = canvas.shape
    t = stroke(width)
    line = (0, 2, 6, 8)[code - 0x23BA]
    top = round((height - t) * line / 8)
    canvas[top : top + t] = 255


_RANGES: tuple[tuple[int, int, Callable[[int, Mask], None]], ...] = (
    (0x2500, 0x257F, _box),
    (0x2580, 0x259F, _block),
    (0x2800, 0x28FF, _braille),
    (0xE0B0, 0xE0B8, _powerline),
    (0xE0BA, 0xE0BA, _powerline),
    (0xE0BC, 0xE0BC, _powerline),
    (0xE0BE, 0xE0BE, _powerline),
    (0x23BA, 0x23BD, _scan_line),
    (0x1FB00, 0x1FB3B, _sextant),
)
