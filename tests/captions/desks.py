"""Clips of desktops to caption."""

from collections.abc import Sequence

import numpy as np
from actions.logs import places, track
from numpy.typing import NDArray

from tracekit.actions.cursor_track import CursorTrack
from tracekit.actions.events import InputEvent
from tracekit.actions.windows import WindowLine, WindowsAt
from tracekit.captions.base import DesktopView
from tracekit.core.clock import CLIP_FRAMES, NS_PER_S
from tracekit.desktop.describe import describe_desktop

WIDTH, HEIGHT = 1024, 768


def window(title: str, program: str, *, number: int = 1, active: bool = True, x: int = 0, y: int = 0) -> WindowLine:
    return WindowLine(id=number, title=title, program=program, x=x, y=y, width_px=600, height_px=400, active=active)


def desk(
    events: Sequence[InputEvent],
    windows: Sequence[WindowsAt] = (),
    *,
    key: str = "desk_0000",
    cursor: CursorTrack | None = None,
    instruction: str | None = None,
) -> DesktopView:
    cursor = cursor or track(places(events, CLIP_FRAMES))
    statistics = describe_desktop(events, cursor, np.zeros(cursor.frames, np.bool_), 5 * NS_PER_S)
    return DesktopView(
        key,
        events,
        cursor,
        windows,
        {
            "geometry": {"screen_width_px": WIDTH, "screen_height_px": HEIGHT},
            "statistics": statistics.model_dump(),
            "captions": {"instruction": instruction} if instruction else {},
        },
    )


def picture(height: int, width: int) -> NDArray[np.uint8]:
    """A cursor's outline: opaque, with a transparent border."""
    found = np.zeros((height + 4, width + 4, 4), np.uint8)
    found[2:-2, 2:-2] = 255
    return found
