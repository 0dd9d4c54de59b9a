"""Workers on Ray: one of our own on this machine, or a cluster that is there. It schedules and retries, no more."""

import logging
import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import ray
from ray.exceptions import RayError, RayTaskError

from tracekit.build.pool import Crashed
from tracekit.core.errors import TracekitError

Job = TypeVar("Job")
Result = TypeVar("Result")

TRIES = 3
"""How often a job is begun before it counts as what kills its worker."""
OBJECTS_BYTES = 128 * 1024 * 1024
"""Ray's shared memory. Jobs and results are small: clips go to the output folder, not through Ray."""
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1")
QUIET = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0", "RAY_DEDUP_LOGS": "0"}


class RayPool:
    """A pool of processes of one thread each.

    Args:
        workers: how many on this machine.
        address: of a cluster to use instead, as `ray start` printed it; its nodes must reach the output folder.

    Raises:
        TracekitError: there is no cluster at that address.
    """

    def __init__(self, workers: int, address: str | None = None) -> None:
        os.environ.update(QUIET)
        common: dict[str, Any] = {"logging_level": logging.ERROR, "log_to_driver": False}
        self._folder: str | None = None
        if address is not None:
            _reach(address)
            try:
                ray.init(address=address, runtime_env={"env_vars": ONE_THREAD}, **common)
            except (ConnectionError, RuntimeError, ValueError) as error:
                raise TracekitError(
                    f"no Ray cluster at {address}: {error}", remedy="start one with `ray start --head`"
                ) from error
        else:
            # Ray's sockets lie in this folder, and a socket's path has at most 107 bytes: TMPDIR may be too deep.
            self._folder = tempfile.mkdtemp(prefix="tracekit-", dir="/tmp" if Path("/tmp").is_dir() else None)
            os.environ.update({name: os.environ.get(name, value) for name, value in ONE_THREAD.items()})
            ray.init(
                num_cpus=workers,
                num_gpus=0,
                include_dashboard=False,
                object_store_memory=OBJECTS_BYTES,
                _temp_dir=self._folder,
                **common,
            )
        resources: dict[str, float] = ray.cluster_resources()  # type: ignore[no-untyped-call]
        self._at_once = 2 * max(1, int(resources.get("CPU", 1)))

    def run(self, function: Callable[[Job], Result], jobs: Iterable[Job]) -> Iterator[tuple[Job, Result | Crashed]]:
        """As `tracekit.build.pool.Pool.run`."""
        task: Any = ray.remote(max_retries=TRIES - 1, num_cpus=1)(_answer)
        waiting = iter(jobs)
        running: dict[ray.ObjectRef[Any], Job] = {}
        more = True
        while more or running:
            while more and len(running) < self._at_once:
                try:
                    job = next(waiting)
                except StopIteration:
                    more = False
                else:
                    running[task.remote(function, job)] = job
            if running:
                (done,), _ = ray.wait(list(running), num_returns=1)
                yield running.pop(done), _result(done)

    def close(self) -> None:
        """As `tracekit.build.pool.Pool.close`."""
        ray.shutdown()
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)


def _reach(address: str) -> None:
    """Ray tries for minutes to reach an address where nobody listens."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not port.isdigit():
        return  # "auto", or a name that Ray knows
    try:
        socket.create_connection((host, int(port)), timeout=10).close()
    except OSError as error:
        raise TracekitError(
            f"no Ray cluster at {address}: {error}", remedy="start one with `ray start --head`"
        ) from error


def _answer(function: Callable[[Job], Result], job: Job) -> Result | TracekitError:
    try:
        return function(job)
    except TracekitError as error:
        return error


def _result(reference: Any) -> Any:
    try:
        result = ray.get(reference)
    except RayTaskError as error:
        raise error.cause from error  # a fault of our own: show where it was raised
    except RayError as error:
        return Crashed(" ".join(str(error).split()))
    if isinstance(result, TracekitError):
        raise result
    return result
