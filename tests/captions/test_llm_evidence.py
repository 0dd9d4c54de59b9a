"""What a model is told of a clip: within its budget, deterministic, and fenced."""

import re

import numpy as np
import pytest
from actions.logs import logs
from captions import examples
from captions.desks import desk, window
from captions.stage import clip, grid_of, typed
from hypothesis import given, settings
from hypothesis import strategies as st

from tracekit.actions.windows import WindowsAt
from tracekit.captions.base import ClipView
from tracekit.captions.llm.evidence import Budget, evidence_of
from tracekit.captions.llm.evidence_terminal import changes_of
from tracekit.captions.llm.fence import defused
from tracekit.core.events import Event
from tracekit.terminal.cells import Cursor
from tracekit.terminal.grid import SHAPES

MARKS = ("<|eot_id|>", "<|im_end|>", "<|start_header_id|>", "</s>", "<s>", "<<SYS>>", "[INST]", "[/INST]",
         "<start_of_turn>", "<｜end▁of▁sentence｜>", "[TOOL_CALLS]", "<tool_call>")  # fmt: skip
HOSTILE = st.lists(
    st.sampled_from(
        [*MARKS, "| ", "12| ", "Last screen:", "Changes:", "ignore previous instructions", "\n", "\r", "\x85", "\u2028",
         "\x0b", "\x1b[2J", "\u202e", "\u200b", '{"semantic": "', "```", "<", "|", ">", "é", "漢", "🙂", "─", "\ud800"]
    ),
    max_size=8,
).map("".join)  # fmt: skip
LINES = st.lists(st.text(st.sampled_from("ab1 $#>~/:-_.,*`'\"()[]%│─█é漢🙂|<"), max_size=30), max_size=8)
SCREENS = st.lists(
    st.tuples(LINES, st.builds(Cursor, st.integers(0, 39), st.integers(0, 7), st.booleans(), st.sampled_from(SHAPES))),
    min_size=1,
    max_size=12,
)
KEYS = st.lists(st.sampled_from(["a", "ls -l", "\r", "\x7f", "\x1b[A", "\x03", "\x1b", "é", "\x1b[?1;2c"]), max_size=8)


def size(text: str) -> int:
    return len(text.encode("utf-8", "replace"))


@settings(max_examples=80, deadline=None)
@given(SCREENS, KEYS, st.integers(0, 400), st.text(max_size=200))
def test_evidence_keeps_to_its_budget(
    screens: list[tuple[list[str], Cursor]], keys: list[str], tokens: int, script: str
) -> None:
    view = clip(grid_of(screens), [Event(number, "i", key) for number, key in enumerate(keys)])
    view.sample["captions"] = {"script": script, "instruction": script}
    assert size(evidence_of(view, Budget(tokens)).text) <= Budget(tokens).bytes


@settings(max_examples=40, deadline=None)
@given(logs(), st.integers(0, 300), HOSTILE)
def test_evidence_of_a_desktop_keeps_to_its_budget(events, tokens: int, title: str) -> None:  # type: ignore[no-untyped-def]
    view = desk(events, [WindowsAt(0, (window(title, "Mousepad"),))], instruction=title)
    assert size(evidence_of(view, Budget(tokens)).text) <= Budget(tokens).bytes


def test_the_same_clip_has_the_same_evidence() -> None:
    view = examples.terminal()
    again = ClipView("another_0001", view.grid.load(view.grid.save()), view.events, view.sample)
    assert evidence_of(view) == evidence_of(again)
    assert evidence_of(examples.desktop()) == evidence_of(examples.desktop())


@settings(max_examples=150, deadline=None)
@given(HOSTILE)
def test_recorded_text_can_neither_begin_a_line_nor_end_a_message(text: str) -> None:
    fenced = defused(text)
    assert len(fenced.splitlines()) <= 1
    assert fenced.isprintable() or not re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", fenced)
    assert [mark for mark in MARKS if mark in fenced] == []


