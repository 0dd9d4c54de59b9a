"""From a recording with keystrokes to the tape that types them again, each at its instant."""

import json
import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import groupby, product
from string import ascii_lowercase, ascii_uppercase, digits, punctuation

from tracekit.casts.model import Header
from tracekit.core.clock import seconds
from tracekit.core.errors import Rejected, TracekitError
from tracekit.core.events import Event
from tracekit.tapes.driver.keys import Stroke
from tracekit.tapes.language.limits import MOST_COMMANDS
from tracekit.tapes.language.problems import shown
from tracekit.tapes.language.program import KEYS, Chord, Command, Comment, Press, Program, Setting, Sleep, Type
from tracekit.tapes.language.quotes import typeable
from tracekit.tapes.language.settings import TapeSettings
from tracekit.tapes.language.themes import PALETTE_KEYS
from tracekit.tapes.language.writer import write_command

_REPLY = r"""
    \x1b\[ (?: [?>=][0-9;:]*\$?[a-zA-Z] | [0-9]+;[0-9]+R | 0n | [0-9;]+t | [IO] )
  | \x1b\] [^\x07\x1b]* (?: \x07 | \x1b\\ )
  | \x1bP [^\x1b]* \x1b\\
"""
"""What a terminal sends by itself: reports, answers to questions, focus (xterm, ctlseqs). The next one does so too."""
_ARROWS = "←↑→↓"
"""Characters that can't be typed: vhs presses the arrow keys for them."""
_ANY_TEXT = Type("")
_NO_SEQUENCE = ("Space", "ScrollUp", "ScrollDown")
_NAMED = ("Space", "Enter", "Tab", "Backspace", "Up", "Down", "Right", "Left")


def tape_of_cast(header: Header, events: Sequence[Event]) -> Program:
    """The tape that does what somebody did.

    Keys come at the instants of their events, and the tape ends when the recording does. Cursor keys are pressed by
    name: their bytes follow the mode that the program sets. Sequences that no key of vhs sends (Home, F1, the mouse)
    are typed character by character, at once. What a tape can't say is left out and stands in a comment: resizes, what
    the terminal itself had sent, and the characters for which vhs presses arrow keys.

    Args:
        header: of the recording; gives the size, and the theme if it has one.
        events: of the recording, in order of time.

    Raises:
        Rejected: ``no-keystrokes``: none were recorded; ``too-large``: more than a tape can hold.
        TracekitError: the terminal is narrower than two columns.
    """
    if not any(event.code == "i" for event in events):
        raise Rejected("no-keystrokes", "the recording has no keystrokes", remedy="record with `cast record --stdin`")
    commands = [*_settings(header), *_keystrokes(events)]
    if len(commands) > MOST_COMMANDS:
        raise Rejected("too-large", f"a tape of more than {MOST_COMMANDS:,} commands", remedy="cut the recording")
    return Program(tuple(commands))


def _settings(header: Header) -> Iterator[Command]:
    if header.columns < 2:
        raise TracekitError("vhs has no terminal narrower than two columns")
    if header.title:
        yield Comment(f" {shown(header.title)}")
    settings = TapeSettings().sized_for(header.columns, header.rows)
    yield Setting("FontSize", settings.font_size_px)
    yield Setting("Width", settings.width_px)
    yield Setting("Height", settings.height_px)
    if header.theme is not None:
        colors = dict(zip(PALETTE_KEYS, header.theme.palette, strict=True))
        colors |= {"foreground": header.theme.foreground, "background": header.theme.background}
        yield Setting("Theme", json.dumps({key: f"#{color:06x}" for key, color in colors.items()}))


def _keystrokes(events: Sequence[Event]) -> Iterator[Command]:
    """Every key, and the time after it."""
    rows = [(event.time_ns, command) for event in events for command in _commands(event)]
    instants_ns = [time_ns for time_ns, _ in rows]
    if instants_ns[0] > 0:
        yield Sleep(instants_ns[0])
    ends_ns = [*instants_ns[1:], events[-1].time_ns]
    timed = [(command, end_ns - time_ns) for (time_ns, command), end_ns in zip(rows, ends_ns, strict=True)]
    for (like, after_ns), same in groupby(
        timed, lambda row: (_ANY_TEXT if isinstance(row[0], Type) else row[0], row[1])
    ):
        commands = [command for command, _ in same]
        if like == _ANY_TEXT:
            text = "".join(command.text for command in commands if isinstance(command, Type))
            yield from (Type(piece, after_ns) for piece in typeable(text))
        elif isinstance(like, Press):
            yield Press(like.key, len(commands), after_ns)
        else:
            for command in commands:
                yield command
                if after_ns:
                    yield Sleep(after_ns)


def _commands(event: Event) -> Iterator[Command]:
    """What an event says, without times."""
    at = f"at {seconds(event.time_ns):.3f} s"
    if event.code == "r":
        yield Comment(f" left out {at}: the terminal's size becomes {shown(event.data)}")
    if event.code != "i":
        return
    for match in _scanner().finditer(event.data):
        text = match[0]
        if match.lastgroup == "reply":
            yield Comment(f" left out {at}: {shown(text)}, which a terminal sends by itself")
        elif match.lastgroup == "key":
            yield _keys()[text]
        elif text in _ARROWS:
            yield Comment(f" left out {at}: {text}, for which vhs presses an arrow key")
        else:
            yield Type(text)


@cache
def _scanner() -> re.Pattern[str]:
    keys = "|".join(re.escape(text) for text in sorted(_keys(), key=len, reverse=True))
    return re.compile(f"(?P<reply>{_REPLY})|(?P<key>{keys})|(?s:.)", re.VERBOSE)


@cache
def _keys() -> dict[str, Command]:
    """What keys send, and the command for each; of several the first."""
    found: dict[str, Command] = {}
    for key, mode in product(KEYS, (False, True)):
        if key not in _NO_SEQUENCE:
            found.setdefault(Stroke(key).text(mode), Press(key))
    keys = (*ascii_uppercase, *_NAMED, *punctuation, *ascii_lowercase, *digits)
    for shift, alt, ctrl in product((False, True), repeat=3):
        for chord in (Chord(key, ctrl, alt, shift) for key in keys):
            text = Stroke(chord.key, ctrl, alt, shift).text()
            if text and not text.isprintable() and _can_be_written(chord):
                found.setdefault(text, chord)
    return found


def _can_be_written(command: Command) -> bool:
    try:
        write_command(command)
    except ValueError:
        return False
    return True
