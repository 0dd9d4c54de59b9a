"""What filters measure a clip by: its files, as they stand in a part's ``clips.tar``, each read at most once."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tracekit.actions.events import load_inputs
from tracekit.actions.windows import load_windows
from tracekit.shards.events import load_events
from tracekit.terminal.grid import Grid


@dataclass(frozen=True)
class StoredClip:
    """One clip as `tracekit.filters.base.Filter.measure` sees it.

    All filters that measure a clip are given the same one, so what one of them has read the others need not.
    """

    key: str
    sample: dict[str, Any]
    """What ``KEY.json`` says so far: provenance, geometry, look, clock and statistics."""
    files: Mapping[str, bytes]
    """Content by extension: ``mp4``, ``events.jsonl``, ``cells.npz``, ..."""

    @cached_property
    def grid(self) -> Grid | None:
        """Text of each frame of a terminal; None of a desktop."""
        return Grid.load(self.files["cells.npz"]) if self.sample["kind"] == "terminal" else None

    @cached_property
    def lines(self) -> list[str]:
        """Every line that is to be read in any frame, once, in the order in which they come up, without blank ones.

        Of a terminal the rows of its screens, of a desktop the titles of its windows.
        """
        if self.grid is None:
            changes = load_windows(self.files.get("windows.jsonl", b""))
            found = dict.fromkeys(window.title for at in changes for window in at.windows)
        else:
            frames = {screen: frame for frame, screen in reversed([*enumerate(self.grid.frame_screens.tolist())])}
            found = dict.fromkeys(line for frame in sorted(frames.values()) for line in self.grid.lines(frame))
        return [line for line in found if line.strip()]

    @cached_property
    def typed(self) -> str:
        """All that was typed, in the order of time."""
        events = self.files["events.jsonl"]
        if self.sample["kind"] == "terminal":
            return "".join(event.data for event in load_events(events) if event.code == "i")
        return "".join(event.text for event in load_inputs(events))
