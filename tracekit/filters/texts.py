"""All that can be read in a clip, as lines of text: on its screen, in its events, and in what its sample says."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from tracekit.actions.events import InputEvent, load_inputs
from tracekit.actions.meta import Reader, Shortcut, Text
from tracekit.actions.windows import WindowsAt, load_windows
from tracekit.casts.scrub.sequences import strings, visible
from tracekit.casts.scrub.typed import typed_lines
from tracekit.core.events import Event
from tracekit.filters.measure import StoredClip
from tracekit.shards.events import load_events
from tracekit.terminal.grid import Grid

_WORDLIKE = re.compile(r"[\w.~+/=@:-]")


class Run(NamedTuple):
    """What was typed at a desktop in one go: until Return, Tab, a click or another key that leads elsewhere."""

    text: str
    title: str
    """Of the window that was active then; '' where it is not known."""


def read_clip(clip: StoredClip) -> list[str]:
    """Every line of a clip, once; of a line that grows as it is typed or written, the whole."""
    provenance = clip.sample.get("provenance", {})
    about = [text for text in (provenance.get("title"), provenance.get("command")) if text]
    if clip.grid is not None:
        events = load_events(clip.files["events.jsonl"])
        lines: Iterable[str] = (*clip.lines, *wrapped(clip.grid), *told(events))
    else:
        lines = (*clip.lines, *(run.text for run in typed_runs(clip)))
    every = sorted({line.rstrip() for line in (*about, *lines)} - {""})
    return [line for line, longer in pairwise([*every, ""]) if not longer.startswith(line)]


def titles(clip: StoredClip) -> list[str]:
    """Titles of windows, and what else the terminal of a clip is told besides text: directories, links (OSC)."""
    if clip.grid is None:
        return clip.lines
    output = "".join([event.data for event in load_events(clip.files["events.jsonl"]) if event.code == "o"])
    return [text for _, text in strings(output)]


def wrapped(grid: Grid) -> Iterator[str]:
    """Lines that take several rows of a terminal, joined: a row is full, and a word may go on in the next."""
    texts, found = grid.texts, dict[str, None]()
    for screen, (columns, height) in zip(grid.screens.tolist(), grid.sizes.tolist(), strict=True):
        line = ""
        for above, below in pairwise(texts[row] for row in screen[:height]):
            if len(above) >= columns - 1 and _joins(above, below):  # it may end in a blank
                line = (line or above).ljust(columns) + below
            elif line:
                found[line] = None
                line = ""
        if line:
            found[line] = None
    yield from found


def told(events: Sequence[Event]) -> Iterator[str]:
    """What the events of a terminal say: output in the order of writing, titles and links, lines typed, markers."""
    output, typed = ("".join([event.data for event in events if event.code == code]) for code in "oi")
    yield from visible(output).split("\n")
    yield from (text for _, text in strings(output))
    yield from (line.text for line in typed_lines(typed, frozenset()))
    yield from (event.data for event in events if event.code not in "oir")


def typed_runs(clip: StoredClip) -> list[Run]:
    """What was typed at a desktop, corrections by Backspace applied."""
    windows = load_windows(clip.files.get("windows.jsonl", b""))
    return list(_runs(load_inputs(clip.files["events.jsonl"]), windows))


def _runs(events: Iterable[InputEvent], windows: Sequence[WindowsAt]) -> Iterator[Run]:
    reader, text, title = Reader(), "", ""
    for event in events:
        for slot in reader.read(event):
            if isinstance(slot, Text):
                title = title if text else _title(windows, event.time_ns)
                text += slot.text
            elif slot == Shortcut("BackSpace"):
                text = text[:-1]
            elif text:
                yield Run(text, title)
                text = ""
    if text:
        yield Run(text, title)


def _title(windows: Sequence[WindowsAt], time_ns: int) -> str:
    """Of the active window at an instant."""
    there = next((at.windows for at in reversed(windows) if at.time_ns <= time_ns), ())
    return next((window.title for window in there if window.active), "")


def _joins(above: str, below: str) -> bool:
    return bool(_WORDLIKE.match(above[-1:]) or _WORDLIKE.match(below))
