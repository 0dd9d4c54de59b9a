"""What a policy is: who drives a desktop while it is recorded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from tracekit.clips.settings import Settings
from tracekit.desktop.plan import Do


@dataclass(frozen=True)
class Window:
    """A top-level window, as the window manager lists it."""

    id: int
    title: str
    program: str
    """The class of its WM_CLASS, ``Xfce4-terminal``."""
    x: int
    """Of its content without the frame, screen pixels."""
    y: int
    width_px: int
    height_px: int
    active: bool
    pid: int = 0


class Desktop(Protocol):
    """A desktop that is open, as policies see it."""

    width_px: int
    height_px: int

    def now_ns(self) -> int:
        """The trace's clock; negative before frame 0."""

    def wait_until(self, time_ns: int) -> bool:
        """Sleep until an instant of the trace's clock; False as soon as the recording is to end (stop driving then)."""

    def do(self, what: Do) -> int:
        """Make one input now, whatever its ``due_ns`` says, and return the instant at which the X server took it.

        Raises:
            TracekitError: the desktop is gone, or a keysym that can't be typed.
        """

    def prepare_text(self, text: str) -> None:
        """See to it that every character can be typed: those the keymap lacks get a spare key now. Takes a moment."""

    def key_for(self, character: str) -> Sequence[str]:
        """Keysyms to press together to type a character, modifiers first: ``("Shift_L", "a")`` for ``A``."""

    def picture(self) -> NDArray[np.uint8]:
        """The screen now with its cursor: (height, width, 3) RGB."""

    def wait_still(self, still_s: float = 0.3, limit_s: float = 10.0) -> bool:
        """Wait until the picture has not changed for so long; False if it does not come to rest."""

    def windows(self) -> Sequence[Window]:
        """From the bottom of the stack to its top."""

    def ask(self, do: str, /, **what: Any) -> Any:
        """Ask the agent inside the desktop: docker/desktop/README.md lists what it does.

        Raises:
            TracekitError: the agent can't, or is gone.
        """


@dataclass(frozen=True)
class Outcome:
    """How a policy's run ended."""

    success: bool | None = None
    """Of a goal-directed run, whether the goal was reached; None where there is no goal."""
    failed: str = ""
    """Why it had to stop before its time, '' if it did not. The trace's status is then ``failed``."""
    reason: str = ""
    """The same by name, ``[a-z0-9-]+``: api-error, desktop-died, ..."""
    instruction: str | None = None
    plan: Sequence[Do] | None = None
    """What was to be done and when: ``plan.jsonl``."""
    task: Mapping[str, Any] = field(default_factory=dict)
    """``task.json``, where there is anything to say."""


class Policy(Protocol):
    """Drives one desktop for one trace. A plug-in of the kind ``policies``: a class, made anew for each trace."""

    Config: ClassVar[type[Settings]]
    """Its options, as a recipe or ``--set`` gives them."""

    def __init__(self, config: Any, seed: int) -> None: ...

    def prepare(self, desktop: Desktop) -> None:
        """Before frame 0: open programs, make files, wait until the picture is still."""

    def run(self, desktop: Desktop, seconds: float) -> Outcome:
        """From frame 0 on: drive, and return when done, at the latest when ``wait_until`` says False.

        Args:
            desktop: what to drive.
            seconds: how long the recording goes on at most. Goal-directed policies return earlier, and the recording
                ends then; others fill the time.
        """
