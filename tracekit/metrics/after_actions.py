"""Which frames come right after an action: those of SSIM+15, LPIPS+15 and FVD+15.

The paper (appendix B.3): each action's time is mapped to the frame ``f = round(time * fps)``, clamped to those there
are; the action's frame itself is skipped, and the next 15, ``f + 1`` to ``f + 15``, are taken as far as there are any;
of several actions the union, in order of time. Clips without actions, or with no frame after them, are left out. SSIM
and LPIPS are means over these frames and then over clips; FVD sees them one after the other as one clip.

By the one clock of tracekit an action at t can first be seen in frame ``ceil(t * 15)``; the 15 frames from that one on
are the window of the rule ``clock``. The paper's nearest frame is the same one or the one before it, so that its window
begins with that frame or passes over it.
"""

from collections.abc import Iterable
from fractions import Fraction
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tracekit.actions.counts import action_times_ns
from tracekit.actions.events import load_inputs
from tracekit.actions.keystrokes import keystrokes
from tracekit.core.clock import FPS, NS_PER_S, frame_of
from tracekit.metrics.frames import Pair
from tracekit.shards.events import load_events

WINDOW_FRAMES = 15
Rule = Literal["paper", "clock"]


def after_actions(pair: Pair, times_ns: Iterable[int], rule: Rule = "paper") -> Pair | None:
    """The frames of a pair that come after actions; None where there are none, and the clip is to be left out.

    Args:
        pair: of every frame of the clock.
        times_ns: of the actions, from the clip's start.
        rule: the paper's, or that of the one clock.
    """
    chosen = pair.take(frames_after_actions(times_ns, pair.frames, rule))
    return chosen if len(chosen.numbers) else None


def frames_after_actions(times_ns: Iterable[int], frames: int, rule: Rule = "paper") -> NDArray[np.int64]:
    """Numbers of the frames that come after actions, ascending, each once; shape (n,), n from 0 to ``frames``.

    Args:
        times_ns: of the actions, from the clip's start, not negative.
        frames: that the clip has.
        rule: the paper's, or that of the one clock.
    """
    after = np.zeros(frames, np.bool_)
    for time_ns in times_ns:
        first = frame_of(time_ns) if rule == "clock" else min(_nearest(time_ns), frames - 1) + 1
        after[first : first + WINDOW_FRAMES] = True
    return np.flatnonzero(after)


def sample_action_times_ns(kind: str, events: bytes) -> list[int]:
    """When the actions of a sample were done, in nanoseconds from its start, ascending.

    An action is what docs/actions.md counts as one: a press of a button or a key, a notch of the wheel. Of a terminal
    they are the keystrokes that its input can be traced to.

    Args:
        kind: of the sample, terminal or desktop.
        events: its ``events.jsonl``.

    Raises:
        TracekitError: the events can't be read.
    """
    if kind == "desktop":
        return action_times_ns(load_inputs(events))
    return action_times_ns(keystrokes(load_events(events)).events)


def _nearest(time_ns: int) -> int:
    """The paper's ``round(time * fps)``; of two that are as near, the even one, as Python rounds."""
    return round(Fraction(time_ns * FPS, NS_PER_S))
