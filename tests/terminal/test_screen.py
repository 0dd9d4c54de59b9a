"""What each sequence does to the screen, its styles, its cursor and the rest of its state."""

import pytest
from sequences import CASES, COLUMNS, ROWS, Case

from tracekit.terminal.cells import (
    BLINK,
    BOLD,
    CLUSTER,
    FAINT,
    HIDDEN,
    INVERSE,
    ITALIC,
    OVERLINE,
    STRIKE,
    TRUE_COLOR,
    WIDE_TAIL,
    Cursor,
    Style,
    codes,
    style_ids,
)
from tracekit.terminal.pyte_engine import PyteEngine
from tracekit.terminal.width import width


def screen(output: str, columns: int = COLUMNS, rows: int = ROWS) -> PyteEngine:
    engine = PyteEngine(columns, rows)
    engine.feed(output)
    return engine


def lines(engine: PyteEngine) -> str:
    """The rows as `Case.lines` writes them."""
    texts = []
    for y in range(engine.rows):
        row = codes(engine.cells(y)).tolist()
        chars = (engine.clusters[code - CLUSTER] if code >= CLUSTER else chr(code) for code in row if code != WIDE_TAIL)
        texts.append("".join(chars).rstrip())
    return "/".join(texts).rstrip("/")


def styles(engine: PyteEngine, y: int = 0) -> list[Style]:
    return [engine.styles[number] for number in style_ids(engine.cells(y)).tolist()]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_sequence_shows(case: Case) -> None:
    engine = screen(case.output)
    assert (lines(engine), engine.cursor[:2]) == (case.lines, case.cursor)


RED, CUBE, RGB = 1, 123, TRUE_COLOR | 0x010203


@pytest.mark.parametrize(
    ("parameters", "style"),
    [
        ("", Style()),
        ("0", Style()),
        ("1;3", Style(attributes=BOLD | ITALIC)),
        ("1;2;3;5;7;8;9;53", Style(attributes=BOLD | FAINT | ITALIC | BLINK | INVERSE | HIDDEN | STRIKE | OVERLINE)),
        ("1;2;3;4;5;7;8;9;53;22;23;24;25;27;28;29;55", Style()),
        ("31", Style(fg=RED)),
        ("91", Style(fg=RED + 8)),
        ("41", Style(bg=RED)),
        ("101", Style(bg=RED + 8)),
        ("31;39;41;49", Style()),
        ("38;5;123", Style(fg=CUBE)),
        ("38:5:123", Style(fg=CUBE)),
        ("48;5;123", Style(bg=CUBE)),
        ("38;2;1;2;3", Style(fg=RGB)),
        ("38:2::1:2:3", Style(fg=RGB)),
        ("38:2:0:1:2:3", Style(fg=RGB)),
        ("38:2:1:2:3", Style(fg=RGB)),
        ("48:2::1:2:3", Style(bg=RGB)),
        ("38;2;1;2;3;1", Style(fg=RGB, attributes=BOLD)),
        ("38:5:123;1", Style(fg=CUBE, attributes=BOLD)),
        ("38;5", Style(fg=0)),
        ("38;2;1", Style(fg=TRUE_COLOR | 0x010000)),
        ("38", Style()),
        ("38:9:1", Style()),
        ("4", Style(underline=1)),
        ("4:0", Style()),
        ("4:3", Style(underline=3)),
        ("4:5", Style(underline=5)),
        ("4:9", Style(underline=1)),
        ("4:", Style(underline=1)),
        ("21", Style(underline=2)),
        ("4;58;5;123", Style(underline=1, underline_color=CUBE)),
        ("4;58:2::1:2:3", Style(underline=1, underline_color=RGB)),
        ("4;58;2;1;2;3;59", Style(underline=1)),
        ("58;2;1;3;7", Style(underline_color=TRUE_COLOR | 0x010307)),
        ("99;1000;1", Style(attributes=BOLD)),
        (";;1", Style(attributes=BOLD)),
        ("1;", Style()),
    ],
)
def test_sgr_makes_the_style(parameters: str, style: Style) -> None:
    assert styles(screen(f"\x1b[{parameters}mx"))[:2] == [style, Style()]


@pytest.mark.parametrize("sequence", ["\x1b[>4;2m", "\x1b[>4m", "\x1b[?4m", "\x1b[=1m", "\x1b[4$m", "\x1b[4 m"])
def test_other_sequences_that_end_in_m_are_not_sgr(sequence: str) -> None:
    assert styles(screen(f"{sequence}x"))[0] == Style()


