"""The detailed tier: the text on the screen, its colours, layout and cursor."""

from collections.abc import Iterator

from tracekit.captions.compose import Sentence, Voice, a, capital, plural
from tracekit.captions.keys import number, times
from tracekit.captions.quotes import listed, quotable, quotable_input, quoted
from tracekit.captions.regular import quotes
from tracekit.captions.scene import Scene
from tracekit.terminal.cells import BOLD, INVERSE


def detailed(scene: Scene, voice: Voice) -> Iterator[Sentence]:
    """The sentences that transcribe the screen, in order."""
    yield from _frame(scene, voice)
    yield from _start(scene, voice)
    yield from _printed(scene)
    yield from _entries(scene, voice)
    yield from _changes(scene)
    yield from _end(scene, voice)
    yield from _colors(scene)
    yield from _cursor(scene)


def _frame(scene: Scene, voice: Voice) -> Iterator[Sentence]:
    columns, rows = scene.grid.size(0)
    ground, text = scene.colors
    wide, high = plural(columns, "column"), plural(rows, "row")
    size = voice.pick(f"a terminal of {wide} and {high}", f"a terminal {wide} wide and {high} high")
    if ground and text:
        yield Sentence(capital(f"{size} shows {text} text on {a(ground)} ground."), 9)
    elif ground:
        yield Sentence(capital(f"{size} shows {a(ground)} ground without text."), 9)
    else:
        holder = f"is filled by {scene.program.phrase}" if scene.program and scene.full_screen else "is recorded"
        yield Sentence(capital(f"{size} {holder}."), 7)


def _start(scene: Scene, voice: Voice) -> Iterator[Sentence]:
    story = scene.story
    if not story.first:
        yield Sentence(voice.pick("At the start the screen is empty.", "The first frame is empty."), 6)
        return
    most = 5 if not story.changes else 3
    if top := quotes(story.first, most):
        yield Sentence(f"{voice.pick('At the start it reads', 'The first frame reads')} {listed(top)} from the top.", 8)
    if len(story.first) > 2 * most and (bottom := quotes(story.first[::-1], 2)[::-1]):
        yield Sentence(f"Further down {'stand' if len(bottom) > 1 else 'stands'} {listed(bottom)}.", 5)


def _entries(scene: Scene, voice: Voice) -> Iterator[Sentence]:
    for index, entry in enumerate(scene.entries[:4]):
        text, prompt = quotable_input(entry.text), quotable_input(entry.prompt, 64)
        if not text:
            continue
        same = index and scene.entries[index - 1].prompt == entry.prompt
        where = "then" if same else f"after the prompt {quoted(prompt)}," if prompt else "at the prompt"
        how = voice.pick("the user types", "is typed") if entry.typed else "appears"
        said = f"{how} {quoted(text)}" if how == "the user types" else f"{quoted(text)} {how}"
        unfinished = "" if entry.done else ", unfinished when the clip ends"
        yield Sentence(capital(f"{where} {said}{unfinished}."), 10 - index)
        if shown := quotes(entry.output, 4):
            rest = len(entry.output) - len(shown)
            more = f", with {number(rest)} more lines" if rest > 1 else ""
            verb = voice.pick("Below it is printed", "The lines that follow read", "It prints")
            if len(shown) == 1:
                verb = voice.pick("Below it is printed", "It prints")
            if scene.full_screen:
                verb = "The screen then shows"
            yield Sentence(f"{verb} {listed(shown)}{more}.", 8 - index)


def _printed(scene: Scene) -> Iterator[Sentence]:
    story = scene.story
    if shown := quotes(story.printed, 4):
        rest = len(story.printed) - len(shown)
        more = f", with {number(rest)} more lines" if rest > 1 else ""
        yield Sentence(f"{listed(shown)} {'is' if len(shown) == 1 else 'are'} printed{more}.", 8)


def _changes(scene: Scene) -> Iterator[Sentence]:
    story = scene.story
    for weight, line in zip((7, 6, 5), story.rewritten, strict=False):
        before, after = quotable(line.first), quotable(line.text)
        if before and after and before != after:
            yield Sentence(f"On row {line.row + 1}, {quoted(before)} turns into {quoted(after)}.", weight)
    for text in story.typed[:2]:
        if piece := quotable_input(text):
            yield Sentence(f"{quoted(piece)} grows at the cursor, a few characters at a time.", 7)
    if names := scene.named_keys:
        yield Sentence(
            f"The keys pressed are {listed(names)}." if len(names) > 1 else f"The key pressed is {names[0]}.", 5
        )
    if story.replaced and scene.clears:
        yield Sentence(f"The screen is cleared {times(story.replaced)}.", 5)
    if story.scrolled:
        yield Sentence(f"The text moves up by {plural(story.scrolled, 'row')} in all.", 4)
    if scene.frozen:
        yield Sentence("No character changes from the first frame to the last.", 6)


def _end(scene: Scene, voice: Voice) -> Iterator[Sentence]:
    story = scene.story
    last = quotes(story.last[::-1], 2)[::-1]
    if story.changes and last:
        lines = "lines read" if len(last) > 1 else "line reads"
        yield Sentence(f"{voice.pick('In the last frame', 'At the end')} the bottom {lines} {listed(last)}.", 6)


def _colors(scene: Scene) -> Iterator[Sentence]:
    by_color: dict[str, list[str]] = {}
    for text, color in scene.colored:
        piece = quotable(text, 32)
        if sum(map(str.isalpha, piece)) > 1 and piece not in by_color.setdefault(color, []):
            by_color[color].append(piece)
    parts = [
        f"{listed([quoted(piece) for piece in pieces[:2]])} in {color}" for color, pieces in by_color.items() if pieces
    ]
    for weight, part in zip((7, 6, 4), parts, strict=False):
        piece = part.rpartition(" in ")[0]
        yield Sentence(f"{piece} {'are' if '` and `' in part else 'is'} drawn{part.removeprefix(piece)}.", weight)
    for attribute, name in ((BOLD, "in bold"), (INVERSE, "in reverse, with text and ground exchanged")):
        if pieces := quotes(scene.styled(attribute), 2, 32):
            yield Sentence(f"{listed(pieces)} {'is' if len(pieces) == 1 else 'are'} set {name}.", 4)


def _cursor(scene: Scene) -> Iterator[Sentence]:
    cursor = scene.grid.cursor(scene.grid.frames - 1)
    if not cursor.visible:
        yield Sentence("The cursor is hidden.", 4)
        return
    shape = {"block": "a block", "underline": "an underline", "bar": "a bar"}[cursor.shape]
    yield Sentence(f"The cursor, {shape}, ends on row {cursor.y + 1}, column {cursor.x + 1}.", 5)
