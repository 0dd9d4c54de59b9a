"""Inputs made in a desktop: by the extension XTEST, so that to the X server they are a mouse's and a keyboard's.

A character that no key stands for gets a spare key. Programs learn of that by an event which comes before the
key's own, and look the key up when they come to handle it. What would mislead them is a key that changes again while
they still have to handle a press of it: so a key is given to another character only when it has long been up.
"""

import time
from typing import Final

from Xlib import X
from Xlib.display import Display
from Xlib.ext import xtest
from Xlib.protocol import request

from tracekit.core.errors import TracekitError
from tracekit.desktop.connect import talking
from tracekit.desktop.keyboard import Keymap, keysym_name, keysym_number, keysym_of
from tracekit.desktop.listen import BUTTONS
from tracekit.desktop.plan import Do

MOST_NOTCHES = 100
"""Of one ``scroll``."""
RESTING_S = 1.0
"""How long a spare key must have been up before it is given to another character."""
_NUMBERS: Final = {name: number for number, name in BUTTONS.items()}


class Injector:
    """Makes inputs. For one thread, as its connection is.

    Args:
        display: a connection of its own.

    Raises:
        TracekitError: the desktop is gone, or its X server has no XTEST.
    """

    def __init__(self, display: Display) -> None:
        if not display.has_extension(xtest.extname):
            raise TracekitError("the desktop's X server lacks the extension XTEST")
        self._display = display
        screen = display.screen()
        self._right, self._bottom = screen.width_in_pixels - 1, screen.height_in_pixels - 1
        self.bracket_ns = (0, 0)
        """Of the last input: CLOCK_MONOTONIC before it was sent, and when the server had answered for it."""
        self._down: dict[str, int] = {}
        with talking("read its keymap"):
            self._keymap = Keymap.read(display)
        self._spare = {keycode: float("-inf") for keycode in self._keymap.spare()}
        """Spare keys, the least recently used first, and when each was last pressed or let go."""

    def do(self, what: Do) -> int:
        """Make one input now, whatever its ``due_ns``.

        A ``move`` beyond the screen ends at its edge, as a mouse's does. A keysym that no key stands for gets a spare
        key first, which may take `RESTING_S`. The key that is let go is the one that was pressed under that name.

        Returns:
            The instant, on CLOCK_MONOTONIC, by which the X server had taken it: a round trip after ``bracket_ns[0]``.

        Raises:
            TracekitError: the desktop is gone; no such button or keysym; a scroll of more than 100 notches.
        """
        steps = self._steps(what)
        with talking(f"make a {what.kind}"):
            before_ns = time.monotonic_ns()
            for code, detail, x, y in steps:
                self._display.xtest_fake_input(code, detail, x=x, y=y)
            request.GetInputFocus(display=self._display.display)  # the smallest that is answered
            self.bracket_ns = (before_ns, time.monotonic_ns())
        return self.bracket_ns[1]

    def _steps(self, what: Do) -> list[tuple[int, int, int, int]]:
        match what.kind:
            case "move":
                return [(X.MotionNotify, 0, min(max(what.x, 0), self._right), min(max(what.y, 0), self._bottom))]
            case "down" | "up":
                if what.button not in _NUMBERS:
                    raise TracekitError(f"{what.button!r} is no button", remedy=", ".join(_NUMBERS))
                code = X.ButtonPress if what.kind == "down" else X.ButtonRelease
                return [(code, _NUMBERS[what.button], 0, 0)]
            case "scroll":
                if abs(what.dx) + abs(what.dy) > MOST_NOTCHES:
                    raise TracekitError(f"a scroll of more than {MOST_NOTCHES} notches")
                buttons = [7 if what.dx > 0 else 6] * abs(what.dx) + [5 if what.dy > 0 else 4] * abs(what.dy)
                return [(code, button, 0, 0) for button in buttons for code in (X.ButtonPress, X.ButtonRelease)]
            case "key-down":
                return [(X.KeyPress, self._press(what.keysym), 0, 0)]
            case "key-up":
                keycode = self._let_go(what.keysym)
                return [(X.KeyRelease, keycode, 0, 0)] if keycode else []

    def prepare_text(self, text: str) -> None:
        """See to it that every character of a text has a key, as far as there are spare ones.

        Raises:
            TracekitError: the desktop is gone, or a character that can't be typed.
        """
        self._follow()
        keysyms = [keysym_of(character) for character in dict.fromkeys(text) if not self._keymap.keys_for(character)]
        missing = [keysym for keysym in keysyms if not self._keymap.keycode(keysym)]
        needed = {self._keymap.keycode(keysym) for keysym in keysyms} | set(self._down.values())
        for keycode in needed:
            self._used(keycode)
        self._make(missing[: len(self._spare.keys() - needed)])

    def key_for(self, character: str) -> tuple[str, ...]:
        """Keysyms to press together to type a character, modifiers first: ``("Shift_L", "a")`` for ``A``.

        Raises:
            TracekitError: it can't be typed.
        """
        return self._keymap.keys_for(character) or (keysym_name(keysym_of(character)),)

    def _press(self, name: str) -> int:
        keysym = keysym_number(name)
        self._follow()
        if not self._keymap.keycode(keysym):
            self._make([keysym])
        self._down[name] = keycode = self._keymap.keycode(keysym)
        self._used(keycode, time.monotonic())
        return keycode

    def _let_go(self, name: str) -> int:
        keycode = self._down.pop(name, 0) or self._keymap.keycode(keysym_number(name))
        self._used(keycode, time.monotonic())
        return keycode

    def _used(self, keycode: int, now_s: float | None = None) -> None:
        if keycode in self._spare:
            last_s = self._spare.pop(keycode)
            self._spare[keycode] = last_s if now_s is None else now_s

    def _follow(self) -> None:
        """Read the keymap again if it has changed: the only event that every client gets, asked for or not."""
        if self._display.display.event_queue:
            self._display.display.event_queue.clear()
            with talking("read its keymap"):
                self._keymap = Keymap.read(self._display)

    def _make(self, keysyms: list[int]) -> None:
        """Give each keysym a spare key."""
        free = [keycode for keycode in self._spare if keycode not in self._down.values()][: len(keysyms)]
        if len(free) < len(keysyms):
            raise TracekitError("no key is left to type with", remedy="let go of those that are held")
        with talking("change its keymap"):
            for keycode, keysym in zip(free, keysyms, strict=True):
                time.sleep(max(self._spare[keycode] + RESTING_S - time.monotonic(), 0))
                self._display.change_keyboard_mapping(keycode, [(keysym, keysym)])
                self._used(keycode)
            self._display.sync()
        self._follow()
