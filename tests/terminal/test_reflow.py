"""Lines are wrapped anew when the number of columns changes, as in xterm.js, and nothing of them is lost."""

import random
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from xterm import CHECK, Step, engine, xterm

from tracekit.terminal.canvas import SCROLLBACK_ROWS
from tracekit.terminal.parser import Parser
from tracekit.terminal.pyte_engine import PyteEngine
from tracekit.terminal.row import BLANK, TAIL
from tracekit.terminal.screen import Screen

UNDERSTOOD: list[tuple[list[Step], str]] = [
    ([("o", "abc中"), ("r", 4, 4)], "on the cursor's line, half of a wide character that is cut stays"),
    ([("o", "\x1b[?1049habcdefgh"), ("r", 4, 4), ("r", 8, 4)], "what a narrower alternate screen hides comes back"),
    (
        [("o", "\r\n\na\x1b7\r\n\n\n"), ("r", 7, 4), ("o", "\x1b8")],
        "DECRC follows the row that scrolled away meanwhile",
    ),
    (
        [("o", "abcdefgh\r\n" * (SCROLLBACK_ROWS + 20)), ("r", 3, 4)],
        "of a line that the end of the scrollback cuts, the part above is written over the last rows",
    ),
]
"""Where xterm.js does something else, and what."""

LETTERS = "abcdefgh"
SEQUENCES = [
    *("\x1b[A", "\x1b[3A", "\x1b[H", "\x1b[5C", "\x1b[2;3H", "\x1bD", "\x1bE", "\x1bM", "\x1b[2L", "\x1b[M", "\x1b[S"),
    *("\x1b[K", "\x1b[1K", "\x1b[2K", "\x1b[J", "\x1b[2J", "\x1b[3X", "\x1b[2P", "\x1b[2@", "\x1b[ @", "\x1b[ A"),
    *("\x1b[41m", "\x1b[m", "\x1b[32m"),
]


def random_lines(rng: random.Random, wide: str, sequences: Sequence[str]) -> str:
    """Lines, most of them longer than the screen is wide, with a sequence or a wide character here and there."""
    pieces = []
    for _ in range(rng.randrange(1, 12)):
        kind = rng.randrange(8)
        if kind < 3:
            pieces.append("".join(rng.choices(LETTERS, k=rng.randrange(1, 45))))
        elif kind < 5:
            pieces.append(rng.choice(["\r\n", "\r\n\r\n", "\n"]))
        elif kind == 5:
            pieces.append(" " * rng.randrange(1, 12))
        elif kind == 6:
            pieces.append("".join(rng.choices(wide, k=rng.randrange(1, 14))))
        else:
            pieces.append(rng.choice(sequences))
    return "".join(pieces)


@pytest.mark.parametrize(
    ("wide", "sequences", "end", "above"),
    [
        (LETTERS, ["\r"], "", 0),
        (LETTERS, SEQUENCES, "", 0),
        ("中文字a", ["\r"], "\r\n", 0),
        (LETTERS, SEQUENCES, "\r\n", SCROLLBACK_ROWS // 2),
    ],
    ids=["letters", "sequences", "wide characters", "much above the screen"],
)
def test_resized_screens_look_as_in_xterm_js(wide: str, sequences: list[str], end: str, above: int) -> None:
    rng = random.Random(20260417)
    jobs: list[tuple[int, int, list[Step]]] = []
    for _ in range(30 if above else 200):
        columns, rows = rng.choice([(7, 5), (10, 4), (20, 6), (31, 8)])
        steps: list[Step] = [("o", "".join(f"{row}\r\n" for row in range(above)))]
        for _ in range(5):
            size = rng.randrange(2, 40), rng.choice([rows, rng.randrange(1, 10)])
            steps += [("o", random_lines(rng, wide, sequences) + end + "\x1b7"), ("r", *size), CHECK]
            steps += [("o", "\x1b8"), CHECK]
        jobs.append((columns, rows, steps))
    for (columns, rows, steps), theirs in zip(jobs, xterm(jobs), strict=True):
        ours = list(engine(PyteEngine(columns, rows), steps))
        for check, (our, their) in enumerate(zip(ours, theirs, strict=True)):
            assert our == their, f"check {check} of {columns}x{rows}: {steps}"


def test_the_screen_behind_the_alternate_one_is_reflowed_as_in_xterm_js() -> None:
    rng = random.Random(20260417)
    jobs: list[tuple[int, int, list[Step]]] = []
    for _ in range(100):
        steps: list[Step] = []
        for _ in range(3):
            size = rng.randrange(2, 40), rng.randrange(1, 10)
            steps += [("o", random_lines(rng, LETTERS, SEQUENCES) + "\x1b[?1049h"), ("r", *size)]
            steps += [("o", "x\r\n\x1b[2J\x1b[?1049l"), CHECK]
        jobs.append((10, 5, steps))
    for (columns, rows, steps), theirs in zip(jobs, xterm(jobs), strict=True):
        assert list(engine(PyteEngine(columns, rows), steps)) == theirs, steps


@pytest.mark.parametrize(("steps", "why"), UNDERSTOOD)
def test_differences_from_xterm_js_that_are_understood_are_still_there(steps: list[Step], why: str) -> None:
    job = 8, 4, [*steps, CHECK]
    (theirs,) = xterm([job])
    assert list(engine(PyteEngine(8, 4), job[2])) != theirs, f"no longer so, take it off the list: {why}"


LINES = st.lists(st.text("ab 中🎉", max_size=60), max_size=12)
WIDTHS = st.lists(st.integers(2, 30), max_size=6)


@settings(max_examples=200, deadline=None)
@given(LINES, WIDTHS, st.integers(1, 40))
def test_no_width_loses_or_changes_a_line(texts: list[str], widths: list[int], rows: int) -> None:
    screen = Screen(20, rows)
    Parser(screen).feed("".join(f"{text}\r\n" for text in texts))
    for columns in widths:
        screen.resize(rows, columns)
    lines: list[str] = []
    for row in [*screen.scrollback, *screen.rows]:
        text = row.text.replace(TAIL, "").rstrip(BLANK)
        if row.wrapped:
            lines[-1] += text
        else:
            lines.append(text)
    assert lines[: len(texts)] == texts
    assert not any(lines[len(texts) :])


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 100), st.integers(1, 10)), max_size=6))
def test_rows_above_the_screen_stay_bounded(sizes: list[tuple[int, int]]) -> None:
    screen = Screen(100, 4)
    Parser(screen).feed("x" * 150_000 + "\r\n中" * 500)
    for columns, rows in sizes:
        screen.resize(rows, columns)
        assert len(screen.scrollback) <= SCROLLBACK_ROWS
        assert len(screen.rows) == rows
        assert 0 <= screen.cursor.y < rows
        assert {len(row.text) for row in screen.rows} == {len(row.styles) for row in screen.rows} == {columns}
        assert all(len(row.text) == len(row.styles) <= 100 for row in screen.scrollback)
