"""What holds for any output at all: nothing raises, the grid stays a grid, and cuts between calls do not matter."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sequences import CASES

from tracekit.terminal.cells import CLUSTER, WIDE_TAIL, codes, style_ids
from tracekit.terminal.parser import MAX_OSC_CHARS, MAX_SEQUENCE_CHARS
from tracekit.terminal.pyte_engine import PyteEngine
from tracekit.terminal.width import width

PIECES = [case.output for case in CASES]
TEXT = st.sampled_from(
    ["a", "word ", "中文", "🎉", "e\u0301", "\u0301", "\u200d", "\ufe0f", "─│", "\U00100000", "\ud800", "x" * 30]
)
NUMBERS = st.lists(st.sampled_from(["", "0", "1", "2", "5", "9", "80", "99999999999", "4:3", "2::1:2:3"]), max_size=4)
CSI = st.builds(
    lambda prefix, numbers, between, final: f"\x1b[{prefix}{';'.join(numbers)}{between}{final}",
    st.sampled_from(["", "", "", "?", ">", "=", "<", "!"]),
    NUMBERS,
    st.sampled_from(["", "", "", "", " ", "!", "$", "'", '"']),
    st.sampled_from([chr(code) for code in range(0x40, 0x7F)]),
)
MODES = st.builds(
    "\x1b[{}{}{}".format,
    st.sampled_from(["", "?"]),
    st.sampled_from([4, 5, 6, 7, 20, 25, 47, 1047, 1048, 1049]),
    st.sampled_from("hl"),
)
LOOSE = st.text(
    st.sampled_from(
        "\x1b\x1b\x9b\x9d\x90\x9c[]P_^X()#\\;:?<>!$ 0159mHJKbrhlus\x07\x18\x1a\r\n\b\t\x0e\x0f\x7f\x84aé中\u0301"
    ),
    max_size=8,
)
OUTPUT = st.lists(st.one_of(TEXT, CSI, MODES, LOOSE, st.sampled_from(PIECES), st.text(max_size=5)), max_size=25).map(
    "".join
)
SIZE = st.tuples(st.integers(1, 12), st.integers(1, 6))


def state(engine: PyteEngine) -> tuple[object, ...]:
    """All that an engine shows, numbers of styles and clusters apart: those depend on what came in between."""
    grid = []
    for y in range(engine.rows):
        cells = engine.cells(y)
        text = [engine.clusters[code - CLUSTER] if code >= CLUSTER else chr(code) for code in codes(cells).tolist()]
        grid.append((text, [engine.styles[number] for number in style_ids(cells).tolist()]))
    colors = dict(engine.colors)
    return grid, engine.cursor, colors, engine.reverse, engine.title, engine.clears, engine.columns, engine.rows


def check_grid(engine: PyteEngine) -> None:
    """Rows have their length, every wide character its right half, and nothing else one; the cursor is inside."""
    for y in range(engine.rows):
        row = codes(engine.cells(y)).tolist()
        assert len(row) == engine.columns
        texts = [engine.clusters[code - CLUSTER] if code >= CLUSTER else chr(code) for code in row]
        for x, code in enumerate(row):
            has_tail = x + 1 < len(row) and row[x + 1] == WIDE_TAIL
            assert has_tail == (code != WIDE_TAIL and width(texts[x][0]) == 2)
        assert row[0] != WIDE_TAIL
        assert style_ids(engine.cells(y)).max() < len(engine.styles)
    assert 0 <= engine.cursor.x < engine.columns
    assert 0 <= engine.cursor.y < engine.rows


@settings(max_examples=300, deadline=None)
@given(OUTPUT, SIZE)
def test_any_output_leaves_a_grid(output: str, size: tuple[int, int]) -> None:
    engine = PyteEngine(*size)
    engine.feed(output)
    check_grid(engine)


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(), max_size=200))
def test_any_characters_leave_a_grid(output: str) -> None:
    engine = PyteEngine(7, 3)
    engine.feed(output)
    check_grid(engine)


@pytest.mark.parametrize("columns", [1, 2, 3, 5])
def test_marks_with_nothing_to_stand_on_do_not_wrap_however_they_are_cut(columns: int) -> None:
    whole, pieces = PyteEngine(columns, 2), PyteEngine(columns, 2)
    whole.feed("\u0301" * 4 + "a")
    for character in "\u0301" * 4 + "a":
        pieces.feed(character)
    assert state(pieces) == state(whole)


@settings(max_examples=300, deadline=None)
@given(OUTPUT, SIZE, st.data())
def test_cuts_between_calls_do_not_matter(output: str, size: tuple[int, int], data: st.DataObject) -> None:
    whole, pieces = PyteEngine(*size), PyteEngine(*size)
    whole.feed(output)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(output)), max_size=6)))
    for start, end in zip([0, *cuts], [*cuts, len(output)], strict=True):
        pieces.feed(output[start:end])
    assert state(pieces) == state(whole)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_sequence_may_come_character_by_character(case: object) -> None:
    output: str = case.output  # type: ignore[attr-defined]
    whole, pieces = PyteEngine(10, 4), PyteEngine(10, 4)
    whole.feed(output)
    for character in output:
        pieces.feed(character)
    assert state(pieces) == state(whole)


@settings(max_examples=200, deadline=None)
@given(st.lists(OUTPUT, min_size=1, max_size=5), SIZE)
def test_feed_names_every_row_that_changed_and_no_other(outputs: list[str], size: tuple[int, int]) -> None:
    engine = PyteEngine(*size)
    for output in outputs:
        before = [engine.cells(y) for y in range(engine.rows)]
        changed = set(engine.feed(output))
        after = [engine.cells(y) for y in range(engine.rows)]
        assert changed == {
            y for y, (old, new) in enumerate(zip(before, after, strict=True)) if not np.array_equal(old, new)
        }


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(OUTPUT, SIZE), max_size=4))
def test_any_resize_leaves_a_grid(steps: list[tuple[str, tuple[int, int]]]) -> None:
    engine = PyteEngine(8, 4)
    for output, size in steps:
        engine.feed(output)
        assert set(engine.resize(*size)) == set(range(size[1]))
        assert (engine.columns, engine.rows) == size
        check_grid(engine)


def test_a_row_that_was_given_out_is_never_written_to() -> None:
    engine = PyteEngine(10, 2)
    engine.feed("before")
    cells = engine.cells(0)
    kept = cells.copy()
    engine.feed("\rafter!")
    assert np.array_equal(cells, kept)
    assert not cells.flags.writeable


@pytest.mark.parametrize("opening", ["\x1b]0;", "\x1b]", "\x1bP", "\x1b_", "\x1b[", "\x1b[38;", "\x1b(", "\x1b[ ", "e"])
@pytest.mark.parametrize("filling", ["1", " ", "\u0301"])
def test_memory_stays_bounded_under_what_never_ends(opening: str, filling: str) -> None:
    engine = PyteEngine(10, 4)
    piece = filling * 10_000
    tracemalloc.start()
    try:
        engine.feed(opening)
        engine.feed(piece * 2)
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(10):
            engine.feed(piece)
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert grown < 20_000  # of the 100,000 characters fed, none stays
    check_grid(engine)


def test_what_is_too_long_has_no_effect_and_what_follows_has() -> None:
    engine = PyteEngine(10, 2)
    engine.feed("\x1b]0;" + "t" * MAX_OSC_CHARS + "\x07" + "\x1b[" + "1;" * MAX_SEQUENCE_CHARS + "5Gab\x1b]0;t\x07")
    assert (engine.title, engine.cursor[:2]) == ("t", (2, 0))


def test_a_repetition_without_end_is_cut_and_ends_where_it_should() -> None:
    ours, other = PyteEngine(10, 4), PyteEngine(10, 4)
    ours.feed("a\x1b[1000003b")
    other.feed("a" * 1000004)
    assert state(ours) == state(other)
