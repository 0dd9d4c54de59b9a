"""A process that hears, through pynput, what a person does on the display that DISPLAY names, and prints it.

It is a process of its own because pynput reads DISPLAY once, when it is imported, and because its callbacks would wait
for whatever else the recorder's Python does. Each line is JSON: ``[time_ns, kind, x, y, value, dy]``; the time is
CLOCK_MONOTONIC when the callback was called. It ends when its standard input does.
"""

import json
import sys
import threading
import time
from typing import Any

_lock = threading.Lock()


def _say(kind: str, x: float = 0, y: float = 0, value: int | str = 0, dy: int = 0) -> None:
    now_ns = time.monotonic_ns()
    with _lock:
        sys.stdout.write(json.dumps([now_ns, kind, int(x), int(y), value, dy]) + "\n")
        sys.stdout.flush()


def _keysym(key: Any) -> int:
    """The number of what pynput calls a key; 0 if it could not tell."""
    code = getattr(key, "value", key)
    number = getattr(code, "vk", None)
    character = getattr(code, "char", None)
    if number is None and character:  # the keypad's keys come as characters
        number = ord(character) if ord(character) < 0x100 else 0x1000000 + ord(character)
    return number or 0


def main() -> None:
    """Listen until standard input ends."""
    from pynput import keyboard, mouse

    def pressed(x: int, y: int, button: Any, down: bool, *_: bool) -> None:
        _say("button-down" if down else "button-up", x, y, button.value)

    listeners = (
        mouse.Listener(
            on_move=lambda x, y, *_: _say("move", x, y),
            on_click=pressed,
            on_scroll=lambda x, y, dx, dy, *_: _say("scroll", x, y, int(dx), -int(dy)),
        ),
        keyboard.Listener(
            on_press=lambda key, *_: _say("key-down", value=_keysym(key)),
            on_release=lambda key, *_: _say("key-up", value=_keysym(key)),
        ),
    )
    for listener in listeners:
        listener.start()
        listener.wait()
    _say("ready")
    sys.stdin.read()


if __name__ == "__main__":
    main()
