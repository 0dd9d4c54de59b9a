"""Statistics of a clip: each number is measured from it."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracekit.clips.describe import describe
from tracekit.core.clock import NS_PER_S
from tracekit.core.events import Event
from tracekit.terminal.cells import WIDE_TAIL, Cells, Cursor, Style
from tracekit.terminal.grid import Grid, GridBuilder

STYLES = [Style(), Style(fg=1), Style(bg=4), Style(fg=2, bg=4)]


def grid_of(frames: list[tuple[list[Cells], Cursor]]) -> Grid:
    builder = GridBuilder()
    for rows, cursor in frames:
        builder.frame(rows, None, cursor)
    return builder.build(STYLES, [])


def row(text: str, columns: int = 10, style: int = 0) -> Cells:
    cells = np.full(columns, 32, np.uint64)
    cells[: len(text)] = [ord(char) | style << 32 for char in text]
    return cells


STILL = grid_of([([row("ab"), row("")], Cursor(0, 0))] * 3)


def test_events_are_counted() -> None:
    events = [Event(0, "o", "é"), Event(1, "i", "a"), Event(2, "m", "here"), Event(NS_PER_S, "o", "xy")]
    found = describe(STILL, events, 2 * NS_PER_S)
    assert (found.outputs, found.inputs, found.output_bytes, found.events_per_s) == (2, 1, 4, 2.0)
    assert found.duration_s == 2.0
    assert found.typing_interval_mean_s is None


def test_the_rhythm_of_typing() -> None:
    events = [Event(time_ns, "i", "a") for time_ns in (0, 100_000_000, 400_000_000)]
    found = describe(STILL, events, NS_PER_S)
    assert found.typing_interval_mean_s == pytest.approx(0.2)
    assert found.typing_interval_variance_s2 == pytest.approx(0.01)


def test_a_clip_of_no_length_has_no_rate() -> None:
    assert describe(STILL, [Event(0, "o", "a")], 0).events_per_s == 0


def test_a_still_clip_does_not_change() -> None:
    found = describe(STILL, [], NS_PER_S)
    assert (found.changed_frames, found.changed_cells_mean) == (0, 0)
    assert found.text_density == pytest.approx(2 / 20)
    assert (found.characters, found.colors) == (2, 2)


def test_a_cursor_that_moves_changes_the_picture_and_no_cell() -> None:
    moved = grid_of([([row("ab")], Cursor(0, 0)), ([row("ab")], Cursor(1, 0)), ([row("ab")], Cursor(1, 0))])
    assert (describe(moved, [], 1).changed_frames, describe(moved, [], 1).changed_cells_mean) == (1, 0)


def test_a_hidden_cursor_that_moves_changes_nothing() -> None:
    moved = grid_of([([row("ab")], Cursor(x, 0, visible=False)) for x in range(3)])
    assert describe(moved, [], 1).changed_frames == 0


def test_a_resize_changes_every_cell() -> None:
    resized = grid_of([([row("ab", 10)] * 2, Cursor(0, 0)), ([row("ab", 6)] * 3, Cursor(0, 0))])
    found = describe(resized, [], 1)
    assert (found.changed_frames, found.changed_cells_mean) == (1, 18)
    assert found.text_density == pytest.approx((4 / 20 + 6 / 18) / 2)


def test_colours_of_text_and_ground_are_counted_where_they_show() -> None:
    colored = grid_of([([row("a"), row("b", style=1), row(" ", style=2), row("c", style=3)], Cursor(0, 0))])
    # Text: default, 1, 2. Ground: default, 4. Style 2 has no text, so its default text colour adds nothing.
    assert describe(colored, [], 1).colors == 5


def test_a_wide_character_is_one_character_of_two_cells() -> None:
    wide = row("ab")
    wide[2:4] = [ord("漢"), WIDE_TAIL]
    found = describe(grid_of([([wide], Cursor(0, 0))]), [], 1)
    assert (found.characters, found.text_density) == (3, pytest.approx(4 / 10))


@pytest.mark.parametrize(
    ("output", "clears"),
    [(["\x1b[2J"], 1), (["\x1b[", "2J"], 1), (["\x1bc\x1b[?1049h"], 2), (["\x1b[J\x1b[K\x1b[12J"], 0), (["[2J"], 0)],
)
def test_screen_clears_are_counted(output: list[str], clears: int) -> None:
    assert describe(STILL, [Event(0, "o", text) for text in output], 1).screen_clears == clears


ROWS = st.lists(st.text("ab ", min_size=6, max_size=6), min_size=3, max_size=3)


@given(st.lists(st.tuples(ROWS, st.integers(0, 5)), min_size=1, max_size=8))
def test_numbers_are_those_of_the_plain_definition(frames: list[tuple[list[str], int]]) -> None:
    grid = grid_of([([row(text, 6) for text in rows], Cursor(x, 0)) for rows, x in frames])
    found = describe(grid, [], NS_PER_S)
    texts = ["".join(rows) for rows, _ in frames]
    changed = [sum(a != b for a, b in zip(old, new, strict=True)) for old, new in pairwise(texts)]
    assert found.changed_frames == sum(old != new for old, new in pairwise(frames))
    assert found.changed_cells_mean == pytest.approx(sum(changed) / max(len(changed), 1))
    assert found.text_density == pytest.approx(math.fsum(1 - text.count(" ") / 18 for text in texts) / len(texts))
    assert found.characters == len(set("".join(texts)) - {" "})


@given(st.lists(st.integers(0, 10**10), max_size=20))
def test_the_rhythm_is_mean_and_variance(times_ns: list[int]) -> None:
    times_ns.sort()
    found = describe(STILL, [Event(time_ns, "i", "a") for time_ns in times_ns], NS_PER_S)
    intervals = np.diff(np.array(times_ns, dtype=float)) / NS_PER_S
    if len(intervals):
        assert found.typing_interval_mean_s == pytest.approx(intervals.mean())
        assert found.typing_interval_variance_s2 == pytest.approx(intervals.var(), abs=1e-9)
    else:
        assert found.typing_interval_mean_s is None
