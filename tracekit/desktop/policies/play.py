"""Plans played on a desktop: each input at its instant, and what happens where that can't be kept."""

from collections.abc import Sequence
from typing import NamedTuple

from tracekit.desktop.plan import Do
from tracekit.desktop.policies.base import Desktop


class Played(NamedTuple):
    """How a plan was played."""

    done: int
    """Inputs made, those that let go at the end included."""
    dropped_moves: int
    """Moves left out because the next one was already due as well."""
    unplayed: int
    """Inputs still to come when the recording ended."""
    late_max_ns: int
    """The longest from when an input was due to when the X server had taken it."""


def play(desktop: Desktop, plan: Sequence[Do]) -> Played:
    """Make the inputs of a plan, each at its instant, until the plan or the recording ends.

    A machine that is too busy makes inputs late. They do not pile up: a move is dropped where the input after it is a
    move too and is already due, so at most one move is behind; everything else is done at once and in order, so that
    buttons go down where they should. What is held when the recording ends early is let go.

    Args:
        desktop: what to play on.
        plan: inputs in order of time.

    Raises:
        TracekitError: the desktop is gone.
    """
    now_ns, wait_until, do = desktop.now_ns, desktop.wait_until, desktop.do
    done = dropped = late_max_ns = 0
    held: dict[Do, None] = {}  # the inputs that would let go of what is held, in the order in which it went down
    last = len(plan) - 1
    for number, what in enumerate(plan):
        after = plan[number + 1] if what.kind == "move" and number < last else None
        if after is not None and after.kind == "move" and after.due_ns <= now_ns():
            dropped += 1
            continue
        if not wait_until(what.due_ns):
            break
        late_max_ns = max(late_max_ns, do(what) - what.due_ns)
        done += 1
        if what.kind in ("down", "key-down"):
            held[_release(what)] = None
        elif what.kind in ("up", "key-up"):
            held.pop(what._replace(due_ns=0), None)
    for release in reversed(held):
        do(release)
    return Played(done + len(held), dropped, len(plan) - done - dropped, late_max_ns)


def _release(what: Do) -> Do:
    return Do(0, "up" if what.kind == "down" else "key-up", button=what.button, keysym=what.keysym)
