"""From words to commands: the grammar of vhs's parser, one method a command.

No command ends with its line: it takes the words that it can use, wherever they stand. A word that it can't use begins
the next command, or is a problem.
"""

from collections.abc import Iterable
from contextlib import suppress
from typing import NamedTuple

from tracekit.tapes.language.chords import SWITCHES, ctrl_key, switch_keys
from tracekit.tapes.language.durations import parse_duration
from tracekit.tapes.language.lexer import COMMANDS, Token, tokens
from tracekit.tapes.language.limits import MOST_COMMANDS, MOST_NS, MOST_PRESSES
from tracekit.tapes.language.patterns import pattern
from tracekit.tapes.language.problems import MOST_PROBLEMS, Problem, nearest, problem, shown
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
    Place,
    Press,
    Require,
    Scope,
    Screenshot,
    Setting,
    Show,
    Sleep,
    Source,
    Type,
    Wait,
)
from tracekit.tapes.language.values import SETTINGS

_SCOPES: dict[str, Scope] = {"Line": "line", "Screen": "screen"}
_TIME_UNITS = ("ms", "s", "m")


class Line(NamedTuple):
    """A command as it stands in a tape."""

    command: Command
    fault: Problem | None = None
    """What is wrong with the value of a setting, should vhs heed it."""


class Parsed(NamedTuple):
    """What the grammar makes of a tape."""

    lines: list[Line]
    problems: list[Problem]


class _RefusedError(Exception):
    """The command at hand can't be used; its problem is written down."""


