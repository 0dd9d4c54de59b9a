"""Many traces, several at a time: each in a process of its own, so that none waits for another's interpreter."""

import multiprocessing
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from tracekit.core import plugins
from tracekit.core.clock import FPS, NS_PER_S
from tracekit.core.errors import TracekitError
from tracekit.desktop.record import Job, Say, record_job
from tracekit.desktop.salvage import REASON as RECORDER_DIED
from tracekit.desktop.salvage import salvage
from tracekit.desktop.session import DesktopConfig, open_session
from tracekit.desktop.trace import Trace, read_trace

NOT_OPENED = "desktop-not-opened"
"""Reason of a trace whose desktop did not open."""
_TICK_S = 0.5
_IMPORTED = ["tracekit.desktop.record_many", "tracekit.desktop.readiness", "tracekit.sandbox.docker"]


@dataclass(frozen=True)
class Task:
    """A trace to be made by a policy that is a plug-in."""

    config: DesktopConfig
    job: Job
    """Its ``policy_name``, ``policy_options`` and ``seed`` say what drives."""


Record = Callable[[Task, Path, Say], Trace]
"""Makes one trace; a function of a module, as other processes import it."""


def record_task(task: Task, out: Path, say: Say) -> Trace:
    """Record a trace as a `Task` says.

    Raises:
        TracekitError: no such policy, options that it does not take, or a desktop that does not open.
    """
    job = task.job
    policy = plugins.load("policies", job.policy_name)
    try:
        options = policy.Config.model_validate(dict(job.policy_options))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise TracekitError(f"the policy {job.policy_name} does not take this: {first['msg']}", place=place) from error
    made = job._replace(policy_options=options.model_dump(mode="json"))
    return record_job(lambda: open_session(task.config), policy(options, job.seed or 0), out, made, say)


@dataclass
class _Worker:
    number: int
    process: BaseProcess
    said: Connection
    trace: Trace | None = None
    problem: str = ""


def record_many(
    tasks: Sequence[Task],
    out: Path,
    *,
    parallel: int = 1,
    progress: Say | None = None,
    record: Record = record_task,
) -> list[Trace]:
    """Record traces into a folder, ``parallel`` at a time; the instants of their frames are staggered.

    A trace that fails stops no other. One whose recorder is killed, or whose desktop does not open, is recorded as
    failed as well.

    Args:
        tasks: what to record, keys all different.
        out: the folder of traces.
        parallel: how many at a time.
        progress: told what is going on.
        record: what makes a trace.

    Returns:
        The traces, in the order of the tasks.

    Raises:
        TracekitError: two tasks have one key, or the folder can't be written.
        KeyboardInterrupt: Ctrl-C; recorders end cleanly first.
    """
    keys = [task.job.key for task in tasks]
    if len(set(keys)) < len(keys):
        raise TracekitError("two traces of one name", place=str(out))
    return _Crew(tasks, out, max(1, parallel), progress or (lambda text: None), record).run()


class _Crew:
    """The processes that record."""

    def __init__(self, tasks: Sequence[Task], out: Path, parallel: int, say: Say, record: Record) -> None:
        self._tasks, self._out, self._say, self._record = tasks, out, say, record
        self._free = list(range(parallel))
        self._parallel = parallel
        # Forked from a process without threads, whose locks nobody holds, and which has imported everything once.
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(_IMPORTED)

    def run(self) -> list[Trace]:
        """Record all."""
        traces: dict[int, Trace] = {}
        waiting = list(range(len(self._tasks)))[::-1]
        working: dict[int, _Worker] = {}  # by the place that it has among those that work at a time
        try:
            while waiting or working:
                while waiting and self._free:
                    place = self._free.pop(0)
                    working[place] = self._start(waiting.pop(), place)
                wait([worker.said for worker in working.values()], _TICK_S)
                for place, worker in list(working.items()):
                    if self._has_ended(worker):
                        del working[place]
                        self._free.append(place)
                        traces[worker.number] = worker.trace or self._failed(worker)
        finally:
            for worker in working.values():  # Ctrl-C was for them, too
                self._leave(worker)
        return [traces[number] for number in range(len(self._tasks))]

    def _start(self, number: int, place: int) -> _Worker:
        task = self._tasks[number]
        phase_ns = place * NS_PER_S // (FPS * self._parallel)
        task = Task(task.config, task.job._replace(phase_ns=phase_ns))
        hears, tells = self._context.Pipe(duplex=False)
        process = self._context.Process(target=_work, args=(tells, self._record, task, self._out), daemon=False)
        process.start()
        tells.close()
        return _Worker(number, process, hears)

    def _has_ended(self, worker: _Worker) -> bool:
        """Hear what a worker has to say; whether that was all."""
        try:
            while worker.said.poll():
                kind, what = worker.said.recv()
                if kind == "say":
                    self._say(what)
                elif kind == "trace":
                    worker.trace = Trace.model_validate_json(what)
                else:
                    worker.problem = what
        except EOFError:
            worker.process.join()
            worker.said.close()
            return True
        return False

    def _failed(self, worker: _Worker) -> Trace:
        """What is left of a trace whose recorder did not make one."""
        task = self._tasks[worker.number]
        key = task.job.key
        if worker.problem:
            self._say(f"{key}: {worker.problem}")
        else:
            self._say(f"{key}: the process that recorded it has ended with {worker.process.exitcode}")
            with suppress(TracekitError):
                if (self._out / key).exists():
                    return read_trace(self._out / key)
                if trace := salvage(self._out, key):
                    return trace
        return _nothing(task, worker.problem)

    def _leave(self, worker: _Worker) -> None:
        worker.process.join(20)
        if worker.process.is_alive():
            worker.process.kill()
            worker.process.join()
        worker.said.close()


def _nothing(task: Task, problem: str) -> Trace:
    """A trace of which nothing was recorded; not on disk, so that it is tried again the next time."""
    job = task.job
    return Trace(
        key=job.key,
        status="failed",
        problem=problem or "the recorder was killed",
        reason=NOT_OPENED if problem else RECORDER_DIED,
        width_px=task.config.width_px,
        height_px=task.config.height_px,
        frames=0,
        duration_ns=0,
        events=0,
        recorded_at=int(time.time()),
        cursor=job.cursor,
        policy=job.policy_name,
        policy_options=dict(job.policy_options),
        seed=job.seed,
    )


def _work(tells: Connection, record: Record, task: Task, out: Path) -> None:
    """What a process does."""

    def tell(kind: str, what: Any) -> None:
        with suppress(OSError):
            tells.send((kind, what))

    try:
        trace = record(task, out, lambda text: tell("say", text))
        tell("trace", trace.model_dump_json())
    except TracekitError as error:
        tell("problem", str(error))
    except KeyboardInterrupt:
        tell("problem", "interrupted")
