"""The policy ``replay``: what was done in a recorded trace, done again on a fresh desktop.

How far the pictures agree then, `tracekit.desktop.agreement` tells of the two traces.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar

from pydantic import Field, ValidationError

from tracekit.actions.cursor_track import CursorTrack
from tracekit.actions.events import InputEvent, load_inputs
from tracekit.clips.settings import Settings
from tracekit.core import plugins
from tracekit.core.clock import to_ns
from tracekit.core.errors import TracekitError
from tracekit.desktop.plan import Do
from tracekit.desktop.policies.base import Desktop, Outcome, Policy
from tracekit.desktop.policies.play import play
from tracekit.desktop.policies.stage import set_stage
from tracekit.desktop.trace import Trace, read_trace

_SET_UP = ("tasks",)
"""Policies whose own `prepare` makes the same desktop again, from options and seed. Others keep the programs that they
opened in ``task.json``."""


class ReplaySettings(Settings):
    """Options of ``replay``."""

    trace: Path = Field(description="Folder of the trace that is done again")


class Replay:
    """``replay``.

    Raises:
        TracekitError: the trace can't be read.
    """

    Config: ClassVar[type[Settings]] = ReplaySettings

    def __init__(self, config: ReplaySettings, seed: int) -> None:
        folder = config.trace
        self._trace = read_trace(folder)
        events = load_inputs(_read(folder / "events.jsonl"), str(folder / "events.jsonl"))
        self._plan = plan_of(events)
        self._text = "".join(sorted({letter for event in events for letter in event.text if letter.isprintable()}))
        self._programs = _programs_of(folder)
        cursor = folder / "cursor.npz"
        track = CursorTrack.load(_read(cursor), str(cursor)) if cursor.exists() else None
        self._start = track.positions[0].tolist() if track and track.frames else None

    def prepare(self, desktop: Desktop) -> None:
        """Make the desktop what it was before frame 0 of the trace.

        Raises:
            TracekitError: the screen has another size, a program can't be started, or the desktop is gone.
        """
        trace = self._trace
        if (desktop.width_px, desktop.height_px) != (trace.width_px, trace.height_px):
            raise TracekitError(
                f"{trace.key} was recorded on a screen of {trace.width_px}x{trace.height_px}",
                remedy="open the desktop with width_px and height_px of the trace",
            )
        if trace.policy in _SET_UP:
            _recorded_policy(trace).prepare(desktop)
        else:
            set_stage(desktop, self._programs)
        if self._start is not None:
            desktop.do(Do(0, "move", *self._start))
        desktop.prepare_text(self._text)
        desktop.wait_still()

    def run(self, desktop: Desktop, seconds: float) -> Outcome:
        """Make the inputs of the trace at their instants; the recording ends when the trace ended."""
        task: dict[str, Any] = {"programs": self._programs, "replayed": self._trace.key}
        try:
            task["played"] = play(desktop, self._plan)._asdict()
        except TracekitError as error:
            return Outcome(failed=str(error), reason="desktop-died", plan=self._plan, task=task)
        desktop.wait_until(min(to_ns(seconds), self._trace.duration_ns))
        return Outcome(plan=self._plan, task=task)


def plan_of(events: Iterable[InputEvent]) -> list[Do]:
    """The inputs that cause recorded events.

    Keys are pressed by what they stand for without modifiers, which are pressed themselves. A key that repeats is held
    only: the X server repeats it by itself. What was held before the first event is not let go.

    Args:
        events: in order of time.
    """
    plan: list[Do] = []
    down: dict[int, str] = {}
    at: tuple[int, int] | None = None
    for event in events:
        if event.code == "move" or (event.x, event.y) != at:
            at = event.x, event.y
            plan.append(Do(event.time_ns, "move", event.x, event.y))
        if event.code == "scroll":
            plan.append(Do(event.time_ns, "scroll", dx=event.dx, dy=event.dy))
        elif event.code == "button-down":
            plan.append(Do(event.time_ns, "down", button=event.button))
        elif event.code == "button-up":
            plan.append(Do(event.time_ns, "up", button=event.button))
        elif event.code == "key-down" and event.keycode not in down:
            down[event.keycode] = event.held[-1] if event.held else event.keysym
            plan.append(Do(event.time_ns, "key-down", keysym=down[event.keycode]))
        elif event.code == "key-up" and event.keycode in down:
            plan.append(Do(event.time_ns, "key-up", keysym=down.pop(event.keycode)))
    return plan


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise TracekitError(f"can't be read: {error.strerror}", place=str(path)) from error


def _programs_of(folder: Path) -> list[str]:
    """What ``task.json`` says was opened; nothing where there is none, or it does not say."""
    path = folder / "task.json"
    if not path.exists():
        return []
    try:
        task = json.loads(_read(path))
    except (ValueError, RecursionError) as error:
        raise TracekitError("not JSON", place=str(path)) from error
    programs = task.get("programs", []) if isinstance(task, dict) else []
    if not isinstance(programs, list) or not all(isinstance(program, str) for program in programs):
        raise TracekitError("programs: not a list of command lines", place=str(path))
    return programs


def _recorded_policy(trace: Trace) -> Policy:
    made = plugins.load("policies", trace.policy)
    try:
        config = made.Config.model_validate(trace.policy_options)
    except ValidationError as error:
        raise TracekitError(f"the options of {trace.key} are none of {trace.policy}'s any more") from error
    policy: Policy = made(config, trace.seed or 0)
    return policy
