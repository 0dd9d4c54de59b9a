"""The policy ``random-fast``: dense motion, bursts of typing, clicks on the run, as the paper's Random Fast."""

import random
from collections.abc import Sequence
from typing import Any, ClassVar

from pydantic import Field

from tracekit.desktop.policies import keystrokes
from tracekit.desktop.policies.gestures import Manner
from tracekit.desktop.policies.keystrokes import Fingers
from tracekit.desktop.policies.pointer_path import Motor, Screen
from tracekit.desktop.policies.random_plan import AIMED, IN_PLACE, Composer, Mix, RandomSettings
from tracekit.desktop.policies.random_policy import RandomPolicy
from tracekit.desktop.policies.targets import Target

_MANNER = Manner(
    Motor(start_s=0.02, bit_s=0.05, bow=0.07, tremor_px=1.6, overshoots=0.2),
    Fingers(key_s=0.085, hold_s=0.06, slips=0.03),
    dwell_s=(0.02, 0.06),
    press_s=(0.04, 0.08),
    notch_s=(0.03, 0.07),
    look_s=(0.08, 0.2),
)
_BURST = 8.0
"""The most actions that are owed before gestures begin, and that are ahead before they end."""

_CIRCLES = 0.12
"""Share of movements that go round and round."""


class FastSettings(RandomSettings):
    """Options of ``random-fast``. The defaults are those of the paper's Table 7."""

    px_per_frame: float = Field(
        195.15,
        ge=20,
        le=220,
        description="Mean way of the pointer from frame to frame, on 1024x768; grows with the diagonal",
    )
    actions_per_s: float = Field(4.18, ge=0, le=6, description="Presses of buttons and keys and notches of the wheel")
    mix: Mix = Mix(hover=0, click=6, double_click=1, right_click=0.6, drag=1.2, scroll=1)
    both_hands: float = Field(0.85, ge=0, le=1, description="Share of bursts of typing during which the pointer moves")
    idle: float = Field(0.01, ge=0, le=1, description="Share of movements that are a pause instead")


class FastComposer(Composer):
    """Motion all the time, the faster the more of it is owed, and gestures in between when actions are owed."""

    def __init__(self, rng: random.Random, screen: Screen, targets: Sequence[Target], settings: FastSettings) -> None:
        super().__init__(rng, screen, targets, settings, _MANNER)
        self._settings = settings
        self._patience = 0.0

    def step(self, end_ns: int) -> None:
        """A gesture, if that many actions are owed, or motion."""
        now_ns = self.hands.now_ns
        self._hurry()
        if self.pace.owed_actions(now_ns) > self._patience:
            self._patience = self.rng.uniform(-_BURST, _BURST)
            gesture = self.draw(AIMED + IN_PLACE)
            if gesture is not None:
                self.make(gesture)
                return
        if self.pace.owed_px(now_ns) < -self.pace.px_per_s / 4:
            self.hands.rest(0.05, 0.3)
        elif self.rng.random() < self._settings.idle:
            self.hands.rest(0.4, 1.5)
        else:
            self._sweep()

    def _hurry(self) -> None:
        """The pointer's speed follows what is owed: half as fast again for each half second of motion."""
        behind_s = self.pace.owed_px(self.hands.now_ns) / self.pace.px_per_s if self.pace.px_per_s else 0.0
        self.hands.hurry = min(max(1 + behind_s, 0.6), 2.2)

    def _sweep(self) -> None:
        """Across the screen, or round and round."""
        if self.rng.random() < _CIRCLES:
            self.hands.circle(1.3 * self.pace.px_per_s * self.hands.hurry)
            return
        places = [
            self.screen.nearest(self.rng.random() * self.screen.width_px, self.rng.random() * self.screen.height_px)
            for _ in range(2)
        ]
        at = self.hands.at
        to = max(places, key=lambda place: (place.x - at.x) ** 2 + (place.y - at.y) ** 2)
        self.hands.go(to, self.rng.uniform(60, 250))

    def furthest_px(self) -> float:
        """As far as there is screen."""
        return self.screen.diagonal_px

    def type_words(self) -> None:
        """Some words in a burst; one hand for the keys and one for the mouse, now and then."""
        hands = self.hands
        begun_ns = hands.now_ns
        hands.type_text(keystrokes.sentence(self.rng, self.rng.randint(1, 3)))
        if self.rng.random() < self._settings.both_hands:
            typed_ns, hands.now_ns = hands.now_ns, begun_ns
            while hands.now_ns < typed_ns:
                self._sweep()


class RandomFast(RandomPolicy):
    """``random-fast``."""

    Config: ClassVar[type[RandomSettings]] = FastSettings
    name: ClassVar[str] = "random-fast"

    @staticmethod
    def composer(rng: random.Random, screen: Screen, targets: Sequence[Target], config: Any) -> Composer:
        """What makes its plans."""
        return FastComposer(rng, screen, targets, config)
