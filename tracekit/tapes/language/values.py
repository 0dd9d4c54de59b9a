"""What can be set, and to what: the values of ``Set``, as vhs reads and refuses them."""

import math
import re
from collections.abc import Callable
from typing import NamedTuple

from tracekit.tapes.language.durations import parse_duration
from tracekit.tapes.language.limits import MOST_NS
from tracekit.tapes.language.patterns import pattern
from tracekit.tapes.language.themes import read_theme

Value = str | float | int | bool

SHELLS = ("bash", "zsh", "fish", "powershell", "pwsh", "cmd", "nu", "osh", "xonsh")
WINDOW_BARS = ("", "Colorful", "ColorfulRight", "Rings", "RingsRight")

_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
_REAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
_MOST_CHARS = 64


class SettingKind(NamedTuple):
    """What a setting takes."""

    field: str
    """Of `tracekit.tapes.language.settings.TapeSettings`."""
    type: type[Value]
    read: Callable[[str], Value]
    """From what stands in the tape to the value. Raises ValueError, with what could stand there."""
    anywhere: bool = False
    """Whether vhs refuses a wrong value wherever it stands; of the others it does where it heeds them: in front."""

    def takes(self, value: Value) -> bool:
        """Whether a value is of the right type."""
        return type(value) is self.type or (self.type is float and type(value) is int)


def _integer(text: str) -> int:
    if not _INTEGER.fullmatch(text):
        raise ValueError("a whole number")
    return int(text)


def _real(text: str) -> float:
    if len(text) > _MOST_CHARS or not _REAL.fullmatch(text) or not math.isfinite(value := float(text)):
        raise ValueError("a number")
    return value


def _per_cent(text: str) -> float:
    return _real(text.rstrip("%"))


def _frames_per_second(text: str) -> int:
    if (value := _integer(text)) == 0:
        raise ValueError("a whole number other than 0")
    return value


def _time(text: str) -> int:
    try:
        duration_ns = parse_duration(text)
    except ValueError:
        raise ValueError("a time such as 50ms, 0.5s or 2") from None
    if duration_ns > MOST_NS:
        raise ValueError("a day at most")
    return max(0, duration_ns)  # "-1" is a time to Go, and no pause to vhs


def _shell(text: str) -> str:
    if text not in SHELLS:
        raise ValueError(f"one of {', '.join(SHELLS)}")
    return text


def _window_bar(text: str) -> str:
    if text not in WINDOW_BARS:
        raise ValueError(f"one of {', '.join(WINDOW_BARS[1:])}")
    return text


def _margin_fill(text: str) -> str:
    if text.startswith("#") and not _COLOR.fullmatch(text):
        raise ValueError("a colour such as #674EFF, or a file")
    return text


def _font_family(text: str) -> str:
    if "'" in text:  # vhs puts it between quotes into a line of JavaScript
        raise ValueError("a name without an apostrophe")
    return text


def _theme(text: str) -> str:
    read_theme(text)
    return text


def _pattern(text: str) -> str:
    try:
        pattern(text)
    except ValueError as error:
        raise ValueError(f"a regular expression of RE2: {error}") from None
    return text


def _boolean(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError("true or false")
    return text == "true"


SETTINGS: dict[str, SettingKind] = {
    "Shell": SettingKind("shell", str, _shell, anywhere=True),
    "FontFamily": SettingKind("font_family", str, _font_family),
    "FontSize": SettingKind("font_size_px", int, _integer),
    "Framerate": SettingKind("framerate", int, _frames_per_second),
    "PlaybackSpeed": SettingKind("playback_speed", float, _real),
    "Height": SettingKind("height_px", int, _integer),
    "Width": SettingKind("width_px", int, _integer),
    "LetterSpacing": SettingKind("letter_spacing", float, _real),
    "LineHeight": SettingKind("line_height", float, _real),
    "TypingSpeed": SettingKind("typing_delay_ns", int, _time, anywhere=True),
    "Theme": SettingKind("theme", str, _theme),
    "Padding": SettingKind("padding_px", int, _integer),
    "LoopOffset": SettingKind("loop_offset", float, _per_cent),
    "MarginFill": SettingKind("margin_fill", str, _margin_fill, anywhere=True),
    "Margin": SettingKind("margin_px", int, _integer),
    "WindowBar": SettingKind("window_bar", str, _window_bar, anywhere=True),
    "WindowBarSize": SettingKind("window_bar_size_px", int, _integer),
    "BorderRadius": SettingKind("border_radius_px", int, _integer),
    "WaitTimeout": SettingKind("wait_timeout_ns", int, _time, anywhere=True),
    "WaitPattern": SettingKind("wait_pattern", str, _pattern, anywhere=True),
    "CursorBlink": SettingKind("cursor_blink", bool, _boolean, anywhere=True),
}
"""Every setting, by name."""
