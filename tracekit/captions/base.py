"""What captioners are given, and what they give back.

A captioner is a plug-in of the kind ``captioners``. It sees a clip only through a ``ClipView`` or a ``DesktopView``, so
captions can be made again from a finished data set without drawing anything.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from tracekit.actions.cursor_track import CursorTrack
from tracekit.actions.events import InputEvent
from tracekit.actions.windows import WindowsAt
from tracekit.core.events import Event
from tracekit.shards.sample import Captions
from tracekit.terminal.grid import Grid


@dataclass(frozen=True)
class ClipView:
    """One clip of a terminal, as it stands in a part's ``clips.tar``."""

    key: str
    grid: Grid
    """Text, colours and cursor of each frame: ``KEY.cells.npz``."""
    events: Sequence[Event]
    """In order of time, ``time_ns`` from the clip's start: ``KEY.events.jsonl``."""
    sample: dict[str, Any]
    """What ``KEY.json`` says so far: provenance, geometry, look, clock, statistics, and the captions that the source
    has given. Where a captioner leaves a tier None, the source's stands."""


@dataclass(frozen=True)
class DesktopView:
    """One clip of a desktop, as it stands in a part's ``clips.tar``."""

    key: str
    events: Sequence[InputEvent]
    """In order of time, ``time_ns`` from the clip's start: ``KEY.events.jsonl``."""
    cursor: CursorTrack
    """Of each frame: ``KEY.cursor.npz``."""
    windows: Sequence[WindowsAt]
    """In order of time, the first at 0: ``KEY.windows.jsonl``. Empty where they are not known."""
    sample: dict[str, Any]
    """As `ClipView.sample`; its captions may have the instruction of a task."""


class Captioner(Protocol):
    """A way to put a clip into words."""

    @property
    def version(self) -> str:
        """Plug-in and version, as it is recorded in ``Captions.captioner``; a new version means new captions."""

    def caption(self, clip: ClipView | DesktopView) -> Captions:
        """Describe a clip.

        The same view gives the same captions, whoever asks and in whatever order.

        Raises:
            Rejected: this clip can't be described.
        """


@runtime_checkable
class BatchCaptioner(Protocol):
    """A captioner that has many clips in work at once: one that asks a server, and waits more than it works."""

    @property
    def version(self) -> str:
        """As `Captioner.version`."""

    @property
    def remark(self) -> str:
        """Of the last clips that it described, in a few words for those who watch: how fast, how many tokens."""

    def caption_all(self, clips: Iterable[ClipView | DesktopView], keep: Path) -> Iterator[Captions | Exception]:
        """Describe clips.

        Args:
            clips: taken one by one as there is room, so that not all need be in memory.
            keep: a local folder, which need not be there yet, for what should outlive a killed job: answers that were
                paid for. It is no part of the data set; several processes may use it at a time.

        Returns:
            For each clip, in their order, its captions or why it has none: a Rejected, or an error that nobody foresaw.

        Raises:
            TracekitError: something that the user must put right, such as a server that is away.
        """
