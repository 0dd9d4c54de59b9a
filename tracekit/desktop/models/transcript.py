"""What was said and done, as ``task.json`` keeps it: bounded, and without pictures, as the video has them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from tracekit.core.clock import frame_of
from tracekit.desktop.models.base import Answer, Reply

MAX_BYTES: Final = 4 << 20
"""Of all replies of a trace."""


@dataclass
class Done:
    """One call of the model, and what came of it."""

    answer: Answer
    begun_ns: int
    done_ns: int
    times_ns: list[int] = field(default_factory=list)
    """When the X server took each input that it was made of."""
    pictured_ns: int | None = None
    """When the picture was taken that the model was shown in answer, if one was."""

    def to_json(self) -> dict[str, Any]:
        """Times are nanoseconds of the trace's clock; ``frame`` is the first that shows what the picture showed."""
        return {
            "id": self.answer.call.id,
            "arguments": dict(self.answer.call.arguments),
            "begun_ns": self.begun_ns,
            "done_ns": self.done_ns,
            "inputs": len(self.times_ns),
            "first_input_ns": self.times_ns[0] if self.times_ns else None,
            "last_input_ns": self.times_ns[-1] if self.times_ns else None,
            "succeeded": not self.answer.error,
            "told": self.answer.text,
            "frame": None if self.pictured_ns is None else frame_of(self.pictured_ns),
        }


@dataclass
class Step:
    """One request and its reply, with what was done of it."""

    asked_ns: int
    replied_ns: int | None = None
    reply: Reply | None = None
    problem: str = ""
    """Why there is no reply."""
    actions: list[Done] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """The reply is kept whole, as it came; text and thinking stand beside it for those who want only those."""
        step: dict[str, Any] = {"asked_ns": self.asked_ns, "replied_ns": self.replied_ns}
        if self.problem:
            step["problem"] = self.problem
        if (reply := self.reply) is not None:
            step |= {"request": dict(reply.about), "text": reply.text, "thinking": reply.thinking, "stop": reply.stop}
            step |= {"tokens_in": reply.tokens_in, "tokens_out": reply.tokens_out, "reply": reply.raw}
        return step | {"actions": [done.to_json() for done in self.actions]}


@dataclass
class Transcript:
    """Of one run."""

    about: Mapping[str, Any]
    """What holds for all of it: model, instruction, sizes."""
    first_picture_ns: int | None = None
    steps: list[Step] = field(default_factory=list)
    bytes: int = 0
    """Of the replies so far."""

    def begin_step(self, asked_ns: int) -> Step:
        """A request is about to be sent."""
        self.steps.append(Step(asked_ns))
        return self.steps[-1]

    def add_reply(self, step: Step, reply: Reply, replied_ns: int) -> bool:
        """Keep a reply; False if that is more than is kept of one trace."""
        self.bytes += len(json.dumps(reply.raw))
        if self.bytes > MAX_BYTES:
            return False
        step.reply, step.replied_ns = reply, replied_ns
        return True

    def to_json(self, ended: str, claimed: str) -> dict[str, Any]:
        """``task.json``.

        Args:
            ended: why the run is over, by name.
            claimed: what the model says of its success: done, impossible, or ''.
        """
        replies = [step.reply for step in self.steps if step.reply is not None]
        return {
            **self.about,
            "ended": ended,
            "claimed": claimed,
            "first_frame": None if self.first_picture_ns is None else frame_of(self.first_picture_ns),
            "usage": {
                "requests": len(self.steps),
                "tokens_in": sum(reply.tokens_in for reply in replies),
                "tokens_out": sum(reply.tokens_out for reply in replies),
            },
            "steps": [step.to_json() for step in self.steps],
        }
