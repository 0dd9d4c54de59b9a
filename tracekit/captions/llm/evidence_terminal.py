"""Evidence of a terminal's clip: its screens over time, as changes only, its keys, its look."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, islice, pairwise
from typing import Any

import numpy as np

from tracekit.captions.base import ClipView
from tracekit.captions.colors import style_colors
from tracekit.captions.compose import plural
from tracekit.captions.follow import scrolled_by
from tracekit.captions.keys import pressed, typed_text
from tracekit.captions.llm.fence import Budget, barred, fitted, size
from tracekit.captions.llm.known import Evidence
from tracekit.captions.scene import Scene, scene_of
from tracekit.core.clock import FPS, NS_PER_S
from tracekit.terminal.cells import BOLD, INVERSE
from tracekit.terminal.grid import Grid
from tracekit.terminal.themes import THEMES

_ROWS_OF_A_CHANGE = (10**6, 8, 3)
"""How many rows of each change are told, the less the less room there is."""
_LINE_OF_KEYS = 80
_MARKED = 16
_SHAPE = {"block": "a block", "underline": "an underline", "bar": "a bar"}


@dataclass(frozen=True)
class Change:
    """A change of the screen's text, or several like it in a row."""

    start: int
    """Frame that first shows it."""
    end: int
    """Frame that shows the last of several."""
    steps: int
    rows: tuple[tuple[int, str], ...]
    """Number from 0 and new text of each row that differs, scrolling set aside."""
    scrolled: int
    """Rows by which the text moves up."""
    erases: bool
    """Whether it only takes text away, from the ends of rows."""


def terminal_evidence(view: ClipView, budget: Budget) -> Evidence:
    """See `tracekit.captions.llm.evidence.evidence_of`."""
    scene = scene_of(view)
    changes = changes_of(view.grid)
    screens = _screens(view.grid)
    told = list(_facts(view, scene))
    given = [*_given(view.sample.get("captions") or {})]
    return Evidence(
        kind="terminal",
        text=_text(view, scene, changes, told, given, budget),
        screens=screens,
        typed="\n".join([*_typed(view, scene), *(text for _, text in given)]),
        keys=frozenset(scene.keys),
        told="\n".join(told),
        counts=_counts(view, scene, changes, screens),
        times_s=_times_s(view, scene),
        colors=frozenset(_colors(view.grid, scene)),
    )


def changes_of(grid: Grid) -> list[Change]:
    """How the text of a clip changes from its first screen on."""
    found: list[Change] = []
    before = grid.lines(0)
    for frame in (np.flatnonzero(np.diff(grid.frame_screens)) + 1).tolist():
        after = grid.lines(frame)
        if after == before:
            continue
        shift = scrolled_by(before, after)
        moved = [*before[shift:], *[""] * shift]
        moved += [""] * (len(after) - len(moved))
        rows = tuple((row, text) for row, text in enumerate(after) if text != moved[row])
        erases = all(moved[row].startswith(text) for row, text in rows)
        change = Change(frame, frame, 1, rows, shift, erases)
        if found and _is_one(found[-1], change):
            rows = tuple(sorted((dict(found[-1].rows) | dict(rows)).items()))
            found[-1] = replace(found[-1], end=frame, steps=found[-1].steps + 1, rows=rows)
        else:
            found.append(change)
        before = after
    return found


def _is_one(last: Change, new: Change) -> bool:
    """Whether a change goes on with the last: no other rows, and most of their text stays, as of a line being typed."""
    before = dict(last.rows)
    if new.scrolled or new.erases != last.erases:
        return False
    return all(
        row in before and _kept(before[row], text) * 5 >= 3 * min(len(before[row]), len(text)) for row, text in new.rows
    )


def _kept(before: str, after: str) -> int:
    """How many characters stay: in their places, as of a counter, or at both ends, as of a line typed."""
    same = [a == b for a, b in zip(before, after, strict=False)]
    head = [*same, False].index(False)
    tail = [a == b for a, b in zip(before[head:][::-1], after[head:][::-1], strict=False)]
    return max(sum(same), head + [*tail, False].index(False))


