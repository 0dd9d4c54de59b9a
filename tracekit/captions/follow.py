"""What happens on the screen of a clip: its lines followed as they are typed, printed, rewritten and scrolled away.

Nothing here is put into words. A line keeps its identity while it scrolls up; it is *typed* where it grows at the
cursor a few characters at a time, *printed* where it appears whole, and *rewritten* where it changes in place.
"""

import re
from collections import Counter
from dataclasses import dataclass, field, replace

import numpy as np

from tracekit.captions.quotes import is_wordy
from tracekit.terminal.grid import Grid
from tracekit.terminal.width import width

_PROMPT = re.compile(
    r"(?P<prompt>\s*>>>|\s*\.\.\.:?|\s*In \[\d+\]:"  # Python, IPython
    r"|[A-Za-z][\w./() -]{0,40}[=#]?[>#]"  # other languages' and programs' own prompts
    r"|.{0,100}?[$#%❯➜λ»›>✗])(?P<gap>\s+)"
)
_SURE_PROMPT = re.compile(r"(?P<prompt>>>>|In \[\d+\]:|\S+@\S+.{0,60}?[$#%>❯]|[$❯➜]|\w+>)(?P<gap>\s+)(?=\S)")
_PROMPT_END = re.compile(r"[$#%❯➜λ»›>:\]]\s*$")
_TYPED_CHARS = 12
"""More than this at once, within a fifteenth of a second, is pasted or printed."""


@dataclass
class Line:
    """One line of the screen, as long as it is there."""

    born: int
    """Frame that first shows it; 0 for what the clip begins with."""
    row: int
    text: str
    """What it says last."""
    first: str
    """What it said first."""
    changes: int = 0
    grown: int = 0
    """Changes that look like typing."""
    before_typing: str = ""
    """What stood left of the cursor when typing began, blanks included."""
    entered: str = ""
    """What it said when it was last typed on, which another program may since have drawn over."""


@dataclass(frozen=True)
class Entry:
    """Something entered, or being entered, at a prompt."""

    prompt: str
    text: str
    typed: bool
    """Whether it is seen to grow; otherwise it appears at once."""
    done: bool
    """Whether the cursor went on from its line."""
    output: list[str]
    """The lines that follow it, up to the next prompt, blank ones left out."""


@dataclass(frozen=True)
class Story:
    """What happens in a clip."""

    first: list[str]
    """The lines of the first frame, blank ones left out."""
    last: list[str]
    """The lines of the last frame, blank ones left out."""
    entries: list[Entry]
    printed: list[str]
    """Lines that appear and follow no entry."""
    rewritten: list[Line]
    """Lines that change in place without being typed, most often changed first."""
    typed: list[str]
    """Text that grows at the cursor with no prompt before it."""
    scrolled: int
    """Rows by which the screen moves up, over the clip."""
    replaced: int
    """How often most of the screen gives way to other text at once."""
    changes: list[int]
    """Frames whose text differs from the frame before."""
    prompt: str
    """The prompt that waits, empty, under the cursor at the end; or ''."""


@dataclass
class _Follower:
    rows: list[str]
    lines: list[Line] = field(default_factory=list)
    on_screen: list[Line | None] = field(default_factory=list)
    scrolled: int = 0
    replaced: int = 0

    def __post_init__(self) -> None:
        self.on_screen = [self._new(0, row, text) for row, text in enumerate(self.rows)]

    def _new(self, frame: int, row: int, text: str) -> Line | None:
        if not text:
            return None
        line = Line(frame, row, text, text, entered=text)
        self.lines.append(line)
        return line

    def step(self, frame: int, rows: list[str], left: str, old_left: str, old_row: int, row: int) -> None:
        """Take the next screen; ``left`` and ``old_left`` are the text left of the cursor, now and before."""
        enough = (len(self.rows) - self.rows.count("") - 2) / 3
        kept = sum(map(_stays, self.rows, rows))
        if kept < max(enough, 1):  # it may have moved
            kept = sum((Counter(filter(None, self.rows)) & Counter(filter(None, rows))).values())
        shift = scrolled_by(self.rows, rows) if kept else 0
        if kept < enough:
            self.replaced += 1
            self.on_screen = [None] * len(rows)
            shift = 0
        self.scrolled += shift
        held = self.on_screen[shift:] + [None] * shift
        held = (held + [None] * len(rows))[: len(rows)]
        for y, text in enumerate(rows):
            line = held[y]
            if line is None or not text:
                held[y] = self._new(frame, y, text)
                continue
            line.row = y
            if line.text == text:
                continue
            if y == row == old_row - shift and _grows(old_left, left):
                if not line.grown:
                    line.before_typing = old_left
                line.grown += 1
            at_cursor = y == row and left.startswith(line.before_typing.rstrip())
            if line.grown and (at_cursor or text.startswith(line.entered)):
                line.entered = text
            line.changes += 1
            line.text = text
        self.rows, self.on_screen = rows, held


