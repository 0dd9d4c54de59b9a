"""Captions by rules, without a model: everything they say is read off what was recorded beside the pictures.

Of a terminal that is the text grid and the keystrokes; of a desktop the events, the cursor and the windows.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tracekit.captions import desktop_quoting, desktop_scene, desktop_semantic
from tracekit.captions.base import ClipView, DesktopView
from tracekit.captions.compose import Sentence, Voice, compose, grounded
from tracekit.captions.detailed import detailed
from tracekit.captions.regular import regular
from tracekit.captions.scene import scene_of
from tracekit.captions.semantic import semantic
from tracekit.shards.sample import Captions

_Tiers = Mapping[str, tuple[Callable[[Any, Voice], Iterable[Sentence]], float]]
_TERMINAL: _Tiers = {"semantic": (semantic, 62), "regular": (regular, 62), "detailed": (detailed, 90)}
"""What may be said in each tier, and how many words have room, on average.

The paper's captions have 55, 52 and 76 words on average (Neural Computers, Table 3); many clips have less to tell than
there is room for.
"""
_DESKTOP: _Tiers = {
    "semantic": (desktop_semantic.semantic, 57),
    "regular": (desktop_quoting.regular, 57),
    "detailed": (desktop_quoting.detailed, 78),
}


class RuleCaptioner:
    """Three grounded tiers; whatever stands in backticks stands on the screen, in a window's title or was typed."""

    version = "rules/3"

    def caption(self, clip: ClipView | DesktopView) -> Captions:
        """Describe a clip; see `tracekit.captions.base.Captioner`."""
        scene: Any
        if isinstance(clip, DesktopView):
            tiers, scene, evidence = _DESKTOP, desktop_scene.scene_of(clip), _desktop_evidence(clip)
        else:
            tiers, scene, evidence = _TERMINAL, scene_of(clip), _evidence(clip)
        captions: dict[str, Any] = {"captioner": self.version}
        for tier, (write, words) in tiers.items():
            voice = Voice(f"{clip.key} {tier}")
            captions[tier] = compose(grounded(write(scene, voice), evidence), voice.length(words))
        return Captions(**captions)


def _evidence(clip: ClipView) -> str:
    """Every line that any frame shows, and all that was typed, a line each."""
    frames = {screen: frame for frame, screen in enumerate(clip.grid.frame_screens.tolist())}.values()
    lines = dict.fromkeys(line for frame in frames for line in clip.grid.lines(frame))
    return "\n".join([*lines, "".join(event.data for event in clip.events if event.code == "i")])


def _desktop_evidence(clip: DesktopView) -> str:
    """The title of every window, and all that was typed, a line each."""
    titles = dict.fromkeys(window.title for at in clip.windows for window in at.windows)
    return "\n".join([*titles, "".join(event.text for event in clip.events if event.text.isprintable())])
