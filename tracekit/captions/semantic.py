"""The semantic tier: what happens, in general words, with nothing quoted from the screen."""

from collections.abc import Iterator
from itertools import pairwise

from tracekit.captions.compose import Sentence, Voice, capital
from tracekit.captions.follow import Entry
from tracekit.captions.keys import number, special, times
from tracekit.captions.kinds import manner_of, purpose_of, setting_of
from tracekit.captions.quotes import listed
from tracekit.captions.scene import Scene
from tracekit.core.clock import FPS

_WITH_ARTICLE = {"command": "a command", "line of code": "a line of code", "instruction": "an instruction"}
_MOVES = {"Up", "Down", "Left", "Right", "Page Up", "Page Down", "Home", "End"}


def semantic(scene: Scene, voice: Voice) -> Iterator[Sentence]:
    """The sentences that say what happens, in order."""
    yield Sentence(_opening(scene, voice), 10)
    yield from _start(scene, voice)
    yield from _printed(scene)
    yield from _entries(scene, voice)
    yield from _redrawn(scene, voice)
    yield from _motion(scene, voice)
    yield from _end(scene, voice)
    yield from _look(scene, voice)


def _opening(scene: Scene, voice: Voice) -> str:
    if scene.program is not None and scene.full_screen:
        return capital(voice.pick(
            f"{scene.program.phrase} fills the terminal.",
            f"{scene.program.phrase} is open and takes up the whole terminal.",
            f"the terminal is given over to {scene.program.phrase}.",
        ))  # fmt: skip
    if scene.full_screen:
        return voice.pick(
            "A full-screen program draws its interface in the terminal.",
            "The terminal shows the interface of a program that uses the whole screen.",
        )
    if scene.setting == "code":
        session = scene.program.phrase if scene.program else "an interactive session of a programming language"
        return voice.pick(f"A user works in {session}.", f"The clip shows {session} in a terminal.")
    if scene.setting == "dialogue":
        return voice.pick(
            "A user talks to an interactive program through its prompt.",
            "An interactive program takes instructions at a prompt of its own.",
        )
    if scene.setting == "shell":
        return voice.pick(
            "A user works at a command prompt in a terminal.",
            "A shell session is under way in a terminal.",
            "The clip shows a user at a shell prompt.",
        )
    if scene.story.printed or scene.progress:
        return voice.pick("A program writes its output to a terminal.", "A program is at work in a terminal.")
    if scene.story.typed:
        return voice.pick("Text is appearing at the cursor of a terminal.", "A line of text takes shape in a terminal.")
    if not scene.story.last:
        return "A terminal shows an empty screen."
    return voice.pick("A terminal shows text that was printed before.", "Text stands in a terminal.")


def _start(scene: Scene, voice: Voice) -> Iterator[Sentence]:
    before = len(scene.story.first)
    if not before and scene.story.last:
        yield Sentence(voice.pick("The screen is empty at first.", "It begins with an empty screen."), 6)
    elif before > 3 and not scene.full_screen and scene.story.changes:
        yield Sentence(voice.pick(
            "Earlier output still stands on the screen.",
            "The screen already holds the output of earlier work.",
            "What was printed earlier is still in view.",
        ), 4)  # fmt: skip


def _entries(scene: Scene, voice: Voice) -> Iterator[Sentence]:
    shown = scene.entries[:4]
    for index, entry in enumerate(shown):
        what = {"code": "line of code", "shell": "command"}.get(setting_of(entry.prompt, entry.text), "instruction")
        purpose = purpose_of(entry.prompt, entry.text)
        thing = f"{_WITH_ARTICLE[what]} to {purpose}" if purpose else _unknown(entry, what)
        if index == 0:
            subject = voice.pick("the user", "someone at the keyboard") if entry.typed else "the user"
        else:
            subject = voice.pick("then the user", "next the user", "after that the user")
        verb = voice.pick("types", "enters") if entry.done else "is typing"
        yield Sentence(capital(f"{subject} {verb} {thing}{_answer(scene, entry, voice)}."), 9 - index)
    if len(scene.entries) > len(shown):
        rest = len(scene.entries) - len(shown)
        yield Sentence(f"{capital(number(rest))} more {'entries follow' if rest > 1 else 'entry follows'}.", 6)


def _unknown(entry: Entry, what: str) -> str:
    if what == "instruction":
        return "an instruction"
    if "|" in entry.text:
        return f"a chain of {what}s joined by pipes"
    return f"a {what} with arguments" if " " in entry.text else f"a {what} of one word"


def _answer(scene: Scene, entry: Entry, voice: Voice) -> str:
    if not entry.done:
        return voice.pick(" when the clip ends", " as the clip comes to its end")
    if scene.full_screen:
        return ""
    lines, manner = len(entry.output), manner_of(entry.output)
    if not lines:
        return ""
    if manner:
        return voice.pick(f", and {manner} follows", f", which brings up {manner}", f" and gets {manner} in return")
    if lines == 1:
        return voice.pick(", and a single line comes back", " and gets a short answer of one line")
    if lines <= 12:
        return voice.pick(f", and {number(lines)} lines of output follow", f" and gets {number(lines)} lines in return")
    return voice.pick(", and a long output follows", ", which prints a long list of lines")


