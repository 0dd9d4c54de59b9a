"""Evidence of a desktop's clip: its windows over time, what is done in them, and the pointer's way."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from tracekit.actions.windows import WindowLine
from tracekit.captions.base import DesktopView
from tracekit.captions.deeds import Deed
from tracekit.captions.desktop_scene import DesktopScene, identity, scene_of
from tracekit.captions.desktop_words import is_ground, key_name, program, region, the
from tracekit.captions.keys import times
from tracekit.captions.llm.fence import Budget, barred, fitted, size
from tracekit.captions.llm.known import Evidence
from tracekit.core.clock import NS_PER_S


def desktop_evidence(view: DesktopView, budget: Budget) -> Evidence:
    """See `tracekit.captions.llm.evidence.evidence_of`."""
    scene = scene_of(view)
    told = list(_facts(scene))
    deeds = [_deed(deed, scene) for deed in scene.deeds]
    windows = list(dict.fromkeys(window for at in view.windows for window in at.windows))
    programs = dict.fromkeys(window.program for window in windows)
    rest = budget.bytes
    lines: list[str] = []
    for title, blocks, share in (
        ("", [[line] for line in told], 1.0),
        ("What is to be done:", [[barred("", line)] for line in scene.instruction.splitlines()], 0.2),
        ("Windows at the start, from the bottom:", [_window(window) for window in scene.first], 0.4),
        ("Windows that open:", [_window(window) for window in scene.opened], 0.5),
        ("Windows that close:", [_window(window) for window in scene.closed], 0.5),
        ("What the user does:", deeds or [["(nothing is clicked or typed)"]], 1.0),
    ):
        titled = [title] if title else []
        if blocks and (found := fitted(blocks, int(rest * share) - size(titled), "entries")):
            lines += [*titled, *found]
            rest = budget.bytes - size(lines)
    texts = [deed.what for deed in scene.deeds if deed.kind == "text"]
    return Evidence(
        kind="desktop",
        text="\n".join(lines),
        screens=tuple({at.windows: tuple(window.title for window in at.windows) for at in view.windows}.values()),
        typed="\n".join([*texts, scene.instruction]),
        keys=frozenset(key_name(deed.what) for deed in scene.deeds if deed.kind == "shortcut"),
        told="\n".join([*told, *(line for block in (*deeds, *map(_window, windows)) for line in block), *programs]),
        counts=_counts(scene),
        times_s=_times_s(scene),
    )


def _facts(scene: DesktopScene) -> Iterator[str]:
    """What we say of a clip, a line each."""
    yield f"A clip of a desktop: {scene.width_px} by {scene.height_px} pixels, {scene.seconds:.1f} seconds."
    (x, y), (to_x, to_y) = (scene.cursor.positions[frame].tolist() for frame in (0, -1))
    if not scene.travel_px:
        yield f"The pointer rests at ({x}, {y}), {_region(x, y, scene)}."
    else:
        yield (
            f"The pointer goes from ({x}, {y}), {_region(x, y, scene)}, to ({to_x}, {to_y}), "
            f"{_region(to_x, to_y, scene)}, {round(scene.travel_px)} pixels in all."
        )
    rate = scene.actions / max(scene.seconds, 1e-9)
    yield f"{scene.actions} actions, {rate:.1f} a second."
    yield f"{scene.changed_frames} of {scene.frames - 1} frames differ from the one before."
    if scene.shapes:
        yield f"Shapes of the pointer, in order: {', '.join(scene.shapes)}."


def _region(x: int, y: int, scene: DesktopScene) -> str:
    return f"{region(x, y, scene.width_px, scene.height_px)} of the screen"


def _window(window: WindowLine) -> list[str]:
    size_px = f"{window.width_px} by {window.height_px} pixels at ({window.x}, {window.y})"
    focus = ", active" if window.active else ""
    return [barred(f"{program(window)}, {size_px}{focus}", window.title)]


def _deed(deed: Deed, scene: DesktopScene) -> list[str]:
    """What is done, when and where; text and keys behind a bar."""
    when = f"{deed.start_ns / NS_PER_S:.1f} s"
    place = f"at ({deed.x}, {deed.y}), {_region(deed.x, deed.y, scene)}"
    where = f"in {the(program(deed.window))}" if deed.window is not None else "on the desktop"
    title = deed.window.title if deed.window is not None else ""
    if deed.kind == "text":
        return [barred(f"{when} types {where} ", deed.what)]
    if deed.kind == "shortcut":
        often = f", {times(deed.count)}" if deed.count > 1 else ""
        return [barred(f"{when} presses {where}{often} ", key_name(deed.what))]
    if deed.kind == "scroll":
        return [barred(f"{when} scrolls {deed.what} {_notches(deed.count)} {place}, {where} ", title)]
    if deed.kind == "drag":
        end = f"to ({deed.to_x}, {deed.to_y}), {_region(deed.to_x, deed.to_y, scene)}"
        return [barred(f"{when} drags with the {deed.what} button from {place}, {end}, {where} ", title)]
    clicks = {1: "clicks", 2: "double-clicks", 3: "triple-clicks"}[deed.count]
    return [barred(f"{when} {clicks} the {deed.what} button {place}, {where} ", title)]


def _notches(count: int) -> str:
    return "a notch" if count == 1 else f"{count} notches"


def _counts(scene: DesktopScene) -> dict[str, frozenset[int]]:
    deeds = scene.deeds
    named = [window for window in scene.first if window.title and not is_ground(window)]
    opened_in_all = {identity(window) for at in scene.windows for window in at.windows}
    last = [window for window in scene.last if not is_ground(window)]
    clicks = [deed.count for deed in deeds if deed.kind == "click"]
    notches = [deed.count for deed in deeds if deed.kind == "scroll"]
    presses = [deed.count for deed in deeds if deed.kind == "shortcut"]
    texts = [len(deed.what) for deed in deeds if deed.kind == "text"]
    drags = sum(deed.kind == "drag" for deed in deeds)
    return {
        "window": frozenset({len(named), len(last), len(scene.first), len(scene.last), len(opened_in_all)}
                            | {len(scene.opened), len(scene.closed)}),
        "click": _sums(clicks) | {len(clicks)},
        "notch": _sums(notches),
        "character": _sums(texts),
        "action": frozenset({scene.actions, len(deeds)}),
        "time": _sums(presses) | _sums([1] * drags) | _sums(clicks),
        "frame": frozenset({scene.frames, scene.frames - 1, scene.changed_frames}),
    }  # fmt: skip


def _sums(values: Sequence[int]) -> frozenset[int]:
    """The values, and what neighbours among them add up to, as deeds are told one by one or together."""
    starts = range(len(values))
    return frozenset(sum(values[start:end]) for start in starts for end in range(start + 1, len(values) + 1))


def _times_s(scene: DesktopScene) -> tuple[float, ...]:
    instants = [0.0, *(time / NS_PER_S for deed in scene.deeds for time in (deed.start_ns, deed.end_ns)), scene.seconds]
    gaps = [later - time for time, later in pairwise(instants)]
    rate = scene.actions / max(scene.seconds, 1e-9)
    return tuple(sorted({*instants, *gaps, scene.still_s, rate}))
