"""Keys: from what a tape presses to the bytes that a program reads.

vhs presses keys in a browser, where xterm.js turns them into bytes; the table is that of its
``src/common/input/Keyboard.ts`` on anything but a Mac, with ^H for Ctrl+Backspace and an ESC before what Alt goes with.
"""

from typing import NamedTuple

_CURSOR = {"Up": "A", "Down": "B", "Right": "C", "Left": "D", "Home": "H", "End": "F"}
_NUMBERED = {"Insert": 2, "Delete": 3, "PageUp": 5, "PageDown": 6}
_PLAIN = {"Enter": "\r", "Tab": "\t", "Escape": "\x1b", "Space": " ", "Backspace": "\x7f"}
_TYPED = {"\n": "Enter", "\r": "Enter", "\t": "Tab", "\b": "Backspace", "\x1b": "Escape",
          "←": "Left", "↑": "Up", "→": "Right", "↓": "Down"}  # fmt: skip
"""Characters of a text for which vhs presses a key (its ``keys.go``)."""
_SHIFTED = dict(zip("`1234567890-=[]\\;',./", '~!@#$%^&*()_+{}|:"<>?', strict=True))
_CONTROLS = dict(zip(" @3[4\\5]6^7_8", "\0\0\x1b\x1b\x1c\x1c\x1d\x1d\x1e\x1e\x1f\x1f\x7f", strict=True))
"""What Ctrl makes of a key that is no letter. The digits are those of a US keyboard: Ctrl+3 is Escape."""


class Stroke(NamedTuple):
    """One press of a key, with the modifiers that are held."""

    key: str
    """A name (``Enter``, ``Up``, ...) or the character that the key types."""
    ctrl: bool = False
    alt: bool = False
    shift: bool = False

    def __str__(self) -> str:
        held = [name for name, is_held in (("Ctrl", self.ctrl), ("Alt", self.alt), ("Shift", self.shift)) if is_held]
        return "+".join([*held, self.key])

    @property
    def follows_mode(self) -> bool:
        """Whether its bytes depend on the mode of the cursor keys."""
        return self.key in _CURSOR and not (self.ctrl or self.alt or self.shift)

    def text(self, application_cursor: bool = False) -> str:
        """What the terminal sends for it; '' where it sends nothing.

        Nothing goes out for ScrollUp and ScrollDown, with which vhs moves xterm.js's view of the scrollback; for
        PageUp and PageDown with Shift, which do the same; for Insert with Ctrl or Shift, the browser's copy and paste;
        and for what Ctrl makes no control character of.

        Args:
            application_cursor: whether the program has set the mode of the cursor keys (DECCKM).
        """
        if self.key in _CURSOR:
            return self._cursor_key(_CURSOR[self.key], application_cursor)
        if self.key in _NUMBERED:
            return self._numbered_key(_NUMBERED[self.key])
        if self.key in _PLAIN:
            return self._plain_key()
        return self._character() if len(self.key) == 1 else ""

    @property
    def _modifiers(self) -> int:
        return self.shift + 2 * self.alt + 4 * self.ctrl

    def _cursor_key(self, letter: str, application_cursor: bool) -> str:
        if not self._modifiers:
            return f"\x1b{'O' if application_cursor else '['}{letter}"
        # xterm.js lets Alt and an arrow move by words, as Ctrl does.
        modifiers = 4 if self._modifiers == 2 and letter in "ABCD" else self._modifiers
        return f"\x1b[1;{modifiers + 1}{letter}"

    def _numbered_key(self, number: int) -> str:
        if (number == 2 and (self.ctrl or self.shift)) or (number > 3 and self.shift):
            return ""
        return f"\x1b[{number};{self._modifiers + 1}~" if self._modifiers and number != 2 else f"\x1b[{number}~"

    def _plain_key(self) -> str:
        sent = _PLAIN[self.key]
        if self.key == "Tab" and self.shift:
            return "\x1b[Z"
        if self.key == "Space" and self.ctrl:
            sent = "\0"
        if self.key == "Backspace" and self.ctrl:
            sent = "\b"
        return "\x1b" + sent if self.alt and self.key != "Tab" else sent

    def _character(self) -> str:
        sent = self.key
        if self.ctrl:
            # With Shift, only Alt brings a letter's control character through, and ^_ and ^@ are typed with Shift.
            letter = sent.isascii() and sent.isalpha() and (self.alt or not self.shift)
            sent = chr(ord(sent.upper()) - 64) if letter else _CONTROLS.get(sent, "")
        elif self.shift:
            sent = _SHIFTED.get(sent, sent.upper())
        return "\x1b" + sent if self.alt and sent else sent


def typed(character: str) -> Stroke:
    """The key that vhs presses for a character of a text."""
    return Stroke(_TYPED.get(character, character))
