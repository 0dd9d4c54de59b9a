"""The language of tapes: what vhs accepts and refuses, and what it makes of what it accepts."""

import re
from pathlib import Path

import pytest

from tracekit.tapes.language.parser import load_tape, parse
from tracekit.tapes.language.problems import TapeError
from tracekit.tapes.language.program import (
    Chord,
    Command,
    Comment,
    Copy,
    Env,
    Hide,
    Output,
    Paste,
    Place,
    Press,
    Require,
    Screenshot,
    Setting,
    Show,
    Sleep,
    Source,
    Type,
    Wait,
)
from tracekit.tapes.language.settings import settings_of
from tracekit.tapes.language.writer import write

ROOT = Path(__file__).parents[2]
MS, S = 1_000_000, 1_000_000_000


def commands(text: str) -> tuple[Command, ...]:
    return parse(text).commands


def refusal(text: str) -> tuple[int, int, str]:
    """Place and message of the first problem."""
    with pytest.raises(TapeError) as caught:
        parse(text, "a.tape")
    first = caught.value.problems[0]
    assert f"a.tape:{first.line}:{first.column}: " in str(caught.value)
    return first.line, first.column, first.message


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Output demo.gif", Output("demo.gif")),
        ('Output "/tmp/a b.mp4"', Output("/tmp/a b.mp4")),
        ("Output frames/", Output("frames/")),
        ("Require git", Require("git")),
        ("Source other.tape", Source("other.tape")),
        ("Env HELLO 'a = b'", Env("HELLO", "a = b")),
        ("Type word", Type("word")),
        ('Type@500ms "x"', Type("x", 500 * MS)),
        ("Type@.5 'x'", Type("x", 500 * MS)),
        ("Type @ 1 'x'", Type("x", S)),
        ("Enter", Press("Enter")),
        ("Backspace 18", Press("Backspace", 18)),
        ("Down@250ms 3", Press("Down", 3, 250 * MS)),
        ("ScrollUp@1 3", Press("ScrollUp", 3, S)),
        ("Enter 0", Press("Enter", 0)),
        ("Enter 2.5", Press("Enter")),
        ("Enter@1.2.3", Press("Enter")),
        ("Enter\n2", Press("Enter", 2)),
        ("Ctrl+C", Chord("C", ctrl=True)),
        ("Ctrl + C", Chord("C", ctrl=True)),
        ("Ctrl+Alt+Shift+p", Chord("p", True, True, True)),
        ("Ctrl+Left", Chord("Left", ctrl=True)),
        ("Ctrl+\\", Chord("\\", ctrl=True)),
        ('Ctrl+"1"', Chord("1", ctrl=True)),
        ("Ctrl+Alt", Chord("", ctrl=True, alt=True)),
        ("Alt+.", Chord(".", alt=True)),
        ("Alt+Enter", Chord("Enter", alt=True)),
        ('Alt+" "', Chord("Space", alt=True)),
        ('Alt+"s"', Chord("", alt=True)),
        ("Shift+Tab", Chord("Tab", shift=True)),
        ("Sleep 1", Sleep(S)),
        ("Sleep .5", Sleep(500 * MS)),
        ("Sleep 2m", Sleep(120 * S)),
        ("Sleep 500 ms", Sleep(500 * MS)),
        ("Wait", Wait()),
        ("Wait+Screen@10ms /a b$/", Wait("screen", "a b$", 10 * MS)),
        ("Wait+Line //", Wait("line", "")),
        ("Hide", Hide()),
        ("Show", Show()),
        ("Screenshot a.png", Screenshot("a.png")),
        ("Copy `it's`", Copy("it's")),
        ("Paste", Paste()),
        ("Set FontSize 22", Setting("FontSize", 22)),
        ('Set FontSize "22"', Setting("FontSize", 22)),
        ("Set LineHeight 1.2", Setting("LineHeight", 1.2)),
        ('Set LetterSpacing "-1"', Setting("LetterSpacing", -1.0)),
        ("Set TypingSpeed .1", Setting("TypingSpeed", 100 * MS)),
        ("Set TypingSpeed 75ms", Setting("TypingSpeed", 75 * MS)),
        ("Set TypingSpeed '-1'", Setting("TypingSpeed", 0)),
        ("Set WaitTimeout 2m", Setting("WaitTimeout", 120 * S)),
        ("Set WaitPattern /\\$ $/", Setting("WaitPattern", "\\$ $")),
        ("Set LoopOffset 20.99%", Setting("LoopOffset", 20.99)),
        ("Set LoopOffset 50", Setting("LoopOffset", 50.0)),
        ("Set CursorBlink false", Setting("CursorBlink", False)),
        ("Set WindowBar RingsRight", Setting("WindowBar", "RingsRight")),
        ("Set MarginFill '#674EFF'", Setting("MarginFill", "#674EFF")),
        ("Set MarginFill #674EFF", Setting("MarginFill", "674EFF")),
        ("Set Shell fish", Setting("Shell", "fish")),
        ("Set Theme {\n 'x': 1\n", None),
        ('Set Theme {"red": "#f00"}', Setting("Theme", '{"red": "#f00"}')),
        ("# a comment", None),
    ],
)
def test_every_command_is_read_as_vhs_reads_it(text: str, meant: Command | None) -> None:
    if meant is None:
        refusal(text)
    else:
        assert commands(text) == (meant,)


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("Set Foo Bar", 1, 5, "unknown setting"),
        ("Hide\n  Foo", 2, 3, "unknown command"),
        ("Home", 1, 1, "unknown command"),
        ("End", 1, 1, "unknown command"),
        ("Type Enter", 1, 6, "text is expected"),
        ("Type 5", 1, 6, "text is expected"),
        ("Type End", 1, 6, "text is expected"),
        ("Type px", 1, 6, "text is expected"),
        ("Type", 1, 5, "text is expected"),
        ("Backspace@\nfoo", 2, 1, "a time is expected"),
        ("Sleep -1", 1, 7, "a time is expected"),
        ("Sleep 1.2.3", 1, 7, "not a time"),
        ("Sleep 1h", 1, 8, "unknown command"),
        ("Sleep 1e99", 1, 8, "unknown command"),
        ("Output /tmp/a.gif", 1, 8, "the path of a recording is expected"),
        ("Output a", 1, 8, "neither a file with an ending nor a folder"),
        ("Screenshot a.jpg", 1, 12, "a path that ends in .png is expected"),
        ("Source a.txt", 1, 8, "a path that ends in .tape is expected"),
        ("Require 7z", 1, 9, "the name of a program is expected"),
        ("Env A=B c", 1, 6, "the value of the variable is expected"),
        ("Env 'A=B' c", 1, 5, "the name of a variable is expected"),
        ("Ctrl", 1, 5, "+ and a key are expected after Ctrl"),
        ("Ctrl+s", 1, 6, "not a key that goes with Ctrl"),
        ("Ctrl+1", 1, 6, "not a key that goes with Ctrl"),
        ("Ctrl+Tab", 1, 6, "not a key that goes with Ctrl"),
        ('Ctrl+" "', 1, 6, "not a key that goes with Ctrl"),
        ("Ctrl+a+Alt", 1, 8, "Alt and Shift stand before"),
        ("Alt+Up", 1, 5, "+ and a key are expected after Alt"),
        ("Shift+1", 1, 7, "+ and a key are expected after Shift"),
        ("Wait+Word /a/", 1, 6, "Line or Screen is expected after Wait+"),
        ("Wait@0s /a/", 1, 5, "the time to wait is more than 0"),
        ("Wait /(?<=a)b/", 1, 6, "not a regular expression"),
        ("Wait /(a/", 1, 6, "not a regular expression"),
        ("Set WaitPattern /[/", 1, 17, "'[' is no value of WaitPattern"),
        ("Set TypingSpeed 1m", 1, 18, "unknown command"),
        ('Set TypingSpeed "50ms"', 1, 17, "'50ms' is no value of TypingSpeed"),
        ("Set Width 12px", 1, 13, "unknown command"),
        ("Set FontSize\nEnter", 2, 1, "'Enter' is no value of FontSize"),
        ("Set FontSize 1.5 Enter", 1, 14, "'1.5' is no value of FontSize"),
        ("Set Framerate 0 Enter", 1, 15, "'0' is no value of Framerate"),
        ("Set LineHeight nan Enter", 1, 16, "'nan' is no value of LineHeight"),
        ("Set WindowBar Round", 1, 15, "'Round' is no value of WindowBar"),
        ('Set MarginFill "#12345"', 1, 16, "'#12345' is no value of MarginFill"),
        ('Set CursorBlink "true"', 1, 17, "'true' is no value of CursorBlink"),
        ("Set Shell tcsh Enter", 1, 11, "'tcsh' is no value of Shell"),
        ("Enter Set Shell tcsh", 1, 17, "'tcsh' is no value of Shell"),
        ('Set Theme "Draculla" Enter', 1, 11, "'Draculla' is no value of Theme"),
        ('Set Theme { "name": { "red": "#f00" } } Enter', 1, 11, "is no value of Theme"),
        ('Set FontFamily "O\'Neil" Enter', 1, 16, '"O\'Neil" is no value of FontFamily'),
        ("Set FontSize", 1, 13, "a value is expected after Set FontSize"),
        ("Set Width 100 Enter", 1, 1, "a picture of 100x600 px"),
        ("", 1, 1, "no command"),
        ("# nothing\n", 1, 1, "no command"),
        ("é", 1, 1, "unknown command"),
        ("\ufeffEnter", 1, 1, "unknown command"),
    ],
)
def test_what_vhs_refuses_is_refused_where_it_stands(text: str, line: int, column: int, message: str) -> None:
    found = refusal(text)
    assert found[:2] == (line, column)
    assert message in found[2]


