"""Requests to the servers of a model: many at once and yet bounded, again after failures, none twice."""

import asyncio
import os
import threading
from collections import deque
from collections.abc import Awaitable, Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import AsyncExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final, TypeVar

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, wait_random_exponential

from tracekit.captions.llm.cache import Cache, Size
from tracekit.captions.llm.endpoint import Endpoint, Failure, base_url
from tracekit.captions.llm.request import Reply, Request
from tracekit.captions.llm.server_metrics import Load
from tracekit.captions.llm.servers import Servers
from tracekit.captions.llm.tally import Tally
from tracekit.core.errors import Rejected, TracekitError
from tracekit.desktop.models.exchange import Key

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")

_LONGEST_WAIT_S: Final = 30.0
_AHEAD: Final = 2
"""Requests that `Client.ask_all` has taken and not given back, over what the servers have in work: enough that one slow
reply, which the later ones wait for, does not leave the servers idle."""
_HOPELESS: Final = 16
"""Requests refused with none ever taken, after which it is not the requests that are wrong, but all of the job."""


class Client:
    """Asks servers that speak OpenAI's chat completions.

    ``async with client`` opens it within the running event loop, for `ask`; `ask_all` does that by itself, in a loop
    and a thread of its own. It may be opened again after it was closed, and be pickled while it is closed.

    Args:
        servers: their addresses, e.g. ``http://127.0.0.1:8000/v1``; the model is the same on all of them.
        concurrency: most requests at once, of each server.
        timeout_s: longest wait for one reply. A server that has more requests than it works on lets them wait.
        tries: how often a request is sent to servers that fail on it.
        patience_s: how long a request, or all servers, may fail before that is an error.
        backoff_s: the wait after a failure is drawn from 0 to this, doubled with each further failure ("full jitter").
        cache: the file that keeps replies; None keeps none. See `tracekit.captions.llm.cache`.
        key_variable: the environment variable that holds the servers' key. Where it is not set, none is sent.

    Raises:
        TracekitError: no server is named, or one wrongly.
    """

    def __init__(
        self,
        servers: Sequence[str],
        *,
        concurrency: int = 32,
        timeout_s: float = 300.0,
        tries: int = 5,
        patience_s: float = 300.0,
        backoff_s: float = 0.5,
        cache: Path | None = None,
        key_variable: str = "",
    ) -> None:
        self._urls = tuple(dict.fromkeys(base_url(url) for url in servers))
        if not self._urls:
            raise TracekitError("no server is named", remedy="give the address of one, e.g. http://127.0.0.1:8000/v1")
        self._concurrency, self._timeout_s = concurrency, timeout_s
        self._tries, self._patience_s, self._backoff_s = tries, patience_s, backoff_s
        self._cache_path, self._key_variable = cache, key_variable
        self.tally = Tally()
        """Of all that was asked since the client was made."""
        self.last_load: Load | None = None
        """What `load` gave when `each` or `ask_all` last came to its end; None if no server was asked."""

    async def __aenter__(self) -> "Client":
        key = Key(self._key_variable if os.environ.get(self._key_variable) else "")
        async with AsyncExitStack() as opened:
            self._cache = opened.enter_context(Cache(self._cache_path)) if self._cache_path else None
            endpoints = [
                Endpoint(url, key, timeout_s=self._timeout_s, concurrency=self._concurrency) for url in self._urls
            ]
            self._servers = Servers(endpoints, concurrency=self._concurrency, patience_s=self._patience_s)
            opened.push_async_callback(self._servers.close)
            self._meeting: asyncio.Task[None] | None = None
            self._pending: dict[str, asyncio.Task[Reply]] = {}
            opened.push_async_callback(self._stop)
            self._opened = opened.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._opened.aclose()

    async def ask(self, request: Request) -> Reply:
        """The reply to a request: from the cache, or else from a server, and then it is in the cache.

        No server is spoken to before the first request that the cache can't answer. The same request twice at a time
        is sent once. Whoever is cancelled here leaves the request to be finished, and its reply to be kept, until the
        client is closed.

        Raises:
            Rejected: ``request-refused``: no server will ever take it. ``no-reply``: servers fail on it, and answer
                others.
            TracekitError: no server answers, lets us in, or has the model; or the cache can't be used.
        """
        try:
            sha256 = request.sha256
        except ValueError as error:
            raise Rejected("request-refused", f"the request is no JSON: {error}") from None
        reply = self._cache.get(sha256) if self._cache else None
        if reply is None:
            try:
                reply = await self._share(sha256, request)
            except Rejected as error:
                self._count_rejected(error)
                raise
        self.tally.add(reply)
        return reply

    async def load(self) -> Load:
        """What the servers did since they were first asked, for whomever, and what they have in work."""
        return await self._servers.load()

    def cache_size(self) -> Size:
        """How much the cache holds."""
        return self._cache.size() if self._cache else Size(0, 0)

    def ask_all(self, requests: Iterable[Request]) -> Generator[Reply | Rejected, None, None]:
        """The replies to requests, in their order; many are in work at once. Not for use within an event loop.

        Args:
            requests: taken in the caller's thread, few ahead of the replies that have been given back.

        Raises:
            TracekitError: see `ask`. Then, and when the iterator is closed, nothing is left running.
        """

        async def asked(request: Request) -> Reply | Rejected:
            try:
                return await self.ask(request)
            except Rejected as error:
                return error

        yield from self.each(requests, asked)

    def each(
        self, items: Iterable[_Item], work: Callable[[_Item], Awaitable[_Result]]
    ) -> Generator[_Result, None, None]:
        """The same with work of one's own in place of a request: it may `ask` several times for its item."""

        async def done(item: _Item) -> _Result:
            return await work(item)

        most = _AHEAD * self._concurrency * len(self._urls)
        under_way: deque[Future[_Result]] = deque()
        with self._running() as loop:
            try:
                for item in items:
                    under_way.append(asyncio.run_coroutine_threadsafe(done(item), loop))
                    while under_way and (under_way[0].done() or len(under_way) >= most):
                        yield under_way.popleft().result()
                while under_way:
                    yield under_way.popleft().result()
                if self._meeting is not None:
                    self.last_load = asyncio.run_coroutine_threadsafe(self.load(), loop).result()
            finally:
                for future in under_way:
                    future.cancel()

    async def _share(self, sha256: str, request: Request) -> Reply:
        if (pending := self._pending.get(sha256)) is not None:
            return replace(await asyncio.shield(pending), cached=True)
        pending = self._pending[sha256] = asyncio.create_task(self._fetch(sha256, request))
        pending.add_done_callback(lambda task: self._forget(sha256, task))
        return await asyncio.shield(pending)

    def _forget(self, sha256: str, task: "asyncio.Task[Reply]") -> None:
        del self._pending[sha256]
        if not task.cancelled():
            task.exception()  # has been seen, even if nobody waits any more

    async def _fetch(self, sha256: str, request: Request) -> Reply:
        if self._meeting is None:
            self._meeting = asyncio.create_task(self._servers.meet())
        await asyncio.shield(self._meeting)
        reply = await self._persist(request)
        if self._cache:
            self._cache.put(sha256, reply)
        return reply

    async def _persist(self, request: Request) -> Reply:
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(Failure),
            wait=wait_random_exponential(multiplier=self._backoff_s, max=_LONGEST_WAIT_S),
            stop=self._gives_up,
            reraise=True,
        )
        try:
            return await retrying(self._try, request)
        except Failure as failure:
            if failure.busy:
                raise TracekitError(
                    f"the servers had too much to do for {self._patience_s:g} s: {failure}",
                    remedy="lower the concurrency, or see what else asks them",
                ) from None
            raise Rejected("no-reply", f"none in {self._tries} tries, the last one: {failure}") from None

    async def _try(self, request: Request) -> Reply:
        try:
            async with self._servers.turn() as endpoint:
                return await endpoint.ask(request)
        except Failure:
            self.tally.failures += 1
            raise

    def _gives_up(self, state: RetryCallState) -> bool:
        failure = state.outcome.exception() if state.outcome else None
        if isinstance(failure, Failure) and failure.busy:
            return (state.seconds_since_start or 0.0) >= self._patience_s
        # While all servers are away it is not the request that fails; `Servers` says when that has lasted too long.
        return state.attempt_number >= self._tries and not self._servers.away

    def _count_rejected(self, error: Rejected) -> None:
        self.tally.rejected += 1
        if self.tally.rejected >= _HOPELESS and self.tally.replies == self.tally.cached:
            raise TracekitError(
                f"the servers take no request: {error.message}",
                place=error.place,
                remedy="what all of them share is wrong: the sampling, the schema, or the length of prompt and reply",
            ) from None

    async def _stop(self) -> None:
        tasks = [task for task in (self._meeting, *self._pending.values()) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @contextmanager
    def _running(self) -> Iterator[asyncio.AbstractEventLoop]:
        """The client open, in an event loop in a thread; both are gone at the end, with all that still runs in it."""
        started: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = Future()

        async def live() -> None:
            over = asyncio.Event()
            try:
                async with self:
                    started.set_result((asyncio.get_running_loop(), over))
                    await over.wait()
            except TracekitError as error:
                started.set_exception(error)

        thread = threading.Thread(target=lambda: asyncio.run(live()), name="tracekit-captions", daemon=True)
        thread.start()
        loop, over = started.result()
        try:
            yield loop
        finally:
            loop.call_soon_threadsafe(over.set)
            thread.join()
