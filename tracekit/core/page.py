"""The pages that commands leave behind: one HTML file each, with its pictures in it, that asks for nothing else."""

import base64
import io
from collections.abc import Iterable, Sequence
from html import escape
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def page(title: str, body: Iterable[str]) -> bytes:
    """A whole page.

    Args:
        title: plain text.
        body: elements, in HTML.
    """
    style = files(__package__).joinpath("page.css").read_text()
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{style}</style>\n" + "\n".join(body) + "\n</html>\n"
    ).encode()


def numbers(values: Iterable[tuple[str, str]]) -> str:
    """Figures in boxes: each with what it is of."""
    boxes = "".join(f"<div><b>{escape(value)}</b><span>{escape(what)}</span></div>" for value, what in values)
    return f'<div class="numbers">{boxes}</div>'


def bars(rows: Sequence[tuple[str, int, str]]) -> str:
    """Counts as bars: label, count, and class of the bar (``keep``, ``drop`` or none)."""
    most = max((count for _, count, _ in rows), default=0) or 1
    return '<div class="bars">' + "".join(
        f'<span>{escape(label)}</span><i class="{kind}" style="width:{100 * count / most:.2f}%"></i><em>{count:,}</em>'
        for label, count, kind in rows
    ) + "</div>"  # fmt: skip


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of plain text."""
    first = "".join(f"<th>{escape(name)}</th>" for name in head)
    rest = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><tr>{first}</tr>{rest}</table>"


def matrix(names: Sequence[str], cells: Sequence[Sequence[tuple[int, float]]]) -> str:
    """Counts by pairs of names: each with the shade of its cell, 0 to 1."""
    head = "".join(f"<th>{escape(name)}</th>" for name in names)
    rest = "".join(
        f"<tr><th>{escape(name)}</th>"
        + "".join(f'<td style="--share:{share:.3f}">{count:,}</td>' for count, share in row)
        + "</tr>"
        for name, row in zip(names, cells, strict=True)
    )
    return f'<table class="matrix"><tr><th></th>{head}</tr>{rest}</table>'


def picture(rgb: NDArray[np.uint8], about: str = "", *, colours: int | None = 64) -> str:
    """A picture as an element.

    Args:
        rgb: uint8 (h, w, 3).
        about: what stands in its place for those who can't see it.
        colours: of a PNG: a screen seldom has more; None: all it has, as WebP.
    """
    file, kind = io.BytesIO(), "webp" if colours is None else "png"
    image = Image.fromarray(rgb)
    if colours is None:
        image.save(file, kind, quality=90)
    else:
        image.quantize(colours, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(file, kind)
    data = base64.b64encode(file.getvalue()).decode()
    return f'<img alt="{escape(about)}" src="data:image/{kind};base64,{data}">'
