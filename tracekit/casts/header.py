"""The header of a cast: what it says, as far as it can be used."""

import re
from collections.abc import Callable
from typing import Any

from tracekit.casts.limits import Limits
from tracekit.casts.model import Header, Theme
from tracekit.core.errors import Rejected

Report = Callable[[str, str], None]
"""Takes note of a repair: its code and what was done."""

_SURROGATE = re.compile("[\ud800-\udfff]")
_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
_SIZE = re.compile(r"\s*([0-9]{1,9})(?:\.0*)?\s*")


def parse_header(found: dict[str, Any], limits: Limits, report: Report, place: str) -> Header:
    """Read a header from its JSON object (of a version 1 cast: from the whole document).

    Args:
        found: the object.
        limits: the bounds on its sizes.
        report: called with each repair.
        place: the file and line, for errors.

    Raises:
        Rejected: ``not-a-cast``, ``unsupported-version``, ``bad-size`` or ``too-large``.
    """
    version = _version(found, report, place)
    term = found.get("term") if version == 3 else None
    if not isinstance(term, dict):
        term = {}
    keys = ("cols", "rows") if version == 3 else ("width", "height")
    columns, rows = (_size(key, (term if version == 3 else found).get(key), report, place) for key in keys)
    check_size(columns, rows, limits, place)
    fields = _Fields(found, limits, report)
    timestamp = fields.number("timestamp")
    return Header(
        version=version,
        columns=columns,
        rows=rows,
        timestamp_s=None if timestamp is None else int(timestamp),
        idle_time_limit_s=fields.number("idle_time_limit") or None,
        command=fields.text("command"),
        title=fields.text("title"),
        env=fields.texts("env"),
        theme=_Fields(term, limits, report).theme() if version == 3 else fields.theme(),
        term_type=_Fields(term, limits, report).text("type"),
        duration_s=fields.number("duration"),
    )


def check_size(columns: int, rows: int, limits: Limits, place: str) -> None:
    """See that a screen of this size can be drawn.

    Raises:
        Rejected: ``bad-size`` where it has no cells, ``too-large`` where it is beyond the limits.
    """
    if columns <= 0 or rows <= 0:
        raise Rejected(
            "bad-size",
            f"a screen of {columns}x{rows} cells",
            place=place,
            remedy="record it again, or set the size by hand",
        )
    if columns > limits.columns or rows > limits.rows or columns * rows > limits.cells:
        raise Rejected(
            "too-large",
            f"a screen of {columns}x{rows} cells",
            place=place,
            remedy=f"the limit is {limits.columns}x{limits.rows} and {limits.cells:,} cells in all",
        )


def clean(text: str) -> str:
    """The text with lone surrogates replaced by U+FFFD, so that it can be written anywhere. Pairs are joined."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def is_clean(text: str) -> bool:
    """Whether the text is free of surrogates."""
    return text.isascii() or not _SURROGATE.search(text)


def shown(value: object) -> str:
    """A JSON value for a message: short, printable, and safe to make of any value."""
    return repr(value)[:40] if isinstance(value, str | int | float) else type(value).__name__


def _version(found: dict[str, Any], report: Report, place: str) -> int:
    version = found.get("version")
    if version is None:
        raise Rejected("not-a-cast", "a JSON object without a version", place=place, remedy="is it an asciicast?")
    for known in (1, 2, 3):
        if version == known and type(version) is int:
            return known
        if version in (str(known), float(known)) and not isinstance(version, bool):
            report("version", f"version {shown(version)} read as {known}")
            return known
    raise Rejected(
        "unsupported-version", f"version {shown(version)}", place=place, remedy="versions 1, 2 and 3 are known"
    )


def _size(key: str, value: object, report: Report, place: str) -> int:
    if type(value) is int:
        return value
    if isinstance(value, str | float) and (match := _SIZE.fullmatch(str(value))):
        report("size-type", f"{key} {shown(value)} read as {int(match[1])}")
        return int(match[1])
    problem = f"{key} is missing" if value is None else f"{key} is {shown(value)}"
    raise Rejected("bad-size", problem, place=place, remedy="give the terminal's size as two positive integers")


class _Fields:
    """The optional fields of a JSON object; one that cannot be used is dropped and reported."""

    def __init__(self, found: dict[str, Any], limits: Limits, report: Report) -> None:
        self._found, self._limits, self._report = found, limits, report

    def number(self, key: str) -> float | None:
        """A finite number >= 0."""
        value = self._found.get(key)
        if value is None:
            return None
        # Compared before it is converted: float() of a JSON integer with 400 digits overflows.
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e15:
            return float(value)
        self._drop(key)
        return None

    def text(self, key: str) -> str | None:
        value = self._found.get(key)
        return None if value is None else self._string(key, value)

    def texts(self, key: str) -> dict[str, str]:
        """An object of strings. A null among them says that a variable was not set: not a fault."""
        value = self._found.get(key)
        if value is None:
            return {}
        if not isinstance(value, dict):
            self._drop(key)
            return {}
        read = {name: self._string(f"{key}.{name:.40}", text) for name, text in value.items() if text is not None}
        return {clean(name): text for name, text in read.items() if text is not None}

    def theme(self) -> Theme | None:
        """Colours as ``#rrggbb``, the palette as 8 or 16 of them with colons between."""
        theme = self._found.get("theme")
        if theme is None or theme == {}:
            return None
        try:
            foreground, background = _color(theme["fg"]), _color(theme["bg"])
            palette = tuple(_color(color) for color in theme["palette"].split(":"))
        except (TypeError, KeyError, ValueError, AttributeError):
            palette = ()
        if len(palette) not in (8, 16):
            self._drop("theme")
            return None
        return Theme(foreground, background, (palette * 2)[:16])

    def _string(self, key: str, value: object) -> str | None:
        if not isinstance(value, str) or len(value) > self._limits.field_chars:
            self._drop(key)
            return None
        if not is_clean(value):
            self._report("surrogate", f"lone surrogates in {clean(key)} replaced")
            return clean(value)
        return value

    def _drop(self, key: str) -> None:
        self._report("header-field", f"{clean(key)} cannot be used and was dropped")


def _color(text: str) -> int:
    if not _COLOR.fullmatch(text):
        raise ValueError(text)
    return int(text[1:], 16)
