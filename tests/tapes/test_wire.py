"""Output is taken apart the same way wherever it is cut."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracekit.tapes.driver.answers import answer
from tracekit.tapes.driver.wire import Wire
from tracekit.terminal.engine import Engine, open_engine
from tracekit.terminal.themes import theme

PARTS = [
    "ls\r\n", "é漢🎉", "\x1b[31mred\x1b[0m", "\x1b]133;D;0\x07", "\x1b]133;C\x1b\\", "\x1b[6n", "\x1b[c", "\x1b[>c",
    "\x1b[?1h", "\x1b[?1l", "\x1b[?2004h", "\x1b[?1049;1h", "\x1bc", "\x1b[!p", "\x1b]2;a title\x07", "\x1b(B",
    "\x1b]11;?\x07", "\x1bP$qm\x1b\\", "\x1b[?25$p", "\x1b[>q", "\x1b[?u", "\x1b", "\x1b[", "\x1b]133;", "\x9c", "\0",
]  # fmt: skip
OUTPUT = st.lists(st.one_of(st.sampled_from(PARTS).map(str.encode), st.binary(max_size=6)), max_size=8).map(b"".join)


def taken(*chunks: bytes) -> tuple[str, list[str], list[str], set[int]]:
    """Text, questions, marks and modes of output that comes in chunks."""
    wire = Wire()
    pieces = [piece for chunk in chunks for piece in wire.pieces(chunk)] + list(wire.pieces(b"", end=True))
    text = "".join(piece.text for piece in pieces)
    questions = [piece.question for piece in pieces if piece.question]
    return text, questions, [piece.mark for piece in pieces if piece.mark], wire.modes


@given(OUTPUT, st.lists(st.integers(0, 80), max_size=6))
def test_where_output_is_cut_changes_nothing(output: bytes, cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(output)]
    chunks = [output[start:end] for start, end in pairwise(edges)]
    assert taken(*chunks) == taken(output)


@given(st.binary(max_size=300))
def test_no_output_raises_and_only_marks_of_the_shell_are_taken_out(output: bytes) -> None:
    text, _, marks, _ = taken(output)
    if not marks:
        assert text == output.decode("utf-8", "replace")


def test_invalid_utf_8_is_replaced() -> None:
    assert taken(b"a\xff\xc3", b"\xa9b\xe6\xbc")[0] == "a\ufffdéb\ufffd"


def test_marks_of_the_shell_are_heard_and_not_seen_also_when_they_come_in_pieces() -> None:
    assert taken(b"ok\r\n\x1b]13", b"3;D;", b"127\x07> ") == ("ok\r\n> ", [], ["D;127"], {7, 25})


def test_a_sequence_without_an_end_is_passed_on_before_it_fills_the_memory() -> None:
    wire = Wire()
    passed = sum(len(piece.text) for _ in range(100) for piece in wire.pieces(b"\x1b]0;" + b"x" * 1000))
    assert passed > 90_000


@pytest.fixture
def screen() -> Engine:
    return open_engine("pyte", 80, 24)


@pytest.mark.parametrize(
    ("question", "reply"),
    [
        ("\x1b[c", "\x1b[?1;2c"),
        ("\x1b[>c", "\x1b[>0;276;0c"),
        ("\x1b[5n", "\x1b[0n"),
        ("\x1b[6n", "\x1b[3;5R"),
        ("\x1b[?6n", "\x1b[?3;5R"),
        ("\x1b[?2004$p", "\x1b[?2004;1$y"),
        ("\x1b[?1$p", "\x1b[?1;2$y"),
        ("\x1b[?1049$p", "\x1b[?1049;2$y"),
        ("\x1b[?2026$p", "\x1b[?2026;0$y"),
        ("\x1b[4$p", "\x1b[4;2$y"),
        ("\x1b]10;?\x07", "\x1b]10;rgb:f8f8/f8f8/f2f2\x1b\\"),
        ("\x1b]11;?\x1b\\", "\x1b]11;rgb:2828/2a2a/3636\x1b\\"),
        ("\x1b]4;1;?\x07", "\x1b]4;1;rgb:0101/0202/0303\x1b\\"),
        ("\x1bP$q q\x1b\\", "\x1bP1$r2 q\x1b\\"),
        ("\x1bP$qr\x1b\\", "\x1bP0$r\x1b\\"),
        ("\x1b[>q", ""),
        ("\x1b[?u", ""),
        ("\x1bP+q544e\x1b\\", ""),
    ],
)
def test_a_question_is_found_and_answered_as_xterm_js_does(screen: Engine, question: str, reply: str) -> None:
    wire = Wire()
    before = "\x1b[?2004h\x1b]4;1;#010203\x07one\r\ntwo\r\n...." + question + "after"
    pieces = list(wire.pieces(before.encode()))
    assert [piece.question for piece in pieces] == [question, ""]
    screen.feed(pieces[0].text)
    assert answer(question, screen, wire.modes, theme("dracula")) == reply
