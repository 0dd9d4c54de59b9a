"""What there is to click, type into, scroll and drag on a desktop."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple, get_args

from tracekit.core.errors import TracekitError
from tracekit.desktop.policies.base import Desktop, Window
from tracekit.desktop.policies.pointer_path import Point, Screen

Sort = Literal["title", "content", "text", "widget", "menu", "panel", "desktop"]
SORTS: tuple[Sort, ...] = get_args(Sort)

_TITLE_PX = 24
"""How high the part of a window's frame is by which it is dragged."""
_BUTTONS_PX = 110
"""What is left out at the right of a title bar: there a window is closed."""
_BORDER_PX = 6
_LEAST_PX = 12
"""Less than this is not worth aiming at."""
_SHELL = {"xfce4-panel": "panel", "xfdesktop": "desktop"}
_ROLES: dict[str, Sort] = {
    "check box": "widget",
    "combo box": "widget",
    "menu": "menu",
    "page tab": "widget",
    "push button": "widget",
    "radio button": "widget",
    "slider": "widget",
    "table cell": "widget",
    "terminal": "text",
    "text": "text",
    "toggle button": "widget",
}
"""What the accessibility tree calls things, of those that are worth a click."""


class Target(NamedTuple):
    """A box on the screen with something in it."""

    sort: Sort
    x: int
    """Of its left edge, screen pixels."""
    y: int
    width_px: int
    height_px: int
    window: int = -1
    """Number of the window that it is part of, from the bottom of the stack; -1: of none that can be moved."""

    def nearest(self, at: Point) -> Point:
        """The place in it that is nearest to another one."""
        return Point(
            min(max(at.x, self.x), self.x + self.width_px - 1), min(max(at.y, self.y), self.y + self.height_px - 1)
        )


def find_targets(desktop: Desktop) -> list[Target]:
    """The targets of a desktop as it stands: parts of its windows, and what the accessibility tree says is in them.

    Where programs say nothing of their widgets, the windows have to do.

    Raises:
        TracekitError: the desktop is gone.
    """
    screen = Screen(desktop.width_px, desktop.height_px)
    windows = desktop.windows()
    try:
        nodes = desktop.ask("find", role=f"^({'|'.join(_ROLES)})$")
    except TracekitError:
        nodes = []
    found = [*targets_of(windows), *widgets_of(nodes, windows)]
    return [seen for target in found if (seen := clipped(target, screen)) is not None]


def targets_of(windows: Sequence[Window]) -> list[Target]:
    """The parts of windows, which are listed from the bottom of the stack to its top. Some may be off the screen."""
    found = []
    for number, window in enumerate(windows):
        shell = _SHELL.get(window.program.lower())
        if shell == "panel":
            found.append(Target("panel", window.x, window.y, window.width_px, window.height_px))
        elif shell is None:
            wide_px, border_px = window.width_px, _BORDER_PX
            found += [
                Target("title", window.x + 30, window.y - _TITLE_PX, wide_px - _BUTTONS_PX - 30, _TITLE_PX - 4, number),
                Target(
                    "content",
                    window.x + border_px,
                    window.y + border_px,
                    wide_px - 2 * border_px,
                    window.height_px - 2 * border_px,
                    number,
                ),
            ]
    return found


def widgets_of(nodes: Iterable[Mapping[str, Any]], windows: Sequence[Window]) -> list[Target]:
    """The widgets of windows, as the agent's ``find`` gives them: each has a role, a window and what is seen of it."""
    numbers = {window.title: number for number, window in enumerate(windows) if window.program.lower() not in _SHELL}
    found = []
    for node in nodes:
        if node["role"] in _ROLES and node["window"] in numbers and not node["popup"]:
            x, y, width_px, height_px = node["seen"]
            found.append(Target(_ROLES[node["role"]], x, y, width_px, height_px, numbers[node["window"]]))
    return found


def clipped(target: Target, screen: Screen) -> Target | None:
    """The part of a target that is on the screen; None if that is too little to aim at."""
    left, top = max(target.x, 0), max(target.y, 0)
    right = min(target.x + target.width_px, screen.width_px)
    bottom = min(target.y + target.height_px, screen.height_px)
    if min(right - left, bottom - top) < _LEAST_PX:
        return None
    return target._replace(x=left, y=top, width_px=right - left, height_px=bottom - top)
