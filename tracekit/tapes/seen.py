"""What the visible part of a run shows: every line that its screen ever holds, and which of them were entered."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from tracekit.casts.model import Header
from tracekit.clips.timeline import SHOW, Timeline
from tracekit.terminal.engine import Engine, open_engine
from tracekit.terminal.grid import text_of

_ENTER = frozenset("\r\n")


@dataclass
class Seen:
    """The text of a screen over time. Rows that fill the width are one line with the next."""

    lines: dict[str, None] = field(default_factory=dict)
    """Every line that was not blank, in the order of their first showing, blanks at their ends left out."""
    entered: set[str] = field(default_factory=set)
    """The line of the cursor whenever Enter was pressed, where it holds more than what was typed: a prompt, say."""
    first: str = ""
    """The line of the cursor when there was first something to see."""

    @property
    def outputs(self) -> Iterator[str]:
        """The lines that programs have put out, as far as can be told: not entered, and no beginning of what was."""
        for line in self.lines:
            if not any(entered.startswith(line) for entered in self.entered):
                yield line


def look(header: Header, timeline: Timeline, engine: str) -> Seen:
    """Play a run, and read its screen after every output.

    Args:
        header: gives the size of the screen.
        timeline: of the run, without its hidden stretches.
        engine: the terminal's name.
    """
    terminal, seen = open_engine(engine, header.columns, header.rows), Seen()
    rows = [" " * header.columns] * header.rows
    typed, unplayed = "", ""
    for place, event in enumerate(timeline.events):
        if event.code == "i":
            if _ENTER & set(event.data):
                line = _line_at(rows, terminal)
                if line.strip() != typed.strip():
                    seen.entered.add(line)
                typed = ""
            else:
                typed += event.data
            continue
        unplayed += event.data if event.code == "o" else ""
        if place in timeline.untold or not (event.code == "o" or event.data == SHOW):
            continue
        for row in terminal.feed(unplayed):
            rows[row] = text_of(terminal.cells(row), terminal.clusters)
        unplayed = ""
        seen.lines.update(dict.fromkeys(line for line in _lines(rows) if line))
        seen.first = seen.first or _line_at(rows, terminal)
    return seen


def _lines(rows: list[str]) -> Iterator[str]:
    line = ""
    for row in rows:
        line += row
        if row[-1:].isspace():
            yield line.rstrip()
            line = ""
    yield line.rstrip()


def _line_at(rows: list[str], terminal: Engine) -> str:
    """The line that the cursor is in."""
    first = last = terminal.cursor.y
    while first > 0 and not rows[first - 1][-1:].isspace():
        first -= 1
    while last + 1 < len(rows) and not rows[last][-1:].isspace():
        last += 1
    return "".join(rows[first : last + 1]).rstrip()
