"""The tasks of the policy `tasks`: how often each succeeds, how long it takes, and whether its check can fail.

    python benchmarks/desktop_tasks.py [--tasks 'thunar-*'] [--seeds 3] [--parallel 2]

Every run has a fresh desktop. A task is run once for each seed, and as often with the steps left out that its negative
test names: then all other steps must be done and the check must fail. Seconds are those of the recording, from its
first frame to its end, without opening the desktop.
"""

import argparse
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from tracekit.core.clock import to_ns
from tracekit.core.errors import TracekitError
from tracekit.desktop.live import LiveDesktop
from tracekit.desktop.policies.tasks import TasksConfig, TasksPolicy
from tracekit.desktop.session import DesktopConfig, open_session
from tracekit.desktop.tasks.model import load_tasks

FOLDER = Path(__file__).parent.parent / "recipes" / "tasks"
SECONDS = 120.0


@dataclass(frozen=True)
class Run:
    """One run of a task."""

    task: str
    seed: int
    negative: bool
    good: bool
    """Done with success; of a negative run, done with a check that fails."""
    took_s: float
    said: str
    """What went wrong."""


def run(task: str, seed: int, negative: bool, pace: float) -> Run:
    policy = TasksPolicy(TasksConfig(folder=FOLDER, only=(task,), negative=negative, pace=pace), seed)
    try:
        with open_session(DesktopConfig()) as session, closing(LiveDesktop(session)) as desktop:
            policy.prepare(desktop)
            began = time.monotonic()
            desktop.begin(time.monotonic_ns(), to_ns(SECONDS))
            outcome = policy.run(desktop, SECONDS)
            took_s = time.monotonic() - began
    except TracekitError as error:
        return Run(task, seed, negative, False, 0.0, str(error))
    failure = outcome.task["failure"]
    good = not failure and not outcome.task["outcome_as_wanted"] if negative else bool(outcome.success)
    read = [(check["read_before"], check["read_after"]) for check in outcome.task["check"]]
    return Run(task, seed, negative, good, took_s, "" if good else str(failure or read))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", action="append", default=[], help="ids of tasks or patterns of them; default: all")
    parser.add_argument("--seeds", type=int, default=3, help="runs of each task, and negative ones")
    parser.add_argument("--parallel", type=int, default=2, help="desktops at once")
    parser.add_argument("--pace", type=float, default=1.0, help="as of the policy")
    arguments = parser.parse_args()
    tasks = [task.id for task in load_tasks(FOLDER, arguments.tasks)]
    wanted = [(task, seed, negative) for task in tasks for seed in range(arguments.seeds) for negative in (False, True)]
    runs = []
    with ThreadPoolExecutor(arguments.parallel) as pool:
        for done in pool.map(lambda one: run(one[0], one[1], one[2], arguments.pace), wanted):
            runs.append(done)
            print(f"{len(runs)} of {len(wanted)}: {done.task}", file=sys.stderr)
    print(f"{'task':32}{'success':>9}{'negative':>10}{'seconds':>9}")
    for task in tasks:
        whole = [one for one in runs if one.task == task and not one.negative]
        left_out = [one for one in runs if one.task == task and one.negative]
        took_s = statistics.median(one.took_s for one in whole)
        shares = [f"{sum(one.good for one in some)}/{len(some)}" for some in (whole, left_out)]
        print(f"{task:32}{shares[0]:>9}{shares[1]:>10}{took_s:9.1f}")
    for negative, name in ((False, "tasks done with success"), (True, "checks that failed as they should")):
        some = [one for one in runs if one.negative is negative]
        print(f"{name}: {sum(one.good for one in some)} of {len(some)}")
    for one in runs:
        if not one.good:
            print(f"{one.task} seed {one.seed}{' negative' if one.negative else ''}: {one.said[:300]}")


if __name__ == "__main__":
    main()