def _text(
    view: ClipView,
    scene: Scene,
    changes: Sequence[Change],
    told: list[str],
    given: list[tuple[str, str]],
    budget: Budget,
) -> str:
    grid = view.grid
    rest = budget.bytes
    head = fitted([[line] for line in told], rest, "facts")
    rest -= size(head)
    for title, text in given:
        head += (lines := _section(title, [[barred("", line)] for line in text.splitlines()], rest // 5, "lines"))
        rest -= size(lines)
    head += (lines := _keys(view, rest // 5))
    rest -= size(lines)
    marked = [[barred(how, text)] for text, how in islice(_marked(scene), _MARKED)]
    head += (lines := _section("Text that stands out at the end:", marked, rest // 5, "pieces"))
    rest -= size(lines)
    last = grid.lines(grid.frames - 1) if changes else []
    needed = size(line for change in changes for line in _told(change, _ROWS_OF_A_CHANGE[0]))
    room = max(rest // 3, (rest - needed) // 2)
    first = _screen("First screen:", grid.lines(0), room)
    final = _screen("Last screen:", last, room) if changes else []
    rest -= size(first) + size(final)
    return "\n".join([*head, *first, *_changes(changes, rest), *final])


def _marked(scene: Scene) -> Iterator[tuple[str, str]]:
    """Text that stands out in the last frame, and how."""
    texts = dict.fromkeys((text, color) for text, color in scene.colored if any(map(str.isalnum, text)))
    yield from texts
    for attribute, name in ((BOLD, "bold"), (INVERSE, "in reverse")):
        yield from ((text, name) for text in dict.fromkeys(scene.styled(attribute)) if any(map(str.isalnum, text)))


def _facts(view: ClipView, scene: Scene) -> Iterator[str]:
    """What we say of a clip, a line each."""
    grid = view.grid
    columns, rows = grid.size(0)
    yield f"A clip of a terminal: {plural(columns, 'column')}, {plural(rows, 'row')}, {grid.frames / FPS:.1f} seconds."
    ground, text = scene.colors
    if ground:
        yield f"Colours: {text + ' text on ' if text else ''}{ground} ground."
    if scene.program is not None:
        yield f"What fills the screen looks like {scene.program.phrase}."
    if scene.clears:
        yield f"The screen is cleared {plural(scene.clears, 'time')}."
    rhythm = (view.sample.get("statistics") or {}).get("typing_interval_mean_s")
    if scene.keys and rhythm:
        yield f"{len(scene.keys)} keys are pressed, one every {rhythm:.2f} seconds on average."
    if not scene.story.changes:
        yield "The text stays the same throughout."
    cursor = grid.cursor(grid.frames - 1)
    yield (
        f"The cursor is {_SHAPE[cursor.shape]}, at the end on row {cursor.y + 1}, column {cursor.x + 1}."
        if cursor.visible
        else "The cursor is hidden at the end."
    )


def _given(captions: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, title in (("instruction", "What is to be done:"), ("script", "Script of the recording:")):
        if text := captions.get(name):
            yield title, str(text)


def _section(title: str, blocks: Sequence[Sequence[str]], room: int, what: str) -> list[str]:
    """A title and the blocks below it, or as many as there is room for; nothing if there are none."""
    lines = fitted(blocks, room - size([title]), what) if blocks else []
    return [title, *lines] if lines else []


def _keys(view: ClipView, room: int) -> list[str]:
    """What was pressed and when, a line up to each Enter."""
    lines: list[tuple[int, str]] = []
    open_line = False
    for event in view.events:
        names = pressed([event])
        if not names:
            continue
        start_ns, text = lines.pop() if open_line else (event.time_ns, "")
        text += "".join(name if len(name) == 1 else f"[{name}]" for name in names)
        lines.append((start_ns, text))
        open_line = "Enter" not in names and len(text) < _LINE_OF_KEYS
    return _section(
        "Keys pressed:", [[barred(f"{start / NS_PER_S:.1f} s", text)] for start, text in lines], room, "lines"
    )


def _screen(title: str, lines: Sequence[str], room: int) -> list[str]:
    rows = _rows([(row, text) for row, text in enumerate(lines) if text])
    return _section(title, [[row] for row in rows] or [["(empty)"]], room, "rows")


def _rows(rows: Sequence[tuple[int, str]]) -> list[str]:
    """Rows by number from 1; neighbours that say the same, as an editor's empty ones, on one line."""
    lines = []
    runs = groupby(enumerate(rows), key=lambda one: (one[1][0] - one[0], one[1][1]))
    for (_, text), run in runs:
        numbers = [row + 1 for _, (row, _) in run]
        label = f"{numbers[0]}" if len(numbers) == 1 else f"{numbers[0]} to {numbers[-1]}"
        lines.append(barred(label, text))
    return lines


def _changes(changes: Sequence[Change], room: int) -> list[str]:
    title = "Changes:"
    blocks: list[list[str]] = []
    for most in _ROWS_OF_A_CHANGE:
        blocks = [_told(change, most) for change in changes]
        if sum(map(size, blocks)) <= room - size([title]):
            break
    return _section(title, blocks, room, "changes")


def _told(change: Change, most: int) -> list[str]:
    start, end = change.start / FPS, change.end / FPS
    when = f"{start:.1f} s" if change.steps == 1 else f"{start:.1f} to {end:.1f} s, in {change.steps} steps"
    moved = f", text moves up {plural(change.scrolled, 'row')}" if change.scrolled else ""
    rows = _rows(change.rows)
    if len(rows) > most:
        rows = [*rows[: most - most // 2], f"({len(rows) - most} rows left out here)", *rows[len(rows) - most // 2 :]]
    return [f"{when}{moved}:", *rows]


def _screens(grid: Grid) -> tuple[tuple[str, ...], ...]:
    """The rows of each distinct screen, in the order in which they are first seen."""
    frames = dict(zip(grid.frame_screens[::-1].tolist(), range(grid.frames - 1, -1, -1), strict=True))
    return tuple(tuple(grid.lines(frame)) for frame in sorted(frames.values()))


def _typed(view: ClipView, scene: Scene) -> Iterator[str]:
    """What the keyboard sent, as it is and as it reads when Backspace has taken back."""
    yield "".join(event.data for event in view.events if event.code == "i").replace("\r", "\n")
    yield from typed_text(scene.keys)


def _counts(
    view: ClipView, scene: Scene, changes: Sequence[Change], screens: Sequence[Sequence[str]]
) -> dict[str, frozenset[int]]:
    """What can be counted. Where a caption quotes some of several lines, the rest may be counted, too."""
    grid, story = view.grid, scene.story
    sizes = grid.sizes.astype(int)
    outputs = [len(entry.output) for entry in scene.entries] + [len(story.printed)]
    rests = {count - quoted for count in outputs for quoted in range(6) if count > quoted}
    filled = {sum(map(bool, screen)) for screen in screens}
    first, last = (sum(map(bool, grid.lines(frame))) for frame in (0, grid.frames - 1))
    cursor = grid.cursor(grid.frames - 1)
    changed = {len(change.rows) for change in changes}
    heights = set(sizes[:, 1].tolist())
    runs = {len(list(run)) for _, run in groupby(scene.keys)}
    rows = heights | filled | rests | changed | {story.scrolled, len(story.rewritten)}
    return {
        "all columns": frozenset(sizes[:, 0].tolist()),
        "all rows": frozenset(heights),
        "column": frozenset(sizes[:, 0].tolist()),
        "column number": frozenset([cursor.x + 1, *sizes[:, 0].tolist()]),
        "row": frozenset(rows),
        "more row": frozenset(rests | changed | {story.scrolled, len(story.rewritten)}),
        "filled row": frozenset(filled),
        "filled row at first": frozenset({first}),
        "filled row at last": frozenset({last}),
        "cursor row": frozenset({cursor.y + 1}),
        "cursor column": frozenset({cursor.x + 1}),
        "row number": frozenset([cursor.y + 1, *heights]),
        "time": frozenset(runs | {story.replaced, scene.clears, len(scene.entries)}),
        "moment": frozenset({len(story.changes)}),
        "entry": frozenset({max(len(scene.entries) - 4, 0), len(scene.entries)}),
        "key": frozenset({len(scene.keys), len([key for key in scene.keys if len(key) > 1])} | runs),
        "frame": frozenset({grid.frames, len(story.changes)}),
    }


def _times_s(view: ClipView, scene: Scene) -> tuple[float, ...]:
    """When something happens, and how long it lasts."""
    instants = [0.0, *(frame / FPS for frame in scene.story.changes)]
    keys = [event.time_ns / NS_PER_S for event in view.events if event.code == "i"]
    gaps = [later - time for time, later in pairwise(instants)]
    length = view.grid.frames / FPS
    rhythm = (view.sample.get("statistics") or {}).get("typing_interval_mean_s") or 0.0
    return tuple(sorted({*instants, *keys, *gaps, scene.still_s, length, instants[-1] - instants[0], rhythm}))


def _colors(grid: Grid, scene: Scene) -> set[str]:
    names = {name for pair in style_colors(grid, scene.theme or THEMES["xterm"]) for name in pair}
    if scene.theme is None:  # its own grounds are not known
        names = {color for _, color in scene.colored}
    return names
