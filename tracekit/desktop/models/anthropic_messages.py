"""Anthropic's Messages API with its computer-use tool, through the SDK ``anthropic``.

Source: the computer-use tool's documentation and the SDK's types. Three versions of the tool are known: two beta ones
(one tool ``computer`` that is told the picture's size, its ``action`` among the arguments) and the toolset (a tool an
action, and no size: coordinates are the screenshot's).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from pydantic import BaseModel, Field, ValidationError

from tracekit.core.errors import Rejected, TracekitError
from tracekit.desktop.models.base import Answer, Call, Reply, Stop
from tracekit.desktop.models.exchange import Key, exchange
from tracekit.desktop.models.pictures import encode, forget
from tracekit.desktop.models.scale import Size

Tool = Literal["computer_20250124", "computer_20251124", "computer_toolset_20260801"]
_BETAS: Final = {
    "computer_20250124": "computer-use-2025-01-24",
    "computer_20251124": "computer-use-2025-11-24",
}
_TOOLSET: Final = "computer"
_STOPS: Final[dict[str, Stop]] = {
    "max_tokens": "cut",
    "model_context_window_exceeded": "cut",
    "refusal": "refused",
}


class _Usage(BaseModel):
    input_tokens: int = 0
    cache_creation_input_tokens: int | None = 0
    cache_read_input_tokens: int | None = 0
    output_tokens: int = 0


class _Block(BaseModel):
    type: str
    text: str = ""
    thinking: str = ""
    id: str = ""
    name: str = ""
    input: Any = None


class _Message(BaseModel):
    content: list[dict[str, Any]] = Field(max_length=200)
    stop_reason: str | None
    usage: _Usage = _Usage()


class AnthropicConversation:
    """A `Conversation` in Anthropic's protocol."""

    def __init__(
        self,
        *,
        key: Key,
        model: str,
        base_url: str | None,
        tool: Tool,
        picture: Size,
        system: str,
        max_tokens: int,
        temperature: float | None,
        keep_pictures: int,
        timeout_s: float,
        max_retries: int,
        extra: Mapping[str, Any],
    ) -> None:
        try:
            import anthropic
        except ImportError:
            raise TracekitError("the package anthropic is missing", remedy="pip install 'tracekit[agent]'") from None
        self._sdk, self._key, self._keep_pictures = anthropic, key, keep_pictures
        self._client = anthropic.Anthropic(
            api_key=key.reveal(), base_url=base_url, timeout=timeout_s, max_retries=max_retries
        )
        self._toolset = tool not in _BETAS
        self._messages: list[dict[str, Any]] = []
        self._request: dict[str, Any] = {
            "model": model,
            "max_tokens": max_tokens,
            "system": system,
            "tools": [_declared(tool, picture)],
            "messages": self._messages,
            # Not all versions of the SDK have a parameter for the temperature, as newer models take none.
            "extra_body": dict(extra) | ({} if temperature is None else {"temperature": temperature}),
        }
        if not self._toolset:
            self._request["betas"] = [_BETAS[tool]]

    @property
    def server(self) -> str:
        """The host that is asked."""
        return str(self._client.base_url.host)

    def begin(self, instruction: str, picture: bytes) -> None:
        """Say what is to be done, and show the screen as a PNG."""
        self._messages.append({"role": "user", "content": [_text(instruction), _picture(picture)]})

    def answer(self, answers: Sequence[Answer]) -> None:
        """Tell what came of each call of the last reply, in their order."""
        self._messages.append({"role": "user", "content": [self._result(answer) for answer in answers]})

    def ask(self) -> Reply:
        """Send the conversation, and wait for what the model says next, which then belongs to it.

        Raises:
            Rejected: see `Conversation.ask`.
        """
        forget(self._messages, self._keep_pictures, "image")
        create = self._client.beta.messages.with_streaming_response.create
        body, about = exchange(self._sdk, create, self._key, **self._request)
        try:
            message = _Message.model_validate(body)
            blocks = [_Block.model_validate(block) for block in message.content]
        except ValidationError as error:
            raise Rejected("bad-reply", f"not a message of the protocol: {error.errors()[0]['loc']}") from None
        calls = [self._call(block) for block in blocks if block.type == "tool_use"]
        if message.content:
            self._messages.append({"role": "assistant", "content": message.content})
        usage = message.usage
        cached = (usage.cache_creation_input_tokens or 0) + (usage.cache_read_input_tokens or 0)
        return Reply(
            text="\n".join(block.text for block in blocks if block.type == "text"),
            thinking="\n".join(block.thinking for block in blocks if block.type == "thinking"),
            calls=calls,
            stop=_STOPS.get(message.stop_reason or "", "said"),
            raw=body,
            tokens_in=usage.input_tokens + cached,
            tokens_out=usage.output_tokens,
            about=about,
        )

    def close(self) -> None:
        """Close the connections; a reply that is still awaited ends in an error."""
        self._client.close()

    def _call(self, block: _Block) -> Call:
        if not block.id:
            raise Rejected("bad-reply", "a tool_use without an id")
        arguments = block.input if isinstance(block.input, dict) else {}
        if arguments is not block.input:
            return Call(block.id, arguments, "the input is not an object")
        if self._toolset:
            return Call(block.id, arguments | {"action": block.name})
        problem = "" if block.name == "computer" else f"there is no tool {block.name[:50]!r}, only computer"
        return Call(block.id, arguments, problem)

    def _result(self, answer: Answer) -> dict[str, Any]:
        content = [_text(answer.text)] + ([_picture(answer.picture)] if answer.picture else [])
        result: dict[str, Any] = {"type": "tool_result", "tool_use_id": answer.call.id, "content": content}
        if answer.error:
            result["is_error"] = True
        return result | ({"toolset_name": _TOOLSET} if self._toolset else {})


def _declared(tool: Tool, picture: Size) -> dict[str, Any]:
    if tool not in _BETAS:
        return {"type": tool}
    declared = {"type": tool, "name": "computer", "display_width_px": picture.width_px}
    declared["display_height_px"] = picture.height_px
    return declared | ({"enable_zoom": True} if tool == "computer_20251124" else {})


def _text(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


def _picture(png: bytes) -> dict[str, Any]:
    return {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": encode(png)}}
