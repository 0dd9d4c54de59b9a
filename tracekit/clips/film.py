"""Plays a trace through a terminal once, and films its clips as they come by."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

from tracekit.clips.camera import Camera
from tracekit.clips.fit_time import FittedTime
from tracekit.clips.screen import Screen
from tracekit.core.clock import frame_of
from tracekit.core.events import Event
from tracekit.terminal.grid import Grid, GridBuilder


@dataclass(frozen=True)
class Film:
    """A clip as it was filmed."""

    time: FittedTime
    video: bytes
    """MP4."""
    grid: Grid


def film(
    events: Sequence[Event], clips: Sequence[FittedTime], screen: Screen, open_camera: Callable[[int], Camera]
) -> Iterator[Film]:
    """Film the clips of a trace.

    Args:
        events: of the trace, in order of time.
        clips: what to film, by ascending start; they may overlap.
        screen: a terminal as it was before the first event.
        open_camera: gives a camera by number, from 0: as many as there are clips that overlap.

    Yields:
        The clips, in the order in which they end.
    """
    running: list[_Take] = []
    free: list[Camera] = []
    waiting = list(reversed(clips))
    total = max((clip.segment.end for clip in clips), default=0)
    for frame, (played, changed) in enumerate(ticks(events, screen, total)):
        while waiting and waiting[-1].segment.start == frame:
            running.append(_Take(waiting.pop(), free.pop() if free else open_camera(len(running))))
        for take in running:
            take.frame(screen, frame, played, changed)
        for take in [take for take in running if take.time.segment.end == frame + 1]:
            running.remove(take)
            free.append(take.camera)
            yield take.cut(screen)


def ticks(events: Sequence[Event], screen: Screen, total: int) -> Iterator[tuple[bool, Collection[int] | None]]:
    """Play a trace frame by frame, by the clock rule.

    Args:
        events: in order of time.
        screen: a terminal as it was before the first event.
        total: how many frames.

    Yields:
        For each frame, with the screen as it shows it: whether anything happened since the frame before, and which rows
        may have changed (None: all of them, and the size).
    """
    position = 0
    for frame in range(total):
        first = position
        while position < len(events) and frame_of(events[position].time_ns) <= frame:
            position += 1
        if position > first:
            yield True, screen.play(events[first:position])
        else:
            yield False, ()


class _Take:
    """A clip being filmed."""

    def __init__(self, time: FittedTime, camera: Camera) -> None:
        self.time, self.camera = time, camera
        self._grid = GridBuilder()
        self._next = 0
        self._played = True
        self._changed: set[int] | None = None

    def frame(self, screen: Screen, frame: int, played: bool, changed: Collection[int] | None) -> None:
        """See trace frame ``frame``, and record it as often as the clip shows it.

        Args:
            screen: as it is at that frame.
            frame: its number, one more than at the last call.
            played: whether anything happened since the frame before.
            changed: rows that may differ from the frame before; None for all.
        """
        self._played |= played
        if changed is None:
            self._changed = None
        elif self._changed is not None:
            self._changed.update(changed)
        shown = self.time.shown
        while self._next < len(shown) and shown[self._next] == frame:
            if self._played:
                self.camera.frame(screen, self._changed)
            else:
                self.camera.repeat()
            self._grid.frame(screen.grid, self._changed, screen.cursor)
            self._played, self._changed = False, set()
            self._next += 1

    def cut(self, screen: Screen) -> Film:
        """End it."""
        grid = self._grid.build(screen.styles, screen.clusters)
        return Film(self.time, self.camera.finish(), grid)
