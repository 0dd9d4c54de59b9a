"""What is open on a desktop before anybody drives it."""

import random
import shlex
from collections.abc import Sequence

from pydantic import Field

from tracekit.clips.settings import Settings
from tracekit.desktop.plan import Do
from tracekit.desktop.policies.base import Desktop
from tracekit.desktop.policies.pointer_path import Screen

PROGRAMS = ("xfce4-terminal", "mousepad", "thunar", "galculator")

_LOOKS = 30
"""How often it is looked whether a program has opened its window, each time after the picture was still."""


class StageSettings(Settings):
    """Options of policies that open programs before they start."""

    programs: tuple[str, ...] = Field(PROGRAMS, description="Command lines of what may be open at the start")
    fewest_programs: int = Field(1, ge=0, le=8, description="How many of them are, at least")
    most_programs: int = Field(3, ge=0, le=8, description="and at most")


def choose_programs(rng: random.Random, settings: StageSettings) -> list[str]:
    """Some of the programs, in the order in which they are to be opened."""
    most = min(settings.most_programs, len(settings.programs))
    return rng.sample(settings.programs, rng.randint(min(settings.fewest_programs, most), most))


def set_stage(desktop: Desktop, programs: Sequence[str]) -> None:
    """Open programs one after the other, put the pointer in the middle, and wait until the picture is still.

    Raises:
        TracekitError: a program can't be started, or the desktop is gone.
    """
    for program in programs:
        before = len(desktop.windows())
        desktop.ask("start", command=shlex.split(program))
        for _ in range(_LOOKS):
            desktop.wait_still()
            if len(desktop.windows()) > before:
                break
    desktop.do(Do(0, "move", *Screen(desktop.width_px, desktop.height_px).middle))
    desktop.wait_still()
