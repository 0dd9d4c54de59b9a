"""The regular and the detailed tier of a desktop: titles of windows, typed text, keys, places and times."""

from collections.abc import Iterator, Sequence

from tracekit.actions.windows import WindowLine
from tracekit.captions.compose import Sentence, Voice, a, capital, plural
from tracekit.captions.deeds import Deed
from tracekit.captions.desktop_scene import DesktopScene, identity
from tracekit.captions.desktop_semantic import pointer_way
from tracekit.captions.desktop_words import at_region, click_name, is_ground, key_name, region, titled
from tracekit.captions.keys import number, times
from tracekit.captions.quotes import listed, quotable_input, quoted
from tracekit.core.clock import NS_PER_S

_SHAPES = {"arrow": "an arrow", "text": "a text cursor", "resize": "a double arrow", "other": "another shape"}


def regular(scene: DesktopScene, voice: Voice) -> Iterator[Sentence]:
    """The sentences that name what is used and quote what is typed, in order."""
    yield from _task(scene)
    active = next((window for window in scene.first if window.active), None)
    if active is not None:
        name = capital(titled(active))
        yield Sentence(voice.pick(f"{name} is the active window.", f"{name} has the focus."), 8)
    for index, deed in enumerate(scene.deeds[:8]):
        subject = voice.pick("The user", "Then the user") if index else "The user"
        yield Sentence(f"{subject} {_deed(deed, scene)}.", 9 - min(index, 5))
    yield from _windows(scene)
    if not scene.deeds:
        yield Sentence("Nothing is clicked or typed.", 7)
    yield Sentence(f"The pointer {'moves' if scene.travel_px else 'rests'} {pointer_way(scene)}.", 5)
    yield from _amount(scene)


def detailed(scene: DesktopScene, voice: Voice) -> Iterator[Sentence]:
    """The sentences that say where everything is and when it happens, in order."""
    yield from _task(scene)
    size = voice.pick("A desktop of", "The screen is a desktop of")
    yield Sentence(f"{size} {scene.width_px} by {scene.height_px} pixels.", 6)
    yield from _layout(scene.first)
    for index, deed in enumerate(scene.deeds[:10]):
        seconds = f"{deed.start_ns / NS_PER_S:.1f}"
        yield Sentence(f"At {seconds} s the user {_deed(deed, scene, exact=True)}.", 9 - min(index, 6))
    yield from _windows(scene)
    if not scene.deeds:
        yield Sentence("From the first frame to the last nothing is clicked or typed.", 7)
    yield from _pointer(scene)
    yield from _amount(scene)
    share = f"{scene.changed_frames} of {scene.frames - 1}"
    yield Sentence(f"The picture differs from the one before in {share} frames.", 3)


def _task(scene: DesktopScene) -> Iterator[Sentence]:
    text = scene.instruction.replace("`", "'").replace('"', "'").strip().rstrip(".")
    words = text.split()
    if words:
        told = " ".join(words) if len(words) <= 30 else " ".join(words[:30]).rstrip(",;:")
        yield Sentence(f"The task is: {told}.", 9)


def _deed(deed: Deed, scene: DesktopScene, *, exact: bool = False) -> str:
    """What the user does, with a place in words or in pixels."""
    size = scene.width_px, scene.height_px
    start, end = region(deed.x, deed.y, *size), region(deed.to_x, deed.to_y, *size)
    on = f"on {titled(deed.window)}"
    if deed.kind == "click":
        where = f"at ({deed.x}, {deed.y})" if exact else at_region(start)
        return f"makes {a(click_name(deed.what, deed.count))} {on} {where}"
    if deed.kind == "drag":
        way = f"within the {start}" if start == end else f"from the {start} to the {end}"
        if exact:
            way = f"from ({deed.x}, {deed.y}) to ({deed.to_x}, {deed.to_y})"
        return f"drags with the {deed.what} button {on} {way}"
    if deed.kind == "scroll":
        return f"scrolls {deed.what} {'a notch' if deed.count == 1 else f'{number(deed.count)} notches'} {on}"
    into = f" into {titled(deed.window)}" if deed.window is not None else ""
    if deed.kind == "text":
        text = quotable_input(deed.what)
        return f"types {quoted(text)}{into}" if text else f"types blanks{into}"
    name = key_name(deed.what)
    return f"presses {name}" if deed.count == 1 else f"presses {name} {times(deed.count)}"


def _windows(scene: DesktopScene) -> Iterator[Sentence]:
    for window in scene.opened[:3]:
        yield Sentence(f"A window opens: {titled(window)}.", 8)
    for window in scene.closed[:3]:
        yield Sentence(f"{capital(titled(window))} is closed.", 8)
    first, last = (next((one for one in at if one.active), None) for at in (scene.first, scene.last))
    if last is not None and (first is None or identity(first) != identity(last)):
        yield Sentence(f"At the end {titled(last)} is active.", 6)


def _layout(windows: Sequence[WindowLine]) -> Iterator[Sentence]:
    named = [window for window in windows if window.title and not is_ground(window)]
    for weight, window in zip((7, 6, 5, 4), sorted(named, key=lambda window: not window.active), strict=False):
        focus = " with the focus" if window.active else ""
        size = f"{window.width_px} by {window.height_px} pixels large"
        yield Sentence(f"{capital(titled(window))} lies at ({window.x}, {window.y}){focus}, {size}.", weight)
    if len(named) > 4:
        yield Sentence(f"There are {number(len(named))} windows in all.", 3)


def _pointer(scene: DesktopScene) -> Iterator[Sentence]:
    (x, y), (to_x, to_y) = (scene.cursor.positions[frame].tolist() for frame in (0, -1))
    if not scene.travel_px:
        yield Sentence(f"The pointer rests at ({x}, {y}).", 6)
    else:
        far = f"{round(scene.travel_px)} pixels in all"
        yield Sentence(f"The pointer goes from ({x}, {y}) to ({to_x}, {to_y}), {far}.", 6)
    if shapes := [_SHAPES[shape] for shape in scene.shapes]:
        yield Sentence(f"It is drawn as {' and then '.join(shapes[:3])}.", 4)
    else:
        yield Sentence("The pointer itself is hidden.", 4)


def _amount(scene: DesktopScene) -> Iterator[Sentence]:
    if scene.actions:
        rate = scene.actions / max(scene.seconds, 1e-9)
        count = plural(scene.actions, "action")
        yield Sentence(f"The clip holds {count} in {scene.seconds:.1f} seconds, {rate:.1f} a second.", 4)
    buttons = listed(list(dict.fromkeys(deed.what for deed in scene.deeds if deed.kind in ("click", "drag"))))
    if buttons:
        yield Sentence(f"Of the buttons {buttons} {'are' if ' and ' in buttons else 'is'} used.", 2)
