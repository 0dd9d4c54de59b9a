import json
from collections.abc import Callable
from itertools import pairwise

import pytest
from components import require
from hypothesis import given, settings
from hypothesis import strategies as st

from tracekit.terminal.engine import Engine, open_engine
from tracekit.terminal.text import RUN_ATTRIBUTES, line_runs, line_text, screen_json, screen_lines

Open = Callable[[int, int], Engine]


@pytest.fixture(params=["pyte", "ghostty"])
def start(request: pytest.FixtureRequest) -> Open:
    if request.param == "ghostty":
        require("ghostty", module="pyghostty", remedy="pip install 'tracekit[ghostty]'")
    return lambda columns, rows: open_engine(request.param, columns, rows)


@pytest.mark.parametrize(
    ("fed", "line"),
    [
        ("", ""),
        ("  a b  ", "  a b"),
        ("漢字 ok", "漢字 ok"),
        ("e\u0301\u2764\ufe0f", "e\u0301\u2764\ufe0f"),
        ("a\x1b[44m\x1b[K", "a"),
        ("\x1b[8mhidden", "hidden"),
        ("a\xa0", "a\xa0"),
    ],
)
def test_a_line_is_its_text_without_trailing_blanks_and_wide_characters_once(fed: str, line: str, start: Open) -> None:
    engine = start(20, 2)
    engine.feed(fed)
    assert line_text(engine, 0) == line
    assert screen_lines(engine) == [line, ""]


@pytest.mark.parametrize(
    ("fed", "runs"),
    [
        ("", []),
        ("   ", []),
        ("a  b  ", [["a  b", None, None, []]]),
        ("\x1b[31ma\x1b[91mb\x1b[38;5;231mc\x1b[38;2;1;2;255md", [
            ["a", 1, None, []], ["b", 9, None, []], ["c", 231, None, []], ["d", "#0102ff", None, []]
        ]),
        ("a\x1b[44m  ", [["a", None, None, []], ["  ", None, 4, []]]),
        ("a  \x1b[7m ", [["a  ", None, None, []], [" ", None, None, ["inverse"]]]),
        ("\x1b[9;8;7;5;4;3;2;1mx", [["x", None, None, list(RUN_ATTRIBUTES)]]),
        ("\x1b[4:3ma\x1b[4:1mb\x1b[58;5;1mc", [["abc", None, None, ["underline"]]]),
        ("\x1b[53ma\x1b[0mb", [["ab", None, None, []]]),
        ("漢\x1b[1m字", [["漢", None, None, []], ["字", None, None, ["bold"]]]),
    ],
)  # fmt: skip
def test_runs_are_the_longest_of_one_look(fed: str, runs: list[object], start: Open) -> None:
    engine = start(20, 2)
    engine.feed(fed)
    assert line_runs(engine, 0) == runs


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.sampled_from(["a", " ", "漢", "\x1b[0m", "\x1b[1m", "\x1b[41m", "\x1b[4:2m", "\x1b[53m", "\r\n"]),
        max_size=40,
    )
)
def test_runs_and_lines_tell_the_same_text(pieces: list[str]) -> None:
    engine = open_engine("pyte", 9, 4)
    engine.feed("".join(pieces))
    for row in range(4):
        runs = line_runs(engine, row)
        assert "".join(run[0] for run in runs).rstrip(" ") == line_text(engine, row)
        assert all(run[0] for run in runs)
        assert all(left[1:] != right[1:] for left, right in pairwise(runs))


def test_a_screen_is_one_json_object(start: Open) -> None:
    engine = start(12, 2)
    engine.feed("\x1b[1mhi\x1b[0m\x1b[?25l\x1b[6 q")
    found = screen_json(engine, 1.5, cells=True)
    assert json.loads(json.dumps(found)) == {
        "t": 1.5,
        "cols": 12,
        "rows": 2,
        "lines": ["hi", ""],
        "cursor": {"x": 2, "y": 0, "visible": False, "shape": "bar"},
        "runs": [[["hi", None, None, ["bold"]]], []],
    }
    assert "runs" not in screen_json(engine, 1.5)
