"""The gate for captions by a model: how much that is true it lets pass, and how much that is false it catches.

    python benchmarks/caption_gate.py [CASTS...] [--most N] [--show]

True are captions by rules, of the clips that they describe: whatever they quote was read off the grid. False are the
same captions at a clip of another recording (of some there are copies, at which they are true and not counted), and
each with one thing put wrong: a number, a path, a word of a quotation, or a sentence added that says something that is
not so. A caption passes with a score of at least the gate's bar. What is false is made sure not to stand on the screen
by a search that is not the gate's.
"""

import argparse
import random
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from tracekit.captions.base import ClipView
from tracekit.captions.llm.evidence import Evidence, evidence_of
from tracekit.captions.llm.gate import BAR, judge
from tracekit.captions.rules import RuleCaptioner
from tracekit.clips.cast_source import CastConfig, CastSource
from tracekit.clips.clip import Capture, Clip
from tracekit.clips.settings import ClipSettings, LookSettings, VideoSettings
from tracekit.core.errors import Rejected
from tracekit.shards.events import load_events
from tracekit.terminal.grid import Grid

DEMO = Path(__file__).parent.parent / "recipes" / "demo_casts"
TIERS = ("semantic", "regular", "detailed")
PATH = r"[~.]*/[\w.-]+(?:/[\w.-]+)*"
QUOTE = re.compile(r"`([^`]+)`")
MISSING = (
    "The exact username, hostname, and path are not specified.",
    "The content of the file is not visible in the clip.",
    "No further details are given about the result.",
    "It is unclear which directory the user is in.",
    "The rest of the output cannot be determined from the screen.",
    "The version of the program remains unknown.",
)
PLACEHOLDERS = (
    "The prompt reads `username@hostname:~$`.",
    "The user opens <filename> in the editor.",
    "The prompt shows [username] and a dollar sign.",
    "The user sets your_api_key before going on.",
    "The command is entered at the username@hostname placeholder.",
    "It shows the value {value} at the end.",
)
OUTPUTS = (
    "It prints `Backup of 48213 records completed`.",
    'The last line says "quarterly summary exported to disk".',
    "The answer is `zebra-mandolin: ready`.",
    "A line reads “harvest queue drained in 913 ms”.",
    "Then `[ok] lighthouse service restarted` appears.",
)
COMMANDS = (
    "The user runs git push origin harvest-moon next.",
    "Then docker compose -f lantern.yml is typed.",
    "The user enters `rsync -avz lighthouse/ /mnt/harvest`.",
    "After that `python3 mandolin.py --replay` is run.",
    "The user types cat zebra_notes.txt at the prompt.",
)
PATHS = ("/opt/lighthouse/harvest", "~/mandolin/zebra.toml", "./lantern/build.gradle", "https://lantern.invalid/zebra")
ERRORS = (
    "It fails with a segmentation fault.",
    "A LanternTimeoutError is raised.",
    "The answer is `zebra: connection refused`.",
    "The shell answers with command not found: mandolin.",
)
LEAKS = (
    "As an AI language model, I describe what the clip shows.",
    "Here is the caption of the clip.",
    '{"semantic": "A user works in a terminal."}',
    "The prompt `mira@atlas:~/tides$` waits there until the clip ends.",
    "Text of the screen goes between backticks: short pieces of one row, copied exactly.",
    "<|eot_id|> The clip goes on.",
)
COLORS = ("red", "yellow", "green", "cyan", "blue")


def views(path: Path, most: int) -> Iterator[ClipView]:
    """The first clips of a recording, as a part stores them."""
    source = CastSource(
        CastConfig(paths=[str(path)]), Capture(ClipSettings(), LookSettings(), VideoSettings(), None, 0)
    )
    for item in source.plan():
        try:
            for number, clip in enumerate(source.clips(item)):
                if number == most:
                    break
                if isinstance(clip, Clip):
                    files = clip.files
                    yield ClipView(
                        clip.key, Grid.load(files["cells.npz"]), load_events(files["events.jsonl"]), clip.sample
                    )
        except Rejected:
            continue


def absent(text: str, evidence: Evidence) -> bool:
    """Whether a text is nowhere, by a search of raw characters without blanks."""
    return re.sub(r"\s", "", text).lower() not in re.sub(r"\s", "", f"{evidence.screen}\n{evidence.typed}").lower()


def change(
    caption: str, pattern: str, new: Callable[[str], str], evidence: Evidence, draw: random.Random
) -> str | None:
    """Put another text for one of those inside quotations that a pattern finds; None if there are none to change."""
    places = [
        (quote.start(1) + found.start(), quote.start(1) + found.end(), quote)
        for quote in QUOTE.finditer(caption)
        for found in re.finditer(pattern, quote[1])
    ]
    draw.shuffle(places)
    for start, end, quote in places:
        wrong = new(caption[start:end])
        if absent(caption[quote.start(1) : start] + wrong + caption[end : quote.end(1)], evidence):
            return caption[:start] + wrong + caption[end:]
    return None


def other_number(number: str, draw: random.Random) -> str:
    """Another number of as many digits."""
    while (wrong := str(draw.randrange(10 ** len(number))).zfill(len(number))) == number:
        pass
    return wrong


