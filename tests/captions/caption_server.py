"""A server of ours that speaks the protocol of OpenAI's chat completions as vLLM does, and misbehaves when told to."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

MODEL = "test-model"
VERSION = "0.0.test"


class Said(NamedTuple):
    """A reply with all that can be odd about it."""

    text: str | None
    finish_reason: str = "stop"
    refusal: str | None = None


class Failed(NamedTuple):
    """An HTTP error."""

    status: int
    message: str = "not today"
    headers: Mapping[str, str] = {}


class Raw(NamedTuple):
    """A body that is sent as it stands, under a status; one that ends before its announced length if ``cut``."""

    body: bytes
    status: int = 200
    cut: bool = False


Answer = Callable[[dict[str, Any]], "dict[str, Any] | str | bytes | int | Said | Failed | Raw | None"]
"""What is replied to a payload: a JSON value or a text that the model says, bytes sent as they stand, the status of an
error, or one of the above; None hangs up. It is called in a thread of its own and may block."""


@dataclass
class Server:
    """A server that runs, and what it was asked."""

    url: str
    """Of the API, with ``/v1``."""
    requests: list[dict[str, Any]] = field(default_factory=list)
    """The payloads of chat completions, in the order in which they came."""
    headers: list[dict[str, str]] = field(default_factory=list)
    """Theirs, names in small letters."""
    paths: list[str] = field(default_factory=list)
    """Of all requests."""
    most_at_once: int = 0
    """Chat completions that were in work at the same time."""
    _now: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def root(self) -> str:
        """Where ``/version`` and ``/metrics`` are."""
        return self.url.removesuffix("/v1")

    @property
    def bodies(self) -> str:
        """All that was ever sent to it as JSON, to look for what should not be there."""
        return "\n".join(json.dumps(request, ensure_ascii=False) for request in self.requests)

    def came(self, payload: dict[str, Any], headers: Mapping[str, str]) -> None:
        """Note a request."""
        with self._lock:
            self.requests.append(payload)
            self.headers.append({name.lower(): value for name, value in headers.items()})
            self._now += 1
            self.most_at_once = max(self.most_at_once, self._now)

    def went(self) -> None:
        """Note its end."""
        with self._lock:
            self._now -= 1


@contextmanager
def serving(answer: Answer, *, port: int = 0, version: str = VERSION, model: str = MODEL) -> Iterator[Server]:
    """Run a server on loopback.

    Args:
        answer: what is replied to each payload of a chat completion.
        port: to listen at; 0 takes a free one.
        version: what ``/version`` says.
        model: what ``/v1/models`` says.
    """

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1  # headers and body in one packet

        def do_GET(self) -> None:
            server.paths.append(self.path)
            match self.path:
                case "/v1/models":
                    self._send(
                        200, {"object": "list", "data": [{"id": model, "object": "model", "max_model_len": 8192}]}
                    )
                case "/version":
                    self._send(200, {"version": version})
                case "/health":
                    self._send_bytes(200, b"")
                case "/metrics":
                    self._send_bytes(200, _metrics(len(server.requests), server._now).encode(), kind="text/plain")
                case _:
                    self._send(404, _error("no such page"))

        def do_POST(self) -> None:
            server.paths.append(self.path)
            payload = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if self.path != "/v1/chat/completions":
                self._send(404, _error("no such page"))
                return
            server.came(payload, self.headers)
            try:
                reply = answer(payload)
            finally:
                server.went()
            self._reply(reply, payload)

        def _reply(self, reply: Any, payload: dict[str, Any]) -> None:
            match reply:
                case None:
                    self.close_connection = True
                case Raw(body, status, cut):
                    self._send_bytes(status, body, more=cut)
                case Failed(status, message, headers):
                    self._send(status, _error(message), headers)
                case Said():
                    self._send(200, _completion(reply, payload, model))
                case bytes():
                    self._send_bytes(200, reply)
                case int():
                    self._send(reply, _error("not today"))
                case str():
                    self._send(200, _completion(Said(reply), payload, model))
                case _:
                    self._send(200, _completion(Said(json.dumps(reply)), payload, model))

        def _send(self, status: int, value: Any, headers: Mapping[str, str] = {}) -> None:
            self._send_bytes(status, json.dumps(value).encode(), headers)

        def _send_bytes(
            self,
            status: int,
            body: bytes,
            headers: Mapping[str, str] = {},
            *,
            kind: str = "application/json",
            more: bool = False,
        ) -> None:
            self.send_response(status)
            for name, value in {"Content-Type": kind, **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body) + 100 * more))
            self.end_headers()
            self.wfile.write(body)
            self.wfile.flush()
            self.close_connection = self.close_connection or more

        def handle_one_request(self) -> None:
            with suppress(ConnectionError, TimeoutError):
                super().handle_one_request()
                return
            self.close_connection = True

        def log_message(self, format: str, *args: object) -> None: ...

    class Listener(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False
        request_queue_size = 1024

    listener = Listener(("127.0.0.1", port), Handler)
    server = Server(f"http://127.0.0.1:{listener.server_address[1]}/v1")
    thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        listener.shutdown()
        listener.server_close()
        thread.join()


def _completion(said: Said, payload: Mapping[str, Any], model: str) -> dict[str, Any]:
    asked, written = sum(len(one["content"]) // 4 for one in payload["messages"]), len(said.text or "") // 4
    return {
        "id": "chatcmpl-test",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": model,
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": said.text, "refusal": said.refusal},
                "finish_reason": said.finish_reason,
                "logprobs": None,
            }
        ],
        "usage": {"prompt_tokens": asked, "completion_tokens": written, "total_tokens": asked + written},
    }


def _error(message: str) -> dict[str, Any]:
    return {"error": {"message": message, "type": "test", "param": None, "code": None}}


def _metrics(requests: int, running: int) -> str:
    labels = f'{{engine="0",model_name="{MODEL}"}}'
    return (
        "# HELP vllm:num_requests_running Number of requests in model execution batches.\n"
        "# TYPE vllm:num_requests_running gauge\n"
        f"vllm:num_requests_running{labels} {float(running)}\n"
        "# TYPE vllm:num_requests_waiting gauge\n"
        f"vllm:num_requests_waiting{labels} 0.0\n"
        "# TYPE vllm:generation_tokens_total counter\n"
        f"vllm:generation_tokens_total{labels} {float(100 * requests)}\n"
    )
