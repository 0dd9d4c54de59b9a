"""Who does the work: the interface of a pool of workers, and the pool of none, which does it in this process."""

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, TypeVar

Job = TypeVar("Job")
Result = TypeVar("Result")


class Crashed(Exception):
    """The worker of a job died, each time that it was tried."""


class Pool(Protocol):
    """Runs functions of one argument, which is pickled, as is what they return."""

    def run(self, function: Callable[[Job], Result], jobs: Iterable[Job]) -> Iterator[tuple[Job, Result | Crashed]]:
        """Run every job, and give each one's result as it comes: in the order of completion.

        A worker that dies is replaced and its job tried again, so a job may run twice, even at the same time.

        Raises:
            TracekitError: raised by the function.
        """

    def close(self) -> None:
        """Stop the workers. Jobs in work are given up."""


class NoPool:
    """Runs jobs one after another in this process, for debugging. What crashes a job crashes the build."""

    def run(self, function: Callable[[Job], Result], jobs: Iterable[Job]) -> Iterator[tuple[Job, Result | Crashed]]:
        """As `Pool.run`."""
        for job in jobs:
            yield job, function(job)

    def close(self) -> None:
        """Nothing to stop."""


class LatePool:
    """A pool that is started when there is work for it: a build that has nothing to do, or only to decide, needs none.

    Args:
        start: what starts the pool.
    """

    def __init__(self, start: Callable[[], Pool]) -> None:
        self._start = start
        self._pool: Pool | None = None

    def run(self, function: Callable[[Job], Result], jobs: Iterable[Job]) -> Iterator[tuple[Job, Result | Crashed]]:
        """As `Pool.run`."""
        if waiting := list(jobs):
            self._pool = self._pool or self._start()
            yield from self._pool.run(function, waiting)

    def close(self) -> None:
        """As `Pool.close`."""
        if self._pool:
            self._pool.close()
