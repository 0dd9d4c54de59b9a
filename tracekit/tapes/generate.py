"""Tapes without end: tape *i* of a seed is made of nothing but the seed, *i* and the families asked for.

So a corpus can be made in pieces, on any number of machines, and a tape of it can be made again alone.
"""

import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tracekit.core import plugins
from tracekit.core.errors import TracekitError
from tracekit.tapes.families.base import LEVELS, Draft, Family
from tracekit.tapes.language.program import Command, Output, Program, Require, Setting, Type
from tracekit.tapes.meta import TapeMeta, meta_comment

_LEVEL_SHARES = (1, 2, 2)
"""How often each level is drawn where none is asked for."""

_LOOKS = (
    ("Catppuccin Mocha", 22, 1280, 720),
    ("Dracula", 20, 1280, 680),
    ("nord", 18, 1080, 640),
    ("TokyoNight", 24, 1400, 780),
    ("OneHalfLight", 22, 1280, 720),
)
"""Theme, font size, width and height in pixels, of 80 columns and 20 rows at least. A recipe's look goes before it."""

_REQUIRED = {
    *("awk", "bc", "cal", "column", "figlet", "git", "htop", "jq", "less", "man", "nano", "node", "pip", "python3"),
    *("sqlite3", "tmux", "tree", "vim", "watch", "xxd"),
}
"""Programs that not every machine has: a tape that runs one says so."""
_PROGRAM = re.compile(r"(?:^|[|;&(] *)([a-z0-9]+)")
"""Where a line of shell may name a program."""


@dataclass(frozen=True)
class Tape:
    """A generated tape."""

    id: str
    family: str
    program: Program


def tapes(
    families: Mapping[str, float], count: int, seed: int, *, first: int = 0, level: int | None = None
) -> Iterator[Tape]:
    """Tapes ``first`` to ``first + count - 1`` of a seed, one at a time and in constant memory.

    Args:
        families: their names, each with its weight: how often it is drawn, > 0.
        count: how many tapes.
        seed: of the corpus.
        first: number of the first, from 0.
        level: of all of them; drawn for each tape if None.

    Raises:
        TracekitError: there is no such family, or no family is named.
    """
    if not families:
        raise TracekitError("no family of tapes is named", remedy=f"installed: {', '.join(plugins.names('families'))}")
    names, weights = list(families), list(families.values())
    makers: dict[str, Family] = {name: plugins.load("families", name)() for name in names}
    for number in range(first, first + count):
        rng = random.Random(f"tracekit {seed} {number}")
        (name,) = rng.choices(names, weights)
        (drawn,) = rng.choices(LEVELS, _LEVEL_SHARES)
        yield _tape(name, makers[name], rng, level or drawn, seed, number)


def _tape(name: str, family: Family, rng: random.Random, level: int, seed: int, number: int) -> Tape:
    draft = family.draft(rng, level)
    meta = TapeMeta(
        id=f"{name}-{seed}-{number:06d}",
        family=name,
        level=level,
        instruction=draft.instruction,
        expect=draft.expect,
        answer=draft.answer,
        succeeds=draft.succeeds,
        classes=draft.classes,
        interactive=draft.interactive,
        seed=seed,
    )
    return Tape(meta.id, name, Program((meta_comment(meta), *_head(rng, meta.id, draft), *draft.commands)))


def _head(rng: random.Random, name: str, draft: Draft) -> list[Command]:
    theme, font_size_px, width_px, height_px = rng.choice(_LOOKS)
    typed = [command.text for command in draft.commands if isinstance(command, Type)]
    programs = {program for text in typed for program in _PROGRAM.findall(text)}
    return [
        Output(f"{name}.mp4"),
        *(Require(program) for program in sorted(programs & _REQUIRED)),
        Setting("Shell", "bash"),
        Setting("Theme", theme),
        Setting("FontSize", font_size_px),
        Setting("Width", width_px),
        Setting("Height", height_px),
    ]