def _printed(scene: Scene) -> Iterator[Sentence]:
    printed = scene.story.printed
    if printed and not scene.full_screen:
        manner = manner_of(printed)
        amount = "A single new line" if len(printed) == 1 else f"{capital(number(len(printed)))} new lines"
        verb = "appears" if len(printed) == 1 else "appear"
        yield Sentence(f"{amount} of output {verb}{f', with {manner} among them' if manner else ''}.", 8)


def _redrawn(scene: Scene, voice: Voice) -> Iterator[Sentence]:
    if scene.progress:
        yield Sentence(voice.pick(
            "A progress display is updated in place as the work goes on.",
            "A counter or progress bar advances in place.",
        ), 8)  # fmt: skip
    elif len(scene.story.rewritten) > 2:
        count = len(scene.story.rewritten)
        yield Sentence(voice.pick(
            f"{capital(number(count))} lines of the screen are redrawn in place with new content.",
            f"Its content changes in place, on {number(count)} lines of the screen.",
        ), 8)  # fmt: skip
    if scene.story.typed:
        yield Sentence(voice.pick(
            "The text at the cursor grows piece by piece.", "What is written at the cursor grows a little at a time."
        ), 7)  # fmt: skip
    moves = [key for key in special(scene.keys, 99) if key.split()[0] in _MOVES or key[:7] in _MOVES]
    if moves:
        yield Sentence("The user moves about with the cursor keys.", 7)


def _motion(scene: Scene, voice: Voice) -> Iterator[Sentence]:
    story = scene.story
    if story.replaced and scene.clears:
        yield Sentence(f"The screen is wiped and drawn anew {times(story.replaced)}.", 6)
    elif story.replaced:
        yield Sentence("New text takes the place of the whole screen at once.", 6)
    if story.scrolled >= 3:
        yield Sentence(voice.pick(
            "Older lines scroll off the top as new ones arrive.",
            "The screen scrolls up to make room for what is new.",
        ), 5)  # fmt: skip
    if scene.frozen:
        yield Sentence(voice.pick(
            "Nothing on the screen changes from the first frame to the last.",
            "The picture stays exactly the same throughout.",
        ), 8)  # fmt: skip
    elif not story.changes:
        yield Sentence("The words on the screen stay the same throughout.", 8)
    elif len(story.changes) > 0.5 * scene.grid.frames:
        yield Sentence(voice.pick(
            "The screen is in motion for most of the clip.",
            "Something changes in more than half of the frames.",
        ), 4)  # fmt: skip
    elif len(story.changes) <= 5:
        moments = number(len(story.changes))
        yield Sentence(f"The text changes at only {moments} moment{'s' if len(story.changes) > 1 else ''}.", 4)
    pause = _longest_pause_s(scene)
    if pause >= 1.5 and story.changes and scene.still_s < pause:
        yield Sentence(f"In between there is a pause of about {number(round(pause))} seconds.", 3)


def _longest_pause_s(scene: Scene) -> float:
    times = [0, *scene.story.changes]
    return max((later - time for time, later in pairwise(times)), default=0) / FPS


def _end(scene: Scene, voice: Voice) -> Iterator[Sentence]:
    if scene.story.prompt and scene.story.changes:
        yield Sentence(voice.pick(
            "At the end the prompt waits for the next input.",
            "In the last frame an empty prompt is ready for more.",
            "The prompt is free again when the clip ends.",
        ), 6)  # fmt: skip
    if scene.story.changes and scene.still_s >= 1.5:
        seconds = number(round(scene.still_s))
        yield Sentence(voice.pick(
            f"The last {seconds} seconds are still.", f"For the final {seconds} seconds the picture rests."
        ), 5)  # fmt: skip


def _look(scene: Scene, voice: Voice) -> Iterator[Sentence]:
    names = list(dict.fromkeys(color for _, color in scene.colored))
    ground = "a light ground" if scene.colors[0] in ("white", "light grey") else "a dark ground"
    where = f" on {ground}" if scene.theme else ""
    if len(names) > 3:
        yield Sentence(f"The text is set in many colours{where}.", 3)
    elif names:
        yield Sentence(f"Parts of the text stand out in {listed(names)}{where}.", 3)
    elif scene.story.last:
        yield Sentence(f"All of the text is in one colour{where}.", 3)
    if scene.story.last:
        share = (
            "Text fills the screen from top to bottom." if scene.fill > 0.85
            else "About half of the screen holds text." if scene.fill > 0.4
            else voice.pick("Most of the screen is empty.", "Only a small part of the screen holds text.")
        )  # fmt: skip
        yield Sentence(share, 2)
