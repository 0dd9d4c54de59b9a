"""What a plan owes: how far the pointer should have gone by now, and how much should have been done."""

import math
from collections.abc import Iterable

from tracekit.core.clock import FPS, NS_PER_S, frame_time_ns
from tracekit.desktop.plan import Do
from tracekit.desktop.policies.pointer_path import Point


class Pace:
    """Measures a plan while it is made, as `tracekit.actions.counts` measures its recording.

    Args:
        px_per_frame: wanted mean distance of the pointer between one frame and the next.
        actions_per_s: wanted presses of buttons and keys and notches of the wheel.
        start: where the pointer is at first.
    """

    def __init__(self, px_per_frame: float, actions_per_s: float, start: Point) -> None:
        self.px_per_s = px_per_frame * FPS
        self.actions_per_s = actions_per_s
        self._moved_px = 0.0
        self._actions = 0
        self._at = self._at_frame = start
        self._frame = 0

    def count(self, inputs: Iterable[Do]) -> None:
        """Take in what comes next in the plan, in order of time."""
        for do in inputs:
            if do.kind == "move":
                self._frames_until(do.due_ns)
                self._at = Point(do.x, do.y)
            elif do.kind == "scroll":
                self._actions += abs(do.dx) + abs(do.dy)
            else:
                self._actions += do.kind in ("down", "key-down")

    def _frames_until(self, time_ns: int) -> None:
        while frame_time_ns(self._frame) < time_ns:
            if self._frame:
                self._moved_px += math.dist(self._at_frame, self._at)
            self._at_frame = self._at
            # Nothing moves from here to the frame that comes next.
            self._frame = max(self._frame + 1, time_ns * FPS // NS_PER_S)

    def owed_px(self, now_ns: int) -> float:
        """How much farther the pointer should have gone by now; below 0 where it is ahead."""
        underway_px = math.dist(self._at_frame, self._at) if self._frame else 0.0
        return self.px_per_s * now_ns / NS_PER_S - self._moved_px - underway_px

    def owed_actions(self, now_ns: int) -> float:
        """How many more actions there should have been by now; below 0 where there were too many."""
        return self.actions_per_s * now_ns / NS_PER_S - self._actions