def test_all_problems_are_told_at_once_with_what_could_stand_there() -> None:
    with pytest.raises(TapeError) as caught:
        parse("Typ 'x'\nSet Themee nord\nEnter\nSlep 1s", "a.tape")
    told = [(one.line, one.column, one.found, one.remedy) for one in caught.value.problems]
    assert [one for one in told if one[3].startswith("did")] == [
        (1, 1, "Typ", "did you mean Type?"),
        (2, 5, "Themee", "did you mean Theme?"),
        (4, 1, "Slep", "did you mean Sleep?"),
    ]
    assert str(caught.value).startswith("a.tape:1:1: unknown command: found 'Typ', and ")


def test_strings_in_a_row_are_one_with_spaces_between() -> None:
    assert commands("Type \"a  b\" c\n'd' Enter") == (Type("a  b c d"), Press("Enter"))


def test_a_string_has_no_escapes_and_ends_with_its_line() -> None:
    assert commands('Type "a\\" Enter') == (Type("a\\"), Press("Enter"))
    assert commands('Type "a\nEnter') == (Type("a"), Press("Enter"))


def test_keys_of_one_chord_come_one_after_the_other() -> None:
    assert commands("Ctrl+K+D") == (Chord("K", ctrl=True), Chord("D", ctrl=True))
    assert commands("Alt+ab") == (Chord("a", alt=True), Chord("b", alt=True))


