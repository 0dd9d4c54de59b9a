"""A model's actions, done by hand: pointer paths instead of jumps, keys one after the other, each at its instant."""

import random
from collections.abc import Iterable, Sequence
from typing import Final, Protocol

from tracekit.core.clock import NS_PER_S
from tracekit.core.errors import TracekitError
from tracekit.desktop.models.actions import (
    Action,
    Button,
    CantDo,
    Click,
    Drag,
    HoldKey,
    Key,
    Look,
    Move,
    Point,
    Scroll,
    Type,
    Wait,
    Zoom,
)
from tracekit.desktop.models.keys import chords
from tracekit.desktop.models.scale import Scale
from tracekit.desktop.plan import Do, Kind
from tracekit.desktop.policies import pointer_path
from tracekit.desktop.policies.base import Desktop
from tracekit.desktop.policies.keystrokes import Fingers, between_ns, drawn_ns

_MOTOR: Final = pointer_path.Motor(start_s=0.12, bit_s=0.11)
_TARGET_PX: Final = 24
"""How wide that is taken to be which is aimed at: a button's height."""
_HOLD_S: Final = 0.07
_NOTCH_S: Final = 0.06
_BUTTONS: Final = {"left": "left", "right": "right", "middle": "middle", "double": "left", "triple": "left"}
_TIMES: Final = {"double": 2, "triple": 3}
_NOTCHES: Final = {"up": (0, -1), "down": (0, 1), "left": (-1, 0), "right": (1, 0)}
_LINES: Final = {"\n": ("Return",), "\t": ("Tab",)}


class Clock(Protocol):
    """Waiting that ends when there is nothing more to wait for."""

    def wait_until(self, time_ns: int) -> None:
        """Sleep until an instant of the trace's clock.

        Raises:
            Ended: the run is over.
        """


