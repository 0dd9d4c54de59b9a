"""A server of our own that speaks both protocols of the policy ``agent`` and plays fixed replies, good and bad ones."""

import itertools
import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Literal, Self

Protocol = Literal["anthropic", "openai"]
PROTOCOLS: tuple[Protocol, ...] = ("anthropic", "openai")
_PATHS = {"anthropic": "/v1/messages", "openai": "/v1/chat/completions"}


@dataclass
class Played:
    """What is sent back to one request."""

    body: Any
    """JSON, or bytes as they are."""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    after: threading.Event | None = None
    """Set when it may be sent."""
    delay_s: float = 0
    cut_at: int | None = None
    """Bytes of the body after which the connection is closed, though more were promised."""


@dataclass
class Received:
    """What came of one request."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]

    def pictures(self) -> int:
        """How many pictures are in it."""
        return json.dumps(self.body).count('"image"') + json.dumps(self.body).count('"image_url": {')


class ModelServer:
    """Plays replies in order; when there are no more, the last again. On loopback, at a free port.

    Args:
        protocol: which one it speaks: requests to other paths are answered 404.
        replies: what to play.
    """

    def __init__(self, protocol: Protocol, *replies: Played) -> None:
        self.protocol, self.replies = protocol, list(replies)
        self.received: list[Received] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                server.received.append(Received(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
                known = self.path.partition("?")[0] == _PATHS[protocol]
                played = server.replies.pop(0) if len(server.replies) > 1 else server.replies[0]
                self._play(played if known else Played({"error": "no such path"}, 404))

            def _play(self, played: Played) -> None:
                if played.after is not None:
                    played.after.wait(30)
                if played.delay_s:
                    threading.Event().wait(played.delay_s)
                body = played.body if isinstance(played.body, bytes) else json.dumps(played.body).encode()
                self.send_response(played.status)
                for name, value in {"content-type": "application/json", **played.headers}.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body[: played.cut_at])
                self.close_connection = played.cut_at is not None

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self._http.handle_error = lambda *_: None  # type: ignore[method-assign]  # clients that hang up
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02})

    @property
    def url(self) -> str:
        """What ``base_url`` is to be."""
        return f"http://127.0.0.1:{self._http.server_port}" + ("/v1" if self.protocol == "openai" else "")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for reply in self.replies:
            if reply.after is not None:
                reply.after.set()
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()


_numbers = itertools.count(1)


def says(protocol: Protocol, text: str, *actions: dict[str, Any], stop: str = "", toolset: bool = False) -> Played:
    """A good reply: some words, and actions to be done.

    Args:
        protocol: in which the reply is written.
        text: what the model says.
        actions: arguments of the tool.
        stop: the reason that is given for its end; '' for the usual one.
        toolset: as Anthropic's toolset has it, a tool an action.
    """
    if protocol == "anthropic":
        content: list[dict[str, Any]] = [
            {"type": "thinking", "thinking": "let me see", "signature": "c2lnbmVk"},
            {"type": "text", "text": text},
        ]
        for action in actions:
            name = action["action"] if toolset else "computer"
            use = {"type": "tool_use", "id": f"toolu_{next(_numbers)}", "name": name, "input": action}
            content.append(use | ({"toolset_name": "computer"} if toolset else {}))
        return Played(
            {
                "id": "msg_1", "type": "message", "role": "assistant", "model": "a-model", "content": content,
                "stop_reason": stop or ("tool_use" if actions else "end_turn"), "stop_sequence": None,
                "usage": {"input_tokens": 100, "cache_read_input_tokens": 20, "output_tokens": 7},
            },
            headers={"request-id": "req_1"},
        )  # fmt: skip
    calls = [
        {
            "id": f"call_{next(_numbers)}",
            "type": "function",
            "function": {"name": "computer", "arguments": json.dumps(action)},
        }
        for action in actions
    ]
    message = {"role": "assistant", "content": text, "reasoning_content": "let me see", "tool_calls": calls or None}
    return Played(
        {
            "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "a-model",
            "choices": [{"index": 0, "message": message, "finish_reason": stop or ("tool_calls" if calls else "stop")}],
            "usage": {"prompt_tokens": 120, "completion_tokens": 7, "total_tokens": 127},
        },
        headers={"x-request-id": "req_1"},
    )  # fmt: skip


def told(received: Received) -> list[tuple[str, bool]]:
    """What a request tells of the calls of the reply before it: the text, and whether it is an error."""
    if received.path.startswith(_PATHS["anthropic"]):
        results = [block for block in received.body["messages"][-1]["content"] if block["type"] == "tool_result"]
        return [(result["content"][0]["text"], result.get("is_error", False)) for result in results]
    last = [message["role"] for message in received.body["messages"]]
    start = len(last) - last[::-1].index("assistant")
    tools = [message["content"] for message in received.body["messages"][start:] if message["role"] == "tool"]
    return [(content.removeprefix("Error: "), content.startswith("Error: ")) for content in tools]
