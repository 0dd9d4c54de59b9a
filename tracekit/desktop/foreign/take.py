"""A display's grabs and a person's events, put on the clock of a trace."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from tracekit.actions.events import InputEvent
from tracekit.core.clock import frame_of, frame_time_ns
from tracekit.desktop.foreign.calibrate import Delay
from tracekit.desktop.foreign.film import Film
from tracekit.desktop.foreign.person import Person, finished, match, quiet_ns
from tracekit.desktop.foreign.x11grab import PERIOD_NS, Grab

_MARGIN_NS = 1_500_000
"""From when a grab is expected to the frame that shows it: how much later than usual it may be."""


class Take:
    """Frames of a display, as they are grabbed.

    Args:
        film: takes the pictures.
        most_frames: how many at most.
    """

    def __init__(self, film: Film, most_frames: int) -> None:
        self.film, self._most = film, most_frames
        self.begun = False
        self.start_ns = 0
        """CLOCK_MONOTONIC of frame 0."""
        self.unix_s = 0
        self.delay: Delay | None = None
        self._grabs_ns: list[int] = []

    @property
    def frames(self) -> int:
        """How many there are."""
        return len(self.film.sources)

    def begin(self, stamps: Sequence[int], delay: Delay | None) -> None:
        """Choose the instant of frame 0: a little after the next grab, so that every second grab is a frame's.

        Args:
            stamps: of grabs before, on CLOCK_MONOTONIC.
            delay: from a stamp to the pixels, where it was measured.
        """
        self.begun, self.delay = True, delay
        since = np.array(stamps, np.int64) - stamps[0]
        late = since - (since + PERIOD_NS // 2) // PERIOD_NS * PERIOD_NS
        phase_ns = stamps[0] + int(np.percentile(late, 95)) + self._delay_ns + _MARGIN_NS
        self.start_ns = phase_ns + ((stamps[-1] - stamps[0]) // PERIOD_NS + 2) * PERIOD_NS
        self.unix_s = int(time.time() + (self.start_ns - time.monotonic_ns()) / 1e9)

    @property
    def _delay_ns(self) -> int:
        """The longest that may go by from a stamp to its pixels: so no frame shows what came after its instant."""
        return max(0, *self.delay) if self.delay else 0

    def add(self, grab: Grab) -> bool:
        """Take a grab; False if there are frames enough."""
        time_ns = grab.time_ns + self._delay_ns - self.start_ns
        first = max(0, frame_of(time_ns))
        if first >= self._most:
            self.film.hold(self._most)
            return False
        self._grabs_ns.append(time_ns)
        self.film.show(grab.picture, first, len(self._grabs_ns) - 1)
        return True

    def end(self) -> None:
        """Show the last grab."""
        if self._grabs_ns and self.frames < self._most:
            self.film.hold(max(0, frame_of(self._grabs_ns[-1])) + 1)

    def grabbed_ns(self) -> list[int]:
        """Of each frame, when its pixels were read, at the latest."""
        return [self._grabs_ns[source] for source in self.film.sources]

    def ages_ns(self) -> list[int]:
        """Of each frame, how long before its instant that was, at the most."""
        doubt_ns = self._delay_ns - min(self._delay_ns, *self.delay) if self.delay else 0
        return [frame_time_ns(frame) - at + doubt_ns for frame, at in enumerate(self.grabbed_ns())]

    def missed(self) -> list[bool]:
        """Of each frame, whether there was no new grab for it."""
        sources = self.film.sources
        return [frame > 0 and source == sources[frame - 1] for frame, source in enumerate(sources)]


@dataclass(frozen=True)
class Inputs:
    """A person's events on the trace's clock: pynput says what was done, the X server's record of it says when."""

    events: list[InputEvent]
    start: tuple[int, int]
    """Where the pointer is before them."""
    delays_ns: list[int]
    """How much later than the server's time pynput told of each event that the record has too."""
    unmatched: int
    """Events that the record does not have: their time is pynput's."""
    missing: int
    """Events that the record has, and pynput never told of: they are in no trace."""

    @classmethod
    def of(cls, heard: Sequence[InputEvent], server: Sequence[InputEvent], take: Take, person: Person) -> Self:
        """Cut out what happened during a take.

        Args:
            heard: by pynput, times on CLOCK_MONOTONIC.
            server: by RECORD, likewise.
            take: says when frame 0 was, and how many frames there are.
            person: who was heard.
        """
        end_ns = take.start_ns + frame_time_ns(take.frames - 1)
        since_ns = quiet_ns(server, person.since_ns, take.start_ns)
        before = [event for event in heard if event.time_ns < since_ns]
        heard = [event for event in heard if event.time_ns >= since_ns]
        said = [
            event
            for event in server
            if event.time_ns >= since_ns and (person.keys != "none" or not event.code.startswith("key"))
        ]
        times = match(heard, said)
        timed = [
            event if time_ns is None else event._replace(time_ns=time_ns)
            for event, time_ns in zip(heard, times, strict=True)
        ]
        events = finished([*before, *timed])
        early = [event for event in events if event.time_ns < take.start_ns]
        inside = [event for event in events if take.start_ns <= event.time_ns <= end_ns]
        return cls(
            [event._replace(time_ns=event.time_ns - take.start_ns) for event in inside],
            (early[-1].x, early[-1].y) if early else person.start,
            [
                event.time_ns - at
                for event, at in zip(heard, times, strict=True)
                if at and take.start_ns <= at <= end_ns
            ],
            sum(at is None and event.time_ns <= end_ns for event, at in zip(heard, times, strict=True)),
            sum(event.time_ns <= end_ns for event in said) - sum(at is not None and at <= end_ns for at in times),
        )