class Ended(Exception):
    """The run is over, whatever was being done."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class Hands:
    """Does actions on a desktop.

    Args:
        desktop: what to do them on.
        clock: how to wait between inputs.
        scale: where the model's coordinates are.
        seed: of paths and rhythm.
        key_s: median time from one key to the next.
    """

    def __init__(self, desktop: Desktop, clock: Clock, scale: Scale, seed: int, key_s: float) -> None:
        self._desktop, self._clock, self._scale = desktop, clock, scale
        self._rng = random.Random(seed)
        self._fingers = Fingers(key_s, min(_HOLD_S, key_s / 2), slips=0)
        self._screen = pointer_path.Screen(desktop.width_px, desktop.height_px)
        # Where an X server puts the pointer at its start, and nobody has moved it since.
        self._at = pointer_path.Point(desktop.width_px // 2, desktop.height_px // 2)
        self._held: dict[Do, None] = {}
        self._times_ns: list[int] = []

    def perform(self, action: Action, times_ns: list[int]) -> str:
        """Do an action, and say in words what was done.

        Args:
            action: what to do; of those that only look, nothing is done.
            times_ns: to it is added when the X server took each input, also where the action does not come to its end.

        Raises:
            CantDo: it can't be done; nothing of it was.
            Ended: the run is over.
            TracekitError: the desktop is gone.
        """
        self._times_ns = times_ns
        match action:
            case Click():
                self._click(action)
            case Move():
                self._move(self._place(action.coordinate))
            case Drag():
                self._drag(action)
            case Button():
                self._button("left", down=action.action == "left_mouse_down")
            case Key():
                pressed = chords(action.text, self._key_for)
                for chord in pressed * action.repeat:
                    self._press(chord)
                    self._pause(self._fingers.key_s)
            case HoldKey():
                self._hold(chords(action.text, self._key_for), action.duration)
            case Type():
                self._type(action.text)
            case Scroll():
                self._scroll(action)
            case Wait():
                self._pause(action.duration, spread=0)
            case Look(action="cursor_position"):
                x, y = self._scale.to_model(*self._at)
                return f"X={x},Y={y}"
            case Look() | Zoom():
                pass
        return "done"

    def let_go(self) -> None:
        """Release all buttons and keys that are still held.

        Raises:
            TracekitError: the desktop is gone.
        """
        for release in reversed(self._held):
            self._desktop.do(release)
        self._held.clear()

    def _place(self, point: Point) -> pointer_path.Point:
        return pointer_path.Point(*self._scale.to_screen(*point))

    def _click(self, action: Click) -> None:
        place = self._place(action.coordinate) if action.coordinate else None
        held = self._keys_held(action.text)
        manner = action.action.removesuffix("_click")
        if place:
            self._move(place)
        self._keys_down(held)
        for number in range(_TIMES.get(manner, 1)):
            if number:
                self._pause(_HOLD_S)
            self._button(_BUTTONS[manner], down=True)
            self._pause(_HOLD_S)
            self._button(_BUTTONS[manner], down=False)
        self._keys_up(held)

    def _drag(self, action: Drag) -> None:
        start = self._place(action.start_coordinate) if action.start_coordinate else self._at
        end = self._place(action.coordinate)
        held = self._keys_held(action.text)
        self._move(start)
        self._keys_down(held)
        self._button("left", down=True)
        self._pause(_HOLD_S)
        self._move(end)
        self._pause(_HOLD_S)
        self._button("left", down=False)
        self._keys_up(held)

    def _scroll(self, action: Scroll) -> None:
        place = self._place(action.coordinate) if action.coordinate else None
        held = self._keys_held(action.text)
        if place:
            self._move(place)
        self._keys_down(held)
        dx, dy = _NOTCHES[action.scroll_direction]
        for _ in range(action.scroll_amount):
            self._do("scroll", dx=dx, dy=dy)
            self._pause(_NOTCH_S)
        self._keys_up(held)

    def _type(self, text: str) -> None:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        characters = {character for character in text if character not in _LINES}
        if unwanted := sorted(character for character in characters if not character.isprintable()):
            raise CantDo(f"{unwanted[0]!r} can't be typed: press keys with the action key")
        try:
            self._desktop.prepare_text("".join(sorted(characters)))
            keys = [_LINES.get(character) or self._desktop.key_for(character) for character in text]
        except TracekitError as error:
            raise CantDo(error.message) from error
        before = ""
        for character, chord in zip(text, keys, strict=True):
            self._wait(between_ns(self._rng, before, character, self._fingers))
            self._press(chord)
            before = character

    def _hold(self, pressed: Sequence[Sequence[str]], seconds: float) -> None:
        keys = [key for chord in pressed for key in chord]
        self._keys_down(keys)
        self._pause(seconds, spread=0)
        self._keys_up(keys)

    def _key_for(self, character: str) -> Sequence[str]:
        try:
            self._desktop.prepare_text(character)
            return self._desktop.key_for(character)
        except TracekitError as error:
            raise CantDo(error.message) from error

    def _keys_held(self, text: str | None) -> list[str]:
        return [key for chord in chords(text, self._key_for) for key in chord] if text and text.strip() else []

    def _press(self, chord: Sequence[str]) -> None:
        self._keys_down(chord)
        self._pause(self._fingers.hold_s)
        self._keys_up(chord)

    def _keys_down(self, keys: Iterable[str]) -> None:
        for number, key in enumerate(keys):
            if number:
                self._pause(self._fingers.hold_s)
            self._do("key-down", keysym=key)

    def _keys_up(self, keys: Sequence[str]) -> None:
        for key in reversed(keys):
            self._do("key-up", keysym=key)

    def _button(self, button: str, *, down: bool) -> None:
        self._do("down" if down else "up", button=button)

    def _move(self, place: pointer_path.Point) -> None:
        begun_ns = self._desktop.now_ns()
        for after_ns, x, y in pointer_path.reach(self._rng, self._at, place, _TARGET_PX, self._screen, _MOTOR):
            self._clock.wait_until(begun_ns + after_ns)
            self._do("move", x=x, y=y)
            self._at = pointer_path.Point(x, y)

    def _pause(self, median_s: float, spread: float = 0.2) -> None:
        self._wait(drawn_ns(self._rng, median_s, spread) if spread else round(median_s * NS_PER_S))

    def _wait(self, duration_ns: int) -> None:
        self._clock.wait_until(self._desktop.now_ns() + duration_ns)

    def _do(self, kind: Kind, **what: int | str) -> None:
        do = Do(self._desktop.now_ns(), kind, **what)  # type: ignore[arg-type]
        self._times_ns.append(self._desktop.do(do))
        if kind in ("down", "key-down"):
            self._held[_release(do)] = None
        elif kind in ("up", "key-up"):
            self._held.pop(do._replace(due_ns=0), None)


def _release(what: Do) -> Do:
    return what._replace(due_ns=0, kind="up" if what.kind == "down" else "key-up")
