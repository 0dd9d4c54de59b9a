"""What is written is read back as what it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracekit.core.errors import TracekitError
from tracekit.tapes.language import themes
from tracekit.tapes.language.durations import parse_duration, write_duration
from tracekit.tapes.language.limits import MOST_NS
from tracekit.tapes.language.parser import parse
from tracekit.tapes.language.program import (
    KEYS,
    Chord,
    Command,
    Comment,
    Copy,
    Env,
    Hide,
    Output,
    Paste,
    Press,
    Program,
    Require,
    Screenshot,
    Setting,
    Show,
    Sleep,
    Source,
    Type,
    Wait,
)
from tracekit.tapes.language.quotes import QUOTES, typeable
from tracekit.tapes.language.values import SETTINGS, SHELLS, WINDOW_BARS
from tracekit.tapes.language.writer import write

CHARACTERS = st.characters(exclude_characters="\n\r\0", exclude_categories=["Cs"])
LINES = st.text(CHARACTERS | st.sampled_from([*QUOTES, " "]), max_size=20)
NAMES = st.text(st.characters(exclude_characters="\n\r\0`", exclude_categories=["Cs"]), max_size=12)
"""Text that some quote can hold."""
WORDS = NAMES.filter(bool)
TIMES_NS = st.integers(0, MOST_NS)
DELAYS_NS = st.none() | TIMES_NS
TEXTS = LINES.filter(lambda text: not any(set(QUOTES) <= set(word) for word in text.split(" ")))
INTEGERS = st.integers(-(10**17), 10**17)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
PATTERNS = st.sampled_from(["", ">$", "a|b", r"\$ $", "(?i)done"])
LETTERS = st.sampled_from([chr(code) for code in range(33, 127)])

VALUES = {
    "Shell": st.sampled_from(SHELLS),
    "FontFamily": NAMES.filter(lambda text: "'" not in text),
    "Framerate": st.integers(1, 200),
    "TypingSpeed": TIMES_NS,
    "WaitTimeout": TIMES_NS,
    "Theme": st.sampled_from([*themes.names(), "", '{"red": "#ff0000", "name": "mine"}', "{\n}"]),
    "WindowBar": st.sampled_from(WINDOW_BARS),
    "MarginFill": st.sampled_from(["#674EFF", "", "wall.png"]),
    "WaitPattern": PATTERNS,
    "CursorBlink": st.booleans(),
    # Of these a wrong sum would make a picture too small for its padding.
    **{name: st.integers(10_000, 10**17) for name in ("Width", "Height")},
    **{name: st.integers(0, 100) for name in ("Padding", "Margin", "WindowBarSize")},
}


def settings() -> st.SearchStrategy[Command]:
    by_type = {int: INTEGERS, float: NUMBERS}
    return st.sampled_from(sorted(SETTINGS)).flatmap(
        lambda name: st.builds(Setting, st.just(name), VALUES.get(name, by_type.get(SETTINGS[name].type, NAMES)))
    )


COMMANDS = st.one_of(
    st.builds(Output, st.sampled_from(["a.gif", "it's.mp4", "frames/", "/tmp/x.webm", ".ascii", "1.gif"])),
    st.builds(Require, NAMES),
    settings(),
    st.builds(Source, NAMES.map(lambda name: f"{name}.tape")),
    st.builds(Env, WORDS.filter(lambda name: "=" not in name), NAMES),
    st.builds(Type, TEXTS, DELAYS_NS),
    st.builds(Press, st.sampled_from(KEYS), st.integers(0, 1000), DELAYS_NS),
    st.builds(
        Chord, LETTERS | st.sampled_from(["Enter", "Space", "Tab", "Escape", "Up"]), st.just(True), st.booleans()
    ),
    st.builds(
        Chord,
        LETTERS.filter(lambda key: key not in "sm") | st.sampled_from(["Tab", "Space", "Up", ""]),
        alt=st.just(True),
    ),
    st.builds(Chord, st.sampled_from(["Tab", "Enter", "A", ""]), shift=st.just(True)),
    st.just(Chord("", ctrl=True, shift=True)),
    st.builds(Sleep, TIMES_NS),
    st.builds(Wait, st.sampled_from(["line", "screen"]), st.none() | PATTERNS, st.none() | st.integers(1, MOST_NS)),
    st.sampled_from([Hide(), Show(), Paste()]),
    st.builds(Screenshot, NAMES.map(lambda name: f"{name}.png")),
    st.builds(Copy, TEXTS),
    st.builds(Comment, LINES),
)
PROGRAMS = st.lists(COMMANDS, min_size=1, max_size=8).map(lambda commands: Program((*commands, Hide())))


@given(PROGRAMS)
def test_every_program_is_read_back_as_it_was_written(program: Program) -> None:
    assert parse(write(program)) == program


@given(TIMES_NS)
def test_times_are_exact(time_ns: int) -> None:
    assert parse_duration(write_duration(time_ns)) == time_ns


@pytest.mark.parametrize(
    ("text", "time_ns"),
    [
        ("1h2m3s", 3_723_000_000_000),
        (".5s", 500_000_000),
        ("1.0000000019s", 1_000_000_001),
        ("0", 0),
        ("-2ms", -2_000_000),
    ],
)
def test_times_are_read_as_go_reads_them(text: str, time_ns: int) -> None:
    assert parse_duration(text) == time_ns


@pytest.mark.parametrize("text", ["", "1", ".s", "1.2.3s", "1e3s", "s", "1s1", "9999999999999s", "1" * 65 + "s"])
def test_what_go_reads_no_time_in_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="not a time"):
        parse_duration(text)


def test_the_quote_is_the_first_that_the_text_does_not_hold() -> None:
    program = Program((Type("plain"), Type('"x"'), Type('"it\'s"'), Type("it's"), Type("\"a\" 'b' `c`")))
    assert write(program).splitlines() == [
        'Type "plain"',
        "Type '\"x\"'",
        'Type `"it\'s"`',
        'Type "it\'s"',
        'Type `"a" \'b\'` "`c`"',
    ]


@given(st.text(CHARACTERS | st.sampled_from(QUOTES)))
def test_any_line_can_be_typed_in_pieces(text: str) -> None:
    pieces = typeable(text)
    assert "".join(pieces) == text
    program = Program(tuple(Type(piece) for piece in pieces))
    assert parse(write(program)) == program


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (Type("\"'`"), "a tape has no escapes"),
        (Type("a\nb"), "a line break or NUL"),
        (Output("\"'`.gif"), "a tape has no escapes"),
        (Output("a"), "neither a file with an ending nor a folder"),
        (Screenshot("a.jpg"), "does not end in .png"),
        (Press("Home"), "vhs has no key 'Home'"),
        (Press("Enter", 10**9), "1000000000 presses"),
        (Sleep(-1), "a time of -1 ns"),
        (Wait("line", "a/b"), "a tape has no escapes"),
        (Wait("line", None, 0), "the time to wait is more than 0"),
        (Chord("a"), "Alt and Shift together with Ctrl only"),
        (Chord("a", alt=True, shift=True), "Alt and Shift together with Ctrl only"),
        (Chord("", ctrl=True), "Ctrl needs a key"),
        (Chord("s", alt=True), "is not a key that goes with Alt"),
        (Chord("F1", ctrl=True), "is not a key that goes with Ctrl"),
        (Setting("Colour", 1), "there is no setting 'Colour'"),
        (Setting("FontSize", 1.5), "FontSize does not take 1.5"),
        (Setting("FontSize", "22"), "stands for a int"),
        (Setting("Shell", "tcsh"), "one of bash"),
        (Setting("CursorBlink", 1), "CursorBlink does not take 1"),
        (Setting("Padding", 10**30), "a whole number"),
        (Env("A=B", ""), "is not the name of a variable"),
        (Comment("a\nb"), "one line"),
    ],
)
def test_what_no_tape_can_say_is_refused(command: Command, reason: str) -> None:
    with pytest.raises(TracekitError, match="command 2: ") as caught:
        write(Program((Hide(), command)))
    assert reason in str(caught.value)
