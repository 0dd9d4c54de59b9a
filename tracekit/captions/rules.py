"""Captions by rules, without a model: everything they say is read off the text grid and the keystrokes."""

from collections.abc import Callable, Iterator
from typing import Any

from tracekit.captions.base import ClipView
from tracekit.captions.compose import Sentence, Voice, compose, grounded
from tracekit.captions.detailed import detailed
from tracekit.captions.regular import regular
from tracekit.captions.scene import Scene, scene_of
from tracekit.captions.semantic import semantic
from tracekit.shards.sample import Captions

_TIERS: dict[str, tuple[Callable[[Scene, Voice], Iterator[Sentence]], float]] = {
    "semantic": (semantic, 62),
    "regular": (regular, 62),
    "detailed": (detailed, 90),
}
"""What may be said in each tier, and how many words have room, on average.

The paper's captions have 55, 52 and 76 words on average (Neural Computers, Table 3); many clips have less to tell than
there is room for.
"""


class RuleCaptioner:
    """Three grounded tiers; whatever stands in backticks stands on the screen or in the keystrokes."""

    version = "rules/2"

    def caption(self, clip: ClipView) -> Captions:
        """Describe a clip; see `tracekit.captions.base.Captioner`."""
        scene = scene_of(clip)
        evidence = _evidence(clip)
        captions: dict[str, Any] = {"captioner": self.version}
        for tier, (write, words) in _TIERS.items():
            voice = Voice(f"{clip.key} {tier}")
            captions[tier] = compose(grounded(write(scene, voice), evidence), voice.length(words))
        return Captions(**captions)


def _evidence(clip: ClipView) -> str:
    """Every line that any frame shows, and all that was typed, a line each."""
    frames = {screen: frame for frame, screen in enumerate(clip.grid.frame_screens.tolist())}.values()
    lines = dict.fromkeys(line for frame in frames for line in clip.grid.lines(frame))
    return "\n".join([*lines, "".join(event.data for event in clip.events if event.code == "i")])
