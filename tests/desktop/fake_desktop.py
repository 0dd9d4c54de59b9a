"""A desktop that is none: it keeps the inputs it is given, and its clock goes on only when it is waited on."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tracekit.core.clock import NS_PER_S, to_ns
from tracekit.core.errors import TracekitError
from tracekit.desktop.plan import Do
from tracekit.desktop.policies.base import Window

POLL_NS = 200_000_000
"""What passes when it is asked for an instant that is past: whoever does that looks whether it is over."""
LAG_NS = 300_000
"""From an input to when the X server has taken it."""


class FakeDesktop:
    """As policies see a desktop.

    Args:
        width_px: of the screen.
        height_px: of the screen.
        seconds: how long the recording is.
        on_wait: called at each wait with the clock: where tests let the world go on.
    """

    def __init__(
        self,
        width_px: int = 1024,
        height_px: int = 768,
        seconds: float = 3600,
        on_wait: Callable[[int], None] = lambda _: None,
    ) -> None:
        self.width_px, self.height_px = width_px, height_px
        self.done: list[tuple[int, Do]] = []
        self.waits = 0
        self.pictures = 0
        self.dies_at: int | None = None
        """After so many inputs."""
        self._now_ns, self._end_ns = 0, to_ns(seconds)
        self._on_wait = on_wait

    def now_ns(self) -> int:
        return self._now_ns

    def wait_until(self, time_ns: int) -> bool:
        self.waits += 1
        self._on_wait(self._now_ns)
        self._now_ns = time_ns if time_ns > self._now_ns else self._now_ns + POLL_NS
        return self._now_ns < self._end_ns

    def do(self, what: Do) -> int:
        if self.dies_at is not None and len(self.done) >= self.dies_at:
            raise TracekitError("the desktop is gone")
        self._now_ns += LAG_NS
        self.done.append((self._now_ns, what))
        return self._now_ns

    def prepare_text(self, text: str) -> None:
        if "\N{SNOWMAN}" in text:
            raise TracekitError("no key is left for it")

    def key_for(self, character: str) -> Sequence[str]:
        if character.isupper():
            return ("Shift_L", character.lower())
        named = {" ": ("space",), "!": ("Shift_L", "1"), "+": ("Shift_L", "equal"), "-": ("minus",)}
        return named.get(character) or ((character,) if character.isascii() else (f"U{ord(character):04X}",))

    def picture(self) -> NDArray[np.uint8]:
        self.pictures += 1
        ramp = np.linspace(0, 255, self.width_px, dtype=np.uint8)
        return np.repeat(np.tile(ramp, (self.height_px, 1))[:, :, None], 3, axis=2)

    def wait_still(self, still_s: float = 0.3, limit_s: float = 10.0) -> bool:
        self._now_ns += round(still_s * NS_PER_S)
        return True

    def windows(self) -> Sequence[Window]:
        return ()

    def ask(self, do: str, /, **what: Any) -> Any:
        raise TracekitError(f"{do}: nobody is inside")

    def typed(self) -> str:
        """What was typed, by the keysyms that went down: one character each, others in brackets."""
        keys = [do.keysym for _, do in self.done if do.kind == "key-down"]
        return "".join(key if len(key) == 1 else f"<{key}>" for key in keys)

    def clicks(self) -> list[tuple[str, int, int]]:
        """Of each press of a button: which, and where the pointer was."""
        found, x, y = [], self.width_px // 2, self.height_px // 2
        for _, do in self.done:
            if do.kind == "move":
                x, y = do.x, do.y
            elif do.kind == "down":
                found.append((do.button, x, y))
        return found
