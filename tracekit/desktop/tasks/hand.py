"""A hand on the pointer and the keyboard: paces what a task does as a person would, from a seed."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tracekit.core.clock import NS_PER_S
from tracekit.desktop.plan import Do, Kind
from tracekit.desktop.policies.base import Desktop
from tracekit.desktop.policies.keystrokes import Chord, Fingers, between_ns, press_chord
from tracekit.desktop.policies.pointer_path import Motor, Point, Screen, reach
from tracekit.desktop.tasks.widgets import CannotDo

MODIFIERS = {"ctrl": "Control_L", "shift": "Shift_L", "alt": "Alt_L", "super": "Super_L"}
_CHARACTERS = {"\n": "Return", "\t": "Tab"}


class Hand:
    """Moves, clicks and types on a desktop.

    Every method raises ``CannotDo`` (recording-ended) as soon as the recording is to end, with no button or key held.

    Args:
        desktop: what it works on.
        rng: of paths and pauses.
        pace: how fast: 1 is a practised person; 2 twice as fast.
    """

    def __init__(self, desktop: Desktop, rng: random.Random, pace: float) -> None:
        self._desktop, self._rng, self._pace = desktop, rng, pace
        self._screen = Screen(desktop.width_px, desktop.height_px)
        self._at = Point(desktop.width_px // 2, desktop.height_px // 2)  # where the X server puts it at its start
        self._motor = Motor(start_s=0.12, bit_s=0.13)
        self._fingers = Fingers(key_s=0.13 / pace, hold_s=0.07 / pace, slips=0.0)
        self.plan: list[Do] = []
        """All that was done, due when it was done."""

    @property
    def x(self) -> int:
        """Where the pointer is, pixels from the left."""
        return self._at.x

    def pause(self, seconds: float) -> None:
        """Do nothing for about so long."""
        self._sleep_ns(round(seconds * self._rng.uniform(0.8, 1.3) / self._pace * NS_PER_S))

    def move(self, x: int, y: int, target_px: float = 20.0, *, level_first: bool = False) -> None:
        """Move the pointer.

        Args:
            x: where to, pixels from the left.
            y: from the top.
            target_px: size of what is aimed at.
            level_first: go sideways, then up or down: into a submenu without leaving its item.
        """
        if level_first:
            self._move_to(x, self._at.y, target_px)
        self._move_to(x, y, target_px)

    def press_button(self, button: str = "left", times: int = 1) -> None:
        """Press a button where the pointer is, twice for a double click."""
        self.pause(0.1)
        for number in range(times):
            if number:
                self._sleep_ns(self._rng.randrange(60_000_000, 120_000_000))
            with self._held(button):
                self._sleep_ns(self._rng.randrange(50_000_000, 100_000_000))

    def drag(self, x: int, y: int) -> None:
        """Hold the left button from where the pointer is to another point."""
        self.pause(0.1)
        with self._held("left"):
            self.pause(0.12)
            self.move(x, y)
            self.pause(0.15)

    def scroll(self, notches: int) -> None:
        """Turn the wheel, down or, if negative, up."""
        for _ in range(abs(notches)):
            self.pause(0.09)
            self._do("scroll", dy=1 if notches > 0 else -1)

    def type(self, text: str, least_s: float = 0.0) -> None:
        """Type text, line feeds as Return and tabs as Tab.

        Args:
            text: what to type.
            least_s: at least so long from one key to the next.
        """
        self._desktop.prepare_text("".join(sorted(set(text) - set(_CHARACTERS))))
        before = ""
        for character in text:
            between = between_ns(self._rng, before, character, self._fingers)
            self._sleep_ns(max(between, round(least_s * NS_PER_S) if before else 0))
            key = _CHARACTERS.get(character)
            self._press((key,) if key else tuple(self._desktop.key_for(character)))
            before = character

    def press(self, chord: str) -> None:
        """Press keys together, ``ctrl+shift+s``, and release them."""
        *modifiers, key = chord.split("+")
        self._press((*(MODIFIERS[modifier] for modifier in modifiers), key))
        self.pause(0.15)

    def _press(self, keys: Chord) -> None:
        begun_ns = self._desktop.now_ns()
        for stroke in press_chord(self._rng, keys, self._fingers):
            # All of it is done, even at the recording's end: no key stays down.
            self._desktop.wait_until(begun_ns + stroke.after_ns)
            self._do(stroke.kind, keysym=stroke.keysym)

    def _move_to(self, x: int, y: int, target_px: float) -> None:
        begun_ns = self._desktop.now_ns()
        for sample in reach(self._rng, self._at, Point(x, y), target_px, self._screen, self._motor, self._pace):
            self._sleep_until(begun_ns + sample.after_ns)
            self._at = Point(sample.x, sample.y)
            self._do("move", x=sample.x, y=sample.y)

    @contextmanager
    def _held(self, button: str) -> Iterator[None]:
        self._do("down", button=button)
        try:
            yield
        finally:
            self._do("up", button=button)

    def _do(self, kind: Kind, **what: Any) -> None:
        do = Do(max(0, self._desktop.now_ns()), kind, **what)
        self._desktop.do(do)
        self.plan.append(do)

    def _sleep_ns(self, time_ns: int) -> None:
        self._sleep_until(self._desktop.now_ns() + time_ns)

    def _sleep_until(self, time_ns: int) -> None:
        if not self._desktop.wait_until(time_ns):
            raise CannotDo("recording-ended", "the recording ended")
