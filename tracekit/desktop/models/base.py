"""What the policy `agent` needs of a model, whichever protocol it speaks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, Protocol

Stop = Literal["said", "cut", "refused"]
"""Why a reply ends: all was said, the limit of tokens was reached, or the model would not."""


class Call(NamedTuple):
    """Something that the model wants done."""

    id: str
    """What the answer refers to."""
    arguments: Mapping[str, Any]
    """``action`` and what belongs to it, as the model gave them: to be judged by `tracekit.desktop.models.actions`."""
    problem: str = ""
    """Why this is no call that can be judged (no such tool, arguments that are no JSON), '' if it is one."""


@dataclass(frozen=True)
class Reply:
    """One answer of the model."""

    text: str
    """What it says aloud: its reasons, or at the end whether it is done."""
    thinking: str
    """What it thought before, where the API tells."""
    calls: Sequence[Call]
    stop: Stop
    raw: dict[str, Any]
    """The JSON as it came, the key taken out."""
    tokens_in: int = 0
    tokens_out: int = 0
    about: Mapping[str, Any] = field(default_factory=dict)
    """Of the exchange: the server's id for the request, how often it was tried again."""


class Answer(NamedTuple):
    """What came of a call."""

    call: Call
    text: str
    picture: bytes | None = None
    """A PNG; none goes with an error."""
    error: bool = False


class Conversation(Protocol):
    """One task, talked about with a model. The conversation is kept here: servers keep nothing."""

    @property
    def server(self) -> str:
        """The host that is asked."""

    def begin(self, instruction: str, picture: bytes) -> None:
        """Say what is to be done, and show the screen as a PNG."""

    def answer(self, answers: Sequence[Answer]) -> None:
        """Tell what came of each call of the last reply, in their order."""

    def ask(self) -> Reply:
        """Send the conversation, and wait for what the model says next, which then belongs to it.

        Raises:
            Rejected: ``api-error``, an error of the API or of the network after all that the SDK tried again;
                ``bad-reply``, an answer that is not of the protocol.
        """

    def close(self) -> None:
        """Close the connections; a reply that is still awaited ends in an error."""
