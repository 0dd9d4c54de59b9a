"""The ways in which a text comes to stand on a terminal: what a program writes, event by event."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

from labelled.drawing import Draw
from tracekit.terminal.width import width


class Part(NamedTuple):
    """Data of an event."""

    code: str
    data: str


Way = Callable[[Draw, str, int], list[Part]]
_COLOURS = ("\x1b[31m", "\x1b[1;32m", "\x1b[38;5;208m", "\x1b[38;2;200;90;10m", "\x1b[7m", "\x1b[0m")


def _said(*texts: str) -> list[Part]:
    return [Part("o", text) for text in texts]


def plain(_: Draw, text: str, __: int) -> list[Part]:
    """In one event."""
    return _said(text.replace("\n", "\r\n"))


def split_over_events(draw: Draw, text: str, _: int) -> list[Part]:
    """Cut anywhere."""
    text = text.replace("\n", "\r\n")
    cuts = sorted({0, len(text), *(draw.randrange(len(text)) for _ in range(4))})
    return _said(*(text[start:end] for start, end in pairwise(cuts)))


def in_colours(draw: Draw, text: str, _: int) -> list[Part]:
    """Colours change within words."""
    coloured = [(draw.choice(_COLOURS) if draw.random() < 0.2 else "") + char for char in text.replace("\n", "\r\n")]
    return _said("".join(coloured) + "\x1b[0m")


def wrapped_at_the_margin(draw: Draw, text: str, columns: int) -> list[Part]:
    """Behind so much other text that it does not fit in the row."""
    if len(text) > columns or "\n" in text:
        return plain(draw, text, columns)
    room = draw.randint(1, len(text) - 1) if len(text) > 1 else 0
    before = ("then came " * columns)[: columns - room - 1] + " "
    return _said(before + text)


def echoed_key_by_key(_: Draw, text: str, __: int) -> list[Part]:
    """Typed, each key echoed."""
    return _said("$ ") + [Part(code, char) for char in text.replace("\n", "\r") for code in "io"] + [Part("i", "\r")]


def redrawn_by_readline(draw: Draw, text: str, columns: int) -> list[Part]:
    """A line editor draws the line anew as it grows, and a word that was mistyped is taken back."""
    if "\n" in text or len(text) + 4 > columns:
        return wrapped_by_readline(draw, text, columns)
    steps, end = [], 0
    while end < len(text):
        end = min(len(text), end + draw.choice([1, 1, 1, 3]))
        steps.append(f"\r\x1b[K$ \x1b[36m{text[:end]}\x1b[0m")
        if draw.random() < 0.05:
            steps += ["x", "\b\x1b[K"]
    return _said("$ ", *steps)


def wrapped_by_readline(draw: Draw, text: str, columns: int) -> list[Part]:
    """At the margin, readline writes a blank and a return, to make the terminal wrap."""
    if "\n" in text:
        return split_over_events(draw, text, columns)
    echo = (char + (" \r" if place % columns == 0 else "") for place, char in enumerate(text.expandtabs(), 3))
    return _said("$ ", *echo)


def in_a_full_screen_program(draw: Draw, text: str, columns: int) -> list[Part]:
    """On the other screen, at addressed places, in two halves; longer lines run on over the margin."""
    first, steps = draw.randint(2, 5), ["\x1b[?1049h\x1b[2J\x1b[H\x1b[7m file.txt \x1b[0m"]
    for row, line in enumerate(text.expandtabs().split("\n"), first):
        half = draw.randint(0, min(len(line), columns - 2))
        steps += [f"\x1b[{row};1H{line[:half]}", f"\x1b[{row};{sum(map(width, line[:half])) + 1}H{line[half:]}"]
    return _said(*steps, "\x1b[24;1H:", "\x1b[?1049l")


def in_a_pane(draw: Draw, text: str, columns: int) -> list[Part]:
    """Between the borders of a pane, where it fits."""
    lines = text.split("\n")
    if max(map(len, lines)) + 4 > columns:
        return in_a_full_screen_program(draw, text, columns)
    return _said("".join(f"│ {line.ljust(columns - 4)} │\r\n" for line in lines))


def in_an_editor(_: Draw, text: str, columns: int) -> list[Part]:
    """With numbers of lines before it; a long line goes on below them."""
    width = columns - 4
    rows = [line[at : at + width] for line in text.split("\n") for at in range(0, max(len(line), 1), width)]
    whole = all(len(line) <= width for line in text.split("\n"))
    shown = [f"{row:3} {line}" for row, line in enumerate(rows, 1)] if whole else text.split("\n")
    return _said("\x1b[?1049h\x1b[H" + "\r\n".join(shown), "\x1b[?1049l")


def in_a_title(_: Draw, text: str, __: int) -> list[Part]:
    """Of the window."""
    return _said(f"\x1b]0;{text}\x07$ ")


def in_a_link(_: Draw, text: str, __: int) -> list[Part]:
    """As the address of one."""
    return _said(f"\x1b]8;;{text}\x1b\\here\x1b]8;;\x1b\\")


WAYS: Sequence[Way] = (
    plain, split_over_events, in_colours, wrapped_at_the_margin, echoed_key_by_key, redrawn_by_readline,
    wrapped_by_readline, in_a_full_screen_program, in_a_pane, in_an_editor, in_a_title, in_a_link,
)  # fmt: skip
LINE_WAYS: Sequence[Way] = (plain, split_over_events, in_colours, in_a_full_screen_program)
"""Those that show a text at the start of a line, and nothing before it."""
MANY_LINES: Sequence[Way] = (plain, split_over_events, in_colours, in_a_full_screen_program, in_a_pane)
"""Those for texts of many lines."""