@pytest.mark.parametrize("final", ["K", "2K", "J", "2J", "10X", "10@", "10P", "L"])
def test_erasing_leaves_the_background_and_nothing_else_of_the_style(final: str) -> None:
    assert set(styles(screen(f"\x1b[31;44;1;4;7m\x1b[{final}"))) == {Style(bg=4)}


@pytest.mark.parametrize("scroll", ["\x1b[M", "\x1b[S", "\x1b[4;1H\n", "\x1b[4;1H\x1bD", "\x1b[4;1H\x1bE"])
def test_rows_that_scroll_in_have_the_background(scroll: str) -> None:
    assert set(styles(screen(f"\x1b[31;44;1;4;7m{scroll}"), y=3)) == {Style(bg=4)}


def test_a_blank_after_wide_text_that_did_not_fit_has_the_style_of_the_text() -> None:
    assert styles(screen("\x1b[44m012345678中"))[-1] == Style(bg=4)


def test_decrc_gives_back_the_style() -> None:
    assert styles(screen("\x1b[31;1;4:3m\x1b7\x1b[m\x1b8x"))[0] == Style(fg=1, attributes=BOLD, underline=3)


def test_a_link_is_underlined_with_dashes_until_it_ends() -> None:
    shown = styles(screen("\x1b]8;id=1;http://a/\x07\x1b[31mab\x1b[mc\x1b]8;;\x07d"))
    assert shown[:4] == [Style(fg=1, underline=5), Style(fg=1, underline=5), Style(underline=5), Style()]


@pytest.mark.parametrize(
    ("output", "cursor"),
    [
        ("", Cursor(0, 0)),
        ("\x1b[?25l", Cursor(0, 0, visible=False)),
        ("\x1b[?25l\x1b[?25h", Cursor(0, 0)),
        ("\x1b[?25l\x1b[!p", Cursor(0, 0)),
        ("\x1b[?25l\x1b[!p\x1b[?7l", Cursor(0, 0)),
        ("\x1b[?25l\x1bc", Cursor(0, 0)),
        ("\x1b[1 q", Cursor(0, 0, shape="block", blink=True)),
        ("\x1b[2 q", Cursor(0, 0, shape="block")),
        ("\x1b[3 q", Cursor(0, 0, shape="underline", blink=True)),
        ("\x1b[4 q", Cursor(0, 0, shape="underline")),
        ("\x1b[5 q", Cursor(0, 0, shape="bar", blink=True)),
        ("\x1b[6 q", Cursor(0, 0, shape="bar")),
        ("\x1b[6 q\x1b[ q", Cursor(0, 0)),
        ("\x1b[6 q\x1b[77 q", Cursor(0, 0, shape="bar")),
        ("\x1b[?12h", Cursor(0, 0, blink=True)),
        ("0123456789", Cursor(9, 0)),
    ],
)
def test_cursor(output: str, cursor: Cursor) -> None:
    assert screen(output).cursor == cursor


@pytest.mark.parametrize(
    ("output", "title"),
    [
        ("\x1b]0;one\x07", "one"),
        ("\x1b]2;two;more\x1b\\", "two;more"),
        ("\x1b]1;icon\x07", ""),
        ("\x1b]2;a\x07\x1b]2;b\x18", "a"),
        ("\x1b]2;日本\x07\x1bc", "日本"),
        ("\x1b]2;\x07", ""),
        ("\x1b]2;a" + "b" * 100_000 + "\x07", ""),
    ],
)
def test_title(output: str, title: str) -> None:
    assert screen(output).title == title


@pytest.mark.parametrize(
    ("output", "colors"),
    [
        ("\x1b]4;1;#112233\x07", {1: 0x112233}),
        ("\x1b]4;1;rgb:11/22/33;2;rgb:f/0/8\x07", {1: 0x112233, 2: 0xFF0088}),
        ("\x1b]4;1;rgb:1111/2222/3333\x07", {1: 0x112233}),
        ("\x1b]4;1;#123;2;#111122223333\x07", {1: 0x102030, 2: 0x112233}),
        ("\x1b]4;256;#112233;x;#112233;1;?;2;red;3;#12;4\x07", {}),
        ("\x1b]10;#010101\x07\x1b]11;#020202\x07\x1b]12;#030303\x07", {-1: 0x010101, -2: 0x020202, -3: 0x030303}),
        ("\x1b]10;#010101;#020202;#030303;#040404\x07", {-1: 0x010101, -2: 0x020202, -3: 0x030303}),
        ("\x1b]4;1;#111111;2;#222222\x07\x1b]104;1\x07", {2: 0x222222}),
        ("\x1b]4;1;#111111\x07\x1b]11;#222222\x07\x1b]104\x07", {-2: 0x222222}),
        ("\x1b]10;#010101;#020202;#030303\x07\x1b]110\x07\x1b]112\x07", {-2: 0x020202}),
        ("\x1b]11;#020202\x07\x1bc", {}),
    ],
)
def test_colors(output: str, colors: dict[int, int]) -> None:
    assert screen(output).colors == colors


