import base64
import gc
import resource
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from components import require
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tracekit.core.errors import TracekitError
from tracekit.terminal.cells import DEFAULT, TRUE_COLOR, UNDERLINES, WIDE_TAIL, Cursor, Style, codes, style_ids
from tracekit.terminal.engine import Engine, open_engine
from tracekit.terminal.text import line_runs, line_text, screen_lines
from tracekit.terminal.width import width

PIECES = st.one_of(
    st.sampled_from(list("[;?1258:mHJKLMSTbhl\x1b\x9b\x00\b\t\n\x07漢\u200d\ufe0f\u200b\ud800")),
    st.sampled_from(["\x1b[", "\r\n", "\x1b\\", "\x1b]8;;http://localhost\x07", "\x1b]0;", "\x1b_G", "\x1bP", "\x1bc"]),
    st.sampled_from(["\x1b[?1049h", "\x1b[?1049l", "\x1b[!p", "\x1b[2;3r", "\x1b[31m", "\x1b[48;2;1;2;3m", "\x1b[0m"]),
    st.sampled_from(["e\u0301", "\U0001f1ef\U0001f1f5", "x" * 9]),
    st.text(max_size=5),
)
TEXTS = st.lists(PIECES, max_size=30).map("".join)
SIZES = st.tuples(st.integers(1, 30), st.integers(1, 9))


@pytest.fixture(autouse=True)
def _ghostty() -> None:
    require("ghostty", module="pyghostty", remedy="pip install 'tracekit[ghostty]'")


def shown(engine: Engine) -> list[list[tuple[str, Style]]]:
    """Every cell: its text and its style."""
    texts = [engine.cells(row) for row in range(engine.rows)]
    return [
        [
            (chr(code) if code < 0x110000 else engine.clusters[code - 0x110000], engine.styles[style])
            for code, style in zip(codes(row).tolist(), style_ids(row).tolist(), strict=True)
        ]
        for row in texts
    ]


def assert_sound(engine: Engine) -> None:
    assert engine.styles[0] == Style()
    assert 0 <= engine.cursor.x < engine.columns
    assert 0 <= engine.cursor.y < engine.rows
    for row in range(engine.rows):
        cells = engine.cells(row)
        assert cells.shape == (engine.columns,)
        assert cells.dtype == np.uint64
        assert int(style_ids(cells).max()) < len(engine.styles)
        text = codes(cells)
        assert not (text[:1] == WIDE_TAIL).any()
        assert int(text.max()) < 0x110000 + len(engine.clusters)
        assert ((text == WIDE_TAIL) | (text >= 32)).all()


@settings(max_examples=200, deadline=None)
@given(size=SIZES, texts=st.lists(TEXTS, max_size=6))
def test_no_text_raises_and_the_reported_rows_are_all_that_changed(size: tuple[int, int], texts: list[str]) -> None:
    engine = open_engine("ghostty", *size)
    before = shown(engine)
    for text in texts:
        changed = set(engine.feed(text))
        assert_sound(engine)
        after = shown(engine)
        assert changed >= {row for row in range(engine.rows) if before[row] != after[row]}
        assert changed <= set(range(engine.rows))
        before = after
    assert isinstance(engine.title, str)
    assert all(0 <= color <= 0xFFFFFF for color in engine.colors.values())


@settings(max_examples=200, deadline=None)
@given(text=TEXTS, cuts=st.lists(st.integers(0, 100), max_size=8))
@example(text="\U000f2630\u2630", cuts=[1])
@example(text="[\x1b[;e\u0301", cuts=[1])
def test_a_text_gives_the_same_screen_however_it_is_split(text: str, cuts: list[int]) -> None:
    whole, split = open_engine("ghostty", 12, 4), open_engine("ghostty", 12, 4)
    # What is not finished is held back in both; finish it.
    text += "\x1b\\\x18"
    whole.feed(text)
    places = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    for start, end in pairwise(places):
        split.feed(text[start:end])
    assert shown(whole) == shown(split)
    assert (whole.cursor, whole.clears, whole.reverse) == (split.cursor, split.clears, split.reverse)


@settings(max_examples=100, deadline=None)
@given(steps=st.lists(st.tuples(TEXTS, SIZES), max_size=6))
def test_a_resize_leaves_a_sound_screen_of_the_new_size(steps: list[tuple[str, tuple[int, int]]]) -> None:
    engine = open_engine("ghostty", 20, 5)
    for text, (columns, rows) in steps:
        engine.feed(text)
        assert set(engine.resize(columns, rows)) == set(range(rows))
        assert (engine.columns, engine.rows) == (columns, rows)
        assert_sound(engine)


def test_lines_are_wrapped_anew_by_a_resize() -> None:
    engine = open_engine("ghostty", 10, 3)
    engine.feed("0123456789abc")
    engine.resize(6, 3)
    assert screen_lines(engine) == ["012345", "6789ab", "c"]
    engine.feed("\x1b[?7l")
    engine.resize(8, 3)
    engine.feed("\r0123456789")
    assert screen_lines(engine)[2] == "01234569", "the program's own choice not to wrap outlives a resize"