def follow(grid: Grid) -> Story:
    """Follow the lines of a clip from its first frame to its last."""
    rows = grid.lines(0)
    follower = _Follower(rows)
    cursors = grid.cursors[:, :2].tolist()
    changes = []
    for frame in (np.flatnonzero(np.diff(grid.frame_screens)) + 1).tolist():
        if (new := grid.lines(frame)) != rows:
            (old_x, old_y), (x, y) = cursors[frame - 1], cursors[frame]
            follower.step(frame, new, _left(new, x, y), _left(rows, old_x, old_y), old_y, y)
            changes.append(frame)
            rows = new
    x, y = cursors[-1]
    at_cursor = follower.on_screen[y] if y < len(follower.on_screen) else None
    return _tell(follower, grid, changes, at_cursor, _left(rows, x, y))


def scrolled_by(before: list[str], after: list[str]) -> int:
    """By how many rows the screen has moved up: the shift at which most lines are the same."""
    top = next((y for y, text in enumerate(after) if text), 0)
    shifts = {0, *(y - top for y, text in enumerate(before) if y > top and text == after[top])}
    if len(shifts) == 1:
        return 0

    def same(shift: int) -> int:
        return sum(a == b for a, b in zip(before[shift:], after, strict=False) if b)

    return max(sorted(shifts), key=same)


def _tell(follower: _Follower, grid: Grid, changes: list[int], at_cursor: Line | None, left: str) -> Story:
    waiting = ""
    if at_cursor and left.endswith(" ") and left.rstrip() == at_cursor.text and _PROMPT_END.search(left):
        waiting = at_cursor.text.strip()
    lines = sorted(follower.lines, key=lambda line: (line.born, line.row))
    prompts = {waiting, *(line.before_typing.strip() for line in lines if _typed_after_prompt(line))} - {""}
    entries: list[Entry] = []
    printed: list[str] = []
    rewritten, typed = [], []
    seen: set[str] = set()
    for line in lines:
        again, found = line.text in seen, _entered(line, prompts)
        seen.add(line.text)
        if found is not None:
            entry = Entry(*found, bool(line.grown), line is not at_cursor, [])
            if entries and _goes_on(entries[-1], entry):
                entry = replace(entry, typed=entry.typed or entries[-1].typed, output=entries.pop().output)
            elif again and not line.grown:
                continue
            entries.append(entry)
        elif line.grown >= 3 and is_wordy(line.text):
            typed.append(line.text.strip())
        elif line.changes >= 2 or (line.changes and not line.born):
            rewritten.append(line)
        elif line.born and not (waiting and line is at_cursor) and not again:
            (entries[-1].output if entries and entries[-1].done else printed).append(line.text)
    return Story(
        first=[text for text in grid.lines(0) if text],
        last=[text for text in follower.rows if text],
        entries=entries,
        printed=printed,
        rewritten=sorted(rewritten, key=lambda line: -line.changes),
        typed=typed,
        scrolled=follower.scrolled,
        replaced=follower.replaced,
        changes=changes,
        prompt=waiting,
    )


def _goes_on(before: Entry, entry: Entry) -> bool:
    """Whether an entry is the one before it, redrawn or typed further on another line of the screen."""
    return not entry.typed and entry.prompt == before.prompt and entry.text.startswith(before.text)


def _typed_after_prompt(line: Line) -> bool:
    """Whether the line's prompt stood there before anything was typed, so that it is known where it ends."""
    start = line.before_typing
    return bool(
        line.born and start.endswith(" ") and line.entered.startswith(start.rstrip()) and _PROMPT_END.search(start)
    )


def _entered(line: Line, prompts: set[str]) -> tuple[str, str] | None:
    """The prompt and what is entered there, if the line is that."""
    typed = line.grown >= 2 or (line.grown and line.born)
    if typed and _typed_after_prompt(line):
        return _split(line.entered, len(line.before_typing))
    if not typed and not line.born:
        return None
    known = next((p for p in sorted(prompts, key=len, reverse=True) if line.entered.strip().startswith(f"{p} ")), None)
    if known is not None:
        return _split(line.entered, line.entered.index(known) + len(known))
    found = (_PROMPT if typed else _SURE_PROMPT).match(line.entered)
    return _split(line.entered, found.end()) if found else None


def _split(text: str, at: int) -> tuple[str, str] | None:
    entered = text[at:].strip()
    return (text[:at].strip(), entered) if entered else None


def _grows(before: str, after: str) -> bool:
    """Whether the text left of the cursor looks typed on."""
    known = before.rstrip()
    return after.startswith(known) and 0 < len(after) - len(before) <= (_TYPED_CHARS if known else 2)


def _left(rows: list[str], x: int, y: int) -> str:
    """The text left of a cell, blanks included."""
    text = rows[y] if y < len(rows) else ""
    if text.isascii():
        return text[:x].ljust(x)
    cells = 0
    for index, char in enumerate(text):
        if cells >= x:
            return text[:index]
        cells += width(char)
    return text + " " * (x - cells)


def _stays(before: str, after: str) -> bool:
    return before == after != ""
