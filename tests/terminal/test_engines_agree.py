"""The two engines show the same, on real recordings and on text made of the sequences that both know.

Where they are known to differ, and why, is in UNDERSTOOD below; the pyte engine has xterm's side in each.
"""

from pathlib import Path

import pytest
from components import require
from hypothesis import example, given, settings
from hypothesis import strategies as st
from xterm import Shown, Step, engine, steps_of

from tracekit.casts.read import read_cast
from tracekit.core.errors import Rejected
from tracekit.terminal.engine import open_engine

TOLERATED = 0.01
"""Of the recordings, how many may differ at any second. (The cause of the one that does: see the resize below.)"""

COLUMNS, ROWS = 12, 4
FULL = "x" * COLUMNS
UNDERSTOOD = [
    (["a\r\nb\r\nc\r\nd\x1b[1;1H", (12, 2)], "made smaller, Ghostty drops only blank lines from the bottom"),
    (["x" * 20, (8, 4)], "the line that the cursor is on is wrapped anew too"),
    (["\x1b[?7l", "abc\r\n", (2, 4)], "with DECAWM off, a resize cuts lines"),
    (["\x1b[3;5H\x1b7\x1b[H", "x" * 20, "\r\n", (8, 4), "\x1b8"], "a resize does not move the saved cursor"),
    ([FULL, "\x1b[J"], "ED 0 while a wrap is pending erases the last column"),
    ([FULL, "\x1b[2K", "y"], "EL 1 and 2 and ED 1 and 2 end a pending wrap"),
    ([FULL, "\x1bM", "y"], "RI keeps a pending wrap"),
    ([FULL, "\x1b7\x1b8", "y"], "DECRC brings a pending wrap back"),
    (["\x1b[41m", "\x1b[2T"], "SD fills with the background colour"),
    (["\x1b[41m", "\x1b[?1049h"], "an alternate screen does not start in the background colour"),
    (["\x1b[2;3r\x1b[?1049h\x1b[3;1Ha\n"], "margins are of the terminal, not of a screen"),
    (["ab\r", "\x1b[2b"], "REP repeats a character that something else came after"),
    (["\x1b(0", "漢"], "with line drawing characters selected, wide characters are dropped"),
    (["\U000f2630"], "private characters from U+F2630 on are shown as U+FFFD"),
    (["\x1b[4m", "\x1b#8"], "DECALN draws without attributes"),
    (["漢", "\x1b[31m\x1b[1;2Hx"], "the half that is left of a wide character does not take the new style"),
    (["\x1b[?7l", f"{FULL}e\u0301"], "with DECAWM off, a mark at the margin joins the cell before the last"),
    (["\x1b[?6h\x1b7\x1b[2;4r", "\x1b8"], "DECRC puts the cursor where it was, not inside margins set since"),
    (["a\x1b[!p", "\x1b8"], "DECSTR leaves the cursor that DECRC goes to where the cursor is, not at home"),
    (["\x1b[?1049h\x1b[3 q", "\x1b[?1049l"], "the shape of the cursor is of a screen, not of the terminal"),
    (["\x1b]8;;http://localhost\x07\x1b[?1049h", "a"], "a link ends where the screen is switched"),
    (["\x1b]2;a\x07", "\x1bc"], "RIS empties the title"),
    (["\x1b]10;#ffffff\x07", "\x1bc"], "RIS leaves colours as they are"),
    (["\x1b]12;red\x07"], "colours may be given by their X11 names"),
]


@pytest.fixture(autouse=True)
def _ghostty() -> None:
    require("ghostty", module="pyghostty", remedy="pip install 'tracekit[ghostty]'")


def test_real_recordings_show_the_same_at_every_second(real_casts: list[Path]) -> None:
    differing, compared = [], 0
    for path in real_casts:
        try:
            header, events, _ = read_cast(path)
        except Rejected:
            continue
        compared += 1
        steps: list[Step] = list(steps_of(events))
        terminals = [open_engine(name, header.columns, header.rows) for name in ("pyte", "ghostty")]
        for second, (ours, theirs) in enumerate(zip(*(engine(one, steps) for one in terminals), strict=True), 1):
            if ours != theirs:
                differing.append(f"{path.name}, check {second}: {_difference(ours, theirs)}")
                break
        assert terminals[0].title == terminals[1].title
        assert terminals[0].clears == terminals[1].clears
        assert terminals[0].colors == terminals[1].colors
    assert len(differing) <= TOLERATED * compared, "\n".join(differing)


def _difference(ours: Shown, theirs: Shown) -> object:
    if ours.cursor != theirs.cursor:
        return "cursor", ours.cursor, theirs.cursor
    return next((row, *pair) for row, pair in enumerate(zip(ours.rows, theirs.rows, strict=True)) if pair[0] != pair[1])


