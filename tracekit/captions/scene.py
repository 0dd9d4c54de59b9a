"""All that the three tiers draw on, looked up once a clip."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from tracekit.captions.base import ClipView
from tracekit.captions.colors import colored_runs, ground_and_text, style_colors, theme_of
from tracekit.captions.follow import Entry, Line, Story, follow
from tracekit.captions.keys import pressed, special
from tracekit.captions.kinds import Program, is_progress, program_of, setting_of
from tracekit.core.clock import FPS
from tracekit.terminal.grid import Grid
from tracekit.terminal.palette import Theme
from tracekit.terminal.themes import THEMES


@dataclass(frozen=True)
class Scene:
    """A clip, and what is known of it."""

    grid: Grid
    story: Story
    keys: list[str]
    """Every key pressed, by name."""
    program: Program | None
    theme: Theme | None
    """None where the recording brings its own."""
    clears: int
    """How often a program cleared or switched the screen, as the statistics say."""

    @property
    def entries(self) -> list[Entry]:
        """What is entered at prompts."""
        return self.story.entries

    @property
    def progress(self) -> list[Line]:
        """Lines that change in place like a progress bar, where no program draws the whole screen."""
        return [] if self.full_screen else [line for line in self.story.rewritten if is_progress(line.text)]

    @property
    def full_screen(self) -> bool:
        """Whether a program draws the whole screen itself, instead of adding line to line."""
        if self.program is not None:
            return self.program.full_screen
        rows = self.grid.size(self.grid.frames - 1)[1]
        return not self.story.scrolled and not self.entries and len(self.story.rewritten) * 6 > rows

    @property
    def named_keys(self) -> list[str]:
        """Keys that are no characters, without those that entering a command takes anyway."""
        taken = {"Enter", "Backspace"} if self.entries else set()
        return special([key for key in self.keys if key not in taken])

    @property
    def still_s(self) -> float:
        """Seconds from the last change of the text to the end."""
        last = self.story.changes[-1] if self.story.changes else 0
        return (self.grid.frames - 1 - last) / FPS

    @property
    def setting(self) -> str:
        """Where entries are made: shell, code, or dialogue with another program; '' where there are none."""
        if self.entries:
            return setting_of(self.entries[0].prompt, self.entries[0].text)
        return setting_of(self.story.prompt, "") if self.story.prompt else ""

    @property
    def frozen(self) -> bool:
        """Whether all frames are the same picture."""
        return bool((self.grid.frame_screens == self.grid.frame_screens[0]).all()
                    and (self.grid.cursors == self.grid.cursors[0]).all())  # fmt: skip

    @property
    def fill(self) -> float:
        """Share of the last frame's rows that hold text."""
        return len(self.story.last) / max(self.grid.size(self.grid.frames - 1)[1], 1)

    @cached_property
    def colors(self) -> tuple[str, str]:
        """Commonest colours of ground and text in the last frame; '' where the theme is the recording's own."""
        return ground_and_text(self.grid, self.grid.frames - 1, self._style_colors) if self.theme else ("", "")

    @cached_property
    def colored(self) -> list[tuple[str, str]]:
        """Pieces of text in other colours than the commonest in the last frame, and the colours' names."""
        return colored_runs(self.grid, self.grid.frames - 1, self._style_colors)

    @cached_property
    def _style_colors(self) -> list[tuple[str, str]]:
        return style_colors(self.grid, self.theme or THEMES["xterm"])

    def styled(self, attribute: int) -> list[str]:
        """Pieces of text in the last frame with an attribute, BOLD or INVERSE."""
        marked = np.array([bool(style.attributes & attribute) for style in self.grid.styles])
        return [text for text, _ in self.grid.runs_in(self.grid.frames - 1, marked)] if marked.any() else []


def scene_of(clip: ClipView) -> Scene:
    """Look a clip over."""
    story = follow(clip.grid)
    now, before = program_of(story.last), program_of(story.first)
    look = clip.sample.get("look", {})
    clears = int(clip.sample.get("statistics", {}).get("screen_clears", 0))
    theme = theme_of(str(look.get("theme", "")))
    return Scene(clip.grid, _typing_inside(story, now, before), pressed(clip.events), now or before, theme, clears)


def _typing_inside(story: Story, now: Program | None, before: Program | None) -> Story:
    """The story without the entries that are text in an editor or the like, which may look as if it had a prompt."""
    if now is None or not now.full_screen:
        return story
    kept = 0 if before is not None and before.full_screen else 1  # what started the program was entered in a shell
    inside = [entry.text for entry in story.entries[kept:]]
    return replace(story, entries=story.entries[:kept], typed=[*inside, *story.typed])
