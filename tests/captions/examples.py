"""The two clips that the examples in the prompts are about."""

from actions.logs import event, press, release
from captions.desks import desk, window
from captions.stage import clip, grid_of, typed

from tracekit.actions.events import InputEvent
from tracekit.actions.hands import complete
from tracekit.actions.windows import WindowsAt
from tracekit.captions.base import ClipView, DesktopView
from tracekit.core.clock import CLIP_FRAMES, NS_PER_S
from tracekit.core.events import Event
from tracekit.terminal.cells import Cursor

PROMPT, COMMAND = "mira@atlas:~/tides$ ", "wc -l harbour.csv"


def terminal() -> ClipView:
    """A command is typed and answered."""
    screens = [([PROMPT], Cursor(len(PROMPT), 0))] * 5 + typed([], PROMPT, COMMAND, ["418 harbour.csv", PROMPT])[1:]
    screens += [screens[-1]] * (CLIP_FRAMES - len(screens))
    keys = [Event(400_000_000 + 66_000_000 * number, "i", key) for number, key in enumerate(f"{COMMAND}\r")]
    return clip(grid_of(screens, 60, 12), keys)


def desktop() -> DesktopView:
    """A word is typed into an editor, and saving it opens a window."""
    editor = window("*Untitled 1 - Mousepad", "Mousepad", x=120, y=90)
    dialog = window("Save As", "Mousepad", number=2, x=200, y=150)
    events: list[InputEvent] = [event("move", 0.5, 300, 200), event("button-down", 0.8, 300, 200, button="left"),
                                event("button-up", 0.9, 300, 200, button="left")]  # fmt: skip
    for number, letter in enumerate("ebb"):
        events += [press(letter, 1.4 + number / 5)._replace(x=300, y=200),
                   release(letter, 1.5 + number / 5)._replace(x=300, y=200)]  # fmt: skip
    events += [press(key, 3.0, chord=True)._replace(x=300, y=200) for key in ("Control_L", "s")]
    windows = [
        WindowsAt(0, (editor,)),
        WindowsAt(round(3.2 * NS_PER_S), (editor.model_copy(update={"active": False}), dialog)),
    ]
    return desk(complete(events), windows, instruction="Save the note")
