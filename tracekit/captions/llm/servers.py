"""Which of several servers is asked next: the one with least to do; one that fails rests for a while."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

from tracekit.captions.llm.endpoint import Endpoint, Failure
from tracekit.captions.llm.server_metrics import Load, together
from tracekit.core.errors import Rejected, TracekitError

_FAILURES: Final = 3
"""In a row, after which a server rests. One may be of the request."""
_FIRST_REST_S: Final = 1.0
_LONGEST_REST_S: Final = 30.0


@dataclass
class _Standing:
    """A server, and how it does."""

    endpoint: Endpoint
    outstanding: int = 0
    failures: int = 0
    """In a row."""
    rests: int = 0
    """In a row: each is twice as long as the one before."""
    back_at_s: float = 0.0
    """When it may be asked again, on the monotonic clock."""
    away: bool = False
    """Nobody answered when it was last asked who it is."""
    failure: Failure | None = None
    """The last one."""
    at_first: Load = field(default_factory=Load)

    @property
    def doubtful(self) -> bool:
        """Whether it has rested for its failures, and nothing has shown yet that it does better."""
        return self.failures >= _FAILURES


class Servers:
    """Servers that are asked in turns, within one event loop.

    Args:
        endpoints: the servers.
        concurrency: most requests at once, of each.
        patience_s: how long all of them may fail before that is an error.
    """

    def __init__(self, endpoints: Sequence[Endpoint], *, concurrency: int, patience_s: float) -> None:
        self._standings = [_Standing(endpoint) for endpoint in endpoints]
        self._concurrency, self._patience_s = concurrency, patience_s
        self._seats = asyncio.Semaphore(concurrency * len(endpoints))
        """Who has one finds a free server, unless some of them rest."""
        self._changed = asyncio.Event()
        self._away_since_s: float | None = None

    @property
    def away(self) -> bool:
        """Whether nobody answers at any of the addresses. A server that answers with errors is not away."""
        return all(standing.away for standing in self._standings)

    async def meet(self) -> None:
        """Ask all who they are.

        Raises:
            TracekitError: none of them answers, or one does not let us in.
        """
        await asyncio.gather(*(self._meet(standing) for standing in self._standings))
        if self.away:
            raise self._nobody("no server answers")

    async def load(self) -> Load:
        """What all did since they were met, and how many requests run and wait."""
        now = await asyncio.gather(*(standing.endpoint.load() for standing in self._standings))
        return together(load.since(one.at_first) for load, one in zip(now, self._standings, strict=True))

    async def close(self) -> None:
        """Close all connections."""
        await asyncio.gather(*(standing.endpoint.close() for standing in self._standings))

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[Endpoint]:
        """The server to ask, for one request. A `Failure` that leaves the block counts against it.

        Raises:
            TracekitError: all servers have been away for longer than the patience lasts.
        """
        async with self._seats:
            standing = await self._next()
            standing.outstanding += 1
            try:
                if standing.failures:
                    await self._look(standing)
                yield standing.endpoint
            except Failure as failure:
                self._failed(standing, failure)
                raise
            except Rejected:
                standing.failures = standing.rests = 0  # the request is what is wrong
                raise
            else:
                standing.failures = standing.rests = 0
            finally:
                standing.outstanding -= 1
                self._changed.set()
                self._changed.clear()

    async def _meet(self, standing: _Standing) -> None:
        try:
            await self._look(standing)
        except Failure as failure:
            standing.failures = _FAILURES  # it is not tried further before it has rested
            self._failed(standing, failure)
        else:
            standing.at_first = await standing.endpoint.load()

    async def _look(self, standing: _Standing) -> None:
        """See whether a server is there; it may be another program since it failed."""
        try:
            await standing.endpoint.meet()
        except Failure:
            standing.away = True
            raise
        standing.away, self._away_since_s = False, None

    async def _next(self) -> _Standing:
        while True:
            now_s = time.monotonic()
            here = [one for one in self._standings if one.back_at_s <= now_s]
            free = [one for one in here if one.outstanding < (1 if one.doubtful else self._concurrency)]
            if free:
                return min(free, key=lambda one: one.outstanding)
            back_in_s = min((one.back_at_s - now_s for one in self._standings if one not in here), default=None)
            with suppress(TimeoutError):
                async with asyncio.timeout(back_in_s):
                    await self._changed.wait()

    def _failed(self, standing: _Standing, failure: Failure) -> None:
        now_s = time.monotonic()
        standing.failure = failure
        standing.failures += not failure.busy
        rest_s = min(failure.retry_after_s, self._patience_s)
        if standing.failures >= _FAILURES and standing.back_at_s <= now_s:
            rest_s = max(rest_s, min(_FIRST_REST_S * 2**standing.rests, _LONGEST_REST_S, self._patience_s))
            standing.rests += 1
        standing.back_at_s = max(standing.back_at_s, now_s + rest_s)
        if self.away:
            self._away_since_s = self._away_since_s or now_s
            if now_s - self._away_since_s > self._patience_s:
                raise self._nobody(f"no server has answered for {self._patience_s:g} s") from None

    def _nobody(self, what: str) -> TracekitError:
        causes = "; ".join(f"{one.endpoint.url}: {one.failure}" for one in self._standings)
        return TracekitError(f"{what}: {causes}", remedy="what was answered is kept: start them, and run this again")