class Grammar:
    """Reads one tape."""

    def __init__(self, text: str) -> None:
        self._tokens = tokens(text)
        self._next = next(self._tokens)
        self._place = Place(1, 1)
        """Of the command at hand."""
        self._problems: list[Problem] = []

    def parse(self) -> Parsed:
        """Read all commands. Those with a problem are left out."""
        lines: list[Line] = []
        while self._next.kind != "end" and len(self._problems) < MOST_PROBLEMS and len(lines) <= MOST_COMMANDS:
            try:
                lines.extend(self._command())
            except _RefusedError:
                continue
        return Parsed(lines, self._problems)

    def _command(self) -> Iterable[Line]:
        token = self._take()
        self._place = token.place
        if token.kind == "comment":
            return [Line(Comment(token.text, token.place))]
        name = token.text if token.kind == "keyword" else ""
        match name:
            case "Set":
                return [self._set()]
            case "Ctrl":
                return map(Line, self._ctrl())
            case "Alt" | "Shift":
                return map(Line, self._switch(name))
        if name in KEYS:
            return [Line(self._press(name))]
        if name in COMMANDS:
            return [Line(self._other(name))]
        remedy = nearest(token.text, COMMANDS, f"one of {', '.join(COMMANDS)}")
        if token.text in ("Home", "End"):
            remedy = "vhs has no such key; at a shell Ctrl+A and Ctrl+E do the same"
        raise self._refused(token, "unknown command", remedy)

    def _other(self, name: str) -> Command:
        place = self._place
        match name:
            case "Output":
                return Output(self._output(), place)
            case "Require":
                return Require(self._string("the name of a program").text, place)
            case "Source":
                return Source(self._path(".tape"), place)
            case "Env":
                return self._env()
            case "Type":
                delay_ns = self._delay()
                return Type(self._strings(), delay_ns, place)
            case "Copy":
                return Copy(self._strings(), place)
            case "Sleep":
                return Sleep(self._duration(), place)
            case "Wait":
                return self._wait()
            case "Screenshot":
                return Screenshot(self._path(".png"), place)
            case "Hide":
                return Hide(place)
            case "Show":
                return Show(place)
        return Paste(place)

    def _press(self, key: str) -> Press:
        start, delay_ns = self._next, None
        if self._skip("@"):
            text = self._time()
            with suppress(ValueError):  # of a time that is none, 1.2.3, vhs makes the typing speed
                delay_ns = self._bounded(start, parse_duration(text))
        if self._next.kind != "number":
            return Press(key, 1, delay_ns, self._place)
        count = self._take()
        if not count.text.isdigit():  # of a number that is not whole vhs makes 1
            return Press(key, 1, delay_ns, self._place)
        if len(count.text.lstrip("0")) > len(str(MOST_PRESSES)) or int(count.text) > MOST_PRESSES:
            raise self._refused(count, "too many presses", f"{MOST_PRESSES:,} at most")
        return Press(key, int(count.text), delay_ns, self._place)

    def _set(self) -> Line:
        name = self._take()
        kind = SETTINGS.get(name.text) if name.kind == "keyword" else None
        if kind is None:
            self._take()  # vhs takes it for the value
            raise self._refused(name, "unknown setting", nearest(name.text, SETTINGS, f"one of {', '.join(SETTINGS)}"))
        if name.text == "WaitTimeout":
            return Line(Setting(name.text, self._duration(), self._place))
        if self._next.kind == "end":
            raise self._refused(self._next, f"a value is expected after Set {name.text}")
        token = self._take()
        text = token.text
        if name.text == "TypingSpeed":
            text += self._take().text if self._next.kind == "unit" and self._next.text in ("ms", "s") else "s"
        elif name.text == "LoopOffset" and self._at("%"):
            self._take()
        try:
            if name.text == "CursorBlink" and token.kind != "boolean":
                raise ValueError("true or false, without quotes")
            return Line(Setting(name.text, kind.read(text), self._place))
        except ValueError as error:
            fault = problem(token.place, token.text, f"{shown(token.text)!r} is no value of {name.text}", str(error))
        if kind.anywhere:
            self._problems.append(fault)
            raise _RefusedError
        return Line(Setting(name.text, token.text, self._place), fault)

    def _env(self) -> Env:
        name = self._take()
        if name.kind == "end" or not name.text or "=" in name.text:
            raise self._refused(name, "the name of a variable is expected after Env", 'such as Env GREETING "hello"')
        return Env(name.text, self._string("the value of the variable").text, self._place)

    def _wait(self) -> Wait:
        scope: Scope = "line"
        if self._skip("+"):
            if self._next.kind != "string" or self._next.text not in _SCOPES:
                raise self._refused(self._next, "Line or Screen is expected after Wait+")
            scope = _SCOPES[self._take().text]
        start = self._next
        timeout_ns = self._delay()
        if timeout_ns == 0:
            raise self._refused(start, "the time to wait is more than 0")
        if self._next.kind != "regex":
            return Wait(scope, None, timeout_ns, self._place)
        token = self._take()
        try:
            pattern(token.text)
        except ValueError as error:
            remedy = "the syntax of RE2; the next slash ends it"
            raise self._refused(token, f"not a regular expression ({error})", remedy) from None
        return Wait(scope, token.text, timeout_ns, self._place)

    def _ctrl(self) -> list[Chord]:
        held: set[str] = set()
        keys: list[str] = []
        while self._skip("+"):
            token = self._take()
            if token.text in SWITCHES:
                if keys:
                    raise self._refused(token, "Alt and Shift stand before the keys that go with Ctrl")
                held.add(token.text)
                continue
            key = ctrl_key(token)
            if key is None:
                raise self._refused(
                    token, "not a key that goes with Ctrl", 'a letter, Enter, Space, an arrow, or "1" in quotes'
                )
            keys.append(key)
        if not held and not keys:
            raise self._refused(self._next, "+ and a key are expected after Ctrl", "for example Ctrl+C")
        return [Chord(key, True, "Alt" in held, "Shift" in held, self._place) for key in keys or [""]]

    def _switch(self, name: str) -> list[Chord]:
        token = self._take() if self._skip("+") else self._next
        keys = switch_keys(token)
        if keys is None:
            raise self._refused(
                token, f"+ and a key are expected after {name}", 'a letter, Enter, Tab, or "1" in quotes'
            )
        return [Chord(key, alt=name == "Alt", shift=name == "Shift", place=self._place) for key in keys]

    def _output(self) -> str:
        token = self._string("the path of a recording")
        if not extension(token.text) and not token.text.endswith("/"):
            raise self._refused(token, "neither a file with an ending nor a folder", "a folder's path ends in /")
        return token.text

    def _path(self, suffix: str) -> str:
        token = self._string(f"a path that ends in {suffix}")
        if extension(token.text) != suffix:
            raise self._refused(token, f"a path that ends in {suffix} is expected")
        return token.text

    def _string(self, wanted: str) -> Token:
        if self._next.kind != "string":
            raise self._refused(self._next, f"{wanted} is expected", "a word, or text between quotes")
        return self._take()

    def _strings(self) -> str:
        """Strings in a row, which are one with a space between each two."""
        texts = [self._string("text").text]
        while self._next.kind == "string":
            texts.append(self._take().text)
        return " ".join(texts)

    def _delay(self) -> int | None:
        """The time after @, if there is one."""
        return self._duration() if self._skip("@") else None

    def _duration(self) -> int:
        start, text = self._next, self._time()
        try:
            return self._bounded(start, parse_duration(text))
        except ValueError:
            raise self._refused(start, "not a time", "for example 500ms, 0.5s or 2") from None

    def _time(self) -> str:
        """A number and perhaps a unit, which is seconds where there is none."""
        if self._next.kind != "number":
            raise self._refused(self._next, "a time is expected", "for example 500ms, 0.5s or 2")
        number, unit = self._take().text, self._next
        has_unit = unit.kind == "unit" and unit.text in _TIME_UNITS
        return number + (self._take().text if has_unit else "s")

    def _bounded(self, start: Token, duration_ns: int) -> int:
        if duration_ns > MOST_NS:
            raise self._refused(start, "too long a time", "a day at most")
        return duration_ns

    def _skip(self, symbol: str) -> bool:
        """Whether a symbol comes next; it is taken."""
        if not self._at(symbol):
            return False
        self._take()
        return True

    def _at(self, symbol: str) -> bool:
        return self._next.kind == "symbol" and self._next.text == symbol

    def _take(self) -> Token:
        token = self._next
        self._next = next(self._tokens, token)
        return token

    def _refused(self, token: Token, message: str, remedy: str = "") -> _RefusedError:
        """Write down what is wrong with the command at hand; to be raised."""
        found = f"found {shown(token.text)!r}" if token.kind != "end" else "the tape ends here"
        self._problems.append(problem(token.place, token.text, f"{message}: {found}", remedy))
        return _RefusedError()


def extension(path: str) -> str:
    """The ending of a path from its last dot, as Go sees it: ``.tape`` of ``.tape`` too."""
    name = path.rpartition("/")[2]
    return name[name.rindex(".") :] if "." in name else ""
