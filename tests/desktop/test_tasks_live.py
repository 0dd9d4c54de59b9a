"""On a real desktop a task that is done passes its check, and one without the step that matters fails it."""

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from desktops import opened

from tracekit.core.clock import to_ns
from tracekit.desktop.live import LiveDesktop
from tracekit.desktop.policies.base import Outcome
from tracekit.desktop.policies.tasks import TasksConfig, TasksPolicy

FOLDER = Path(__file__).parents[2] / "recipes" / "tasks"
SECONDS = 60.0


@pytest.fixture(scope="module")
def desktop() -> Iterator[LiveDesktop]:
    """One for all: each task ends the programs that it started."""
    with opened() as session, closing(LiveDesktop(session)) as live:
        yield live


def drive(desktop: LiveDesktop, task: str, seed: int, *, negative: bool) -> Outcome:
    """One run of a task, after which its program is gone."""
    config = TasksConfig(folder=FOLDER, only=(task,), pace=2.0, negative=negative)
    policy = TasksPolicy(config, seed)
    policy.prepare(desktop)
    desktop.begin(time.monotonic_ns(), to_ns(SECONDS))
    outcome = policy.run(desktop, SECONDS)
    desktop.ask("sh", line=f"pkill -x {policy.drawn.task.program}")
    return outcome


@pytest.mark.parametrize("task", ["galculator-multiply", "mousepad-save-as", "xarchiver-delete"])
def test_the_check_holds_where_the_task_was_done_and_fails_where_it_was_not(desktop: LiveDesktop, task: str) -> None:
    left_out = drive(desktop, task, 1, negative=True)
    assert left_out.task["failure"] is None
    assert left_out.task["outcome_as_wanted"] is False
    assert left_out.success is False
    done = drive(desktop, task, 2, negative=False)
    assert done.task["failure"] is None
    assert done.success is True, done.task["check"]


def test_widgets_are_found_where_they_are_seen_and_waits_end(desktop: LiveDesktop) -> None:
    desktop.ask("start", command=["galculator"])
    seven = {"window": "^galculator$", "role": "^toggle button$", "name": "^7$"}
    key = desktop.ask("wait_for", **seven)["found"]
    window = next(window for window in desktop.windows() if window.title == "galculator")
    x, y, width, height = key["box"]
    assert key["seen"] == key["box"]
    assert window.x <= x < x + width <= window.x + window.width_px
    assert window.y <= y < y + height <= window.y + window.height_px
    assert desktop.ask("find", **seven) == [key]
    assert desktop.ask("wait_for", name="^no such widget$", limit_s=0.2) == {"found": None, "gone": True, "count": 0}
    desktop.ask("sh", line="pkill -x galculator")
    assert desktop.ask("wait_for", **seven, gone=True)["gone"]
