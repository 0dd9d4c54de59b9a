"""What hands do with a mouse and a keyboard, as inputs one after the other: clicks, drags, scrolls, typing."""

import random
from collections.abc import Iterable
from typing import NamedTuple

from tracekit.core.clock import NS_PER_S
from tracekit.desktop.plan import Do
from tracekit.desktop.policies import keystrokes
from tracekit.desktop.policies.keystrokes import Chord, Fingers, Stroke
from tracekit.desktop.policies.pointer_path import Motor, Point, Sample, Screen, loops, reach

_DOUBLE_CLICK_S = (0.08, 0.2)
"""From one press of a double click to the next. XFCE takes 0.4 s, GTK by itself 0.25 s (Net/DoubleClickTime)."""


class Manner(NamedTuple):
    """How quick a person is."""

    motor: Motor
    """Of what is aimed at."""
    fingers: Fingers
    dwell_s: tuple[float, float]
    """From when the pointer has come to rest to the press."""
    press_s: tuple[float, float]
    """How long a button is held for a click."""
    notch_s: tuple[float, float]
    """From one notch of the wheel to the next."""
    look_s: tuple[float, float]
    """How long it takes to see what came of something: that a menu is open, that the page has moved."""


class Hands:
    """Composes inputs: each gesture begins where and when the one before it ended.

    Args:
        rng: where chance comes from.
        screen: what the pointer stays on.
        manner: how quick.
        start: where the pointer is at first.
    """

    def __init__(self, rng: random.Random, screen: Screen, manner: Manner, start: Point) -> None:
        self.rng = rng
        self.screen = screen
        self.manner = manner
        self.at = start
        self.now_ns = 0
        self.hurry = 1.0
        """How many times faster than its manner the pointer moves."""
        self._made: list[Do] = []

    def take(self) -> list[Do]:
        """The inputs made since the last call, in order of time."""
        made = sorted(self._made, key=lambda do: do.due_ns)
        self._made = []
        return made

    def look(self) -> None:
        """Wait to see what came of it."""
        self.rest(*self.manner.look_s)

    def rest(self, shortest_s: float, longest_s: float) -> None:
        """Do nothing for a time drawn between two."""
        self.now_ns += round(self.rng.uniform(shortest_s, longest_s) * NS_PER_S)

    def go(self, to: Point, target_px: float) -> None:
        """Move the pointer to a place in a box of that width."""
        self._move(reach(self.rng, self.at, to, target_px, self.screen, self.manner.motor, self.hurry))

    def circle(self, speed_px_per_s: float) -> None:
        """Move the pointer round and round."""
        self._move(loops(self.rng, self.at, speed_px_per_s, self.screen))

    def click(self, button: str = "left", times: int = 1) -> None:
        """Press and release a button where the pointer is, once, or more often in quick succession."""
        self.rest(*self.manner.dwell_s)
        for number in range(times):
            pressed_ns = self.now_ns
            self._make("down", button=button)
            self.rest(*self.manner.press_s)
            self._make("up", button=button)
            if number + 1 < times:
                again_ns = pressed_ns + round(self.rng.uniform(*_DOUBLE_CLICK_S) * NS_PER_S)
                self.now_ns = max(self.now_ns + 5_000_000, again_ns)

    def drag(self, to: Point) -> None:
        """Hold the left button while the pointer goes to a place."""
        self.rest(*self.manner.dwell_s)
        self._make("down", button="left")
        self.rest(*self.manner.dwell_s)
        self.go(to, 40)
        self.rest(*self.manner.dwell_s)
        self._make("up", button="left")

    def scroll(self, notches: int, sideways: bool = False) -> None:
        """Turn the wheel: down or right where ``notches`` is above 0."""
        one = 1 if notches > 0 else -1
        for _ in range(abs(notches)):
            self._make("scroll", dx=one if sideways else 0, dy=0 if sideways else one)
            self.rest(*self.manner.notch_s)

    def type_text(self, text: str) -> None:
        """Type a text."""
        self._strike(keystrokes.type_text(self.rng, text, self.manner.fingers))

    def press_chord(self, chord: Chord) -> None:
        """Press a shortcut."""
        self._strike(keystrokes.press_chord(self.rng, chord, self.manner.fingers))

    def tap(self, key: str, times: int) -> None:
        """Press one key again and again."""
        self._strike(keystrokes.tap(self.rng, key, times, self.manner.fingers))

    def _move(self, samples: list[Sample]) -> None:
        self._made += [Do(self.now_ns + sample.after_ns, "move", sample.x, sample.y) for sample in samples]
        if samples:
            self.now_ns += samples[-1].after_ns
            self.at = Point(samples[-1].x, samples[-1].y)

    def _strike(self, strokes: Iterable[Stroke]) -> None:
        begun_ns = self.now_ns
        for stroke in strokes:
            self.now_ns = begun_ns + stroke.after_ns
            self._make(stroke.kind, keysym=stroke.keysym)

    def _make(self, kind: str, **what: object) -> None:
        self._made.append(Do(self.now_ns, kind, **what))  # type: ignore[arg-type]


def cut_off(plan: list[Do], end_ns: int) -> list[Do]:
    """A plan that ends at an instant: what comes later is left out, what is still held then is let go."""
    kept = [do for do in plan if do.due_ns < end_ns]
    held: dict[tuple[str, str], None] = {}
    for do in kept:
        if do.kind in ("down", "key-down"):
            held[do.button, do.keysym] = None
        elif do.kind in ("up", "key-up"):
            held.pop((do.button, do.keysym), None)
    return kept + [
        Do(end_ns, "up" if button else "key-up", button=button, keysym=keysym) for button, keysym in reversed(held)
    ]
