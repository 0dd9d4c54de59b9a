"""When a desktop is ready: its programs have drawn their windows, the picture rests, and nothing in it is at work.

None alone will do: the picture rests for a moment before the panel comes, and a window is there before it is drawn. How
loaded the machine is makes no difference, as a program that waits for a processor is at work.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from Xlib import X, Xatom
from Xlib.display import Display
from Xlib.error import XError

from tracekit.desktop.framebuffer import FrameBuffer

STILL_S = 0.3
_LOOKS = 8
"""At least so many within that time."""
_CALM = 0.15
"""Processors in use, over that time, that count as none."""
_POLL_S = 0.02
_SHOWN = {"xfce4-panel": "Xfce4-panel", "xfdesktop": "Xfdesktop"}
"""Programs that show a window, and the class that it bears."""

Pixels = NDArray[np.uint32]


def lacking(display: Display, picture: Pixels) -> list[str]:
    """The programs of the session that are not up yet, by EWMH and the XSETTINGS specification.

    Args:
        display: the desktop's X server.
        picture: (height, width), what it shows.
    """
    root = display.screen().root
    lacks = []
    if root.get_full_property(display.intern_atom("_NET_SUPPORTING_WM_CHECK"), Xatom.WINDOW) is None:
        lacks.append("xfwm4")
    if display.get_selection_owner(display.intern_atom("_XSETTINGS_S0")) == X.NONE:
        lacks.append("xfsettingsd")
    listed = root.get_full_property(display.intern_atom("_NET_CLIENT_LIST"), Xatom.WINDOW)
    drawn = set()
    for window_id in listed.value if listed else ():
        window = display.create_resource_object("window", int(window_id))
        try:
            name = window.get_wm_class()
            if name and window.get_attributes().map_state == X.IsViewable:
                size, corner = window.get_geometry(), root.translate_coords(window, 0, 0)
                left, top = max(corner.x, 0), max(corner.y, 0)
                pixels = picture[top : corner.y + size.height, left : corner.x + size.width]
                if pixels.size and (pixels != pixels[0, 0]).any():
                    drawn.add(name[1])
        except XError:  # it has gone
            continue
    return lacks + [program for program, name in _SHOWN.items() if name not in drawn]


def await_ready(
    display: Display, framebuffer: FrameBuffer, ask_work: Callable[[], Mapping[str, Any]], limit_s: float
) -> str:
    """Wait until a desktop is ready.

    Args:
        display: its X server.
        framebuffer: what that shows.
        ask_work: asks the agent for ``work``.
        limit_s: how long to wait at most.

    Returns:
        What was lacking when that time was over; '' for one that is ready.

    Raises:
        TracekitError: it is gone.
    """
    until = time.monotonic() + limit_s
    picture = np.zeros((framebuffer.height_px, framebuffer.width_px), np.uint32)
    pixels = picture.data.cast("B")
    framebuffer.read_into(pixels)
    before, since, looks, had_s, why = picture.copy(), 0.0, 0, 0.0, ""
    while (now := time.monotonic()) < until:
        if not np.array_equal(picture, before):
            before, looks, why = picture.copy(), 0, "its picture changes"
        elif lacks := lacking(display, picture):
            looks, why = 0, f"{', '.join(lacks)} lacking"
        elif (work := ask_work())["busy"] or (looks and work["cpu_s"] - had_s > _CALM * STILL_S):
            looks, why = 0, f"{', '.join(work['busy']) or 'something'} at work"
        else:
            if not looks:
                since, had_s = now, work["cpu_s"]
            looks += 1
            if looks >= _LOOKS and now - since >= STILL_S:
                return ""
        time.sleep(_POLL_S)
        framebuffer.read_into(pixels)
    return why
