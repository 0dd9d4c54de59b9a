"""One HTTP exchange by an SDK, and what comes of it: JSON that is bounded and clean, or a named failure.

Both SDKs are generated from the same templates, so their errors have the same names and one function serves both.
"""

import json
import math
import os
from collections.abc import Callable
from types import ModuleType
from typing import Any, Final, NamedTuple

from tracekit.core.errors import Rejected, TracekitError

MAX_REPLY_BYTES: Final = 1 << 20
"""Of a reply's body, decompressed: many times what a model can say in one reply."""
_MAX_DEPTH: Final = 40
_MAX_ERROR: Final = 500
"""Characters of a server's own words in our errors."""
_NO_KEY: Final = "none"
_LEAST_SECRET: Final = 8
"""Characters. What is shorter is no secret but a word that texts may have, as EMPTY for servers that check nothing."""


class Key:
    """An API's key. It is given to the SDK, and taken out of whatever comes back."""

    def __init__(self, variable: str) -> None:
        """Take it from the environment.

        Args:
            variable: the name of the environment variable; '' for a server that wants no key.

        Raises:
            TracekitError: the variable is not set.
        """
        self._value = os.environ.get(variable, "").strip() if variable else _NO_KEY
        if not self._value:
            raise TracekitError(f"the environment variable {variable} is not set", remedy="it holds the API's key")
        if not self._value.isascii() or not self._value.isprintable():
            raise TracekitError(f"the environment variable {variable} does not hold a key")

    def __repr__(self) -> str:
        return "Key(...)"

    def reveal(self) -> str:
        """The key itself, for the SDK's constructor and nobody else."""
        return self._value

    def clean(self, text: str) -> str:
        """A text without the key, and without halves of characters (lone surrogates), which no file could hold."""
        if len(self._value) >= _LEAST_SECRET:
            text = text.replace(self._value, "[key]")
        return text.encode("utf-8", "replace").decode()

    def clean_json(self, value: Any, depth: int = _MAX_DEPTH) -> Any:
        """The same for all text in a JSON value.

        Raises:
            ValueError: it is nested too deep.
        """
        if depth == 0:
            raise ValueError("nested too deep")
        if isinstance(value, str):
            return self.clean(value)
        if isinstance(value, list):
            return [self.clean_json(item, depth - 1) for item in value]
        if isinstance(value, dict):
            return {self.clean(name): self.clean_json(item, depth - 1) for name, item in value.items()}
        return value


class Exchange(NamedTuple):
    """What came back."""

    body: dict[str, Any]
    about: dict[str, Any]
    """``request_id``, ``retries``: what the SDK knows of the request."""


def exchange(sdk: ModuleType, create: Callable[..., Any], key: Key, **request: Any) -> Exchange:
    """Send a request and read its reply.

    Args:
        sdk: the module ``anthropic`` or ``openai``.
        create: the ``with_streaming_response.create`` of a resource: it hands the body out in pieces, so that a reply
            without end is not kept.
        key: what is taken out of everything that comes back.
        request: arguments of ``create``.

    Raises:
        Rejected: ``api-error`` or ``bad-reply``. Nothing of it refers to the request, whose headers hold the key.
    """
    try:
        with create(**request) as response:
            body = _read(response)
            about = {"request_id": response.headers.get("request-id") or response.headers.get("x-request-id") or ""}
            about |= {"retries": response.retries_taken}
    except sdk.APITimeoutError:
        raise Rejected("api-error", "the server did not answer in time") from None
    except sdk.APIStatusError as error:
        raise Rejected("api-error", f"HTTP {error.status_code}: {_cut(key.clean(error.message))}") from None
    except sdk.APIError as error:
        raise Rejected("api-error", f"no exchange with the server: {_cut(key.clean(str(error)))}") from None
    return Exchange(parse_json(body, key), key.clean_json(about))


def parse_json(body: bytes | str, key: Key) -> dict[str, Any]:
    """A JSON object, cleaned; numbers that are none in JSON (NaN, infinite) are text, and so no coordinate.

    Raises:
        Rejected: ``bad-reply``: not a JSON object.
    """
    try:
        value = key.clean_json(json.loads(body, parse_constant=str, parse_float=_finite))
    except (ValueError, RecursionError):
        raise Rejected("bad-reply", "the reply is not JSON, or nested too deep") from None
    if not isinstance(value, dict):
        raise Rejected("bad-reply", "the reply is not a JSON object")
    return value


def _finite(digits: str) -> float | str:
    return number if math.isfinite(number := float(digits)) else digits


def _read(response: Any) -> bytes:
    body = bytearray()
    try:
        for piece in response.iter_bytes():
            body += piece
            if len(body) > MAX_REPLY_BYTES:
                break
    except Exception as error:  # of the HTTP library under the SDK, which is not the same one in all its versions
        raise Rejected("api-error", f"the reply broke off: {type(error).__name__}") from None
    if len(body) > MAX_REPLY_BYTES:
        raise Rejected("bad-reply", f"the reply is longer than {MAX_REPLY_BYTES} bytes")
    return bytes(body)


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _MAX_ERROR else line[:_MAX_ERROR] + "..."