def test_reverse_is_a_flag_and_rewrites_no_cell() -> None:
    engine = screen("\x1b[?5hx")
    assert engine.reverse
    assert styles(engine)[0] == Style()
    engine.feed("\x1b[?5l")
    assert not engine.reverse


def test_ansi_and_private_modes_are_told_apart() -> None:
    assert not screen(f"\x1b[5h\x1b[{5 << 5}h").reverse


@pytest.mark.parametrize(
    ("output", "clears"),
    [
        ("", 0),
        ("\x1b[2J", 1),
        ("\x1bc", 1),
        ("\x1b[J\x1b[1J\x1b[3J", 0),
        ("\x1b[?1049h", 1),
        ("\x1b[?1049h\x1b[?47l", 2),
    ],
)
def test_clears_counts_erased_and_switched_screens(output: str, clears: int) -> None:
    assert screen(output).clears == clears


@pytest.mark.parametrize(
    ("before", "size", "after", "cursor"),
    [
        ("1\r\n2\r\n3\r\n4", (10, 2), "3/4", (1, 1)),
        ("1\r\n2\r\n3\r\n4\x1b[1;2H", (10, 2), "1/2", (1, 0)),
        ("1\r\n2\r\n3\r\n4\r\n5", (10, 6), "1/2/3/4/5", (1, 4)),
        ("1\r\n2\r\n3\r\n4\r\n5\x1b[H", (10, 6), "2/3/4/5", (0, 0)),
        ("1\r\n2\r\n3\r\n4\r\n5\x1b[3J", (10, 6), "2/3/4/5", (1, 3)),
        ("0123456789\x1b[2;2Hx", (5, 4), "01234/56789/ x", (2, 2)),
        ("0123456789", (5, 4), "01234", (4, 0)),
        ("012中\x1b[2;2H", (4, 4), "012/中", (1, 2)),
        ("012中", (4, 4), "012", (3, 0)),
        ("0123456789ab\r\nc", (20, 4), "0123456789ab/c", (1, 1)),
        ("0123456789ab\r\nc\x1b[?1049h\x1b[H0123456789", (20, 4), "0123456789", (10, 0)),
        ("0123456789\r\nab\r\nc", (20, 4), "0123456789/ab/c", (1, 2)),
        ("ab        \r\nc\x1b[5Cd\x1b[2D\x1b[K\r\n", (5, 5), "ab//c", (0, 3)),
        ("0123456789\r\nab", (1, 4), "0/a", (0, 1)),
        ("ab\x1b[?1049h\x1b[?1049l", (4, 2), "ab", (2, 0)),
        ("1\r\n2\r\n3\r\n4\x1b[2;3r\x1b[4;1H", (10, 5), "1/2/3/4", (0, 3)),
    ],
)
def test_resize(before: str, size: tuple[int, int], after: str, cursor: tuple[int, int]) -> None:
    engine = screen(before)
    assert set(engine.resize(*size)) == set(range(size[1]))
    assert (engine.columns, engine.rows) == size
    assert (lines(engine), engine.cursor[:2]) == (after, cursor)


def test_resize_resets_margins_and_continues_tab_stops() -> None:
    engine = screen("\x1b[2;3r")
    engine.resize(20, 4)
    engine.feed("\t\tx\x1b[9By")
    assert lines(engine) == "                x///" + " " * 17 + "y"


def test_the_main_screen_is_resized_behind_the_alternate_one() -> None:
    engine = screen("1\r\n2\r\n3\r\n4\x1b[?1049h")
    engine.resize(4, 2)
    engine.feed("\x1b[?1049l")
    assert (lines(engine), engine.columns, engine.rows) == ("3/4", 4, 2)


def test_styles_and_clusters_keep_their_numbers() -> None:
    engine = screen("\x1b[31me\u0301")
    cells = engine.cells(0)
    before, style, cluster = cells.tolist(), engine.styles[1], engine.clusters[0]
    engine.feed("\x1bc\x1b[32mo\u0301")
    assert (cells.tolist(), engine.styles[1], engine.clusters[0]) == (before, style, cluster)
    assert engine.styles[0] == Style()


@pytest.mark.parametrize(
    ("character", "cells"),
    [("a", 1), ("é", 1), ("─", 1), ("中", 2), ("🎉", 2), ("\u0301", 0), ("\ufe0f", 0), ("\ue0b0", 1)],
)
def test_width(character: str, cells: int) -> None:
    assert width(character) == cells