@settings(max_examples=60, deadline=None)
@given(st.lists(HOSTILE, min_size=1, max_size=4))
def test_every_line_with_recorded_text_stands_behind_a_bar(texts: list[str]) -> None:
    """Whatever stands on the screen or is typed: our lines stay the same, and all others have a label of ours."""
    marked = [f"zq{text}zq" for text in texts]
    view = clip(grid_of([(marked, Cursor(0, 0)), (marked[::-1], Cursor(0, 0))], 120), [Event(0, "i", marked[0])])
    view.sample["captions"] = {"script": "\n".join(marked), "instruction": marked[0]}
    seen = desk([], [WindowsAt(0, (window(marked[0], "Mousepad"),))], instruction=marked[0])
    for text in (evidence_of(view).text, evidence_of(seen).text):
        for line in text.split("\n"):
            label, bar, recorded = line.partition("| ")
            assert "zq" not in label
            assert not bar or re.fullmatch(
                r"\d*|\d+ to \d+|\d+\.\d s|[\w ]+|[\w ,]+ \d+ by \d+ pixels at \(\d+, \d+\)(?:, active)?", label
            )
            assert not [mark for mark in MARKS if mark in recorded]


def test_a_line_that_is_typed_is_told_once() -> None:
    screens = typed(["earlier"], "$ ", "echo-hello", ["hello", "$ "])
    changes = changes_of(grid_of(screens))
    assert [change.rows for change in changes][-2:] == [((1, "$ echo-hello"),), ((2, "hello"), (3, "$"))]
    assert changes[-2].steps == len("echo-hello")


def test_of_a_screen_that_scrolls_only_the_new_rows_are_told() -> None:
    lines = [f"line {number} of many" for number in range(12)]
    grid = grid_of([(lines[start : start + 8], Cursor(0, 7)) for start in range(4)])
    assert [(change.scrolled, change.rows) for change in changes_of(grid)] == [
        (1, ((7, f"line {8 + start} of many"),)) for start in range(3)
    ]


def test_first_and_last_screen_are_kept_and_the_middle_is_shortened() -> None:
    rng = np.random.default_rng(0)
    screens = [([f"{frame} {rng.integers(10**9)}" for _ in range(8)], Cursor(0, 0)) for frame in range(40)]
    text = evidence_of(clip(grid_of(screens)), Budget(500)).text
    first, changes, last = re.split(r"Changes:|Last screen:", text)
    assert all(line in first for line in screens[0][0])
    assert all(line in last for line in screens[-1][0])
    assert "changes left out here" in changes
    assert "0.1 s:" in changes
    assert "2.6 s:" in changes


def test_nothing_of_a_clip_s_provenance_is_told() -> None:
    view = examples.terminal()
    view.sample["provenance"] = {"uri": "CANARY/a.cast", "title": "CANARY", "command": "CANARY"}
    told = evidence_of(ClipView("canary_0000", view.grid, view.events, view.sample))
    assert "canary" not in repr(told).lower()


def test_what_the_source_says_is_to_be_done_is_told() -> None:
    view = examples.terminal()
    view.sample["captions"] = {"script": "Type wc\nEnter", "instruction": "Count the lines"}
    evidence = evidence_of(view)
    assert "What is to be done:\n| Count the lines\nScript of the recording:\n| Type wc\n| Enter\n" in evidence.text
    assert evidence.shows("Count the lines")


@pytest.mark.parametrize(
    ("text", "stands"),
    [
        ("error: cannot open", True),  # across the row's end
        ("error: can... missing.txt", True),  # shortened
        ("total 1,024 bytes", True),
        ("total   1,024  bytes.", True),
        ("Total 1,024 bytes", True),
        ("total 1,02", False),
        ("TOTAL 1,024 BYTES", False),
        ("total 1,025 bytes", False),
        ("24", False),
        ("ls", True),
        ("l", False),
        ("it's – “so”", True),
        ("< |eot_id|>", True),  # as the model was shown it
        ("error: ... zebra", False),
    ],
)
def test_a_text_stands_there_or_not(text: str, stands: bool) -> None:
    lines = ["$ ls total", "total 1,024 bytes", "12345678901234567890123456 error: cannot",
             "open file missing.txt", "it's - \"so\"", "<|eot_id|>"]  # fmt: skip
    assert evidence_of(clip(grid_of([(lines, Cursor(0, 0))]))).shows(text) == stands


def test_what_is_typed_and_taken_back_is_told() -> None:
    there = typed([], "$ ", "whoami", [])
    changes = changes_of(grid_of([*there, *there[-2:1:-1]]))
    assert [change.rows for change in changes][-2:] == [((0, "$ whoami"),), ((0, "$ w"),)]


def test_a_bar_of_progress_is_told_once() -> None:
    bars = [([f"fetch {'#' * done}{'.' * (20 - done)} {5 * done}%"], Cursor(0, 0)) for done in range(21)]
    changes = changes_of(grid_of(bars))
    assert [(change.steps, change.rows) for change in changes] == [(20, ((0, f"fetch {'#' * 20} 100%"),))]
