"""The screen as text: lines, runs of one look, and the JSON object of an instant that ``cast text`` prints."""

from itertools import pairwise
from typing import Any

import numpy as np

from tracekit.terminal.cells import ATTRIBUTES, TRUE_COLOR, Style, style_ids
from tracekit.terminal.engine import Shown
from tracekit.terminal.grid import text_of

RUN_ATTRIBUTES = ("bold", "faint", "italic", "underline", "blink", "inverse", "hidden", "strike")
"""The attributes that runs tell, in the order in which they stand there."""

Run = list[Any]
"""``[text, fg, bg, [attributes]]``; colours are null (default), a palette entry 0 to 255, or ``"#rrggbb"``."""


def line_text(screen: Shown, row: int) -> str:
    """The text of a row: trailing blanks kept out, a wide character once."""
    return text_of(screen.cells(row), screen.clusters).rstrip(" ")


def screen_lines(screen: Shown) -> list[str]:
    """The text of every row, from the top; ``screen.rows`` of them."""
    return [line_text(screen, row) for row in range(screen.rows)]


def line_runs(screen: Shown, row: int) -> list[Run]:
    """A row as its longest runs of one look. Trailing blanks are kept out where their look is the default."""
    cells = screen.cells(row)
    styles = style_ids(cells)
    starts = [0, *(np.flatnonzero(styles[1:] != styles[:-1]) + 1).tolist(), len(cells)]
    runs: list[Run] = []
    for start, end in pairwise(starts):
        text, look = text_of(cells[start:end], screen.clusters), _look(screen.styles[styles[start]])
        if runs and runs[-1][1:] == look:  # styles may differ in what runs do not tell
            runs[-1][0] += text
        else:
            runs.append([text, *look])
    if runs[-1][1:] == [None, None, []]:
        runs[-1][0] = runs[-1][0].rstrip(" ")
        if not runs[-1][0]:
            runs.pop()
    return runs


def screen_json(screen: Shown, t: float, cells: bool = False) -> dict[str, Any]:
    """The screen at an instant as a JSON object.

    Args:
        screen: the terminal, or what may be shown of it.
        t: the instant, in seconds of the recording's own time.
        cells: whether to add ``runs``, a list of runs a row.
    """
    cursor = screen.cursor
    shown: dict[str, Any] = {
        "t": t,
        "cols": screen.columns,
        "rows": screen.rows,
        "lines": screen_lines(screen),
        "cursor": {"x": cursor.x, "y": cursor.y, "visible": cursor.visible, "shape": cursor.shape},
    }
    if cells:
        shown["runs"] = [line_runs(screen, row) for row in range(screen.rows)]
    return shown


def _look(style: Style) -> list[Any]:
    names = [
        name
        for name in RUN_ATTRIBUTES
        if (style.underline if name == "underline" else style.attributes & ATTRIBUTES[name])
    ]
    return [_color(style.fg), _color(style.bg), names]


def _color(color: int) -> int | str | None:
    if color >= TRUE_COLOR:
        return f"#{color - TRUE_COLOR:06x}"
    return color if color >= 0 else None
