"""From the output of programs to the events of a screen.

The grammar is that of Paul Williams' parser for DEC terminals (https://vt100.net/emu/dec_ansi_parser), with what
xterm.js changed in it: sub-parameters after colons, BEL as the end of an OSC, characters beyond ASCII in text and in
strings. A regular expression takes the text apart, a run of characters or a whole sequence at a time. What it does not
match (a sequence that the end of a call cuts off, or that has controls inside, or a C1 control) goes through a small
state machine, which remembers where it is until the next call. Memory is bounded: what is longer than the limits is
swallowed.
"""

import re
from collections.abc import Callable
from functools import lru_cache

from tracekit.terminal.screen import Screen
from tracekit.terminal.styles import MAX_PARAMETERS

MAX_SEQUENCE_CHARS = 256
"""Characters of parameters of a control sequence; a longer one has no effect."""
MAX_OSC_CHARS = 1 << 14
"""Characters of an operating system command; a longer one has no effect."""
MAX_PARAMETER = 1 << 20

_PARAMETERS = f"[0-9;:]{{0,{MAX_SEQUENCE_CHARS}}}+"
_INTERMEDIATES = "[ -/]{0,4}"
_TEXT_CHARS = r"[^\x00-\x1f\x7f-\x9f]"
_sequence = re.compile(f"([<-?]?)({_PARAMETERS})({_INTERMEDIATES})")
_token = re.compile(
    rf"((?:\x1b\[{_PARAMETERS}m){{0,8}}+)({_TEXT_CHARS}++)"  # 2: text, with the SGR sequences (1) before it
    rf"|((?:\x1b\[{_PARAMETERS}m){{1,8}}+)"  # 3: SGR sequences
    rf"|\x1b\[({_PARAMETERS})([@-~])"  # 5: a control sequence, as most are
    r"|([\x00-\x1a\x1c-\x1f\x7f])"  # 6: a control
    rf"|\x1b\[([<-?]?)({_PARAMETERS})({_INTERMEDIATES}[@-~])"  # 9: any other control sequence
    r"|\x1b([0-OQ-WYZ\\`-~])"  # 10: an escape sequence
    r"|\x1b([ -/]{1,4}[0-~])"  # 11: one with intermediates
    rf"|\x1b\]({_TEXT_CHARS}{{0,{MAX_OSC_CHARS}}}+)(?=[\x07\x1b])"  # 12: an operating system command
    r"|([\x1b\x80-\x9f])"  # 13: the beginning of anything else
)
_TEXT, _SGR, _CSI, _CONTROL, _CSI_ODD, _ESCAPE, _ESCAPE_ODD, _OSC, _BEGINNING = 2, 3, 5, 6, 9, 10, 11, 12, 13
_string_body = re.compile(r"[^\x18\x1a\x1b\x80-\x9f]*")
_osc_body = re.compile(r"[^\x07\x18\x1a\x1b\x80-\x9f]*")
_not_in_osc = dict.fromkeys(range(0x20))

