"""Our screen and xterm.js side by side: recordings, sequences from the table, random ones, every character."""

import random
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from sequences import CASES, COLUMNS, ROWS
from xterm import CHECK, Shown, Step, engine, installed, steps_of, xterm

from tracekit.casts.read import read_cast
from tracekit.core.errors import Rejected
from tracekit.terminal.pyte_engine import PyteEngine
from tracekit.terminal.width import width

TEXT_RATE, STYLE_RATE = 0.02, 0.03
"""How many of the recordings may ever differ from xterm.js."""


def differences(ours: Sequence[Shown], theirs: Sequence[Shown]) -> dict[str, str]:
    """Where the first difference of each kind is: in text, in style, in the cursor."""
    found: dict[str, str] = {}
    for check, (our, their) in enumerate(zip(ours, theirs, strict=True)):
        if our.cursor != their.cursor:
            found.setdefault("cursor", f"check {check}: {our.cursor}, xterm.js {their.cursor}")
        for y, (mine, other) in enumerate(zip(our.rows, their.rows, strict=True)):
            for kind, here, there in zip(("text", "style"), mine, other, strict=True):
                if here != there:
                    found.setdefault(kind, f"check {check}, row {y}: {here!r}, xterm.js {there!r}")
    return found


@pytest.mark.slow
def test_recordings_look_as_in_xterm_js_at_every_second(real_casts: list[Path]) -> None:
    jobs: dict[str, tuple[int, int, list[Step]]] = {}
    for path in real_casts:
        try:
            header, events, _ = read_cast(path)
        except Rejected:
            continue
        jobs[path.name] = header.columns, header.rows, list(steps_of(events))
    differing: dict[str, list[str]] = {"text": [], "style": [], "cursor": []}
    for (name, (columns, rows, steps)), theirs in zip(jobs.items(), xterm(list(jobs.values())), strict=True):
        for kind, where in differences(list(engine(PyteEngine(columns, rows), steps)), theirs).items():
            differing[kind].append(name)
            print(f"{name}: {kind}: {where}")
    rates = {kind: len(names) / len(jobs) for kind, names in differing.items()}
    print(f"{len(jobs)} recordings; ever different: {differing}")
    assert rates["text"] <= TEXT_RATE
    assert rates["cursor"] <= TEXT_RATE
    assert rates["style"] <= STYLE_RATE


def test_the_table_of_sequences_holds_in_xterm_js() -> None:
    jobs: list[tuple[int, int, list[Step]]] = [(COLUMNS, ROWS, [("o", case.output), CHECK]) for case in CASES]
    shown = [shown_at[0] for shown_at in xterm(jobs)]
    wrong = []
    for case, (cursor, rows) in zip(CASES, shown, strict=True):
        lines = "/".join(text.rstrip() for text, _ in rows).rstrip("/")
        if ((lines, cursor[:2]) != (case.lines, case.cursor)) != bool(case.not_in_xterm_js):
            wrong.append((case, lines, cursor))
    assert not wrong


TEXTS = ["a", "hello world", "x" * 13, "中", "中文字", "🎉", "─│┌", "\ue0b0", "a中b", "  ", "q w"]
MARKED = ["e\u0301", "👩\u200d💻", "❤\ufe0f", "a\u200bb"]
MOVES = "@ABCDEFGHIJKLMPSTXZ`abdefgr"
OTHERS = [
    *(
        "\r",
        "\n",
        "\b",
        "\t",
        "\r\n",
        "\v",
        "\x07",
        "\x85",
        "\x84",
        "\x88",
        "\x1bD",
        "\x1bE",
        "\x1bH",
        "\x1bM",
        "\x1b[!p",
    ),
    *("\x1b[?25l", "\x1b[?25h", "\x1b[?47h", "\x1b[?47l", "\x1b[?1047h", "\x1b[?1047l", "\x1b[?1049h", "\x1b[2 @"),
    *("\x1b[1 A", "\x1b[1\n2H", "\x1b[3\x18", "\x1b[3 q", "\x1b[>4;2m", "\x1b[?1u", "\x1b]0;t\x07", "\x1b]2;x\x1b\\"),
    *("\x1bPq#1\x1b\\", "\x1b_G1;\x1b\\", "\x1b]4;", "\x1b[2$y"),
]
SGR = [str(code) for code in [*range(6), *range(7, 10), *range(21, 30), 31, 39, 42, 49, 53, 55, 91, 103]]
SGR += ["4:3", "38;5;9", "48;5;200", "38:5:77", "38;2;1;2;3", "48:2::9:8:7"]
SAVING = ["\x1b7", "\x1b8", "\x1b[s", "\x1b[u", "\x1b[?1048h", "\x1b[?1048l", "\x1b[?1049l"]
CHARSETS = ["\x1b(0", "\x1b(B", "\x1b)0", "\x1b)B", "\x0e", "\x0f", "\x1b%G", "\x1b]8;;http://a\x07", "\x1b]8;;\x07"]
INSERTING = ["\x1b[4h", "\x1b[4l"]


def random_output(rng: random.Random, special: Sequence[str]) -> str:
    """A sequence or a text.

    What xterm.js is known to do in a way of its own is left out: DECRC keeps character sets, links and underline
    styles as they are; SGR 59 sets white; wide characters that insert mode or a missing DECAWM cuts keep half; origin
    mode is not saved, and moves the cursor into the margins whatever it does; RIS leaves the cursor hidden; DECIC and
    DECDC at a pending wrap work on column 1; ED 1 at the last column of a screen that has not scrolled raises.
    """
    kind = rng.randrange(8)
    if kind < 3:
        return rng.choice(TEXTS)
    if kind == 3:
        return rng.choice(OTHERS)
    if kind == 4:
        return rng.choice(special)
    if kind == 5:
        return f"\x1b[{';'.join(rng.choices(SGR, k=rng.randrange(1, 4)))}m"
    final = rng.choice(MOVES)
    numbers = rng.choices(["", "0", "1", "2", "3", "5", "7", "12", "40", "999"], k=rng.randrange(1, 4))
    return f"\x1b[{';'.join(['0' if final == 'J' else numbers[0], *numbers[1:]])}{final}"


@pytest.mark.parametrize("special", [SAVING + MARKED, CHARSETS, INSERTING, MARKED])
def test_random_output_looks_as_in_xterm_js(special: list[str]) -> None:
    rng = random.Random(20260417)
    jobs: list[tuple[int, int, list[Step]]] = []
    for _ in range(80):
        columns, rows = rng.choice([(7, 4), (10, 5), (20, 6)])
        outputs = [random_output(rng, special) for _ in range(30)]
        jobs.append((columns, rows, [step for output in outputs for step in (("o", output), CHECK)]))
    for (columns, rows, steps), theirs in zip(jobs, xterm(jobs, scrollback=0), strict=True):
        ours = list(engine(PyteEngine(columns, rows), steps))
        for check, (our, their) in enumerate(zip(ours, theirs, strict=True)):
            assert our == their, f"{columns}x{rows} after {[step[1] for step in steps[: 2 * check + 1 : 2]]}"


def test_every_character_is_as_wide_as_in_xterm_js() -> None:
    done = subprocess.run(["node", "widths.mjs"], cwd=installed(), capture_output=True, text=True, check=True)
    assert len(done.stdout) == 0x110000 - 0xA0
    assert not [hex(code) for code, cells in enumerate(done.stdout, start=0xA0) if width(chr(code)) != int(cells)]
