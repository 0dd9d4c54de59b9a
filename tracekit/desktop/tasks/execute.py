"""Doing a task's steps: each finds its widget, sees that a person could reach it, and acts at a person's pace."""

import random
from collections.abc import Collection
from typing import Any

from tracekit.core.errors import TracekitError
from tracekit.desktop.policies.base import Desktop
from tracekit.desktop.tasks.hand import Hand
from tracekit.desktop.tasks.model import AnyStep, Click, Drag, Keys, Menu, Scroll, Setup, Target, Type, Wait
from tracekit.desktop.tasks.widgets import CannotDo, Widget, await_focus, spot_on, wait_for, wait_gone

_MENU_ITEM = "^(menu|menu item|check menu item|radio menu item|tearoff menu item)$"
_MENU_S = 3.0
"""A menu that is not open after so long did not take the click: on a busy machine some do not."""
_SETUP_S = 30.0


def set_up(desktop: Desktop, setup: Setup) -> None:
    """Make what a task starts from.

    Raises:
        TracekitError: a line fails, or a program does not come up.
    """
    for path, text in setup.files.items():
        desktop.ask("write", path=path, text=text)
    for line in setup.shell:
        done = desktop.ask("sh", line=line)
        if done["status"] != 0:
            raise TracekitError(f"{line!r} failed: {done['stderr'].strip()[-200:]}", place="setup")
    for line in setup.start:
        desktop.ask("start", command=["/bin/sh", "-c", f"exec {line}"])
    for target in setup.wait:
        try:
            wait_for(desktop, target, _SETUP_S)
        except CannotDo as error:
            raise TracekitError(str(error), place="setup") from error


class Execution:
    """One run of a task's steps.

    Args:
        desktop: where.
        rng: of everything that is left to chance.
        pace: see ``Hand``.
    """

    def __init__(self, desktop: Desktop, rng: random.Random, pace: float) -> None:
        self.desktop, self._rng = desktop, rng
        self.hand = Hand(desktop, rng, pace)
        self.done: list[dict[str, Any]] = []
        """What ``task.json`` tells of each step that was begun: id, action, start and end on the trace's clock, and of
        the widgets that it used role, name, window and box."""

    def run(self, steps: tuple[AnyStep, ...], without: Collection[str] = ()) -> None:
        """Do the steps in order, but for those that are left out.

        Raises:
            CannotDo: a step can't be done. It is the last of ``done``.
        """
        for step in steps:
            if step.id not in without:
                told = {"id": step.id, "do": step.do, "start_ns": self.desktop.now_ns(), "widgets": []}
                self.done.append(told)
                if step.sees:
                    self._expect(step.sees, step.limit_s)
                self._do(step)
                told["end_ns"] = self.desktop.now_ns()
                self.hand.pause(0.25)

    def _do(self, step: AnyStep) -> None:
        match step:
            case Wait():
                self._wait(step)
            case Click():
                self._point_at(step.widget, step.at, step.limit_s)
                button = {"right-click": "right", "middle-click": "middle"}.get(step.do, "left")
                self.hand.press_button(button, 2 if step.do == "double-click" else 1)
            case Drag():
                self._drag(step)
            case Scroll():
                self._point_at(step.widget, (0.5, 0.5), step.limit_s)
                self.hand.scroll(step.notches)
            case Menu():
                self._choose(step)
            case Type():
                if step.widget:
                    self._point_at(step.widget, (0.5, 0.5), step.limit_s)
                    self.hand.press_button()
                if step.window:
                    await_focus(self.desktop, step.window, step.limit_s)
                if step.replace:
                    self.hand.press("ctrl+a")
                self.hand.type(step.text, step.least_s)
            case Keys():
                if step.window:
                    await_focus(self.desktop, step.window, step.limit_s)
                for chord in step.keys:
                    self.hand.press(chord)

    def _wait(self, step: Wait) -> None:
        if step.gone:
            wait_gone(self.desktop, step.widget, step.limit_s)
        else:
            wait_for(self.desktop, step.widget, step.limit_s, states=())

    def _drag(self, step: Drag) -> None:
        # Both ends are looked for before: what is held may cover what is below it.
        start = self._expect(step.widget, step.limit_s)
        end = self._expect(step.to, step.limit_s) if step.to else start
        to_x, to_y = spot_on(self.desktop, end, step.to_at, self._rng)
        self.hand.move(*spot_on(self.desktop, start, step.at, self._rng), target_px=_size(start))
        self.hand.drag(to_x, to_y)

    def _choose(self, step: Menu) -> None:
        for depth, name in enumerate(step.path):
            target = Target(window=step.window if depth == 0 else None, role=_MENU_ITEM, name=name)
            widget = self._expect_item(target, step.limit_s) if depth else self._expect(target, step.limit_s)
            x, y = spot_on(self.desktop, widget, (0.5, 0.5), self._rng)
            left, width = widget.seen[0], widget.seen[2]
            if depth and left < self.hand.x < left + width - 1:
                # Straight down: the way to the middle of an item may lead over the bar's next menu, which would open.
                x = self.hand.x
            # Into a submenu sideways first, so as not to leave the item that it belongs to.
            self.hand.move(x, y, _size(widget), level_first=depth > 0)
            self.hand.press_button()

    def _expect_item(self, target: Target, limit_s: float) -> Widget:
        """An item of the menu that was clicked; clicked again, as a person would, if it did not open."""
        try:
            return self._expect(target, min(_MENU_S, limit_s))
        except CannotDo as error:
            if error.reason != "not-found":
                raise
        self.hand.press_button()
        return self._expect(target, limit_s)

    def _point_at(self, target: Target, at: tuple[float, float], limit_s: float) -> None:
        widget = self._expect(target, limit_s)
        x, y = spot_on(self.desktop, widget, at, self._rng)
        self.hand.move(x, y, _size(widget))

    def _expect(self, target: Target, limit_s: float) -> Widget:
        widget = wait_for(self.desktop, target, limit_s)
        told = {"role": widget.role, "name": widget.name, "window": widget.window, "box": list(widget.box)}
        self.done[-1]["widgets"].append(told)
        return widget


def _size(widget: Widget) -> float:
    return float(max(4, min(widget.seen[2:])))
