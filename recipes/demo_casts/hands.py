"""Typing as a person does."""

import random

from tracekit.casts.console import Console

UP, TAB, ESCAPE, ENTER, BACKSPACE, CONTROL_C, CONTROL_D = "\x1b[A", "\t", "\x1b", "\r", "\x7f", "\x03", "\x04"
PROMPT = "user@host\x1b[0m:"
"""What the shell prints when it is ready (see ``homes.BASHRC``)."""


class Hands:
    """Types as a person does: unevenly, slower between words, and with pauses to think."""

    def __init__(self, console: Console, seed: str) -> None:
        self.console, self._random = console, random.Random(seed)

    def think(self, seconds: float) -> None:
        """Pause for about this long."""
        self.console.wait(seconds * self._random.uniform(0.8, 1.25))

    def type(self, text: str) -> None:
        """Type characters one by one."""
        for char in text:
            self.console.send(char)
            slower = 1.7 if char in " -/|\"'" else 1.0
            self.console.wait(slower * min(0.4, max(0.03, self._random.lognormvariate(-2.75, 0.4))))

    def press(self, *keys: str, then: float = 0.3) -> None:
        """Press keys that are not text, each with a pause after it."""
        for key in keys:
            self.console.send(key)
            self.think(then)

    def line(self, text: str, then: float = 1.0, until: str = PROMPT) -> None:
        """Type a line, press Enter, wait for what the program answers with, and look at it."""
        self.type(text)
        self.think(0.25)
        self.console.send(ENTER)
        self.console.wait_for(until)
        self.think(then)
