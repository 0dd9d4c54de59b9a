"""The regular tier: the key commands and outputs, quoted."""

from collections.abc import Iterable, Iterator

from tracekit.captions.compose import Sentence, Voice, capital, plural
from tracekit.captions.keys import number, typed_text
from tracekit.captions.quotes import listed, quotable, quotable_input, quoted
from tracekit.captions.scene import Scene


def regular(scene: Scene, voice: Voice) -> Iterator[Sentence]:
    """The sentences that quote what is entered and what comes of it, in order."""
    yield from _setting(scene, voice)
    yield from _printed(scene, voice)
    for index in range(min(len(scene.entries), 4)):
        yield from _entry(scene, index, voice)
    yield from _redrawn(scene)
    yield from _keys(scene)
    yield from _end(scene, voice)


def quotes(lines: Iterable[str], most: int, limit: int = 56) -> list[str]:
    """Up to ``most`` different pieces of lines, in backticks."""
    pieces: list[str] = []
    for line in lines:
        if len(pieces) == most:
            break
        if (piece := quotable(line, limit)) and piece not in pieces:
            pieces.append(piece)
    return [quoted(piece) for piece in pieces]


def _setting(scene: Scene, voice: Voice) -> Iterator[Sentence]:
    story = scene.story
    if scene.full_screen:
        who = (
            scene.program.phrase if scene.program else voice.pick("a full-screen program", "the interface of a program")
        )
        shows = f", showing {listed(top)}" if (top := quotes(story.first or story.last, 3)) else ""
        yield Sentence(f"{capital(who)} fills the screen{shows}.", 8)
    elif not story.changes:
        if shown := quotes(story.last, 5):
            stays = voice.pick("The screen shows", "The terminal shows")
            yield Sentence(f"{stays} {listed(shown)}, and this text stays as it is.", 9)
        else:
            yield Sentence("The screen holds no words from the first frame to the last.", 9)
    else:
        prompts = {entry.prompt for entry in scene.entries} | {story.prompt} - {""}
        earlier = [line for line in story.first if not any(prompt and prompt in line for prompt in prompts)]
        if top := quotes(earlier[::-1], 3)[::-1]:
            verb = voice.pick("the screen already shows", "at first the screen shows", "the clip begins below")
            yield Sentence(f"{capital(verb)} {listed(top)}.", 4)


def _entry(scene: Scene, index: int, voice: Voice) -> Iterator[Sentence]:
    entry = scene.entries[index]
    text = quotable_input(entry.text)
    if not text:
        return
    prompt = quotable_input(entry.prompt, 64)
    verb = voice.pick("types", "enters") if entry.done else "is typing"
    subject = "the user" if not index else voice.pick("then the user", "next the user", "the user")
    at = f" at the prompt {quoted(prompt)}" if prompt and not index else ""
    yield Sentence(
        capital(f"{subject} {verb} {quoted(text)}{at}{'' if entry.done else ' as the clip ends'}."), 10 - index
    )
    shown = quotes(entry.output, 4)
    if not shown:
        return
    rest = len(entry.output) - len(shown)
    last = quotes(entry.output[:3:-1], 1)
    verb = voice.pick("It prints", "It answers with", "The output begins with" if rest > 1 else "The output is")
    if scene.full_screen:
        verb = "The screen then shows"
    if rest > 1:
        more = f" and {number(rest)} more lines{f', down to {last[0]}' if last and last[0] not in shown else ''}"
        yield Sentence(f"{verb} {', '.join(shown)}{more}.", 8 - index)
    else:
        yield Sentence(f"{verb} {listed(shown)}.", 8 - index)


def _printed(scene: Scene, voice: Voice) -> Iterator[Sentence]:
    printed = scene.story.printed
    if shown := quotes(printed, 4):
        rest = len(printed) - len(shown)
        more = f", together with {number(rest)} more lines" if rest > 1 else ""
        verb = voice.pick("appears on the screen", "is printed") if len(shown) == 1 else "appear on the screen"
        yield Sentence(f"{listed(shown)} {verb}{more}.", 8)


def _redrawn(scene: Scene) -> Iterator[Sentence]:
    story = scene.story
    for weight, line in zip((7, 5, 4), story.rewritten, strict=False):
        before, after = quotable(line.first), quotable(line.text)
        if before and after and before != after:
            yield Sentence(f"The line {quoted(before)} changes to {quoted(after)}.", weight)
        elif after:
            yield Sentence(f"The line {quoted(after)} is redrawn in place.", weight - 1)
    for text in story.typed[:2]:
        if piece := quotable_input(text):
            yield Sentence(f"The line {quoted(piece)} grows at the cursor.", 7)
    if story.replaced:
        new = quotes(story.last, 2)
        how = "is cleared" if scene.clears else "fills with new text"
        yield Sentence(f"The screen {how}{f' and then shows {listed(new)}' if new else ''}.", 6)


def _keys(scene: Scene) -> Iterator[Sentence]:
    typed = [quoted(text) for text in map(quotable_input, typed_text(scene.keys)) if text][:3]
    if typed and not scene.entries:
        yield Sentence(f"{listed(typed)} {'is' if len(typed) == 1 else 'are'} typed on the keyboard.", 8)
    if names := scene.named_keys:
        yield Sentence(f"The user presses {listed(names)}.", 6)


def _end(scene: Scene, voice: Voice) -> Iterator[Sentence]:
    story = scene.story
    prompt = quotable_input(story.prompt, 64)
    if prompt and story.changes:
        yield Sentence(
            voice.pick(f"The prompt {quoted(prompt)} then waits.", f"It ends at the prompt {quoted(prompt)}."), 5
        )
    last = quotes((line for line in story.last[::-1] if line.strip() != story.prompt), 3)[::-1]
    if last and story.changes:
        what = "last lines on the screen are" if len(last) > 1 else "last line on the screen is"
        yield Sentence(f"The {what} {listed(last)}.", 3)
    rows, full = scene.grid.size(scene.grid.frames - 1)[1], len(story.last)
    yield Sentence(f"In the last frame {full} of {plural(rows, 'row')} {'holds' if full == 1 else 'hold'} text.", 2)
    emphasised = quotes((text for text, _ in scene.colored if sum(map(str.isalpha, text)) > 2), 3, 40)
    if emphasised:
        yield Sentence(f"{listed(emphasised)} {'stand' if len(emphasised) > 1 else 'stands'} out by colour.", 2)
