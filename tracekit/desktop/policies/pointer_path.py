"""How a hand moves a pointer: paths with the speed of a person's, noise, and now and then too far at first.

Speed follows the minimum-jerk profile (Flash and Hogan 1985), with its peak somewhat before the middle as hands have
it; duration follows Fitts' law in Shannon's form (MacKenzie 1992), with variation. Paths bow a little, tremble in
proportion to their speed, and end on the very pixel that was meant.
"""

import math
import random
from typing import NamedTuple

from tracekit.core.clock import NS_PER_S

_LEAST_STEP_NS, _MOST_STEP_NS = 8_000_000, 16_000_000
"""From one sample to the next: 125 to 62.5 a second, as mice report."""
_LEAST_REACH_S = 0.05
_LEAST_TURN_S = 0.22
"""No hand goes round faster; and a camera of 15 pictures a second still sees that it goes round."""
_EARLY_PEAK = 0.88
"""Exponent that time is bent by: the peak of the speed comes before the middle."""
_TREMOR_HZ = (7.0, 12.0)


class Point(NamedTuple):
    """A place on the screen, pixels."""

    x: int
    y: int


class Screen(NamedTuple):
    """Its size."""

    width_px: int
    height_px: int

    @property
    def diagonal_px(self) -> float:
        """From corner to corner."""
        return math.hypot(self.width_px, self.height_px)

    @property
    def middle(self) -> Point:
        """Where pointers are put before frame 0."""
        return Point(self.width_px // 2, self.height_px // 2)

    def nearest(self, x: float, y: float) -> Point:
        """The pixel of the screen that is nearest to a place."""
        return Point(min(max(round(x), 0), self.width_px - 1), min(max(round(y), 0), self.height_px - 1))


class Sample(NamedTuple):
    """Where the pointer is at an instant."""

    after_ns: int
    """From the start of the movement, > 0."""
    x: int
    y: int


class Motor(NamedTuple):
    """A hand's manner."""

    start_s: float
    """Fitts' law: seconds that any movement takes."""
    bit_s: float
    """Fitts' law: seconds for each bit of difficulty, log2(distance / width + 1)."""
    spread: float = 0.15
    """Of durations: standard deviation of their logarithm."""
    bow: float = 0.05
    """Standard deviation of how far a path bows to the side, as a share of its length."""
    tremor_px: float = 1.2
    """How far it trembles where it is fastest."""
    overshoots: float = 0.15
    """Share of long movements that go too far and come back."""


def reach(
    rng: random.Random, start: Point, end: Point, target_px: float, screen: Screen, motor: Motor, hurry: float = 1.0
) -> list[Sample]:
    """The way from one place to another.

    Args:
        rng: where chance comes from.
        start: where the pointer is.
        end: where it goes.
        target_px: width of what is aimed at, along the way: the smaller, the slower.
        screen: what the path stays on.
        motor: the manner.
        hurry: how many times faster than that manner.

    Returns:
        In order of time, no two neighbours at one place, the last at the nearest pixel to ``end`` on the screen;
        nothing if that is where the pointer is.
    """
    end = screen.nearest(*end)
    distance = math.dist(start, end)
    duration_s = fitts_s(rng, distance, target_px, motor) / hurry
    if distance < 120 or rng.random() >= motor.overshoots:
        return _stroke(rng, start, end, duration_s, screen, motor, 0)
    beyond, aside = distance * rng.uniform(0.03, 0.09), distance * rng.gauss(0, 0.02)
    along_x, along_y = (end.x - start.x) / distance, (end.y - start.y) / distance
    too_far = screen.nearest(
        end.x + beyond * along_x - aside * along_y,
        end.y + beyond * along_y + aside * along_x,
    )
    there = _stroke(rng, start, too_far, duration_s, screen, motor, 0)
    turned_ns = (there[-1].after_ns if there else 0) + round(rng.uniform(0.03, 0.11) / hurry * NS_PER_S)
    back_s = fitts_s(rng, math.dist(too_far, end), target_px, motor) / hurry
    return there + _stroke(rng, too_far, end, back_s, screen, motor, turned_ns)


def fitts_s(rng: random.Random, distance_px: float, target_px: float, motor: Motor) -> float:
    """How long a movement takes, in seconds: Fitts' law with variation."""
    bits = math.log2(distance_px / max(target_px, 1.0) + 1)
    return max(_LEAST_REACH_S, (motor.start_s + motor.bit_s * bits) * math.exp(rng.gauss(0, motor.spread)))


def _stroke(
    rng: random.Random, start: Point, end: Point, duration_s: float, screen: Screen, motor: Motor, begun_ns: int
) -> list[Sample]:
    """One movement without a turn, that begins ``begun_ns`` late."""
    dx, dy = end.x - start.x, end.y - start.y
    distance = math.hypot(dx, dy)
    if not distance:
        return []
    bow = min(max(rng.gauss(0, motor.bow), -0.2), 0.2) * distance
    tremor = motor.tremor_px * min(1.0, distance / 200)
    waves = [(rng.uniform(*_TREMOR_HZ) * math.tau, rng.uniform(0, math.tau)) for _ in range(2)]
    duration_ns = round(duration_s * NS_PER_S)
    samples: list[Sample] = []
    at = start
    now_ns = rng.randrange(_LEAST_STEP_NS, _MOST_STEP_NS)
    while now_ns < duration_ns:
        done = minimum_jerk((now_ns / duration_ns) ** _EARLY_PEAK)
        middle = 4 * done * (1 - done)  # 0 at both ends, 1 half way
        along, aside = (tremor * middle * math.sin(speed * now_ns / NS_PER_S + phase) for speed, phase in waves)
        aside += bow * middle
        place = screen.nearest(
            start.x + done * dx + (along * dx - aside * dy) / distance,
            start.y + done * dy + (along * dy + aside * dx) / distance,
        )
        if place != at:
            samples.append(Sample(begun_ns + now_ns, *place))
            at = place
        now_ns += rng.randrange(_LEAST_STEP_NS, _MOST_STEP_NS)
    if at != end:
        samples.append(Sample(begun_ns + max(duration_ns, 1), *end))
    return samples


def minimum_jerk(time: float) -> float:
    """How much of the way is done after a share of the time: the fifth-order curve that starts and ends at rest."""
    return time**3 * (10 - 15 * time + 6 * time**2)


def loops(rng: random.Random, start: Point, speed_px_per_s: float, screen: Screen) -> list[Sample]:
    """Round and round, or to and fro, as a hand moves that waits: an ellipse that drifts, begun and ended at rest.

    Args:
        rng: where chance comes from.
        start: where the pointer is, and where the ellipse begins.
        speed_px_per_s: mean speed wanted; small ellipses take their time.
        screen: what the path stays on.
    """
    long_px = rng.uniform(0.08, 0.22) * screen.diagonal_px
    short_px = long_px * rng.uniform(0.15, 0.9)
    inwards = math.atan2(screen.height_px / 2 - start.y, screen.width_px / 2 - start.x) + rng.gauss(0, 0.5)
    cos, sin = math.cos(inwards), math.sin(inwards)
    angle_end = math.tau * rng.uniform(0.8, 3.5) * rng.choice((-1, 1))
    drift_x, drift_y = (rng.gauss(0, 0.1) * screen.diagonal_px for _ in range(2))
    around_px = math.pi * (3 * (long_px + short_px) - math.sqrt((3 * long_px + short_px) * (long_px + 3 * short_px)))
    turn_s = max(around_px / speed_px_per_s, _LEAST_TURN_S)
    duration_ns = round(turn_s * abs(angle_end) / math.tau * NS_PER_S)
    samples: list[Sample] = []
    at = start
    now_ns = rng.randrange(_LEAST_STEP_NS, _MOST_STEP_NS)
    while now_ns < duration_ns:
        done = _ramped(now_ns / duration_ns)
        angle = done * angle_end
        along, aside = long_px * (1 - math.cos(angle)), short_px * math.sin(angle)
        place = screen.nearest(
            start.x + along * cos - aside * sin + done * drift_x,
            start.y + along * sin + aside * cos + done * drift_y,
        )
        if place != at:
            samples.append(Sample(now_ns, *place))
            at = place
        now_ns += rng.randrange(_LEAST_STEP_NS, _MOST_STEP_NS)
    return samples


def _ramped(time: float, ramp: float = 0.15) -> float:
    """How much of the way is done: even speed, but for a start and an end that take ``ramp`` of the time each."""
    speed = 1 / (1 - ramp)
    if time < ramp:
        return speed * time * time / (2 * ramp)
    if time > 1 - ramp:
        return 1 - speed * (1 - time) ** 2 / (2 * ramp)
    return speed * (time - ramp / 2)
