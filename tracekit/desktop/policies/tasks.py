"""The policy `tasks`: does what a task file says, and finds out whether that had the outcome it should have."""

import random
from pathlib import Path
from typing import Any, ClassVar

from pydantic import Field

from tracekit.clips.settings import Settings
from tracekit.desktop.policies.base import Desktop, Outcome
from tracekit.desktop.tasks.checks import await_outcome, holds, read_all, report
from tracekit.desktop.tasks.execute import Execution, set_up
from tracekit.desktop.tasks.model import Drawn, load_tasks
from tracekit.desktop.tasks.widgets import CannotDo

FOLDER = Path(__file__).parents[3] / "recipes" / "tasks"
"""The tasks that come with tracekit's sources."""
_OUTCOME_S = 5.0
"""How long after the last step the outcome may take to be there."""


class TasksConfig(Settings):
    """Options of the policy `tasks`."""

    folder: Path = Field(FOLDER, exclude=True, description="Where the task files are, *.yaml")
    only: tuple[str, ...] = Field((), description="Ids of tasks, or patterns of them; empty: all")
    pace: float = Field(1.0, ge=0.2, le=5, description="1: a practised person; 2: twice as fast")
    vary_pace: float = Field(0.2, ge=0, le=0.5, description="How far a trace's pace may be from it, as a share")
    negative: bool = Field(False, description="Leave out what each task's negative test names: the check must fail")


class TasksPolicy:
    """Does one task: which, and with what parameters, the seed decides.

    Args:
        config: its options.
        seed: of the choice of the task, its parameters, paths and pauses.

    Raises:
        TracekitError: the task files are not there, or are not right.
    """

    Config: ClassVar[type[Settings]] = TasksConfig

    def __init__(self, config: TasksConfig, seed: int) -> None:
        self._config = config
        self._rng = random.Random(f"tasks {seed}")
        self.drawn: Drawn = self._rng.choice(load_tasks(config.folder, config.only)).draw(seed)
        self._pace = config.pace * self._rng.uniform(1 - config.vary_pace, 1 + config.vary_pace)
        self._before: list[str] = []

    def prepare(self, desktop: Desktop) -> None:
        """Make the task's files, start its programs, and read what the check reads."""
        set_up(desktop, self.drawn.task.setup)
        desktop.wait_still()
        self._before = read_all(desktop, self.drawn.task.check)

    def run(self, desktop: Desktop, seconds: float) -> Outcome:
        """Do the steps, then check. A step that can't be done ends the run without success."""
        task = self.drawn.task
        execution = Execution(desktop, self._rng, self._pace)
        failure: dict[str, Any] = {}
        try:
            execution.hand.pause(0.6)
            execution.run(task.steps, task.negative.without if self._config.negative else ())
        except CannotDo as error:
            step = execution.done[-1]["id"] if execution.done else ""
            failure = {"step": step, "reason": error.reason, "message": str(error)}
        after = await_outcome(desktop, task.check, self._before, _OUTCOME_S)
        held = all(map(holds, task.check, self._before, after))
        desktop.wait_still(limit_s=3.0)
        told = {
            "id": task.id,
            "program": task.program,
            "instruction": self.drawn.instruction,
            "seed": self.drawn.seed,
            "parameters": self.drawn.values,
            "negative": self._config.negative,
            "steps": execution.done,
            "failure": failure or None,
            "check": list(map(report, task.check, self._before, after)),
            "outcome_as_wanted": held,
        }
        return Outcome(
            success=held and not failure,
            instruction=self.drawn.instruction,
            plan=execution.hand.plan,
            task=told,
        )
