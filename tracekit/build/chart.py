"""The picture of what filters take: how many clips are left after each, and how many any two of them share."""

import io
from collections.abc import Sequence
from typing import Any

from tracekit.build.overlaps import Overlaps, left_after

_INK, _KEPT, _TAKEN = "#1b1f24", "#2f7d4f", "#d8a39b"
_SHOWN = 24
"""Filters that have room: those that take most."""


def chart(found: Overlaps) -> bytes:
    """Draw a build's funnel, and beside it the matrix of its filters' overlaps; the PNG is a function of the counts."""
    from matplotlib.figure import Figure  # takes a while, and not every build has filters that take something

    names = [name for name in found.takes if found.takes[name]]
    names = [name for name in names if name in sorted(names, key=lambda one: -found.takes[one])[:_SHOWN]]
    height = 1.4 + 0.34 * len(names)
    figure = Figure(figsize=(11, height), dpi=100, layout="constrained")
    funnel, matrix = figure.subplots(1, 2, width_ratios=(1, 1.1))
    _funnel(funnel, found)
    _matrix(matrix, found, names)
    file = io.BytesIO()
    figure.savefig(file, format="png", metadata={"Software": None})
    return file.getvalue()


def _funnel(axes: Any, found: Overlaps) -> None:
    rows = [("before", found.asked, 0)]
    rows += [(name, left, found.first[name]) for name, left in left_after(found) if found.first[name]]
    places = range(len(rows))
    kept, taken = [row[1] for row in rows], [row[2] for row in rows]
    axes.barh(places, kept, color=_KEPT, height=0.7)
    axes.barh(places, taken, left=kept, color=_TAKEN, height=0.7)
    axes.set_yticks(places, labels=_plain([row[0] for row in rows]), fontsize=8)
    for place, (_, left, gone) in enumerate(rows):
        axes.text(found.asked * 1.01, place, f"{left:,}" + (f"  −{gone:,}" if gone else ""), va="center", fontsize=8)
    axes.set_xlim(0, found.asked * 1.25 or 1)
    axes.invert_yaxis()
    axes.set_title("Clips left after each filter", fontsize=9, color=_INK)
    axes.tick_params(length=0, labelsize=8)
    axes.xaxis.set_visible(False)
    axes.spines[:].set_visible(False)


def _matrix(axes: Any, found: Overlaps, names: Sequence[str]) -> None:
    # A cell's shade is the share of what the row's filter takes that the column's takes as well.
    shares = [[found.together[row][column] / found.takes[row] for column in names] for row in names]
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1.8, aspect="auto")
    axes.set_xticks(range(len(names)), labels=_plain(names), rotation=40, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(names)), labels=_plain(names))
    for y, row in enumerate(names):
        for x, column in enumerate(names):
            count = found.together[row][column]
            axes.text(x, y, f"{count:,}" if count else "", ha="center", va="center", fontsize=7, color=_INK)
    axes.set_title("Clips that two filters are both against", fontsize=9, color=_INK)
    axes.tick_params(length=0, labelsize=8)
    axes.spines[:].set_visible(False)


def _plain(names: Sequence[str]) -> list[str]:
    """Names as they are: to matplotlib, what stands between dollars is a formula."""
    return [name.replace("$", r"\$") for name in names]