_CONTROLS = {
    "\b": "backspace",
    "\t": "tab",
    "\n": "linefeed",
    "\v": "linefeed",
    "\f": "linefeed",
    "\r": "carriage_return",
    "\x0e": "shift_out",
    "\x0f": "shift_in",
}
_ESCAPES = {
    "7": "save_cursor",
    "8": "restore_cursor",
    "D": "index",
    "E": "next_line",
    "H": "set_tab_stop",
    "M": "reverse_index",
    "c": "reset",
    "#8": "alignment_display",
    "%@": "select_default_charset",
    "%G": "select_default_charset",
}
_SEQUENCES = {  # prefix, intermediates and final character: event, and how many parameters it takes
    "@": ("insert_characters", 1),
    "A": ("cursor_up", 1),
    "B": ("cursor_down", 1),
    "C": ("cursor_forward", 1),
    "D": ("cursor_back", 1),
    "E": ("cursor_down1", 1),
    "F": ("cursor_up1", 1),
    "G": ("cursor_to_column", 1),
    "H": ("cursor_position", 2),
    "I": ("tab_forward", 1),
    "J": ("erase_in_display", 1),
    "?J": ("erase_in_display", 1),
    "K": ("erase_in_line", 1),
    "?K": ("erase_in_line", 1),
    "L": ("insert_lines", 1),
    "M": ("delete_lines", 1),
    "P": ("delete_characters", 1),
    "S": ("scroll_up", 1),
    "T": ("scroll_down", 1),
    "X": ("erase_characters", 1),
    "Z": ("tab_back", 1),
    "`": ("cursor_to_column", 1),
    "a": ("cursor_forward", 1),
    "d": ("cursor_to_line", 1),
    "e": ("cursor_down_in_screen", 1),
    "f": ("cursor_position", 2),
    "g": ("clear_tab_stop", 1),
    "h": ("set_mode", MAX_PARAMETERS),
    "?h": ("set_private_mode", MAX_PARAMETERS),
    "l": ("reset_mode", MAX_PARAMETERS),
    "?l": ("reset_private_mode", MAX_PARAMETERS),
    "r": ("set_margins", 2),
    "s": ("save_cursor", 0),
    "u": ("restore_cursor", 0),
    "!p": ("soft_reset", 0),
    " q": ("set_cursor_shape", 1),
    " @": ("scroll_left", 1),
    " A": ("scroll_right", 1),
    "'}": ("insert_columns", 1),
    "'~": ("delete_columns", 1),
}
_C1 = {
    "\x84": "D",
    "\x85": "E",
    "\x88": "H",
    "\x90": "P",
    "\x98": "X",
    "\x9b": "[",
    "\x9d": "]",
    "\x9e": "^",
    "\x9f": "_",
}
"""C1 controls that have an effect, and what the same is after an escape (as in xterm.js, which leaves out 8-bit RI)."""


@lru_cache(maxsize=1 << 12)
def _numbers(parameters: str) -> tuple[int, ...]:
    """The parameters of a control sequence, without their sub-parameters; an empty one is 0."""
    parts = (part.partition(":")[0] for part in parameters.split(";")[:MAX_PARAMETERS])
    return tuple(min(int(part), MAX_PARAMETER) if part else 0 for part in parts)


