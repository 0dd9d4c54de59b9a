"""From a program to the text of a tape, which `tracekit.tapes.language.parser.parse` reads back as the same program."""

import re

from tracekit.core.errors import TracekitError
from tracekit.tapes.language.chords import write_ctrl_key, write_switch_key
from tracekit.tapes.language.durations import write_duration
from tracekit.tapes.language.grammar import extension
from tracekit.tapes.language.lexer import KEYWORDS, UNITS
from tracekit.tapes.language.limits import MOST_NS, MOST_PRESSES
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
from tracekit.tapes.language.quotes import QUOTES, quoted, quoted_parts
from tracekit.tapes.language.values import SETTINGS, SettingKind

_WORD = re.compile(r"[A-Za-z.][A-Za-z0-9._/%-]*")
_NUMBER = re.compile(r"[0-9][0-9.]*")
_NO_STRINGS = KEYWORDS | UNITS | {"true", "false"}


def write(program: Program) -> str:
    """The text of a tape, a command a line.

    Raises:
        TracekitError: a command can't be written, for example a word that holds all three quotes.
    """
    return "".join(f"{_line(number, command)}\n" for number, command in enumerate(program.commands, 1))


def _line(number: int, command: Command) -> str:
    try:
        return write_command(command)
    except ValueError as error:
        name = type(command).__name__
        raise TracekitError(f"{name} can't be written: {error}", place=f"command {number}") from None


def write_command(command: Command) -> str:
    """A command as it stands in a tape, without a line break.

    Raises:
        ValueError: it can't stand in any; says why.
    """
    match command:
        case Type(text, delay_ns):
            return f"Type{_delay(delay_ns)} {quoted_parts(text)}"
        case Press():
            return _press(command)
        case Chord():
            return _chord(command)
        case Sleep(duration_ns):
            return f"Sleep {_duration(duration_ns)}"
        case Wait():
            return _wait(command)
        case Setting():
            return _setting(command)
        case Output(path):
            if not extension(path) and not path.endswith("/"):
                raise ValueError(f"{path[:40]!r} is neither a file with an ending nor a folder")
            return f"Output {_string(path)}"
        case Source(path):
            return f"Source {_path(path, '.tape')}"
        case Screenshot(path):
            return f"Screenshot {_path(path, '.png')}"
        case Require(program):
            return f"Require {_string(program)}"
        case Env(name, value):
            if not name or "=" in name:
                raise ValueError(f"{name[:40]!r} is not the name of a variable")
            return f"Env {_string(name)} {quoted(value)}"
        case Copy(text):
            return f"Copy {quoted_parts(text)}"
        case Comment(text):
            if any(char in text for char in "\r\n\0"):
                raise ValueError("a comment is one line without NUL")
            return f"#{text}"
        case Hide() | Show() | Paste():
            return type(command).__name__


def _press(command: Press) -> str:
    if command.key not in KEYS:
        raise ValueError(f"vhs has no key {command.key!r}")
    if not 0 <= command.count <= MOST_PRESSES:
        raise ValueError(f"{command.count} presses")
    return f"{command.key}{_delay(command.delay_ns)}" + (f" {command.count}" if command.count != 1 else "")


def _chord(command: Chord) -> str:
    switches = "".join(f"+{name}" for name, held in (("Alt", command.alt), ("Shift", command.shift)) if held)
    if command.ctrl:
        key = f"+{write_ctrl_key(command.key)}" if command.key else ""
        if not switches and not key:
            raise ValueError("Ctrl needs a key")
        return f"Ctrl{switches}{key}"
    if command.alt == command.shift:
        raise ValueError("vhs has Alt and Shift together with Ctrl only")
    return f"{'Alt' if command.alt else 'Shift'}+{write_switch_key(command.key)}"


def _wait(command: Wait) -> str:
    scope = "+Screen" if command.scope == "screen" else ""
    if command.timeout_ns is not None and command.timeout_ns <= 0:
        raise ValueError("the time to wait is more than 0")
    pattern = "" if command.pattern is None else f" {quoted(command.pattern, ('/',))}"
    return f"Wait{scope}{_delay(command.timeout_ns)}{pattern}"


def _setting(command: Setting) -> str:
    name, value = command.name, command.value
    kind = SETTINGS.get(name)
    if kind is None:
        raise ValueError(f"there is no setting {name!r}")
    if isinstance(value, str):
        _check_text(kind, value)
        # JSON ends at its first brace; anything else stands between quotes, or slashes.
        is_json = value.startswith("{") and value.find("}") == len(value) - 1 and "\0" not in value
        return f"Set {name} {value if is_json else quoted(value, (*QUOTES, '/'))}"
    if not kind.takes(value):
        raise ValueError(f"{name} does not take {value!r}")
    if isinstance(value, bool):
        return f"Set {name} {str(value).lower()}"
    if kind.field.endswith("_ns"):
        return f"Set {name} {_duration(int(value))}"
    text = repr(value).removesuffix(".0")
    if kind.read(text) != value:
        raise ValueError(f"{value!r} is out of bounds")
    return f"Set {name} {text if _NUMBER.fullmatch(text) else quoted(text)}"


def _check_text(kind: SettingKind, text: str) -> None:
    """See that text is read as text. Where a number is wanted it may stand where vhs does not look at it."""
    try:
        is_text = kind.type is str or kind.read(text) is None
    except ValueError:
        is_text = True
    if not is_text:
        raise ValueError(f"{text[:40]!r} stands for a {kind.type.__name__}")
    if kind.anywhere:
        kind.read(text)


def _path(path: str, suffix: str) -> str:
    if extension(path) != suffix:
        raise ValueError(f"{path[:40]!r} does not end in {suffix}")
    return _string(path)


def _string(text: str) -> str:
    return text if _WORD.fullmatch(text) and text not in _NO_STRINGS else quoted(text)


def _delay(delay_ns: int | None) -> str:
    return "" if delay_ns is None else f"@{_duration(delay_ns)}"


def _duration(duration_ns: int) -> str:
    if not 0 <= duration_ns <= MOST_NS:
        raise ValueError(f"a time of {duration_ns} ns")
    return write_duration(duration_ns)
