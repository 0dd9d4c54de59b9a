"""All that the three tiers of a desktop's captions draw on, looked up once a clip."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tracekit.actions.cursor_track import HIDDEN, CursorTrack
from tracekit.actions.windows import WindowLine, WindowsAt
from tracekit.captions.base import DesktopView
from tracekit.captions.deeds import Deed, deeds_of, windows_at
from tracekit.core.clock import FPS, frame_time_ns

_OPAQUE = 128


@dataclass(frozen=True)
class DesktopScene:
    """A clip of a desktop, and what is known of it."""

    deeds: Sequence[Deed]
    cursor: CursorTrack
    windows: Sequence[WindowsAt]
    width_px: int
    """Of the screen."""
    height_px: int
    instruction: str
    """What the task is; '' where there is none."""
    actions: int
    changed_frames: int

    @property
    def frames(self) -> int:
        """How many."""
        return self.cursor.frames

    @property
    def first(self) -> tuple[WindowLine, ...]:
        """The windows at the start."""
        return windows_at(self.windows, 0)

    @property
    def last(self) -> tuple[WindowLine, ...]:
        """The windows at the end."""
        return windows_at(self.windows, frame_time_ns(self.frames - 1))

    @cached_property
    def opened(self) -> list[WindowLine]:
        """Windows that were not there at the start, as they first are."""
        known = {identity(window) for window in self.first}
        found: dict[int | str, WindowLine] = {}
        for at in self.windows:
            for window in at.windows:
                if identity(window) not in known and window.title:
                    found.setdefault(identity(window), window)
        return list(found.values())

    @property
    def closed(self) -> list[WindowLine]:
        """Windows that are not there any more."""
        left = {identity(window) for window in self.last}
        return [window for window in self.first if identity(window) not in left]

    @cached_property
    def travel_px(self) -> float:
        """How far the pointer goes in all, from frame to frame."""
        x, y = np.diff(self.cursor.positions.astype(np.float64), axis=0).T
        return round(float(np.hypot(x, y).sum()), 3)

    @property
    def seconds(self) -> float:
        """Of the clip."""
        return self.frames / FPS

    @cached_property
    def shapes(self) -> list[str]:
        """What the cursor looks like, in the order in which the shapes are first seen: arrow, text, resize, other."""
        seen = dict.fromkeys(shape for shape in self.cursor.shapes.tolist() if shape != HIDDEN)
        return list(dict.fromkeys(_shape(self.cursor, shape) for shape in seen))

    @property
    def still_s(self) -> float:
        """Seconds from the last deed or movement to the end."""
        moves = np.flatnonzero(np.any(np.diff(self.cursor.positions, axis=0) != 0, axis=1))
        moved_s = (int(moves[-1]) + 1) / FPS if len(moves) else 0.0
        return max(self.seconds - max([moved_s, *(deed.end_ns / 1e9 for deed in self.deeds)]), 0.0)


def scene_of(view: DesktopView) -> DesktopScene:
    """Look a clip over."""
    geometry, statistics = view.sample["geometry"], view.sample["statistics"]
    return DesktopScene(
        deeds=deeds_of(view.events, view.windows),
        cursor=view.cursor,
        windows=view.windows,
        width_px=int(geometry["screen_width_px"]),
        height_px=int(geometry["screen_height_px"]),
        instruction=(view.sample.get("captions") or {}).get("instruction") or "",
        actions=int(statistics["actions"]),
        changed_frames=int(statistics["changed_frames"]),
    )


def _shape(cursor: CursorTrack, number: int) -> str:
    """What a picture of a cursor is, by its outline and its hotspot: themes differ in all else.

    An arrow has its hotspot in a corner. Others have it in the middle: what marks text is thin and tall, what resizes
    to the sides is wide.
    """
    rows, columns = np.nonzero(cursor.images[number][:, :, 3] >= _OPAQUE)
    if not len(rows):
        return "other"
    top, left = int(rows.min()), int(columns.min())
    height, width = int(rows.max()) - top + 1, int(columns.max()) - left + 1
    x, y = cursor.hotspots[number].tolist()
    across, down = (x - left) / width, (y - top) / height
    if across < 0.25 and down < 0.25:
        return "arrow"
    if 0.3 < across < 0.7 and 0.3 < down < 0.7:
        if height >= 1.8 * width:
            return "text"
        if width >= 1.4 * height:
            return "resize"
    return "other"


def identity(window: WindowLine) -> int | str:
    """What tells a window from others; where its number was not recorded, the title has to do."""
    return window.id or window.title
