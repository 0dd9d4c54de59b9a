"""The text truth of a clip: what goes in comes out, and a damaged file is an error, never a crash."""

import io
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracekit.core.errors import TracekitError
from tracekit.terminal.cells import CLUSTER, Cells, Cursor, Style, style_ids
from tracekit.terminal.grid import Grid, GridBuilder, text_of

STYLES = [Style(), Style(fg=1), Style(bg=200, attributes=3), Style(underline=3, underline_color=0x1FF00AA)]
CLUSTERS = ["e\u0301", "👩\u200d🚀"]
COLUMNS = 6

cell = st.tuples(st.integers(0, len(STYLES) - 1), st.sampled_from([32, 65, 0x4E16, 0, CLUSTER, CLUSTER + 1]))
row = st.lists(cell, min_size=COLUMNS, max_size=COLUMNS).map(
    lambda cells: np.array([style << 32 | code for style, code in cells], dtype=np.uint64)
)
screen = st.lists(row, min_size=1, max_size=4)


@settings(max_examples=50)
@given(st.lists(screen, min_size=1, max_size=6))
def test_every_frame_comes_back_as_it_was_recorded(screens: list[list[Cells]]) -> None:
    builder, before = GridBuilder(), None
    for number, rows in enumerate(screens):
        same_size = before is not None and len(before) == len(rows)
        cursor = Cursor(number % COLUMNS, 0, number % 2 == 0, "bar")
        builder.frame(rows, range(len(rows)) if same_size else None, cursor)
        before = rows
    grid = Grid.load(builder.build(STYLES, CLUSTERS).save())
    assert grid.frames == len(screens)
    for number, rows in enumerate(screens):
        assert grid.lines(number) == [text_of(cells, CLUSTERS).rstrip(" ") for cells in rows]
        found = [[grid.styles[style] for style in style_ids(cells)] for cells in grid.cells(number)]
        assert found == [[STYLES[style] for style in style_ids(cells)] for cells in rows]
        assert grid.cursor(number) == Cursor(number % COLUMNS, 0, number % 2 == 0, "bar")
        assert ["".join(text for text, _ in grid.runs(number, y)).rstrip() for y in range(len(rows))] == [
            line.rstrip() for line in grid.lines(number)
        ]
        for other in range(number):
            same = [cells.tolist() for cells in screens[other]] == [cells.tolist() for cells in rows]
            assert (grid.screen_of(other) == grid.screen_of(number)) == same


def blank(columns: int, rows: int) -> list[Cells]:
    return [np.full(columns, 32, dtype=np.uint64) for _ in range(rows)]


def small() -> Grid:
    builder = GridBuilder()
    builder.frame(blank(4, 2), None, Cursor(0, 0))
    builder.frame(blank(3, 2), None, Cursor(0, 0))
    return builder.build(STYLES, CLUSTERS)


def test_frames_of_different_sizes_keep_theirs() -> None:
    grid = Grid.load(small().save())
    assert [grid.size(0), grid.size(1)] == [(4, 2), (3, 2)]
    assert [grid.cells(0).shape, grid.cells(1).shape] == [(2, 4), (2, 3)]


def test_equal_grids_have_equal_bytes() -> None:
    assert small().save() == small().save()
    assert Grid.load(small().save()).save() == small().save()


@given(st.integers(0, 10_000), st.integers(0, 255))
def test_a_flipped_byte_is_read_or_refused(position: int, value: int) -> None:
    data = bytearray(small().save())
    data[position % len(data)] = value
    try:
        grid = Grid.load(bytes(data))
    except TracekitError:
        return
    assert len(grid.lines(0)) == grid.size(0)[1]


@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("screens", np.array([[0, 9]], np.uint32)),
        ("frames", np.array([7], np.uint32)),
        ("row_styles", np.array([[99, 0, 0, 0]], np.uint32)),
        ("codes", np.array([[CLUSTER + 50, 0, 0, 0]], np.uint32)),
        ("cursor", np.array([[0, 0, 1, 9, 0]], np.int16)),
        ("frames", np.array([[0]], np.uint32)),
    ],
)
def test_an_index_outside_its_table_is_refused(name: str, array: np.ndarray) -> None:
    with zipfile.ZipFile(io.BytesIO(small().save())) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    changed = io.BytesIO()
    np.lib.format.write_array(changed, array)
    members[f"{name}.npy"] = changed.getvalue()
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for member, data in members.items():
            archive.writestr(member, data)
    with pytest.raises(TracekitError, match="cells file"):
        Grid.load(file.getvalue())