def test_style_numbers_that_ghostty_gives_away_again_are_not_mistaken_for_the_old_style() -> None:
    engine = open_engine("ghostty", 16, 4)
    for color in range(3000):
        engine.feed(f"\x1b[H\x1b[38;2;{color % 256};{color // 256};9mx\x1b[0m")
        style = engine.styles[int(style_ids(engine.cells(0))[0])]
        assert style.fg == TRUE_COLOR | color % 256 << 16 | color // 256 << 8 | 9
    assert len(engine.styles) == 3001


def test_style_numbers_of_different_pages_are_kept_apart() -> None:
    engine = open_engine("ghostty", 400, 300)
    engine.feed(
        "".join(f"\x1b[{row};1H\x1b[48;5;{row % 256}m\x1b[38;2;{row % 256};{row // 256};3mrow" for row in range(300))
    )
    for row in range(1, 300):
        style = engine.styles[int(style_ids(engine.cells(row - 1))[0])]
        assert (style.fg, style.bg) == (TRUE_COLOR | row % 256 << 16 | row // 256 << 8 | 3, row % 256)


def test_rows_read_before_stay_as_they_were() -> None:
    engine = open_engine("ghostty", 20, 3)
    engine.feed("one")
    row = engine.cells(0)
    kept = row.copy()
    engine.feed("\rtwo\r\n\n\n\nthree\x1b[2J")
    assert (row == kept).all()
    with pytest.raises(ValueError, match="read-only"):
        engine.cells(0)[0] = 1


def test_what_did_not_change_is_not_reported() -> None:
    engine = open_engine("ghostty", 20, 4)
    engine.feed("one\r\ntwo")
    assert list(engine.feed("\x1b[H")) == []
    assert list(engine.feed("one")) == []
    assert list(engine.feed("!")) == [0]


def test_clusters_share_a_cell_and_flags_take_a_cell_each() -> None:
    engine = open_engine("ghostty", 20, 2)
    engine.feed("e\u0301漢\U0001f1ef\U0001f1f5\u2764\ufe0f!")
    assert list(engine.clusters) == ["e\u0301", "\u2764\ufe0f"]
    assert line_text(engine, 0) == "e\u0301漢\U0001f1ef\U0001f1f5\u2764\ufe0f!"
    assert engine.cursor.x == 7
    engine.feed("\re\u0300")
    assert line_text(engine, 0).startswith("e\u0300"), "the same base with another mark is another cluster"


def test_a_mark_that_comes_alone_joins_what_is_there() -> None:
    engine = open_engine("ghostty", 20, 2)
    engine.feed("\x1b]4;1;#010203\x07e")
    assert list(engine.feed("\x1b[1m\u0301")) == [0]
    assert line_text(engine, 0) == "e\u0301"
    assert engine.colors == {1: 0x010203}


def test_every_character_of_one_cell_in_xterm_is_one_cell_wide() -> None:
    from pyghostty import lib

    wider = [
        chr(code)
        for code in range(0xA0, 0x20000)
        if lib.ghostty_unicode_codepoint_width(code) == 2 and width(chr(code)) == 1 and not 0xD800 <= code < 0xE000
    ]
    engine = open_engine("ghostty", len(wider) + 1, 2)
    engine.feed("".join(wider))
    assert (engine.cursor.x, line_text(engine, 0)) == (len(wider), "".join(wider))


def test_links_show_as_xterm_js_shows_them() -> None:
    engine = open_engine("ghostty", 20, 2)
    engine.feed("\x1b]8;;http://localhost/\x07here\x1b]8;;\x07 not")
    assert line_runs(engine, 0) == [["here", None, None, ["underline"]], [" not", None, None, []]]
    assert engine.styles[int(style_ids(engine.cells(0))[0])].underline == UNDERLINES.index("dashed")


def test_every_attribute_and_colour_arrives() -> None:
    engine = open_engine("ghostty", 40, 2)
    engine.feed("\x1b[1;2;3;5;7;8;9;53;4:3;58;5;4;38;5;200;48;2;1;2;3mx\x1b[0m\x1b[44m\x1b[K")
    first, rest = (engine.styles[int(style)] for style in style_ids(engine.cells(0))[:2])
    assert first == Style(200, TRUE_COLOR | 0x010203, 0xFF, UNDERLINES.index("curly"), 4)
    assert rest == Style(DEFAULT, 4)


def test_the_programs_own_colours_are_told() -> None:
    engine = open_engine("ghostty", 10, 2)
    assert engine.colors == {}
    engine.feed("\x1b]4;1;#102030;255;rgb:ff/00/80\x07\x1b]10;#ffffff\x07\x1b]11;#000001\x07\x1b]12;#00ff00\x07")
    assert engine.colors == {1: 0x102030, 255: 0xFF0080, -1: 0xFFFFFF, -2: 0x000001, -3: 0x00FF00}
    engine.feed("\x1b]104\x07\x1b]110\x07\x1b]112\x07")
    assert engine.colors == {-2: 0x000001}


@pytest.mark.parametrize(
    ("text", "cursor"),
    [
        ("", Cursor(0, 0)),
        ("0123456789", Cursor(9, 0)),
        ("\x1b[2;3H\x1b[?25l", Cursor(2, 1, visible=False)),
        ("\x1b[3 q", Cursor(0, 0, shape="underline", blink=True)),
        ("\x1b[6 q", Cursor(0, 0, shape="bar")),
        ("\x1b[6 q\x1b[0 q", Cursor(0, 0)),
        ("\x1b[?25l\x1b[!p", Cursor(0, 0)),
    ],
)
def test_the_cursor_is_where_and_what_the_program_made_it(text: str, cursor: Cursor) -> None:
    engine = open_engine("ghostty", 10, 3)
    engine.feed(text)
    assert engine.cursor == cursor


@pytest.mark.parametrize(
    ("texts", "clears"),
    [
        (["\x1b[2J"], 1),
        (["\x1b[", "2J", "\x1b", "c"], 2),
        (["\x1b[?10", "49h\x1b[?1049h\x1b[?1049l"], 2),
        (["\x1b[?1049h\x1bc\x1b[?47h"], 3),
        (["\x1b[J\x1b[1J\x1b[3J\x1b[K 2J c"], 0),
    ],
)
def test_clears_are_counted_over_the_borders_of_texts(texts: list[str], clears: int) -> None:
    engine = open_engine("ghostty", 10, 3)
    for text in texts:
        engine.feed(text)
    assert engine.clears == clears


def test_title_and_reverse_are_told() -> None:
    engine = open_engine("ghostty", 10, 3)
    engine.feed("\x1b]2;日本\x1b\\\x1b[?5h")
    assert (engine.title, engine.reverse) == ("日本", True)
    engine.feed("\x1b]0;\x07\x1b[?5l")
    assert (engine.title, engine.reverse) == ("", False)


def test_a_line_that_is_full_keeps_its_last_character_when_the_rest_is_erased() -> None:
    engine = open_engine("ghostty", 5, 3)
    engine.feed("12345\x1b[K\r\n12345")
    engine.feed("\x1b[0K")
    engine.feed("6\x1b[K")
    assert screen_lines(engine) == ["12345", "12345", "6"]


@pytest.mark.parametrize(
    "start", ["\x1b]0;", "\x1b]52;c;", "\x1b]8;;", "\x1b_Gt=d;", "\x1bP+q", "\x1bPq", "\x1b^", "\x1b[", "\x9b", "e"]
)
def test_an_endless_sequence_takes_no_memory(start: str) -> None:
    engine = open_engine("ghostty", 80, 24)
    engine.feed(start)
    body = "\u0301" * 50_000 if start == "e" else "1;" * 50_000
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(400):
        engine.feed(body)
    grown_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown_kb < 24 * 1024, "of 40 MB of text"
    engine.feed("\x18\x1b\\\x1bcstill here")
    assert line_text(engine, 0) == "still here"


def test_a_recording_can_name_no_file(tmp_path: Path) -> None:
    picture = tmp_path / "tty-graphics-protocol"
    picture.write_bytes(b"abc")
    name = base64.b64encode(bytes(picture)).decode()
    engine = open_engine("ghostty", 20, 4)
    engine.feed(f"\x1b_Ga=T,f=24,s=1,v=1,t=t;{name}\x1b\\after")
    assert picture.read_bytes() == b"abc", "the protocol has terminals delete temporary files that they read"
    assert line_text(engine, 0) == "after"


def test_terminals_are_freed_with_their_engines(monkeypatch: pytest.MonkeyPatch) -> None:
    from tracekit.terminal import ghostty_engine

    freed = []
    free = ghostty_engine._free
    monkeypatch.setattr(ghostty_engine, "_free", lambda *handles: (freed.append(handles), free(*handles)))
    gc.disable()
    try:
        for _ in range(3):
            ghostty_engine.GhosttyEngine(10, 3).feed("x\x1b[31my")
    finally:
        gc.enable()
    assert len(freed) == 3, "without waiting for the collector"


@pytest.mark.parametrize(
    ("name", "value"), [("CODE_SHIFT", 3), ("STYLE_SHIFT", 25), ("WIDE_SHIFT", 40), ("LINK", 1 << 44)]
)
def test_another_layout_of_cells_is_refused(name: str, value: int, monkeypatch: pytest.MonkeyPatch) -> None:
    from tracekit.terminal import ghostty_layout

    ghostty_layout.check()
    monkeypatch.setattr(ghostty_layout, name, value)
    with pytest.raises(TracekitError, match=r"packs its cells in another way .*pyte engine"):
        ghostty_layout.check.__wrapped__()
