"""Tapes come from anywhere: none hangs, exhausts memory, or raises anything but a TapeError."""

import os
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracekit.core.errors import TracekitError
from tracekit.tapes.language.lexer import COMMANDS
from tracekit.tapes.language.limits import MOST_CHARS, MOST_COMMANDS
from tracekit.tapes.language.parser import load_tape, parse
from tracekit.tapes.language.patterns import pattern
from tracekit.tapes.language.problems import MOST_PROBLEMS, TapeError
from tracekit.tapes.language.settings import settings_of
from tracekit.tapes.language.values import SETTINGS
from tracekit.tapes.language.writer import write

PIECES = st.sampled_from(
    [
        *COMMANDS,
        *SETTINGS,
        *"@+%/#{}[]^\\\"'`-.=\n\r\t ",
        "500ms",
        "1.5",
        "s",
        "Line",
        "Screen",
        "true",
        "a.tape",
        "a.png",
    ]
)


@given(st.lists(PIECES | st.text(max_size=5)).map(" ".join) | st.text())
def test_any_text_is_a_program_or_problems_within_it(text: str) -> None:
    try:
        program = parse(text)
    except TapeError as error:
        lines = text.split("\n")
        for problem in error.problems:
            assert 1 <= problem.line <= len(lines)
            assert 1 <= problem.column <= len(lines[problem.line - 1]) + 1
            assert str(problem).isprintable()
    else:
        assert parse(write(program)) == program


def refusal(text: str) -> str:
    with pytest.raises(TapeError) as caught:
        parse(text)
    assert len(caught.value.problems) <= MOST_PROBLEMS
    assert len(str(caught.value)) < 1000
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("+" * MOST_CHARS, "unknown command"),
        ("Enter " * MOST_CHARS, "a tape of more than"),
        ("Enter " * (MOST_COMMANDS + 1), "more than 200,000 commands"),
        ("Enter 1000000000", "too many presses"),
        ("Enter " + "9" * 1_000_000, "too many presses"),
        ("Sleep 100000", "too long a time"),
        ("Enter@100000", "too long a time"),
        ("Set TypingSpeed 100000", "is no value of TypingSpeed"),
        ("Sleep " + "9" * 1_000_000, "not a time"),
        ("Type x\0y", "a NUL byte"),
        ("x" * 1_000_000, "unknown command"),
        ("Set FontSize " + "9" * 1_000_000 + " Hide", "is no value of FontSize"),
        ("Set Theme '{" + '"a":[' * 100_000 + "' Hide", "is no value of Theme"),
        ("Wait /" + "(" * 500 + "a" + "){1000}" * 70 + "/", "not a regular expression"),
        ("Wait /" + "a" * 2000 + "/", "a pattern of more than"),
        (r"Wait /\C/", "invalid escape sequence"),
        ("Screenshot " + "a" * 1_000_000, "a path that ends in .png"),
    ],
)
def test_what_is_beyond_a_limit_is_told(text: str, message: str) -> None:
    assert message in refusal(text)


def test_long_text_is_typed() -> None:
    text = "x" * 1_000_000
    assert parse(f'Type "{text}"').commands[0].text == text  # type: ignore[union-attr]


def test_a_pattern_takes_time_linear_in_the_text() -> None:
    # Python's re would look at 2^64 ways of this, and not come back.
    assert not pattern("(a|a)*(a|a)*(a|aa)+b$").found_in("a" * 100_000)


@pytest.mark.parametrize(
    "text",
    [
        "Set FontSize 0",
        "Set FontSize 5000",
        'Set LineHeight "-1"',
        "Set LetterSpacing 1000",
        "Set Width 900000000",
        "Set Height 100000 Set Width 100000",
    ],
)
def test_a_terminal_that_can_not_be_drawn_is_refused(text: str) -> None:
    with pytest.raises(TracekitError, match=r"can't be drawn|a terminal of"):
        settings_of(parse(text))


def test_sources_add_up_to_a_bound(tmp_path: Path) -> None:
    (tmp_path / "many.tape").write_text("Enter " * 100_000)
    (tmp_path / "a.tape").write_text("Source many.tape\n" * 10_000)
    with pytest.raises(TapeError, match="more than 200,000 commands"):
        load_tape(tmp_path / "a.tape")


def test_a_tape_that_names_itself_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.tape").write_text("Source a.tape")
    with pytest.raises(TapeError, match="has sources itself"):
        load_tape(tmp_path / "a.tape")


def test_a_source_whose_name_no_file_can_have_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.tape").write_text(f"Source {'a' * 100_000}.tape")
    with pytest.raises(TapeError, match="File name too long"):
        load_tape(tmp_path / "a.tape")


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.tape")
    (tmp_path / "a.tape").write_text("Source pipe.tape")
    found: list[str] = []

    def load() -> None:
        for name in ("a.tape", "pipe.tape"):
            try:
                load_tape(tmp_path / name)
            except TracekitError as error:
                found.append(error.message)

    thread = threading.Thread(target=load, daemon=True)
    thread.start()
    thread.join(60)
    assert found == ["Source pipe.tape: not a file", "not a file"]


def test_bytes_that_are_no_text_are_typed_as_vhs_types_them(tmp_path: Path) -> None:
    (tmp_path / "a.tape").write_bytes(b'Type "a\xffb"')
    assert load_tape(tmp_path / "a.tape").commands[0].text == "a\ufffdb"  # type: ignore[union-attr]
