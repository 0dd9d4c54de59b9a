"""Random inputs that amount to a wanted pace: gestures drawn from a mix, aimed at what is on the screen.

A plan is a pure function of options, seed, length, screen and targets. What is owed (`Pace`) decides when the next
gesture comes and how far the pointer may go for it; nothing is scaled or moved afterwards.
"""

import math
import random
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from tracekit.clips.settings import Settings
from tracekit.core.clock import FPS, frame_time_ns
from tracekit.desktop.plan import Do
from tracekit.desktop.policies import keystrokes
from tracekit.desktop.policies.gestures import Hands, Manner, cut_off
from tracekit.desktop.policies.pace import Pace
from tracekit.desktop.policies.pointer_path import Point, Screen
from tracekit.desktop.policies.stage import StageSettings
from tracekit.desktop.policies.targets import Sort, Target, clipped

PAPER_DIAGONAL_PX = math.hypot(1024, 768)
"""Of the paper's screen: on others the wanted px/frame grows with the diagonal."""

Weight = Annotated[float, Field(ge=0, le=1e6)]
Gesture = Literal[
    "hover", "click", "double_click", "right_click", "middle_click", "drag", "scroll", "words", "chord", "taps"
]
AIMED: tuple[Gesture, ...] = ("hover", "click", "double_click", "right_click", "middle_click", "drag")
IN_PLACE: tuple[Gesture, ...] = ("scroll", "words", "chord", "taps")

_SOUGHT: dict[Sort, float] = {
    "title": 1.0,
    "content": 3.0,
    "text": 3.0,
    "widget": 5.0,
    "menu": 0.8,
    "panel": 0.6,
    "desktop": 0.6,
}
"""How often each sort of target is aimed at, where there is one."""
NOT_FOR_TEXT: tuple[Sort, ...] = ("title", "widget", "menu", "panel", "desktop")
_OPENING: tuple[Sort, ...] = ("menu", "panel")
"""Where clicks open menus. They are closed again at once: the way out of the session is in one of them."""
_NOT_FOR: dict[Gesture, tuple[Sort, ...]] = {
    "double_click": ("title", *_OPENING),
    "right_click": _OPENING,
    "drag": ("widget", *_OPENING),
}
_HALVINGS = 6
"""How often a way that is too long is cut in half before the nearest edge has to do."""
_END_NS = 20_000_000
"""How long before its last frame a plan has let go of everything."""


class Mix(Settings):
    """How often each gesture is made, relative to the others; 0: never."""

    hover: Weight = Field(1.0, description="Going somewhere and nothing else")
    click: Weight = Field(8.0, description="Once, with the left button")
    double_click: Weight = Field(1.5, description="Twice within 80 to 200 ms")
    right_click: Weight = Field(1.2, description="The menu is closed again, by Escape or by a click beside it")
    middle_click: Weight = Field(0.6, description="Pastes what is selected, where that is typed into")
    drag: Weight = Field(2.0, description="Of windows by their title, of a selection in them, of a box on the desktop")
    scroll: Weight = Field(2.5, description="In bursts, both ways, now and then sideways")
    words: Weight = Field(2.5, description="Some words, sometimes with Return")
    chord: Weight = Field(1.5, description="A shortcut; none that closes or quits anything")
    taps: Weight = Field(1.0, description="One of the arrows and their like, some times in a row")


class RandomSettings(StageSettings):
    """Options of both random policies."""

    px_per_frame: float = Field(
        ge=0, le=400, description="Mean way of the pointer from frame to frame, on 1024x768; grows with the diagonal"
    )
    actions_per_s: float = Field(ge=0, le=12, description="Presses of buttons and keys and notches of the wheel")
    mix: Mix = Mix()


