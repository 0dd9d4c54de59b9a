"""Finding widgets on a desktop, and refusing those that a person could not click."""

import random
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from tracekit.core.clock import NS_PER_S
from tracekit.desktop.policies.base import Desktop
from tracekit.desktop.tasks.model import Target

_SLICE_S = 1.0
"""The agent is asked to wait no longer than this at a time, so that the end of the recording is seen."""
_LEAST_PX = 3
"""A widget of which less can be seen is not clicked."""


class CannotDo(Exception):
    """A step that can't be done; the message says why.

    Args:
        reason: by name: not-found, still-there, off-screen, covered or recording-ended.
        message: what is wrong.
    """

    def __init__(self, reason: str, message: str) -> None:
        self.reason = reason
        super().__init__(message)


class Widget(NamedTuple):
    """A widget as the accessibility tree has it at one moment."""

    role: str
    name: str
    window: str
    text: str
    value: float | None
    states: tuple[str, ...]
    box: tuple[int, int, int, int]
    """x, y, width, height on the screen, pixels."""
    seen: tuple[int, int, int, int]
    """The part of the box that is not scrolled out of view."""
    popup: bool
    """Whether it is in a menu, which is above all windows."""

    @property
    def content(self) -> str:
        """What it holds; else its value; else its name."""
        if self.text:
            return self.text
        return self.name if self.value is None else f"{self.value:g}"


def wait_for(desktop: Desktop, target: Target, limit_s: float, *, states: Sequence[str] = ("sensitive",)) -> Widget:
    """Wait until a widget is there and stands still.

    Args:
        desktop: what it is on.
        target: which one.
        limit_s: how long.
        states: what it must be.

    Raises:
        CannotDo: not-found at the limit; recording-ended.
    """
    for told in _told(desktop, target, limit_s, gone=False, states=list(states)):
        if told["found"]:
            return _widget(told["found"])
    raise CannotDo("not-found", f"{_said(target)} is not there")


def wait_gone(desktop: Desktop, target: Target, limit_s: float) -> None:
    """Wait until there is no such widget.

    Raises:
        CannotDo: still-there at the limit; recording-ended.
    """
    if not any(told["gone"] for told in _told(desktop, target, limit_s, gone=True, states=[])):
        raise CannotDo("still-there", f"{_said(target)} is still there")


def find(desktop: Desktop, target: Target) -> Widget | None:
    """A widget as it is now, whether it takes input or not; None if there is none."""
    found = desktop.ask("find", **target.model_dump(exclude={"nth"}), states=[])
    in_range = -len(found) <= target.nth < len(found)
    return _widget(found[target.nth]) if in_range else None


def await_focus(desktop: Desktop, window: str, limit_s: float) -> None:
    """Wait until a window in whose title the pattern is found has the focus.

    Raises:
        CannotDo: it has not at the limit; recording-ended.
    """
    top_level = Target(window=window, name=window, role="^(frame|dialog|window|alert|file chooser)$")
    wait_for(desktop, top_level, limit_s, states=("active",))


def spot_on(desktop: Desktop, widget: Widget, at: tuple[float, float], rng: random.Random) -> tuple[int, int]:
    """A point of a widget that can be clicked: near the one asked for, as people aim.

    Args:
        desktop: what it is on.
        widget: which one.
        at: where in the part of it that is seen, as shares of width and height.
        rng: of the aim: within 15 % of the size, and 6 pixels.

    Raises:
        CannotDo: off-screen or covered.
    """
    left, top = max(widget.seen[0], 0), max(widget.seen[1], 0)
    right = min(widget.seen[0] + widget.seen[2], desktop.width_px)
    bottom = min(widget.seen[1] + widget.seen[3], desktop.height_px)
    # Of what is half out of sight, a person would move the window first.
    if right - left < max(_LEAST_PX, widget.seen[2] / 2) or bottom - top < max(_LEAST_PX, widget.seen[3] / 2):
        raise CannotDo("off-screen", f"{widget.role} {widget.name!r} is not on the screen: {list(widget.box)}")
    x = _aim(left, right, at[0], rng)
    y = _aim(top, bottom, at[1], rng)
    if not widget.popup and (over := _over(desktop, widget, x, y)):
        raise CannotDo("covered", f"{widget.role} {widget.name!r} is covered by the window {over!r}")
    return x, y


def _told(
    desktop: Desktop, target: Target, limit_s: float, *, gone: bool, states: list[str]
) -> Iterator[dict[str, Any]]:
    """What the agent tells after waits that together take no longer than the limit, the last at the limit."""
    until_ns = desktop.now_ns() + round(limit_s * NS_PER_S)
    left_s = limit_s
    while left_s > 0:
        yield desktop.ask("wait_for", **target.model_dump(), states=states, gone=gone, limit_s=min(left_s, _SLICE_S))
        if not desktop.wait_until(desktop.now_ns()):
            raise CannotDo("recording-ended", "the recording ended")
        left_s = (until_ns - desktop.now_ns()) / NS_PER_S


def _said(target: Target) -> str:
    """A target in words, for messages."""
    parts = [f"{key} {value!r}" for key, value in target.model_dump(exclude_defaults=True).items()]
    return "a widget with " + ", ".join(parts)


def _aim(low: int, high: int, share: float, rng: random.Random) -> int:
    size = high - low
    off = rng.gauss(0, min(0.15 * size, 6.0) / 2)
    return min(max(round(low + share * size + off), low + 1), high - 2)


def _over(desktop: Desktop, widget: Widget, x: int, y: int) -> str:
    """The title of the window that is above a widget's own at a point; '' if none is."""
    windows = desktop.windows()
    # EWMH, _NET_CLIENT_LIST_STACKING: from the bottom to the top.
    over = [one for one in windows if one.x <= x < one.x + one.width_px and one.y <= y < one.y + one.height_px]
    if not over or not any(one.title == widget.window for one in windows):
        return ""
    return "" if over[-1].title == widget.window else over[-1].title or "without a title"


def _widget(node: dict[str, Any]) -> Widget:
    values = {name: node[name] for name in Widget._fields}
    lists = {name: tuple(values[name]) for name in ("states", "box", "seen")}
    return Widget(**{**values, **lists})
