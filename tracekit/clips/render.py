"""One recording as one video or picture, without a data set around it."""

from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from tracekit.clips.camera import Camera
from tracekit.clips.film import ticks
from tracekit.clips.screen import Screen
from tracekit.core.clock import frames_for
from tracekit.core.events import Event
from tracekit.terminal.painter import Painter

Progress = Callable[[int, int], None]
"""Called with the frames done and the frames in all."""


def render_mp4(events: Sequence[Event], screen: Screen, camera: Camera, file: BinaryIO, progress: Progress) -> int:
    """Write a whole trace as H.264 at a constant 15 FPS; returns the number of frames."""
    total = frames_for(events[-1].time_ns if events else 0)
    for frame, (played, changed) in enumerate(ticks(events, screen, total)):
        if played or frame == 0:
            camera.frame(screen, changed)
        else:
            camera.repeat()
        progress(frame + 1, total)
    camera.finish_into(file)
    return total


def pictures(
    events: Sequence[Event], screen: Screen, painter: Painter, progress: Progress
) -> Iterator[NDArray[np.uint8] | None]:
    """The frames of a trace in exact colours, RGB of shape (height, width, 3); None for one like the frame before.

    Args:
        events: in order of time.
        screen: a terminal as it was before the first event.
        painter: one that paints ``rgb``.
        progress: told after every frame.
    """
    planes = painter.new_planes()
    total = frames_for(events[-1].time_ns if events else 0)
    for frame, (played, changed) in enumerate(ticks(events, screen, total)):
        rows = range(screen.rows) if changed is None or frame == 0 else changed
        painted = (played or frame == 0) and painter.paint(screen, rows, planes)
        yield np.dstack(planes) if painted or frame == 0 else None
        progress(frame + 1, total)


def picture(events: Sequence[Event], screen: Screen, painter: Painter) -> NDArray[np.uint8]:
    """What a terminal shows after these events, in exact colours: RGB of shape (height, width, 3)."""
    screen.play(events)
    planes = painter.new_planes()
    painter.paint(screen, range(screen.rows), planes)
    return np.dstack(planes)
