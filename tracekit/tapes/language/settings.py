"""What a tape sets: vhs's defaults, and what `Set` makes of them.

Sizes in cells follow from sizes in pixels as in vhs: the picture without margin, padding and window bar is filled with
as many whole cells as go in. The cells are our painter's, so that what it draws is as large as the tape asks for.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tracekit.casts.limits import Limits
from tracekit.core.errors import TracekitError
from tracekit.tapes.language.program import Command, Comment, Output, Program, Require, Setting, Source
from tracekit.tapes.language.themes import DEFAULT, read_theme
from tracekit.tapes.language.values import SETTINGS
from tracekit.terminal.painter import Look
from tracekit.terminal.palette import Theme

TYPING_DELAY_NS = 50_000_000
WAIT_TIMEOUT_NS = 15_000_000_000
WAIT_PATTERN = ">$"

_LEAST_COLUMNS, _LEAST_ROWS = 2, 1
"""Of xterm.js's fit add-on."""
_FONT_SIZES_PX = 4, 200
_LINE_HEIGHTS = 0.5, 10.0
_LETTER_SPACINGS_PX = -100.0, 100.0


@dataclass(frozen=True)
class TapeSettings:
    """The settings that a tape begins with. The defaults are vhs's."""

    shell: str = "bash"
    font_family: str = ""
    """As vhs names it; our painter has fonts of its own."""
    font_size_px: int = 22
    letter_spacing: float = 1.0
    """Pixels added to the width of a cell; rounded."""
    line_height: float = 1.0
    """What the height of a cell is multiplied with."""
    width_px: int = 1200
    """Of the picture."""
    height_px: int = 600
    padding_px: int = 60
    """Around the terminal, on each side."""
    margin_px: int = 0
    """Around the padding, on each side; as good as 0 where ``margin_fill`` is ''."""
    margin_fill: str | None = None
    """A colour (``#674EFF``) or a file; None for the ground of the theme."""
    window_bar: str = ""
    """``Colorful``, ``ColorfulRight``, ``Rings``, ``RingsRight`` or '' for none."""
    window_bar_size_px: int = 30
    border_radius_px: int = 0
    theme: Theme = field(default=DEFAULT)
    cursor_blink: bool = True
    framerate: int = 50
    """Pictures a second of vhs's video; ours have 15."""
    playback_speed: float = 1.0
    loop_offset: float = 0.0
    """Per cent of the frames that go from the start of a GIF to its end."""
    typing_delay_ns: int = TYPING_DELAY_NS
    wait_timeout_ns: int = WAIT_TIMEOUT_NS
    wait_pattern: str = WAIT_PATTERN

    @property
    def look(self) -> Look:
        """What our painter draws it with."""
        return Look(
            theme=self.theme,
            font_size_px=self.font_size_px,
            line_height=self.line_height,
            letter_spacing_px=round(self.letter_spacing),
        )

    @property
    def columns(self) -> int:
        """Width of the terminal in cells."""
        return max(_LEAST_COLUMNS, (self.width_px - self._around_px) // self.look.cell_size(self.font_size_px)[0])

    @property
    def rows(self) -> int:
        """Height of the terminal in cells."""
        room_px = self.height_px - self._around_px - self._bar_px
        return max(_LEAST_ROWS, room_px // self.look.cell_size(self.font_size_px)[1])

    def sized_for(self, columns: int, rows: int) -> "TapeSettings":
        """The same with a picture in which a terminal of this size fits exactly."""
        width_px, height_px = self.look.cell_size(self.font_size_px)
        return replace(
            self,
            width_px=columns * width_px + self._around_px,
            height_px=rows * height_px + self._around_px + self._bar_px,
        )

    @property
    def least_size_px(self) -> tuple[int, int]:
        """The smallest width and height for which vhs makes a picture."""
        around_px = 2 * (self.padding_px + self.margin_px)
        return around_px, around_px + self._bar_px

    @property
    def _around_px(self) -> int:
        """Padding and margin of both sides."""
        return 2 * (self.padding_px + (0 if self.margin_fill == "" else self.margin_px))

    @property
    def _bar_px(self) -> int:
        return self.window_bar_size_px if self.window_bar else 0


def front(commands: Sequence[Command]) -> int:
    """How many commands stand in front: before the first that does something. Settings among them are heeded.

    (vhs heeds ``Shell`` wherever it stands, and ``TypingSpeed`` from where it stands.)
    """
    for index, command in enumerate(commands):
        if not isinstance(command, Setting | Output | Require | Comment | Source):
            return index
    return len(commands)


def settings_of(program: Program) -> TapeSettings:
    """The settings that a tape begins with. Those that vhs passes over (see `front`) are passed over.

    Raises:
        TracekitError: a value is none, or asks for a terminal that can't be drawn: vhs might take it, we don't.
    """
    settings, limits = first_settings(program.commands), Limits()
    bounds: tuple[tuple[str, float, float, float], ...] = (
        ("FontSize", settings.font_size_px, *_FONT_SIZES_PX),
        ("LineHeight", settings.line_height, *_LINE_HEIGHTS),
        ("LetterSpacing", settings.letter_spacing, *_LETTER_SPACINGS_PX),
    )
    for name, value, least, most in bounds:
        if not least <= value <= most:
            raise TracekitError(f"{name} {value:g} can't be drawn", remedy=f"from {least:g} to {most:g}")
    columns, rows = settings.columns, settings.rows
    if columns > limits.columns or rows > limits.rows or columns * rows > limits.cells:
        raise TracekitError(
            f"a terminal of {columns}x{rows} cells",
            remedy=f"the limit is {limits.columns}x{limits.rows} and {limits.cells:,} cells in all",
        )
    return settings


def first_settings(commands: Sequence[Command]) -> TapeSettings:
    """The same, whether or not they can be drawn.

    Raises:
        TracekitError: a value is none.
    """
    in_front = front(commands)
    found: dict[str, Any] = {}
    for index, command in enumerate(commands):
        if isinstance(command, Setting) and (index < in_front or command.name == "Shell"):
            kind = SETTINGS.get(command.name)
            if kind is None or not kind.takes(command.value):
                raise TracekitError(f"Set {command.name} does not take {command.value!r:.60}")
            found[kind.field] = read_theme(str(command.value)) if kind.field == "theme" else command.value
    return TapeSettings(**found)
