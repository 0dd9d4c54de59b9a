"""The semantic tier of a desktop: what happens, in general words, with nothing quoted."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from tracekit.captions.compose import Sentence, Voice, a, capital
from tracekit.captions.deeds import Deed
from tracekit.captions.desktop_scene import DesktopScene
from tracekit.captions.desktop_words import at_region, click_name, is_ground, program, region, the
from tracekit.captions.keys import number, times
from tracekit.captions.quotes import listed

_QUICK, _SLOW = 3.0, 1.0
"""Actions a second from which a clip is hurried, and below which it is calm."""


def semantic(scene: DesktopScene, voice: Voice) -> Iterator[Sentence]:
    """The sentences that say what happens, in order."""
    yield Sentence(_opening(scene, voice), 10)
    if scene.instruction:
        yield Sentence("It is part of a task that is carried out step by step.", 7)
    yield from _windows(scene, voice)
    yield from _done(scene, voice)
    yield from _pointer(scene, voice)
    yield from _pace(scene, voice)
    yield from _look(scene)


def pointer_way(scene: DesktopScene) -> str:
    """From where to where the pointer goes, in words."""
    (x, y), (to_x, to_y) = (scene.cursor.positions[frame].tolist() for frame in (0, -1))
    start, end = region(x, y, *_size(scene)), region(to_x, to_y, *_size(scene))
    return f"within the {start} of the screen" if start == end else f"from the {start} to the {end} of the screen"


def _size(scene: DesktopScene) -> tuple[int, int]:
    return scene.width_px, scene.height_px


def _opening(scene: DesktopScene, voice: Voice) -> str:
    active = next((window for window in scene.first if window.active), None)
    kind = program(active)
    if active is None or kind in ("the desktop", "a window"):
        return voice.pick(
            "The clip shows a graphical desktop in use.",
            "A user works on a graphical desktop.",
            "A desktop with its windows is on the screen.",
        )
    return voice.pick(
        f"A user works in {kind} on a graphical desktop.",
        f"The clip shows a desktop on which {kind} is in use.",
        f"On a graphical desktop {kind} has the focus.",
    )


def _windows(scene: DesktopScene, voice: Voice) -> Iterator[Sentence]:
    if scene.opened:
        kinds = list(dict.fromkeys(map(program, scene.opened)))[:3]
        verb = "opens" if len(kinds) == 1 else "open"
        yield Sentence(f"{capital(listed(kinds))} {verb} in the course of the clip.", 8)
    if scene.closed:
        kinds = list(dict.fromkeys(the(program(window)) for window in scene.closed))[:3]
        yield Sentence(f"{capital(listed(kinds))} {'is' if len(kinds) == 1 else 'are'} closed.", 8)
    if scene.windows and not scene.opened:
        count = sum(not is_ground(window) for window in scene.last)
        yield Sentence(
            voice.pick(f"There are {number(count)} windows.", f"The screen holds {number(count)} windows.")
            if count != 1
            else "There is one window.",
            3,
        )


def _done(scene: DesktopScene, voice: Voice) -> Iterator[Sentence]:
    runs = [list(run) for _, run in groupby(scene.deeds, key=lambda deed: (deed.kind, program(deed.window)))]
    spoken_of = {program(window) for window in scene.first if window.active and window.title}
    for index, run in enumerate(runs[:7]):
        known = program(run[0].window) in spoken_of
        spoken_of.add(program(run[0].window))
        subject = "The user" if not index else voice.pick("Then the user", "After that the user", "Next the user")
        yield Sentence(f"{subject} {_said(run, scene, known=known)}.", 9 - min(index, 4))
    if not scene.deeds:
        yield Sentence(voice.pick("No button and no key is pressed.", "Nothing is clicked and nothing is typed."), 8)


def _said(run: Sequence[Deed], scene: DesktopScene, *, known: bool) -> str:
    """A run of deeds of one kind in one place, which may have been spoken of, as what the user does."""
    first = run[0]
    kind = the(program(first.window)) if known else program(first.window)
    where = f"on {kind}" if kind == "the desktop" else f"in {kind}"
    if first.kind == "click":
        names = list(dict.fromkeys(click_name(deed.what, deed.count) for deed in run))
        if len(names) == 1:
            how = f"makes {a(names[0])}" if len(run) == 1 else f"makes {number(len(run))} {names[0]}s"
        else:
            how = f"makes {number(len(run))} clicks"
        place = region(first.x, first.y, *_size(scene))
        return f"{how} {where}, {at_region(place)} of the screen" if len(run) == 1 else f"{how} {where}"
    if first.kind == "drag":
        return f"drags with the {first.what} button {where}" if len(run) == 1 else f"drags {times(len(run))} {where}"
    if first.kind == "scroll":
        ways = list(dict.fromkeys(deed.what for deed in run))
        return f"scrolls {listed(ways)} {where}"
    if first.kind == "text":
        letters = sum(len(deed.what) for deed in run)
        return f"types {number(letters)} {'character' if letters == 1 else 'characters'} {where}"
    presses = sum(deed.count for deed in run)
    return f"presses a key {where}" if presses == 1 else f"presses keys {times(presses)} {where}"


def _pointer(scene: DesktopScene, voice: Voice) -> Iterator[Sentence]:
    far = scene.travel_px / max(scene.width_px, 1)
    if far == 0:
        yield Sentence(voice.pick("The pointer stays where it is.", "The pointer does not move."), 6)
        return
    manner = (
        voice.pick("sweeps to and fro", "rushes about") if far > 6
        else voice.pick("travels", "wanders") if far > 0.6
        else voice.pick("moves a little", "shifts slightly")
    )  # fmt: skip
    yield Sentence(f"The pointer {manner} {pointer_way(scene)}.", 6)


def _pace(scene: DesktopScene, voice: Voice) -> Iterator[Sentence]:
    rate = scene.actions / max(scene.seconds, 1e-9)
    if rate >= _QUICK:
        yield Sentence(voice.pick("One action follows the other in haste.", "The actions come in quick succession."), 5)
    elif scene.actions and rate < _SLOW:
        yield Sentence(voice.pick("There are long pauses between the actions.", "The pace is calm."), 5)
    if scene.still_s >= 1.5:
        seconds = number(round(scene.still_s))
        yield Sentence(
            voice.pick(f"The last {seconds} seconds are still.", f"For the final {seconds} seconds it rests."), 5
        )


def _look(scene: DesktopScene) -> Iterator[Sentence]:
    if "text" in scene.shapes:
        yield Sentence("Over text the pointer turns into a text cursor.", 4)
    if "resize" in scene.shapes:
        yield Sentence("At an edge it turns into a double arrow.", 4)
    share = scene.changed_frames / max(scene.frames - 1, 1)
    if share > 0.8:
        yield Sentence("Nearly every frame differs from the one before.", 3)
    elif share < 0.2:
        yield Sentence("Most of the time the picture does not change.", 3)