def shown(name: str, steps: list[object]) -> object:
    terminal = open_engine(name, COLUMNS, ROWS)
    for step in steps:
        if isinstance(step, str):
            terminal.feed(step)
        else:
            terminal.resize(*step)
    (screen,) = engine(terminal, [("?",)])
    cursor = terminal.cursor
    return screen, cursor, terminal.clears, terminal.reverse, terminal.title, terminal.colors


NUMBERS = st.sampled_from(["", "0", "1", "2", "3", "9"])
ATTRIBUTES = st.sampled_from(
    [0, 1, 2, 3, 4, 5, 7, 8, 9, 21, 22, 23, 24, 25, 27, 28, 29, 53, 55, "4:3", "4:0", "58;5;3", 59]
)
COLORS = st.sampled_from([31, 39, 42, 49, 91, 102, "38;5;200", "48;5;17", "38;2;1;2;3", "48:2::9:8:7", "58:2::1:1:1"])
SGR = st.builds("\x1b[{}m".format, ATTRIBUTES | COLORS)
TEXT = st.sampled_from(["a", "hello", "word ", "é", "e\u0301", FULL, "x" * 25])
MOVES = st.one_of(
    st.sampled_from(["\r", "\n", "\r\n", "\b", "\t", "\x1bD", "\x1bE", "\x1bM", "\x1bH", "\x1b[3g", "\x1b7", "\x1b8"]),
    st.builds("\x1b[{}{}".format, NUMBERS, st.sampled_from("ABCDEFGIZ`ade")),
    st.builds("\x1b[{};{}{}".format, NUMBERS, NUMBERS, st.sampled_from("Hf")),
    st.sampled_from(["\x1b[r", "\x1b[1;3r", "\x1b[2;3r", "\x1b[3;2r", "\x1b[2r"]),
)
EDITS = st.one_of(
    st.sampled_from(["\x1b[K", "\x1b[0K", "\x1b[r\x1b[2J", "\x1b[H\x1b[J", "\r\x1b[1K", "\r\x1b[2K", "\x1b[H\x1b[3J"]),
    st.builds("\x1b[{}{}".format, NUMBERS, st.sampled_from("@PXLMS")),
    st.builds("x\x1b[{}b".format, NUMBERS),
)
MODES = st.sampled_from(["\x1b[?25l", "\x1b[?25h", "\x1b[?5h", "\x1b[?5l", "\x1b[?7h", "\x1b[4h", "\x1b[4l"])
SCREENS = st.sampled_from(["\x1b[m\x1b[r\x1b[?1049h", "\x1b[m\x1b[r\x1b[?1049l"])
IGNORED = st.sampled_from(
    ["\x1b[>4;2m", "\x1b[?u", "\x1b[6n", "\x1b[?1;2m", "\x1b_x\x1b\\", "\x1bP1$r\x1b\\", "\x1b[?2004h"]
)
OSC = st.sampled_from(
    [
        "0;title",
        "4;1;#010203",
        "104",
        "8;;http://localhost\x07link\x1b]8;;",
        "133;A",
        "133;P;k=i",
        "66;s=2;x",
        "9;4;1;50",
        "7;file://h/",
    ]
).map("\x1b]{}\x07".format)
CHARSETS = st.sampled_from(["\x1b(0lqk\x1b(B", "\x1b)0\x0eqqq\x0f", "\x9b31m", "\x84"])
PIECES = st.one_of(TEXT, TEXT, SGR, MOVES, EDITS, MODES, SCREENS, IGNORED, OSC, CHARSETS)


@settings(max_examples=300, deadline=None, derandomize=True)  # what is left to find is for long runs, not for every run
@given(st.lists(PIECES, max_size=20))
@example(["\x1b[0L", "a\x1b[0M"])
@example([FULL, "\x1b[K", "y"])
@example(["\x1b[1;9H\x1b[g\r\t"])
@example(["\U0001f1ef\U0001f1f5", "\U0001fae0", "\u2630"])
@example(["漢" * 7, "\x1b[2D", "\x1b[P", "\x1b[3@"])
@example(["e", "\u0301", "\u200d"])
@example(["\x1b[3 q", "a", "\x1b[0 q"])
@example(["\x1b[1;31m\x1b[?25l\x1b[4h\x1b[2;3r\x1b[2;2H", "\x1b[!p", "a\n\n"])
def test_text_of_sequences_that_both_know_shows_the_same(pieces: list[str]) -> None:
    assert shown("pyte", pieces) == shown("ghostty", pieces)


@pytest.mark.parametrize(("steps", "why"), UNDERSTOOD)
def test_differences_that_are_understood_are_still_there(steps: list[object], why: str) -> None:
    assert shown("pyte", steps) != shown("ghostty", steps), f"no longer so, take it off the list: {why}"
