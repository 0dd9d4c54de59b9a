"""Whether what events say of held keys and of drags follows from the presses and releases before them."""

from collections.abc import Iterator, Sequence

from tracekit.actions.events import InputEvent

_MOST_TOLD = 5


def input_problems(events: Sequence[InputEvent]) -> list[str]:
    """What does not follow, the first few of each kind.

    What was held before the first event is not known: it is taken from the events themselves.

    Args:
        events: in order.
    """
    problems = [*_held_problems(events), *_drag_problems(events)]
    more = len(problems) - _MOST_TOLD
    return problems[:_MOST_TOLD] + ([f"{more} more events that do not follow"] if more > 0 else [])


def _held_problems(events: Sequence[InputEvent]) -> Iterator[str]:
    before: tuple[str, ...] | None = None
    down: set[int] = set()
    some_unknown = False  # keys that were down before the first event may repeat
    for number, event in enumerate(events, 1):
        if event.code not in ("key-down", "key-up"):
            continue
        if before is None:
            some_unknown = len(event.held) > (event.code == "key-down")
        elif event.code == "key-down":
            repeats = event.held == before and (event.keycode in down or some_unknown)
            if not repeats and event.held[:-1] != before:
                yield f"line {number}: the keys held do not follow from those before"
        elif event.held not in _one_less(before):
            yield f"line {number}: the keys held do not follow from those before"
        before = event.held
        (down.add if event.code == "key-down" else down.discard)(event.keycode)


def _one_less(keys: tuple[str, ...]) -> list[tuple[str, ...]]:
    return [keys[:at] + keys[at + 1 :] for at in range(len(keys))]


def _drag_problems(events: Sequence[InputEvent]) -> Iterator[str]:
    unknown = _held_at_first(events)
    moved: dict[str, bool] = {}  # buttons that are down, and whether the pointer has moved since
    place = (events[0].x, events[0].y) if events else (0, 0)
    for number, event in enumerate(events, 1):
        if (event.x, event.y) != place:
            place = event.x, event.y
            moved = dict.fromkeys(moved, True)
        if event.code == "button-down":
            moved[event.button] = False
        elif event.code == "button-up":
            moved.pop(event.button, None)
            unknown.discard(event.button)
        if not unknown and event.drag != any(moved.values()):
            yield f"line {number}: a drag that is {'none' if event.drag else 'not told'}"


def _held_at_first(events: Sequence[InputEvent]) -> set[str]:
    """Buttons that go up without having gone down."""
    first: dict[str, str] = {}
    for event in events:
        if event.code in ("button-down", "button-up"):
            first.setdefault(event.button, event.code)
    return {button for button, code in first.items() if code == "button-up"}
