"""One server of chat completions: one request, one reply, and what kind of failure it is where there is none.

Through the SDK ``openai``, as lean as it goes, for with its defaults most of a captioner's CPU time is spent in it
(benchmarks/captions.py): its transport is aiohttp, payloads go as they stand, and replies are not made into its models.
"""

import asyncio
import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, ValidationError

from tracekit.captions.llm.request import Reply, Request
from tracekit.captions.llm.server_metrics import Load, load_of
from tracekit.core.errors import Rejected, TracekitError
from tracekit.desktop.models.exchange import MAX_REPLY_BYTES, Key, parse_json

_CONNECT_S: Final = 10.0
_IDLE_S: Final = 2.0
"""After which a connection is not used again. uvicorn, under vLLM, closes after 5 s, perhaps just when we ask."""
_LOOK_S: Final = 10.0
"""For ``/version``, ``/metrics`` and ``/v1/models``."""
_MAX_PAGE_BYTES: Final = 1 << 24
_MAX_ERROR: Final = 300
"""Characters of a server's own words in our errors."""


class Failure(Exception):
    """No reply this time; the same request may have one later, or from another server.

    Args:
        what: what happened, in the words of a report.
        busy: the server is well, and has too much to do (HTTP 429).
        retry_after_s: how long the server wants to be left alone; 0 if it does not say.
    """

    def __init__(self, what: str, *, busy: bool = False, retry_after_s: float = 0.0) -> None:
        super().__init__(what)
        self.busy, self.retry_after_s = busy, retry_after_s


class _Message(BaseModel):
    content: str | None = None
    refusal: str | None = None


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None


class _Usage(BaseModel):
    prompt_tokens: int = Field(0, ge=0)
    completion_tokens: int = Field(0, ge=0)


class _Completion(BaseModel):
    model: str = ""
    choices: list[_Choice] = Field(min_length=1)
    usage: _Usage | None = None


def base_url(url: str) -> str:
    """The address of a server's API as it was meant: ``http://host:8000`` is ``http://host:8000/v1``.

    Raises:
        TracekitError: it is no address of HTTP, or it has a password in it, which would stand in every log.
    """
    try:
        parts = urlsplit(url)
        well_formed = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        well_formed = False
    if not well_formed:
        raise TracekitError("this is no address of a server", place=url, remedy="like http://127.0.0.1:8000/v1")
    if parts.username is not None or parts.password is not None:
        raise TracekitError(
            "the address of a server has a user name or password in it",
            place=f"{parts.scheme}://...@{parts.hostname}",
            remedy="name the environment variable that holds the key",
        )
    if parts.query or parts.fragment:
        raise TracekitError("the address of a server ends with its path", place=url)
    return url.rstrip("/") if parts.path.strip("/") else f"{parts.scheme}://{parts.netloc}/v1"


