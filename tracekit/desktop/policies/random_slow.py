"""The policy ``random-slow``: long pauses, idle gaps, deliberate moves, as the paper's Random Slow."""

import math
import random
from collections.abc import Sequence
from typing import Any, ClassVar

from pydantic import Field

from tracekit.core.clock import NS_PER_S
from tracekit.desktop.policies import keystrokes
from tracekit.desktop.policies.gestures import Manner
from tracekit.desktop.policies.keystrokes import Fingers
from tracekit.desktop.policies.pointer_path import Motor, Screen
from tracekit.desktop.policies.random_plan import (
    AIMED,
    IN_PLACE,
    NOT_FOR_TEXT,
    PAPER_DIAGONAL_PX,
    Composer,
    Gesture,
    Mix,
    RandomSettings,
)
from tracekit.desktop.policies.random_policy import RandomPolicy
from tracekit.desktop.policies.targets import Target

_MANNER = Manner(
    Motor(start_s=0.2, bit_s=0.14),
    Fingers(key_s=0.21, hold_s=0.085),
    dwell_s=(0.12, 0.45),
    press_s=(0.07, 0.14),
    notch_s=(0.09, 0.2),
    look_s=(0.25, 0.8),
)
_PAUSE_S = 0.6
"""Median of what lies between two gestures at the least."""
_LULL = 2.5
"""Standard deviation of how many actions are owed when the next gesture begins: what pauses vary by."""
_LONGEST_PAUSE_S = 15.0
_STAYING: tuple[Gesture, ...] = ("click", "double_click", *IN_PLACE)
"""What is done where the pointer is."""
_AMOUNT: dict[Gesture, int] = {"words": 20, "scroll": 8, "taps": 4, "chord": 2}
"""About how many actions a gesture is: those that are more than what is left before the end are not begun."""
_WAY_PX = (80.0, 420.0)
"""What the pointer waits to be able to go before it goes anywhere; grows with the screen's diagonal."""
_LEAST_PX = 20
"""Less than this is not worth a move."""


class SlowSettings(RandomSettings):
    """Options of ``random-slow``. The defaults are those of the paper's Table 7."""

    px_per_frame: float = Field(
        1.51,
        ge=0,
        le=20,
        description="Mean way of the pointer from frame to frame, on 1024x768; grows with the diagonal",
    )
    actions_per_s: float = Field(1.58, ge=0, le=2.5, description="Presses of buttons and keys and notches of the wheel")
    mix: Mix = Mix(hover=0.5, click=3, double_click=0.6, right_click=0.5, middle_click=0.3, drag=0.8, scroll=2)


class SlowComposer(Composer):
    """A gesture, then a pause until the next is due. The pointer moves when it owes half of the way, or more."""

    def __init__(self, rng: random.Random, screen: Screen, targets: Sequence[Target], settings: RandomSettings) -> None:
        super().__init__(rng, screen, targets, settings, _MANNER)
        self._end_ns = 0
        self._goes = False
        self._way_px = self._draw_way_px()

    def _draw_way_px(self) -> float:
        return self.rng.uniform(*_WAY_PX) * self.screen.diagonal_px / PAPER_DIAGONAL_PX

    def step(self, end_ns: int) -> None:
        """A pause, then a gesture: one elsewhere as soon as the pointer may go there, else one where it is."""
        now_ns, pace = self.hands.now_ns, self.pace
        self._end_ns = end_ns
        left_px = pace.owed_px(end_ns)
        far_px = min(self._way_px, 0.9 * left_px) if left_px > _LEAST_PX else math.inf
        until_far_s = _time_to(far_px / 2 - pace.owed_px(now_ns), pace.px_per_s)
        until_due_s = _time_to(self.rng.gauss(0, _LULL) - pace.owed_actions(now_ns), pace.actions_per_s)
        least_s = _PAUSE_S * math.exp(self.rng.gauss(0, 0.5))
        self.hands.now_ns += round(max(least_s, min(until_far_s, until_due_s, _LONGEST_PAUSE_S)) * NS_PER_S)
        left = pace.owed_actions(end_ns)
        self._goes = self._furthest_px() >= far_px
        if self._goes and far_px < self._way_px:
            self._go(left_px)
            return
        if self._goes:
            self._way_px = self._draw_way_px()
        elif pace.owed_actions(self.hands.now_ns) < -_LULL:
            return
        wanted = AIMED + IN_PLACE if self._goes else _STAYING
        gesture = self.draw([gesture for gesture in wanted if _AMOUNT.get(gesture, 1) <= left])
        if gesture is not None:
            self.make(gesture)
        elif self._goes:
            self.make("hover")

    def _go(self, distance_px: float) -> None:
        """Go so far, in any direction: the last way of a plan."""
        at = self.hands.at
        angles = [self.rng.uniform(0, math.tau) for _ in range(8)]
        places = [
            self.screen.nearest(at.x + distance_px * math.cos(angle), at.y + distance_px * math.sin(angle))
            for angle in angles
        ]
        self.hands.go(max(places, key=lambda place: math.dist(at, place)), 40)

    def furthest_px(self) -> float:
        """Nowhere, but when it is time to go."""
        return self._furthest_px() if self._goes else 0.0

    def _furthest_px(self) -> float:
        """Twice of what is owed, so that it is as much ahead then as it was behind; but not more than is left."""
        return max(min(2 * self.pace.owed_px(self.hands.now_ns), self.pace.owed_px(self._end_ns)), 0.0)

    def type_words(self) -> None:
        """Some words, into what is clicked first where it is time to go somewhere."""
        if self._goes and self.aim(without=NOT_FOR_TEXT) is not None:
            self.hands.click()
            self.hands.look()
        self.hands.type_text(keystrokes.sentence(self.rng, self.rng.randint(1, 3)))


def _time_to(amount: float, per_s: float) -> float:
    """How long until so much more is owed, in seconds."""
    return amount / per_s if per_s else math.inf


class RandomSlow(RandomPolicy):
    """``random-slow``."""

    Config: ClassVar[type[RandomSettings]] = SlowSettings
    name: ClassVar[str] = "random-slow"

    @staticmethod
    def composer(rng: random.Random, screen: Screen, targets: Sequence[Target], config: Any) -> Composer:
        """What makes its plans."""
        return SlowComposer(rng, screen, targets, config)