class Composer(ABC):
    """Makes one plan.

    Args:
        rng: where chance comes from.
        screen: its size.
        targets: what to aim at, beside the desktop itself.
        settings: pace and mix.
        manner: how quick the hands are.
    """

    def __init__(
        self,
        rng: random.Random,
        screen: Screen,
        targets: Sequence[Target],
        settings: RandomSettings,
        manner: Manner,
    ) -> None:
        start = screen.middle
        self.rng = rng
        self.screen = screen
        self.hands = Hands(rng, screen, manner, start)
        self.pace = Pace(settings.px_per_frame * screen.diagonal_px / PAPER_DIAGONAL_PX, settings.actions_per_s, start)
        self.mix = settings.mix
        self._targets = [*targets, Target("desktop", 0, 0, screen.width_px, screen.height_px)]
        self._plan: list[Do] = []

    def plan(self, seconds: float) -> list[Do]:
        """The inputs for a recording of so many seconds, in order of time."""
        end_ns = frame_time_ns(round(seconds * FPS) - 1) - _END_NS
        while self.hands.now_ns < end_ns:
            self.step(end_ns)
            self._account()
        return cut_off(self._plan, max(end_ns, 0))

    def _account(self) -> None:
        """Take what the hands have made into the plan."""
        made = self.hands.take()
        self.pace.count(made)
        self._plan += made

    @abstractmethod
    def step(self, end_ns: int) -> None:
        """Do what comes next. The plan ends at ``end_ns``."""

    @abstractmethod
    def furthest_px(self) -> float:
        """How far the pointer may go now."""

    @abstractmethod
    def type_words(self) -> None:
        """The gesture ``words``."""

    def draw(self, gestures: Sequence[Gesture]) -> Gesture | None:
        """One of these, by the mix; None if the mix has none of them."""
        weights = [getattr(self.mix, gesture) for gesture in gestures]
        return self.rng.choices(gestures, weights)[0] if any(weights) else None

    def make(self, gesture: Gesture) -> None:
        """Make a gesture."""
        hands = self.hands
        if gesture in AIMED:
            target = self.aim(without=_NOT_FOR.get(gesture, ()))
            if target is not None:
                getattr(self, f"_{gesture}")(target)
        elif gesture == "words":
            self.type_words()
        elif gesture == "chord":
            hands.press_chord(self.rng.choice(keystrokes.CHORDS))
        elif gesture == "taps":
            hands.tap(self.rng.choice(keystrokes.TAPS), self.rng.randint(1, 6))
        else:
            self._scroll()

    def aim(self, without: Sequence[Sort] = ()) -> Target | None:
        """Go to somewhere in a target, and say in which; None if there is none that is near enough."""
        furthest_px = self.furthest_px()
        near = [
            target
            for target in self._targets
            if target.sort not in without and math.dist(self.hands.at, target.nearest(self.hands.at)) <= furthest_px
        ]
        if not near:
            return None
        by_sort: dict[Sort, list[Target]] = {}
        for target in near:
            by_sort.setdefault(target.sort, []).append(target)
        (sort,) = self.rng.choices(list(by_sort), [_SOUGHT[sort] for sort in by_sort])
        target = self.rng.choice(by_sort[sort])
        to = self._near(self._within(target), target, furthest_px)
        self.hands.go(to, min(target.width_px, target.height_px, 80))
        self._account()
        return next((menu for menu in self._targets if menu.sort in _OPENING and menu.nearest(to) == to), target)

    def _near(self, place: Point, target: Target, furthest_px: float) -> Point:
        """A place in a target, or one on the way to it that is still in the target and near enough."""
        at = self.hands.at
        if math.dist(at, place) <= furthest_px:
            return place
        edge = target.nearest(at)
        wanted_px = furthest_px * self.rng.uniform(0.7, 1.0)
        for _ in range(_HALVINGS):
            place = Point((place.x + edge.x) // 2, (place.y + edge.y) // 2)
            if math.dist(at, place) <= wanted_px:
                return place
        return edge

    def _within(self, target: Target) -> Point:
        """A place in a target: of small ones near the middle, of large ones anywhere."""
        if max(target.width_px, target.height_px) > 200:
            return self.screen.nearest(
                target.x + self.rng.random() * (target.width_px - 1),
                target.y + self.rng.random() * (target.height_px - 1),
            )
        across, down = (min(max(self.rng.gauss(0.5, 0.15), 0.05), 0.95) for _ in range(2))
        return self.screen.nearest(target.x + across * target.width_px, target.y + down * target.height_px)

    def _hover(self, target: Target) -> None:
        self.hands.look()

    def _click(self, target: Target) -> None:
        self.hands.click()
        if target.sort in _OPENING:
            self._escape()

    def _double_click(self, target: Target) -> None:
        self.hands.click(times=2)
        if target.sort in _OPENING:
            self._escape()

    def _middle_click(self, target: Target) -> None:
        self.hands.click("middle")
        if target.sort == "desktop" or target.sort in _OPENING:
            self._escape()

    def _right_click(self, target: Target) -> None:
        self.hands.click("right")
        # A menu opens to the right of the pointer where there is room.
        room = target.sort not in _OPENING and 60 < self.hands.at.x < self.screen.width_px - 300
        if not room or self.furthest_px() < 60 or self.rng.random() < 0.75:
            self._escape()
            return
        self.hands.look()
        aside_px = min(self.rng.uniform(40, 200), self.hands.at.x, self.furthest_px())
        self.hands.go(self.screen.nearest(self.hands.at.x - aside_px, self.hands.at.y + self.rng.gauss(0, 15)), 60)
        self.hands.click()

    def _escape(self) -> None:
        self.hands.look()
        self.hands.tap("Escape", 1)

    def _drag(self, target: Target) -> None:
        hands = self.hands
        length_px = min(self.rng.uniform(50, 320), max(self.furthest_px(), 20))
        if target.sort in ("content", "text"):  # a selection: along lines rather than across them
            angle = self.rng.choice((0, math.pi)) + self.rng.gauss(0, 0.25)
        else:
            angle = self.rng.uniform(0, math.tau)
        at = hands.at
        x, y = at.x + length_px * math.cos(angle), at.y + length_px * math.sin(angle)
        if target.sort == "title":  # which stays where it can be taken again
            y = min(max(y, 30), self.screen.height_px - 60)
        hands.drag(self.screen.nearest(x, y))
        if target.sort == "title":
            self._move_window(target.window, hands.at.x - at.x, hands.at.y - at.y)

    def _move_window(self, window: int, dx_px: int, dy_px: int) -> None:
        """Targets go where their window went."""
        moved = (
            one._replace(x=one.x + dx_px, y=one.y + dy_px) if one.window == window else one for one in self._targets
        )
        self._targets = [seen for one in moved if (seen := clipped(one, self.screen)) is not None]

    def _scroll(self) -> None:
        if self.rng.random() < 0.5:
            self.aim(without=NOT_FOR_TEXT)
        sideways = self.rng.random() < 0.08
        way = 1 if self.rng.random() < 0.65 else -1
        for _ in range(self.rng.randint(1, 3)):
            self.hands.scroll(way * self.rng.randint(2, 5), sideways)
            self.hands.look()
            if self.rng.random() < 0.3:
                way = -way