def test_places_count_lines_and_characters_also_after_strings_and_json() -> None:
    places = [command.place for command in commands('Type "é" Enter\r\nSet Theme {\n}\n\tHide # x')]
    assert places == [Place(1, 1), Place(1, 10), Place(2, 1), Place(4, 2), Place(4, 7)]
    assert isinstance(commands("Hide # x")[1], Comment)


def test_a_setting_counts_in_front_only_and_a_wrong_one_elsewhere_is_passed_over() -> None:
    program = parse(
        "# look\nOutput a.gif\nSet FontSize 30\nType x\nSet FontSize huge\nSet Theme nothing\nSet Shell zsh"
    )
    assert program.commands[4:6] == (Setting("FontSize", "huge"), Setting("Theme", "nothing"))
    settings = settings_of(program)
    assert (settings.font_size_px, settings.theme.name, settings.shell) == (30, "vhs", "zsh")


def test_the_commands_of_a_source_stand_in_its_place_but_for_outputs(tmp_path: Path) -> None:
    (tmp_path / "look.tape").write_text("# ours\nOutput other.gif\nSet FontSize 30\nType 'hello'")
    (tmp_path / "a.tape").write_text("Hide\nSource look.tape\nShow")
    program = load_tape(tmp_path / "a.tape")
    assert program.commands == (Hide(), Setting("FontSize", 30), Type("hello"), Show())
    assert [command.place for command in program.commands] == [Place(1, 1), Place(2, 1), Place(2, 1), Place(3, 1)]


def test_a_setting_of_a_source_in_front_counts_and_its_fault_is_told_where_the_source_is_named(tmp_path: Path) -> None:
    (tmp_path / "look.tape").write_text("Set FontSize huge")
    (tmp_path / "a.tape").write_text("Output a.gif\nSource look.tape\nType x")
    with pytest.raises(TapeError, match=r"a\.tape:2:1: 'huge' is no value of FontSize"):
        load_tape(tmp_path / "a.tape")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (None, "No such file"),
        ("", "the tape is empty"),
        ("Source a.tape", "has sources itself"),
        ("Foo", "has problems itself, the first at 1:1: unknown command"),
    ],
)
def test_a_source_that_can_not_be_put_in_is_a_problem(tmp_path: Path, source: str | None, message: str) -> None:
    if source is not None:
        (tmp_path / "b.tape").write_text(source)
    (tmp_path / "a.tape").write_text("Hide\nSource b.tape")
    with pytest.raises(TapeError) as caught:
        load_tape(tmp_path / "a.tape")
    (problem,) = caught.value.problems
    assert problem[:3] == (2, 1, "b.tape")
    assert message in problem.message


def test_tapes_of_others_are_accepted_where_vhs_accepts_them(shared_tapes: list[Path]) -> None:
    refused = {}
    for path in shared_tapes:
        try:
            load_tape(path)
        except TapeError as error:
            refused[path.name] = [problem.message.partition(":")[0] for problem in error.problems]
    # vhs's example of errors: Set Foo Bar, Foo, Type Enter, Bar, Backspace@ before a word, and that word.
    known = ["unknown setting", "unknown command", "text is expected", "unknown command"]
    assert refused == {"errors_parser.tape": [*known, "a time is expected", "unknown command"]}


def test_tapes_in_the_documents_are_tapes() -> None:
    found = re.findall(
        r"^```tape\n(.*?)^```$", (ROOT / "docs" / "tapes.md").read_text("utf-8"), re.DOTALL | re.MULTILINE
    )
    assert found
    for text in found:
        assert parse(write(parse(text))) == parse(text)
