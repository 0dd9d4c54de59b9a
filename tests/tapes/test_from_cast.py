"""From a recording to a tape: the same keys at the same instants."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from tracekit.casts.model import Header, Theme
from tracekit.casts.read import read_cast
from tracekit.cli.tape import app
from tracekit.core.errors import Rejected, TracekitError
from tracekit.core.events import Event
from tracekit.tapes.driver.schedule import Strike, schedule
from tracekit.tapes.from_cast import tape_of_cast
from tracekit.tapes.language.parser import load_tape, parse
from tracekit.tapes.language.program import Command, Comment, Press, Program, Setting, Sleep, Type
from tracekit.tapes.language.settings import settings_of
from tracekit.tapes.language.writer import write

MS = 1_000_000
HEADER = Header(version=2, columns=80, rows=24)
KEYS = ["\r", "\t", "\x7f", "\x1b", "\x1b[A", "\x1b[3~", "\x1b[6~", "\x1b[Z", "\x03", "\x00", "\n", "\x1bf", "\x1b\r"]
SEQUENCES = ["\x1b[H", "\x1bOP", "\x1b[<0;1;2M", "\x1b[200~", "\x1b[1;5C", "\x1b\x01", "\x1bs", "\x1c", "\x1f", "\b"]
DATA = st.one_of(
    st.sampled_from([*KEYS, *SEQUENCES]),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="←↑→↓\x1b"), min_size=1, max_size=6),
    st.sampled_from(["\"'`", "a\"b'c`d", "ls -l\r", "\x1b[200~a b\x1b[201~"]),
)
EVENTS = st.lists(st.tuples(st.integers(0, 3_000_000_000), DATA), min_size=1, max_size=12).map(
    lambda rows: [Event(time_ns, "i", data) for time_ns, data in sorted(rows)]
)


def typed(events: list[Event]) -> list[tuple[int, str]]:
    """The text that goes out at each instant."""
    instants: dict[int, str] = {}
    for event in events:
        instants[event.time_ns] = instants.get(event.time_ns, "") + event.data
    return sorted(instants.items())


def replayed(program: Program) -> tuple[list[tuple[int, str]], int]:
    """The same of a tape, and its length."""
    plan, now_ns, events = schedule(program), 0, []
    for step in plan.steps:
        now_ns += step.after_ns
        assert isinstance(step, Strike)
        events.append(Event(now_ns, "i", step.stroke.text()))
    return typed(events), now_ns + plan.rest_ns


def tape(*events: Event) -> tuple[Command, ...]:
    """The commands of a recording but for its settings."""
    program = tape_of_cast(HEADER, events)
    return tuple(command for command in program.commands if not isinstance(command, Setting))


@given(EVENTS, st.integers(0, 2_000_000_000))
def test_the_same_keys_are_sent_at_the_same_instants(events: list[Event], rest_ns: int) -> None:
    end = Event(events[-1].time_ns + rest_ns, "o", "bye")
    program = tape_of_cast(HEADER, [*events, end])
    assert replayed(parse(write(program))) == (typed(events), end.time_ns)


@given(st.integers(2, 300), st.integers(1, 120))
def test_the_tape_has_the_size_of_the_recording(columns: int, rows: int) -> None:
    program = tape_of_cast(Header(version=2, columns=columns, rows=rows), [Event(0, "i", "x")])
    settings = settings_of(parse(write(program)))
    assert (settings.columns, settings.rows) == (columns, rows)


def test_the_tape_has_the_theme_of_the_recording() -> None:
    theme = Theme(0x112233, 0x445566, tuple(range(16)))
    header = Header(version=2, columns=80, rows=24, title="a title", theme=theme)
    program = tape_of_cast(header, [Event(0, "i", "x")])
    found = settings_of(program).theme
    assert (found.foreground, found.background, found.palette) == (theme.foreground, theme.background, theme.palette)
    assert program.commands[0] == Comment(" a title")


def test_keys_are_written_as_a_person_would() -> None:
    text = "ls\r\x1b[A\x1b[A\x03\x1bb\x1b[Z\x1c\b"
    events = [Event(MS * 100 * number, "i", data) for number, data in enumerate(("l", "s", "\r", "\x1b[A", "\x1b[A"))]
    assert tape(*events, Event(500 * MS, "o", "")) == (
        Type("ls", 100 * MS),
        Press("Enter", 1, 100 * MS),
        Press("Up", 2, 100 * MS),
    )
    chords = [Event(0, "i", text[5:]), Event(MS, "o", "")]
    assert write(Program(tape(*chords))).splitlines()[-6:] == [
        "Ctrl+C",
        "Alt+b",
        "Shift+Tab",
        "Ctrl+\\",
        "Ctrl+H",
        "Sleep 1ms",
    ]


def test_a_pause_before_the_first_key_is_slept() -> None:
    assert tape(Event(0, "o", "$ "), Event(1500 * MS, "i", "x")) == (Sleep(1500 * MS), Type("x", 0))


def test_cursor_keys_are_named_in_both_of_their_modes() -> None:
    assert tape(Event(0, "i", "\x1bOA\x1b[A")) == (Press("Up", 2, 0),)


@pytest.mark.parametrize(
    "answer",
    ["\x1b[?1;2c", "\x1b[>0;276;0c", "\x1b[12;40R", "\x1b[0n", "\x1b[?2026;2$y", "\x1b[I", "\x1b]11;rgb:0/0/0\x07",
     "\x1b]4;1;rgb:0/0/0\x1b\\", "\x1bP1+r524742=8\x1b\\"],
)  # fmt: skip
def test_what_the_terminal_sent_by_itself_is_left_out_and_said(answer: str) -> None:
    first, *rest = tape(Event(MS, "i", "a"), Event(2 * MS, "i", answer), Event(3 * MS, "i", "b"))[1:]
    assert first == Type("a", MS)
    assert isinstance(rest[0], Comment)
    assert rest[0].text.startswith(" left out at 0.002 s: ")
    assert rest[1:] == [Sleep(MS), Type("b", 0)]


def test_what_a_tape_can_not_say_stands_in_a_comment() -> None:
    texts = [one.text for one in tape(Event(0, "r", "100x30"), Event(0, "i", "←x")) if isinstance(one, Comment)]
    assert texts == [
        " left out at 0.000 s: the terminal's size becomes 100x30",
        " left out at 0.000 s: ←, for which vhs presses an arrow key",
    ]


def test_a_recording_without_keystrokes_makes_no_tape() -> None:
    with pytest.raises(Rejected, match="no keystrokes") as caught:
        tape_of_cast(HEADER, [Event(0, "o", "x")])
    assert caught.value.reason == "no-keystrokes"


def test_a_recording_that_is_too_narrow_or_too_long_is_refused() -> None:
    with pytest.raises(TracekitError, match="narrower than two columns"):
        tape_of_cast(Header(version=2, columns=1, rows=24), [Event(0, "i", "x")])
    with pytest.raises(Rejected, match="more than 200,000 commands"):
        tape_of_cast(HEADER, [Event(number**2 * MS, "i", "x") for number in range(200_001)])


def test_the_command_writes_a_tape_that_is_one(tmp_path: Path) -> None:
    cast, out = tmp_path / "a.cast", tmp_path / "a.tape"
    lines = [{"version": 2, "width": 60, "height": 10}, [0.25, "i", "l"], [0.5, "i", "s\r"], [1.0, "o", "a b\r\n"]]
    cast.write_text("".join(json.dumps(line) + "\n" for line in lines))
    done = CliRunner().invoke(app, ["from-cast", str(cast), str(out), "--json"])
    assert done.exit_code == 0, done.output
    facts = json.loads(done.stdout)
    assert (facts["file"], facts["duration_s"], facts["left_out"]) == (str(out), 1.0, 0)
    program = load_tape(out)
    assert facts["commands"] == len(program.commands)
    assert replayed(program) == ([(250 * MS, "l"), (500 * MS, "s\r")], 1000 * MS)


def test_secrets_that_were_typed_can_be_scrubbed(tmp_path: Path) -> None:
    cast, out = tmp_path / "a.cast", tmp_path / "a.tape"
    secret = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    lines: list[object] = [{"version": 2, "width": 80, "height": 10}]
    lines += [[number / 10, "i", char] for number, char in enumerate(f"export TOKEN={secret}\r")]
    cast.write_text("".join(json.dumps(line) + "\n" for line in lines))
    done = CliRunner().invoke(app, ["from-cast", str(cast), str(out), "--scrub"])
    assert done.exit_code == 0, done.output
    keys = "".join(text for _, text in replayed(load_tape(out))[0])
    assert secret not in keys
    assert len(keys) == len(f"export TOKEN={secret}\r")


def test_real_recordings_with_keystrokes_make_tapes(real_casts: list[Path]) -> None:
    made = 0
    for path in real_casts:
        try:
            header, events, _ = read_cast(path)
            program = tape_of_cast(header, events)
        except (Rejected, TracekitError):
            continue
        made += 1
        assert parse(write(program)) == program
    assert made