class Parser:
    """Takes text, in pieces cut anywhere, and calls the methods of a screen."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._controls: dict[str, Callable[[], None]] = {key: getattr(screen, name) for key, name in _CONTROLS.items()}
        self._escapes: dict[str, Callable[[], None]] = {key: getattr(screen, name) for key, name in _ESCAPES.items()}
        self._sequences: dict[str, tuple[Callable[..., None], int]] = {
            key: (getattr(screen, name), count) for key, (name, count) in _SEQUENCES.items()
        }
        self._state: Callable[[str, int], int] | None = None
        self._held = ""
        self._after_text = False

    def feed(self, text: str) -> None:
        """Take the next piece of output."""
        at, end = 0, len(text)
        while at < end:
            at = self._steps(text, at) if self._state else self._tokens(text, at)

    def _tokens(self, text: str, at: int) -> int:
        """Take whole tokens from ``at`` on, to the beginning of what is none; return where to go on."""
        screen, controls, sequences = self._screen, self._controls, self._sequences
        write, render = screen.write, screen.render
        text_end = at if self._after_text else -1
        for token in _token.finditer(text, at):
            kind = token.lastindex
            if kind == _TEXT:
                if token[1]:
                    render(token[1])
                text_end = token.end() if write(token[2], token.start(2) == text_end) else -1
            elif kind == _SGR:
                render(token[3])
            elif kind == _CSI:
                final = token[5]
                if final in sequences:
                    event, count = sequences[final]
                    event(*_numbers(token[4])[:count])
                elif final == "b" and token.start() == text_end:
                    screen.repeat(_numbers(token[4])[0])
            elif kind == _CONTROL:
                if token[6] in controls:
                    controls[token[6]]()
            elif kind == _OSC:
                self._dispatch_osc(token[12])
            elif kind == _CSI_ODD:
                self._dispatch_sequence(token[7], token[8], token[9])
            elif kind == _BEGINNING:
                at = self._enter(text, token.start())
                self._after_text = token.start() == text_end and self._state is not None
                return at
            else:
                self._dispatch_escape(token[10] or token[11])
        self._after_text = len(text) == text_end
        return len(text)

    def _steps(self, text: str, at: int) -> int:
        """Go on with the sequence that the parser is inside of, to its end or that of the text."""
        while self._state and at < len(text):
            at = self._state(text, at)
        self._after_text &= self._state is not None
        return at

    def _enter(self, text: str, at: int) -> int:
        """Begin a sequence by steps, at an ESC or a C1 control; anything else is dropped, and ends what was begun."""
        self._state, self._held = None, ""
        if text[at] == "\x1b":
            self._state = self._escape_step
        elif text[at] in _C1:
            self._open(_C1[text[at]])
        return at + 1

    def _open(self, char: str) -> None:
        """Go on as the character after an ESC says."""
        strings = {"[": self._sequence_step, "]": self._osc_step}
        self._state = strings.get(char, self._string_step if char in "PX^_" else None)
        if self._state is None:
            self._dispatch_escape(char)

    def _escape_step(self, text: str, at: int) -> int:
        char = text[at]
        if " " <= char <= "/":
            self._held += char if len(self._held) <= MAX_SEQUENCE_CHARS else ""
        elif "0" <= char <= "~":
            if self._held:
                self._state = None
                self._dispatch_escape(self._held + char)
            else:
                self._open(char)
        else:
            return self._control_inside(text, at)
        return at + 1

    def _sequence_step(self, text: str, at: int) -> int:
        char = text[at]
        if " " <= char <= "?":
            self._held += char if len(self._held) <= 2 * MAX_SEQUENCE_CHARS else ""
        elif "@" <= char <= "~":
            self._state = None
            if found := _sequence.fullmatch(self._held):
                self._dispatch_sequence(found[1], found[2], found[3] + char, self._after_text)
        else:
            return self._control_inside(text, at)
        return at + 1

    def _control_inside(self, text: str, at: int) -> int:
        """C0 controls are obeyed inside sequences, DEL is nothing; what else cannot stand there ends the sequence."""
        char = text[at]
        if char in "\x18\x1a\x1b" or char > "\x7f":
            return self._enter(text, at)
        if char in self._controls:
            self._controls[char]()
        self._after_text &= char == "\x7f"
        return at + 1

    def _string_step(self, text: str, at: int) -> int:
        at = _end(_string_body, text, at)
        if at < len(text):
            self._state = None
        return at

    def _osc_step(self, text: str, at: int) -> int:
        start, at = at, _end(_osc_body, text, at)
        self._held += text[start : min(at, start + MAX_OSC_CHARS + 1 - len(self._held))]
        if at < len(text):
            self._state = None
            if text[at] in "\x07\x1b\x9c" and len(self._held) <= MAX_OSC_CHARS:
                self._dispatch_osc(self._held.translate(_not_in_osc))
        return at

    def _dispatch_sequence(self, prefix: str, parameters: str, final: str, after_text: bool = False) -> None:
        key = prefix + final
        if key == "m":
            self._screen.render(f"\x1b[{parameters}m")
        elif key == "b":
            if after_text:
                self._screen.repeat(_numbers(parameters)[0])
        elif key in self._sequences:
            event, count = self._sequences[key]
            event(*_numbers(parameters)[:count])

    def _dispatch_escape(self, key: str) -> None:
        if len(key) == 2 and key[0] in "()":
            self._screen.define_charset(key[1], key[0])
        elif key in self._escapes:
            self._escapes[key]()

    def _dispatch_osc(self, command: str) -> None:
        number, _, data = command.partition(";")
        if number.isascii() and number.isdigit() and len(number) <= 3:
            self._screen.operating_system_command(int(number), data)


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at
