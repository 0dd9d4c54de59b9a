"""Reading casts as they are: asciicast 1, 2 and 3, repaired where the intent is clear, rejected where it is not.

Nothing in a file raises anything but ``Rejected``, and memory is bounded by the limits whatever the file's size.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tracekit.casts.header import check_size, clean, is_clean, parse_header, shown
from tracekit.casts.limits import Limits
from tracekit.casts.lines import Lines
from tracekit.casts.model import Header, Problem
from tracekit.core.clock import NS_PER_S, to_ns
from tracekit.core.errors import Rejected
from tracekit.core.events import Event

CODES = frozenset("oimrx")
"""Output, input, marker, resize, exit."""
KEPT_PROBLEMS = 1000
CODE_CHARS = 8
"""Of an event code nobody knows: too few for a secret to stand in."""

_BOM = b"\xef\xbb\xbf"
_SIZE = re.compile(r"([0-9]{1,9})x([0-9]{1,9})")
_decode = json.JSONDecoder().raw_decode
_decode_loosely = json.JSONDecoder(strict=False).raw_decode  # lets control characters stand in strings as they are


class CastReader:
    """One cast, open: its header, and its events once through, in order of time.

    Made by ``open_cast``; a context manager.

    Attributes:
        name: the file as it was asked for.
        header: the header.
        problems: what was repaired so far, in order; of each code the first, and in all some ``KEPT_PROBLEMS``.
        problem_counts: how often each code of problem came up so far, all of them.
        event_count: events yielded so far.
        skipped_count: lines so far that should have been events and could not be used.
        end_ns: time of the last event so far.
    """

    def __init__(self, uri: str | Path, limits: Limits) -> None:
        self.problems: list[Problem] = []
        self.problem_counts: Counter[str] = Counter()
        self.event_count = self.skipped_count = self.end_ns = self._resizes = 0
        self._limits = limits
        self._lines = Lines(uri, limits)
        self.name = self._lines.name
        try:
            found = self._first_object()
            self.header = parse_header(found, limits, self._report, self._place())
            self._values = self._document_events(found) if self.header.version == 1 else self._line_values()
        except BaseException:
            self._lines.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._lines.close()

    def __iter__(self) -> Iterator[Event]:
        """The events that are left.

        Raises:
            Rejected: ``too-large``, ``bad-time``, ``damaged``, or ``empty`` when the end came without an event.
            TracekitError: the storage failed.
        """
        relative = self.header.version != 2
        limit_ns = self._limits.duration_s * NS_PER_S
        clock_ns = self.end_ns
        for value in self._values:
            if type(value) is not list or len(value) != 3:
                self._skip("bad-event", "not a list of time, code and data")
                continue
            time_s, code, data = value
            if type(time_s) not in (float, int):
                self._skip("bad-event", "a time that is not a number")
                continue
            try:
                time_ns = to_ns(time_s)
            except ValueError:
                problem = f"the time of an event is {shown(time_s)}"
                raise Rejected("bad-time", problem, place=self._place(), remedy="times are seconds") from None
            if relative:
                time_ns += clock_ns
            if time_ns < clock_ns:
                self._report("time-backwards", "an event lies before the one above it, and was moved there")
                time_ns = clock_ns
            if time_ns > limit_ns:
                raise self._lines.too_large(f"longer than {self._limits.duration_s:,} s")
            clock_ns = time_ns  # also of an event that is dropped: the next interval counts from it
            if type(code) is not str or type(data) is not str:
                self._skip("bad-event", "code or data that is not text")
                continue
            if len(data) > self._limits.event_chars:
                raise self._lines.too_large(
                    f"the text of an event is longer than {self._limits.event_chars:,} characters"
                )
            if not data.isascii() and not is_clean(data):
                self._report("surrogate", "lone surrogates replaced by U+FFFD")
                data = clean(data)
            if code != "o" and not self._usable(code, data):
                continue
            self.end_ns = time_ns
            self.event_count += 1
            yield Event(time_ns, code, data)
        if self._lines.truncated:
            self._report("truncated", "the compressed data ends too early")
        if not self.event_count:
            lost = f": {self.skipped_count:,} lines could not be used" if self.skipped_count else ""
            raise Rejected("empty", f"no events{lost}", place=self.name, remedy="record it again")

    def _usable(self, code: str, data: str) -> bool:
        """Whether an event other than output can be passed on; takes note of it if it is odd."""
        if code == "r":
            match = _SIZE.fullmatch(data)
            if match is None or not int(match[1]) or not int(match[2]):
                self._skip("bad-resize", f"a resize to {shown(data)} was dropped")
                return False
            check_size(int(match[1]), int(match[2]), self._limits, self._place())
            self._resizes += 1
            if self._resizes > self._limits.resizes:
                raise self._lines.too_large(f"more than {self._limits.resizes:,} resizes")
        elif code not in CODES:
            if not 0 < len(code) <= CODE_CHARS or not is_clean(code):
                self._skip("bad-event", "an event code that is none")
                return False
            self._report("unknown-code", f"events with the unknown code {code!r} are kept")
        return True

    def _first_object(self) -> dict[str, Any]:
        """The JSON object at the start: the header, or all of a version 1 cast."""
        for line in self._lines:
            if self._lines.number == 1 and line.startswith(_BOM):
                self._report("bom", "a byte order mark was skipped")
                line = line.removeprefix(_BOM)
            if line.endswith(b"\r\n"):
                self._report("crlf", "lines end in CR LF")
            if line.strip() and not line.startswith(b"#"):
                return self._object(line)
        raise Rejected("empty", "an empty file", place=self.name, remedy="record it again")

    def _object(self, line: bytes) -> dict[str, Any]:
        if not line.lstrip().startswith((b"{", b"[")):
            raise self._not_a_cast("the first line is not a JSON object")
        found = self._parse(line)
        whole = found is not None
        if found is None or (isinstance(found, dict) and found.get("version") == 1):
            found = self._parse(self._lines.rest(line))
        if found is None:
            raise self._not_a_cast("the first line is not JSON")
        if not isinstance(found, dict):
            raise self._not_a_cast(f"a JSON {type(found).__name__}, such as old players kept frames in")
        if not whole and found.get("version") in (2, 3):
            raise self._not_a_cast("the header of a cast, written over several lines, and no events")
        return found

    def _not_a_cast(self, message: str) -> Rejected:
        return Rejected("not-a-cast", message, place=self._place(), remedy="is it an asciicast?")

    def _line_values(self) -> Iterator[Any]:
        """The JSON values of the lines after the header (versions 2 and 3)."""
        comments = self.header.version == 3
        first = self._lines.number
        blank = 0
        for line in self._lines:
            if self._lines.number - first > self._limits.events:
                raise self._lines.too_large(f"more than {self._limits.events:,} lines")
            try:
                text = line.decode()
                value, end = _decode(text)
                if text[end:] != "\n" and text[end:].strip():
                    raise ValueError("something follows the event")
            except (ValueError, RecursionError):
                if not line.strip():
                    blank += 1
                    continue
                if comments and line.startswith(b"#"):
                    continue
                value = self._parse(line)
                if value is None:
                    if line.endswith(b"\n"):
                        self._skip("bad-line", "not JSON, skipped")
                    else:
                        self._skip("truncated", "the last line is cut short, skipped")
                    continue
            if blank and not comments:
                self._report("blank-line", "blank lines skipped")
            blank = 0
            yield value

    def _document_events(self, found: dict[str, Any]) -> Iterator[Any]:
        """The events of a version 1 cast, in the form of the later versions: ``[delay, "o", text]``."""
        stdout = found.get("stdout")
        if not isinstance(stdout, list):
            raise self._not_a_cast("a version 1 header without its list of output, stdout")
        if len(stdout) > self._limits.events:
            raise self._lines.too_large(f"more than {self._limits.events:,} events")
        return ([pair[0], "o", pair[1]] if type(pair) is list and len(pair) == 2 else None for pair in stdout)

    def _parse(self, line: bytes) -> Any:
        """The JSON value of a line that need not be clean; None if it is not JSON."""
        try:
            text = line.decode()
        except UnicodeDecodeError:
            self._report("utf-8", "bytes that are not UTF-8 replaced by U+FFFD")
            text = line.decode(errors="replace")
        text = text.strip()
        for decode in (_decode, _decode_loosely):
            try:
                value, end = decode(text)
            except (ValueError, RecursionError):
                continue
            if end != len(text):
                return None
            if decode is _decode_loosely:
                self._report("control-character", "control characters in a string that should be escaped")
            return value
        return None

    def _skip(self, code: str, message: str) -> None:
        self.skipped_count += 1
        self._report(code, message)

    def _report(self, code: str, message: str) -> None:
        self.problem_counts[code] += 1
        if len(self.problems) < KEPT_PROBLEMS or self.problem_counts[code] == 1:
            self.problems.append(Problem(max(self._lines.number, 1), code, message, repaired=True))

    def _place(self) -> str:
        return f"{self.name}:{max(self._lines.number, 1)}"


def open_cast(uri: str | Path, limits: Limits = Limits()) -> CastReader:  # noqa: B008 - frozen
    """Open a cast: a local path or an fsspec URL, plain, gzip or zstd.

    Versions 2 and 3 are read line by line in the memory of one line; version 1 is parsed whole.

    Raises:
        Rejected: there is no cast in it that can be used: ``not-a-cast``, ``empty``, ``unsupported-version``,
            ``bad-size``, ``too-large``, ``damaged``, ``unreadable``.
        TracekitError: the storage failed.
    """
    return CastReader(uri, limits)


def read_cast(uri: str | Path, limits: Limits = Limits()) -> tuple[Header, list[Event], list[Problem]]:  # noqa: B008
    """Read a whole cast: its header, its events in order of time, and what had to be repaired.

    Raises:
        Rejected: as ``open_cast`` and iterating over it do.
        TracekitError: the storage failed.
    """
    with open_cast(uri, limits) as reader:
        events = list(reader)
        return reader.header, events, reader.problems
