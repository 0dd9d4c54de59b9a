"""One reading of a recording: finds its secrets, and notes what is to stand in their place."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate

from tracekit.casts.model import Header
from tracekit.casts.scrub.disguise import disguise, is_disguised, width
from tracekit.casts.scrub.finder import Finder
from tracekit.casts.scrub.people import may_name
from tracekit.casts.scrub.rows import Row
from tracekit.casts.scrub.rules import Span
from tracekit.casts.scrub.sequences import strings
from tracekit.casts.scrub.trace import Trace
from tracekit.casts.scrub.typed import asked_at, typed_lines
from tracekit.core.errors import Rejected
from tracekit.core.events import Event

KEY, TYPED, CLIPBOARD = "private-key", "typed-password", "clipboard"
MOST_VALUES, MOST_HIDDEN = 10_000, 1_000_000
"""Different values, and characters of output and input, that may be secret in a recording. One that shows more of them
is a list of secrets, or made to be slow."""
_SIZE = re.compile(r"(\d{1,4})x(\d{1,4})$")
_MOST_COLUMNS, _MOST_ROWS = 1000, 500
_CLIPBOARD = re.compile(r"52;[a-z0-7]*;(?P<value>[^?].*)", re.DOTALL)
_KEY_BEGINS = re.compile(r"BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY|PuTTY-User-Key-File|Private-Lines:")
_KEY_ENDS = re.compile(r"END [A-Z0-9 ]{0,30}PRIVATE KEY|Private-MAC:")
_KEY_BODY = re.compile(
    r"[\s│|>]{0,12}(?:\d{1,6}[\s│|:]+)?[+-]?"  # a frame, a quote, a line number, a diff
    r"(?P<body>[A-Za-z0-9+/=]{1,200}|(?:Proc-Type|DEK-Info|Version|Comment|Hash): .{1,200})[\s│|]*$"
)


class Stream:
    """The data of all events of one code, joined, with a way back."""

    def __init__(self, events: Sequence[Event], code: str) -> None:
        self._places = [place for place, event in enumerate(events) if event.code == code]
        data = [events[place].data for place in self._places]
        self._starts = list(accumulate(map(len, data), initial=0))
        self.text = "".join(data)

    def place_of(self, index: int) -> int:
        """The place, among all events, of the one that holds character ``index``."""
        return self._places[bisect_right(self._starts, index) - 1]

    def index_at(self, place: int) -> int:
        """The index at which the first event at ``place`` or later begins."""
        return self._starts[bisect_left(self._places, place)]

    def edited(self, edits: dict[int, str]) -> dict[int, str]:
        """The new data of the events that edits of single characters touch, by place."""
        changed: dict[int, list[str]] = {}
        for index in sorted(edits):
            at = bisect_right(self._starts, index) - 1
            place, start = self._places[at], self._starts[at]
            if place not in changed:
                changed[place] = list(self.text[start : self._starts[at + 1]])
            changed[place][index - start] = edits[index]
        return {place: "".join(chars) for place, chars in changed.items()}


class Reading:
    """Reads each part of a recording once.

    Args:
        header: the recording's header.
        events: its events.
        finder: what tells secrets.
        off: names of rules that are not applied; the finder knows of its own.
    """

    def __init__(self, header: Header, events: Sequence[Event], finder: Finder, off: frozenset[str]) -> None:
        self._header, self._events, self._finder, self._off = header, events, finder, off
        self._output, self._typed = Stream(events, "o"), Stream(events, "i")
        self._trace = Trace(min(header.columns, _MOST_COLUMNS), min(header.rows, _MOST_ROWS), self._read_line)
        self._output_edits: dict[int, str] = {}
        self._typed_edits: dict[int, str] = {}
        self._key_seen = False
        self.found: dict[str, tuple[str, int]] = {}
        """The secrets: value to rule and time in ns of its first showing."""
        self.naming: dict[str, None] = {}
        """Rows of the screen that may tell names."""

    def header(self) -> Header:
        """The header without secrets."""
        header, env = self._header, {}
        for name, value in header.env.items():
            before = f"{name}="
            env[name] = self._text(before + value, 0)[len(before) :]
        return replace(
            header,
            title=header.title and self._text(header.title, 0),
            command=header.command and self._text(header.command, 0),
            env=env,
        )

    def events(self) -> list[Event]:
        """The events without secrets."""
        self._read_typed()
        self._read_strings()
        self._read_output()
        changed = self._output.edited(self._output_edits) | self._typed.edited(self._typed_edits)
        clean = []
        for place, event in enumerate(self._events):
            joined = event.code in ("o", "i")
            data = changed.get(place, event.data) if joined else self._text(event.data, event.time_ns)
            clean.append(event if data == event.data else event._replace(data=data))
        return clean

    def _note(self, value: str, rule: str, time_ns: int) -> None:
        earlier = self.found.get(value)
        if earlier is None or time_ns < earlier[1]:
            self.found[value] = (rule, time_ns)
        if len(self.found) > MOST_VALUES:
            raise Rejected("secrets", f"it holds over {MOST_VALUES:,} different secrets")

    def _count_hidden(self) -> None:
        if len(self._output_edits) + len(self._typed_edits) > MOST_HIDDEN:
            raise Rejected("secrets", f"over {MOST_HIDDEN:,} of its characters are secret")

    def _text(self, text: str, time_ns: int) -> str:
        """A text by itself, such as a title, without secrets."""
        chars = list(text)
        for start, end, rule in self._finder.find(text):
            self._note(text[start:end], rule, time_ns)
            chars[start:end] = disguise(text[start:end], rule)
        return "".join(chars)

    def _read_strings(self) -> None:
        for start, text in strings(self._output.text):
            spans = self._finder.find(text)
            copied = _CLIPBOARD.match(text)
            if copied and CLIPBOARD not in self._off:
                spans = (Span(*copied.span("value"), CLIPBOARD),)
            for span in spans:
                self._hide(text, range(start, start + len(text)), span)

    def _read_typed(self) -> None:
        asked = asked_at(self._events) if self._typed.text else frozenset[int]()
        for line in typed_lines(self._typed.text, asked):
            spans = self._finder.find(line.text)
            if line.blind and line.text and TYPED not in self._off:
                spans = (Span(0, len(line.text), TYPED),)
            for start, end, rule in spans:
                value = line.text[start:end]
                if is_disguised(value, rule):
                    continue
                first, last = line.origins[start], line.origins[end - 1]
                if line.blind:
                    first, last = line.keys[0], line.keys[-1]
                self._note(value, rule, self._events[self._typed.place_of(first)].time_ns)
                replacements = dict(zip(line.origins[start:end], disguise(value, rule), strict=True))
                for key in line.keys[bisect_left(line.keys, first) : bisect_right(line.keys, last)]:
                    self._typed_edits[key] = replacements.get(key, "*" * width(self._typed.text[key]))
                self._count_hidden()

    def _read_output(self) -> None:
        trace = self._trace
        done = 0
        for place, event in enumerate(self._events):
            size = _SIZE.match(event.data) if event.code == "r" else None
            if size:
                end = self._output.index_at(place)
                trace.feed(self._output.text, done, end)
                trace.resize(min(max(int(size[1]), 1), _MOST_COLUMNS), min(max(int(size[2]), 1), _MOST_ROWS))
                done = end
        trace.feed(self._output.text, done, len(self._output.text))
        trace.flush()

    def _read_line(self, rows: list[Row], start: int, end: int) -> None:
        if end - start == 1:
            text = rows[start].text
            self._read_rows(text, rows[start:end])
        else:
            text = "".join([row.text for row in rows[start:end]])
            self._read_rows(text, rows[start:end])
            for row in rows[start:end]:
                if not row.wrapped:
                    self._read_rows(row.text, [row])
        if (self._key_seen or "PRIVATE KEY" in text or "PuTTY" in text) and KEY not in self._off:
            self._key_seen = True
            self._read_key(text, rows, start, end)

    def _read_rows(self, text: str, rows: Sequence[Row]) -> None:
        """Read the text of rows as one line."""
        if may_name(text):
            self.naming[text] = None
        spans = self._finder.find(text)
        if spans:
            origins = _origins(rows)
            for span in spans:
                self._hide(text, origins, span)

    def _hide(self, text: str, origins: Sequence[int], span: Span) -> None:
        start, end, rule = span
        value = text[start:end]
        written = [origin for origin in origins[start:end] if origin >= 0]
        if written and not is_disguised(value, rule):
            self._note(value, rule, self._events[self._output.place_of(min(written))].time_ns)
            for origin, replacement in zip(origins[start:end], disguise(value, rule), strict=True):
                if origin >= 0:
                    self._output_edits[origin] = replacement
            self._count_hidden()

    def _read_key(self, text: str, rows: list[Row], start: int, end: int) -> None:
        """Tell the rows of a private key that takes more than one: down from its first, and up from its last."""
        if _KEY_BEGINS.search(text):
            for row in rows[start:end]:
                row.key = True
            self._follow_key(rows[end:])
        elif _KEY_ENDS.search(text):
            self._follow_key(rows[:start][::-1])
        else:
            above = [row for row in [self._trace.above, *rows[:start]][-2:] if row.chars]
            if above and above[-1].key:
                self._follow_key(rows[start:end])

    def _follow_key(self, rows: Sequence[Row]) -> None:
        for row in rows:
            body = _KEY_BODY.match(row.text)
            if body:
                row.key = True
                self._hide(row.text, _origins([row]), Span(*body.span("body"), KEY))
            elif row.chars:
                return


def _origins(rows: Sequence[Row]) -> list[int]:
    """Where each character of the rows' text is from."""
    return [origin for row in rows for char, origin in zip(row.chars, row.origins, strict=True) for _ in char]