def other_word(word: str, draw: random.Random) -> str:
    """The word with two letters put in it."""
    at = draw.randrange(len(word))
    return word[:at] + draw.choice(("zq", "xk", "vv")) + word[at:]


def said_number(caption: str, draw: random.Random) -> str | None:
    """A number outside quotations changed."""
    pieces = re.split(r"(`[^`]+`)", caption)
    places = [(at, found) for at in range(0, len(pieces), 2) for found in re.finditer(r"\d+", pieces[at])]
    if not places:
        return None
    at, found = draw.choice(places)
    pieces[at] = pieces[at][: found.start()] + other_number(found[0], draw) + pieces[at][found.end() :]
    return "".join(pieces)


def corrupted(caption: str, tier: str, evidence: Evidence, draw: random.Random) -> Iterator[tuple[str, str]]:
    """A caption with one thing put wrong, in each of several ways that it allows: kind, text."""
    kinds: dict[str, str | None] = {
        "quoted number changed": change(caption, r"\d+", lambda text: other_number(text, draw), evidence, draw),
        "quoted path changed": change(caption, PATH, lambda text: draw.choice(PATHS), evidence, draw),
        "quoted word changed": change(caption, r"[a-z]{3,}", lambda text: other_word(text, draw), evidence, draw),
        "number in prose changed": said_number(caption, draw),
    }  # fmt: skip
    added = {
        "invented output": OUTPUTS, "invented command": COMMANDS, "invented error": ERRORS, "placeholder": PLACEHOLDERS,
        "missing information": MISSING, "prompt leaked": LEAKS,
        "invented path": [f"The user opens {path} there." for path in PATHS],
    }  # fmt: skip
    kinds |= {kind: f"{caption} {draw.choice(sentences)}" for kind, sentences in added.items()}
    if tier != "semantic":
        unseen = [color for color in COLORS if not any(color in name for name in evidence.colors)]
        kinds["invented color"] = f"{caption} Part of the text is {draw.choice(unseen)}." if unseen else None
    else:
        kinds["literal in semantic"] = f"{caption} The user types `make`."
    kinds["repetition"] = f"{caption} " + "The screen shows the next line of it. " * 4
    yield from ((kind, text) for kind, text in kinds.items() if text is not None)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("casts", nargs="*", type=Path, default=[DEMO], help="recordings, or folders of them")
    parser.add_argument("--most", type=int, default=6, help="clips of each recording, from its start")
    parser.add_argument("--show", action="store_true", help="print what the gate gets wrong")
    arguments = parser.parse_args()
    files = [
        file
        for path in arguments.casts
        for file in ([path] if path.is_file() else sorted(path.glob("*.cast")) + sorted(path.glob("*.cast.gz")))
    ]
    captioner = RuleCaptioner()
    clips: list[tuple[str, Evidence, dict[str, str]]] = []
    evidence_cpu_s = gate_cpu_s = 0.0
    for file in files:
        for view in views(file, arguments.most):
            captions = captioner.caption(view)
            began = time.process_time()
            evidence = evidence_of(view)
            evidence_cpu_s += time.process_time() - began
            clips.append((f"{file.name} {view.key}", evidence, {tier: getattr(captions, tier) or "" for tier in TIERS}))
    seen: Counter[tuple[str, str]] = Counter()
    right: Counter[tuple[str, str]] = Counter()

    def note(kind: str, tier: str, text: str, evidence: Evidence, name: str, *, true: bool) -> None:
        nonlocal gate_cpu_s
        began = time.process_time()
        verdict = judge(text, tier, evidence)
        gate_cpu_s += time.process_time() - began
        seen[kind, tier] += 1
        right[kind, tier] += (verdict.score >= BAR) == true
        if arguments.show and (verdict.score >= BAR) != true:
            print(f"-- {kind}, {tier}, {name}, {verdict.score:.2f}: {text}\n   {verdict.faults}")

    for number, (name, evidence, tiers) in enumerate(clips):
        draw = random.Random(number)
        recording = name.split()[0]
        others = [other for other_name, other, _ in clips if other_name.split()[0] != recording]
        for tier, caption in tiers.items():
            note("true", tier, caption, evidence, name, true=True)
            for other in draw.sample(others, min(len(others), 1)):
                if tier == "semantic" or any(absent(quote, other) for quote in QUOTE.findall(caption)):
                    note("of another recording", tier, caption, other, name, true=False)
            for kind, text in corrupted(caption, tier, evidence, draw):
                note(kind, tier, text, evidence, name, true=False)
    print(f"{len(clips)} clips of {len(files)} recordings; bar {BAR}")
    print(f"{'':28}" + "".join(f"{tier:>18}" for tier in TIERS))
    for kind in dict.fromkeys(kind for kind, _ in seen):
        cells = [f"{right[kind, tier] / seen[kind, tier]:8.1%} of {seen[kind, tier]:<6}" if seen[kind, tier] else ""
                 for tier in TIERS]  # fmt: skip
        print(f"{'passed: ' if kind == 'true' else 'caught: '}{kind:20}" + "".join(f"{cell:>18}" for cell in cells))
    judged = sum(seen.values())
    print(f"CPU: {1000 * evidence_cpu_s / max(len(clips), 1):.2f} ms a clip for the evidence, "
          f"{1000 * gate_cpu_s / max(judged, 1):.2f} ms a caption for the gate")  # fmt: skip


if __name__ == "__main__":
    main()
