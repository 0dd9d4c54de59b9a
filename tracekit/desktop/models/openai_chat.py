"""Chat completions with one function tool, through the SDK ``openai``: what self-hosted models are served with.

Of OpenAI's protocols this is the one that vLLM and its like speak, too, tools included; the computer tool of the
Responses API is OpenAI's alone. A tool's answer is text there (vLLM takes no picture in it), so that the screen
follows in a message of the user's.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pydantic import BaseModel, Field, ValidationError

from tracekit.core.errors import Rejected, TracekitError
from tracekit.desktop.models.actions import schema
from tracekit.desktop.models.base import Answer, Call, Reply, Stop
from tracekit.desktop.models.exchange import Key, exchange, parse_json
from tracekit.desktop.models.pictures import encode, forget
from tracekit.desktop.models.scale import Size

_TOOL: Final = "computer"
_STOPS: Final[dict[str, Stop]] = {"length": "cut", "content_filter": "refused"}


class _Function(BaseModel):
    name: str = ""
    arguments: str = ""


class _ToolCall(BaseModel):
    id: str = Field(min_length=1)
    function: _Function


class _Message(BaseModel):
    content: str | None = None
    refusal: str | None = None
    reasoning: str | None = None
    reasoning_content: str | None = None
    """What servers of open models call the thinking: vLLM has had both names."""
    tool_calls: list[_ToolCall] | None = Field(None, max_length=200)


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None


class _Usage(BaseModel):
    prompt_tokens: int = 0
    completion_tokens: int = 0


class _Completion(BaseModel):
    choices: list[_Choice] = Field(min_length=1)
    usage: _Usage | None = None


class OpenAIConversation:
    """A `Conversation` in chat completions."""

    def __init__(
        self,
        *,
        key: Key,
        model: str,
        base_url: str | None,
        space: Size,
        system: str,
        max_tokens: int,
        temperature: float | None,
        keep_pictures: int,
        timeout_s: float,
        max_retries: int,
        extra: Mapping[str, Any],
    ) -> None:
        try:
            import openai
        except ImportError:
            raise TracekitError("the package openai is missing", remedy="pip install 'tracekit[agent]'") from None
        self._sdk, self._key, self._keep_pictures = openai, key, keep_pictures
        self._client = openai.OpenAI(
            api_key=key.reveal(), base_url=base_url, timeout=timeout_s, max_retries=max_retries
        )
        self._messages: list[dict[str, Any]] = [{"role": "system", "content": system}]
        self._request: dict[str, Any] = {
            "model": model,
            "max_completion_tokens": max_tokens,
            "tools": [{"type": "function", "function": _declared(space)}],
            "messages": self._messages,
            "extra_body": dict(extra),
        }
        if temperature is not None:
            self._request["temperature"] = temperature

    @property
    def server(self) -> str:
        """The host that is asked."""
        return str(self._client.base_url.host)

    def begin(self, instruction: str, picture: bytes) -> None:
        """Say what is to be done, and show the screen as a PNG."""
        self._messages.append({"role": "user", "content": [_text(instruction), _picture(picture)]})

    def answer(self, answers: Sequence[Answer]) -> None:
        """Tell what came of each call of the last reply, in their order; then show the pictures."""
        for call, text, _, error in answers:
            content = f"Error: {text}" if error else text
            self._messages.append({"role": "tool", "tool_call_id": call.id, "content": content})
        if pictures := [_picture(answer.picture) for answer in answers if answer.picture]:
            self._messages.append({"role": "user", "content": [_text("The screen now:"), *pictures]})

    def ask(self) -> Reply:
        """Send the conversation, and wait for what the model says next, which then belongs to it.

        Raises:
            Rejected: see `Conversation.ask`.
        """
        forget(self._messages, self._keep_pictures, "image_url")
        create = self._client.chat.completions.with_streaming_response.create
        body, about = exchange(self._sdk, create, self._key, **self._request)
        try:
            completion = _Completion.model_validate(body)
        except ValidationError as error:
            raise Rejected("bad-reply", f"not a completion of the protocol: {error.errors()[0]['loc']}") from None
        choice = completion.choices[0]
        message, usage = choice.message, completion.usage or _Usage()
        calls = [_call(call, self._key) for call in message.tool_calls or ()]
        self._messages.append(_said(message, calls))
        return Reply(
            text=message.content or message.refusal or "",
            thinking=message.reasoning or message.reasoning_content or "",
            calls=calls,
            stop="refused" if message.refusal else _STOPS.get(choice.finish_reason or "", "said"),
            raw=body,
            tokens_in=usage.prompt_tokens,
            tokens_out=usage.completion_tokens,
            about=about,
        )

    def close(self) -> None:
        """Close the connections; a reply that is still awaited ends in an error."""
        self._client.close()


def _call(call: _ToolCall, key: Key) -> Call:
    if call.function.name != _TOOL:
        return Call(call.id, {}, f"there is no function {call.function.name[:50]!r}, only {_TOOL}")
    try:
        return Call(call.id, parse_json(call.function.arguments, key))
    except Rejected:
        return Call(call.id, {}, "the arguments are not a JSON object")


def _said(message: _Message, calls: Sequence[Call]) -> dict[str, Any]:
    """What the model said, to be sent back; arguments that are no JSON are not, as servers stumble over them."""
    said: dict[str, Any] = {"role": "assistant", "content": message.content or ""}
    tool_calls = [
        {
            "id": call.id,
            "type": "function",
            "function": {"name": _TOOL, "arguments": "{}" if judged.problem else call.function.arguments},
        }
        for call, judged in zip(message.tool_calls or (), calls, strict=True)
    ]
    return said | ({"tool_calls": tool_calls} if tool_calls else {})


def _declared(space: Size) -> dict[str, Any]:
    return {
        "name": _TOOL,
        "description": "Use the pointer and the keyboard of the computer whose screen you see. Coordinates are x from "
        f"0 to {space.width_px - 1} from left to right and y from 0 to {space.height_px - 1} from top to bottom.",
        "parameters": schema(),
    }


def _text(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


def _picture(png: bytes) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{encode(png)}"}}