class Endpoint:
    """A connection to one server, within one event loop.

    Args:
        url: of its API; see `base_url`.
        key: the key that it wants.
        timeout_s: for one reply, from the request to its last byte.
        concurrency: most requests at once.

    Raises:
        TracekitError: the SDK is not installed.
    """

    def __init__(self, url: str, key: Key, *, timeout_s: float, concurrency: int) -> None:
        try:
            import openai

            connections = concurrency + 1  # one to look at it meanwhile
            limits = type(openai.DEFAULT_CONNECTION_LIMITS)(
                max_connections=connections, max_keepalive_connections=connections, keepalive_expiry=_IDLE_S
            )
            self._http = openai.DefaultAioHttpClient(limits=limits)
        except (ImportError, AttributeError, RuntimeError):  # the SDK itself, its transport in old ones, in new ones
            raise TracekitError(
                "the package openai[aiohttp] is missing", remedy="pip install 'tracekit[captions]'"
            ) from None
        self.url, self._key, self._sdk, self._timeout_s = url, key, openai, timeout_s
        self.version = ""
        """Of the server's program; '' if it does not tell."""
        self.models: tuple[str, ...] = ()
        """What it serves; empty if it does not tell."""
        self._client = openai.AsyncOpenAI(
            api_key=key.reveal(),
            base_url=url,
            max_retries=0,
            timeout=openai.Timeout(None, connect=_CONNECT_S),
            http_client=self._http,
        )

    async def close(self) -> None:
        """Close its connections."""
        await self._client.close()

    async def meet(self) -> None:
        """Ask who it is and what it serves.

        Raises:
            Failure: nobody answers.
            TracekitError: it does not let us in.
        """
        with self._told():
            async with asyncio.timeout(_LOOK_S):
                try:
                    listed = await self._read(self._client.models.with_streaming_response.list())
                except self._sdk.NotFoundError:
                    listed = b""
        self.models = tuple(str(one.get("id")) for one in self._parts(listed, "data", list) if isinstance(one, dict))
        self.version = self._parts(await self._page("/version"), "version", str)[:100]

    async def load(self) -> Load:
        """What its ``/metrics`` say; nothing where it has none."""
        return load_of((await self._page("/metrics")).decode("utf-8", "replace"))

    async def ask(self, request: Request) -> Reply:
        """Send a request and read its reply.

        Raises:
            Failure: none this time.
            Rejected: ``request-refused``: the server will never take this request.
            TracekitError: the server takes no request like it: wrong key, or no such model.
        """
        with self._told(request.model):
            async with asyncio.timeout(self._timeout_s):
                # As extra fields the payload goes as it stands; the SDK looks through every part of an argument.
                body = await self._read(
                    self._client.chat.completions.with_streaming_response.create(
                        model=request.model, messages=[], extra_body=request.payload
                    )
                )
        try:
            completion = _Completion.model_validate(parse_json(body, self._key))
        except (Rejected, ValidationError):
            raise Failure("the reply is no chat completion") from None
        choice, usage = completion.choices[0], completion.usage or _Usage()
        return Reply(
            text=choice.message.content or "",
            finish_reason=choice.finish_reason or "",
            refusal=choice.message.refusal or "",
            prompt_tokens=usage.prompt_tokens,
            completion_tokens=usage.completion_tokens,
            model=completion.model,
            server_version=self.version,
        )

    async def _read(self, asking: Any) -> bytes:
        async with asking as response:
            body = bytearray()
            async for piece in response.iter_bytes():
                body += piece
                if len(body) > MAX_REPLY_BYTES:
                    raise Failure(f"the reply is longer than {MAX_REPLY_BYTES} bytes")
            return bytes(body)

    async def _page(self, path: str) -> bytes:
        """A page beside the API, which no key guards; empty where there is none."""
        page = bytearray()
        try:
            async with (
                asyncio.timeout(_LOOK_S),
                self._http.stream("GET", self.url.removesuffix("/v1") + path) as response,
            ):
                response.raise_for_status()
                async for piece in response.aiter_bytes():
                    page += piece
                    if len(page) > _MAX_PAGE_BYTES:
                        return b""
        except Exception:  # of the HTTP library under the SDK, which is not the same one in all its versions
            return b""
        return bytes(page)

    def _parts(self, body: bytes, name: str, kind: type[Any]) -> Any:
        """A field of a JSON object, empty if there is none, or none of that kind."""
        try:
            value = parse_json(body, self._key).get(name)
        except Rejected:
            value = None
        return value if isinstance(value, kind) else kind()

    @contextmanager
    def _told(self, model: str = "") -> Iterator[None]:
        """Turn what the SDK raises, whose errors refer to the request and so to the key, into what may be shown."""
        try:
            yield
        except (Failure, TracekitError):
            raise
        except TimeoutError:
            raise Failure("no reply in time") from None
        except self._sdk.APIStatusError as error:
            raise self._judged(error, model) from None
        except self._sdk.APIConnectionError as error:
            raise Failure(f"no connection: {_one_line(self._key.clean(str(error.__cause__ or error)))}") from None
        except ValueError:
            raise Rejected("request-refused", "the request is no JSON: a number or a character is none") from None
        except Exception as error:  # of the HTTP library, while it reads
            raise Failure(f"the reply broke off: {type(error).__name__}") from None

    def _judged(self, error: Any, model: str) -> Exception:
        status = error.status_code
        what = f"HTTP {status}: {_one_line(self._key.clean(error.message))}"
        if status >= 500 or status in {408, 409, 425, 429}:
            wait_s = retry_after_s(error.response.headers.get("retry-after", ""))
            return Failure(what, busy=status == 429, retry_after_s=wait_s)
        if status in {401, 403}:
            return TracekitError(
                f"the server does not let us in: {what}",
                place=self.url,
                remedy="name the environment variable that holds its key",
            )
        if status == 404:
            served = f"it serves {', '.join(self.models)}" if self.models else "check its address and the model's name"
            return TracekitError(f"there is no model {model!r}: {what}", place=self.url, remedy=served)
        return Rejected("request-refused", what, place=self.url)


def retry_after_s(header: str) -> float:
    """Seconds that a ``Retry-After`` asks for, by number or by date (RFC 9110, 10.2.3); 0 if it is neither."""
    try:
        wait_s = float(header)
    except ValueError:
        try:
            wait_s = parsedate_to_datetime(header).timestamp() - time.time()
        except (ValueError, OverflowError):
            return 0.0
    return max(0.0, wait_s) if math.isfinite(wait_s) else 0.0


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _MAX_ERROR else line[:_MAX_ERROR] + "..."
