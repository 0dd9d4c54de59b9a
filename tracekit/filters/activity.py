"""Clips in which too little happens, or too much to be followed."""

from collections.abc import Iterator
from typing import Any

from pydantic import Field

from tracekit.filters.base import Candidate, ClipFilter
from tracekit.shards.sample import Decision

Bound = int | None


class Activity(ClipFilter):
    """Reject clips with a count outside its bounds; null is no bound.

    Events are all that was recorded beside the pictures: of a terminal outputs and keystrokes, of a desktop what was
    done with pointer and keyboard. Keys are keystrokes, of a desktop presses of keys.
    """

    min_events: Bound = Field(1, ge=0, description="Events of a clip")
    max_events: Bound = Field(None, ge=0)
    min_changed_frames: Bound = Field(1, ge=0, description="Frames that differ from the one before")
    max_changed_frames: Bound = Field(None, ge=0, description="A clip of 75 frames has at most 74")
    min_keys: Bound = Field(None, ge=0, description="Keys typed: 1 asks for clips in which somebody types")
    max_keys: Bound = Field(None, ge=0)

    def judge(self, candidate: Candidate) -> Decision:
        """Score: the count that is out of its bounds, with that bound as threshold; else the changed frames."""
        for what, count, least, most in self._counts(candidate.sample):
            bound = (
                least if least is not None and count < least else most if most is not None and count > most else None
            )
            if bound is not None:
                reason = f"{count} {what}"
                return Decision(filter="activity", keep=False, score=count, threshold=bound, reason=reason)
        changed = int(candidate.sample["statistics"]["changed_frames"])
        return Decision(filter="activity", keep=True, score=changed, threshold=self.min_changed_frames)

    def _counts(self, sample: dict[str, Any]) -> Iterator[tuple[str, int, Bound, Bound]]:
        statistics = sample["statistics"]
        inputs, outputs, keys = (statistics.get(name) for name in ("inputs", "outputs", "keys"))
        yield "events", int(inputs) + int(outputs or 0), self.min_events, self.max_events
        changed = int(statistics["changed_frames"])
        yield "frames that differ from the one before", changed, self.min_changed_frames, self.max_changed_frames
        yield "keys typed", int(inputs if keys is None else keys), self.min_keys, self.max_keys
