"""From a terminal recording to its clips: scrubbed, cut and filmed, whichever source it is from."""

import platform
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from typing import Any

from tracekit.casts.model import Header
from tracekit.casts.scrub import Guard, Scrubbed, scrub
from tracekit.clips.clip import Capture, Clip, Input
from tracekit.clips.cut import CutRule, Segment, segments
from tracekit.clips.describe import describe
from tracekit.clips.film import Film, film
from tracekit.clips.fingerprint import fingerprint
from tracekit.clips.fit_time import fit_time
from tracekit.clips.screen import MOST_SECRETS, Screen, SecretSeen
from tracekit.clips.settings import LookSettings
from tracekit.clips.spool import Spool
from tracekit.clips.studio import Studio
from tracekit.clips.timeline import Timeline, leave_out_hidden, limit_idle
from tracekit.core.clock import FPS, frame_of, frame_time_ns, frames_for, seconds, to_ns
from tracekit.core.errors import Rejected
from tracekit.core.events import Event
from tracekit.core.plugins import release
from tracekit.shards.events import dump_events
from tracekit.shards.sample import SCHEMA_VERSION
from tracekit.terminal.engine import open_engine
from tracekit.terminal.painter import Look

_ENVIRONMENT = ("SHELL", "TERM")
_ENGINE_PACKAGES = {"pyte": ("pyte",), "ghostty": ("pyghostty",)}
_NAME_CHARS = 60
_DAY_S = 86_400
_DECIDING = ("av", "detect-secrets", "numpy", "pillow", "wcwidth")
"""Packages that a clip's bytes depend on, besides the engine."""


@dataclass(frozen=True)
class Recording:
    """What was recorded of a terminal, and what is known of it."""

    kind: str
    """The source's name as a plug-in."""
    item: Input
    header: Header
    events: Sequence[Event]
    """In order of time."""
    repairs: Sequence[str] = ()
    """What was put right to read it."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """Captions that the source itself knows, by tier. They are scrubbed as the rest is."""
    extra: Mapping[str, Any] = field(default_factory=dict)
    """What else its samples say. Strings in it are scrubbed, too."""
    duration_ns: int | None = None
    """Of a tape's run: its length, of which stretches between the markers ``hide`` and ``show`` are left out."""
    title: str | None = None
    """Where the header has none."""
    licence: str | None = None
    """Where it is another than the recipe's."""


class Filming:
    """Makes clips of recordings, by the settings of a recipe.

    Args:
        capture: the settings.
        look: in place of those for the look, for a recording that brings its own.
    """

    def __init__(self, capture: Capture, look: LookSettings | None = None) -> None:
        self._capture, self._look = capture, look or capture.look
        self._studio = Studio(self._look, capture.video)

    def tools(self) -> dict[str, str]:
        """Versions of what decides about pixels and bytes, and the digest of the fonts."""
        packages = [*_DECIDING, *_ENGINE_PACKAGES.get(self._look.engine, ())]
        return {
            "engine": release("engines", self._look.engine),
            "python": ".".join(platform.python_version_tuple()[:2]),
            "zlib": zlib.ZLIB_RUNTIME_VERSION,
            **{name: version(name) for name in packages},
            "fonts": self._studio.fonts.digest,
        }

    def clips(self, recording: Recording) -> Iterator[Clip]:
        """Scrub, cut and film a recording.

        Raises:
            Rejected: it does not fit the canvas, or shows too many secrets.
        """
        header, events = recording.header, recording.events
        clean = scrub(header, events)
        redactions: Counter[str] = Counter()
        with Spool[Clip]() as spool:
            for _ in range(MOST_SECRETS):
                try:
                    for clip in self._filmed(recording, clean):
                        spool.append(clip)
                    break
                except SecretSeen as seen:
                    # Only the drawn screen gave it away. The guard knows it now, and what was typed on the way to it.
                    redactions[seen.rule] += 1
                    spool.clear()
                    clean = scrub(header, events, known=clean.guard.known)
            else:
                raise Rejected("secrets", f"its screen shows over {MOST_SECRETS} secrets", place=recording.item.uri)
            redactions.update(clean.redactions)
            for clip in spool:
                clip.sample["redactions"] = dict(sorted(redactions.items()))
                yield clip

    def _filmed(self, recording: Recording, clean: Scrubbed) -> Iterator[Clip]:
        """Cut and film a recording without its secrets.

        Raises:
            SecretSeen: one was left; the guard has learnt it.
        """
        header, guard = clean.header, clean.guard
        idle_limit_ns = self._idle_limit_ns(header)
        timeline = self._timeline(clean.events, recording.duration_ns, idle_limit_ns)
        columns, rows = largest_size(header, timeline.events)
        look = self._studio.look(header.theme)
        geometry = self._studio.place(look, columns, rows)._asdict()
        font_size_px = geometry.pop("font_size_px")
        about = {
            "idle_limit_s": None if idle_limit_ns is None else seconds(idle_limit_ns),
            "provenance": self._provenance(recording, header),
            "geometry": {"columns": columns, "rows": rows, **geometry},
            "look": {
                "theme": look.theme.name,
                "font": look.fonts.first,
                "font_size_px": font_size_px,
                "engine": self._look.engine,
            },
        }
        if recording.texts:
            about["captions"] = {tier: guard.clean(text) for tier, text in recording.texts.items()}
        if recording.extra:
            about["extra"] = _cleaned(recording.extra, guard.clean)
        key, told = recording_key(recording.item), timeline.told
        for number, take in enumerate(self._film(header, timeline, guard, look, (columns, rows))):
            yield _clip(f"{key}-{number:04d}", take, timeline, take.time.events(told), about)

    def _provenance(self, recording: Recording, header: Header) -> dict[str, Any]:
        return {
            "kind": recording.kind,
            "uri": recording.item.uri,
            "sha256": recording.item.sha256,
            "recording": recording_key(recording.item),
            "licence": recording.licence or self._capture.licence,
            "title": header.title or recording.title,
            "command": header.command,
            "recorded_at": header.timestamp_s,
            "environment": {name: header.env[name] for name in _ENVIRONMENT if name in header.env},
            "repairs": list(recording.repairs),
        }

    def _idle_limit_ns(self, header: Header) -> int | None:
        settings = self._capture.clip
        limit_s = settings.idle_limit_s
        if limit_s == "header":
            limit_s = header.idle_time_limit_s or settings.default_idle_limit_s
        return None if limit_s is None else to_ns(min(limit_s, _DAY_S))  # no recording is longer

    def _timeline(self, events: Sequence[Event], duration_ns: int | None, idle_limit_ns: int | None) -> Timeline:
        if duration_ns is None:
            return limit_idle(events, idle_limit_ns)
        shown = leave_out_hidden(events, duration_ns)
        return replace(shown, events=limit_idle(shown.events, idle_limit_ns).events)

    def _film(
        self, header: Header, timeline: Timeline, guard: Guard, look: Look, size: tuple[int, int]
    ) -> Iterator[Film]:
        engine = open_engine(self._look.engine, header.columns, header.rows)
        clips = [fit_time(segment) for segment in self._segments(timeline)]
        return film(
            timeline.events, clips, Screen(engine, guard), lambda number: self._studio.camera(look, *size, number)
        )

    def _segments(self, timeline: Timeline) -> Iterator[Segment]:
        settings, total = self._capture.clip, frames_for(timeline.duration_ns)
        if settings.window_s is None:
            yield Segment(0, total)
            return
        window = max(2, round(settings.window_s * FPS))
        rule = CutRule(
            window=window,
            tolerance=min(round(settings.tolerance_s * FPS), window - 1),
            stride=max(1, round(settings.stride_s * FPS)) if settings.stride_s else None,
        )
        active = sorted({frame_of(event.time_ns) for event in timeline.events if event.code in "or"})
        yield from segments(active, total, rule)


def _clip(key: str, take: Film, timeline: Timeline, events: Sequence[Event], about: Mapping[str, Any]) -> Clip:
    start_ns = frame_time_ns(take.time.segment.start)
    end_ns = max(start_ns, min(frame_time_ns(take.time.segment.end), timeline.duration_ns))
    clock = {
        "frames": len(take.time.shown),
        "start_ns": start_ns,
        "end_ns": end_ns,
        "fitted": take.time.kind,
        "idle_limit_s": about["idle_limit_s"],
        "source_time_ns": [timeline.source_time_ns(frame_time_ns(frame)) for frame in take.time.shown],
    }
    sample = {
        "schema_version": SCHEMA_VERSION,
        "key": key,
        "kind": "terminal",
        "provenance": about["provenance"],
        "geometry": about["geometry"],
        "look": about["look"],
        "clock": clock,
        "statistics": describe(take.grid, events, end_ns - start_ns).model_dump(mode="json"),
        "redactions": {},
        **{name: about[name] for name in ("captions", "extra") if name in about},
    }
    files = {"mp4": take.video, "events.jsonl": dump_events(events), "cells.npz": take.grid.save()}
    return Clip(key, files, sample, fingerprint(take.grid))


def _cleaned(value: Any, clean: Callable[[str], str]) -> Any:
    """A JSON value whose strings are cleaned."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, Mapping):
        return {name: _cleaned(inner, clean) for name, inner in value.items()}
    return [_cleaned(inner, clean) for inner in value] if isinstance(value, list | tuple) else value


def recording_key(item: Input) -> str:
    """The key of a recording: its name as far as keys allow, and enough of its hash to be unique."""
    name = re.sub(r"[^a-z0-9]+", "-", item.uri.lower()).strip("-")[:_NAME_CHARS].strip("-")
    return f"{name or 'cast'}-{item.sha256[:10]}"


def largest_size(header: Header, events: Sequence[Event]) -> tuple[int, int]:
    """The largest number of columns and of rows that a recording's terminal ever has."""
    sizes = [(header.columns, header.rows)]
    sizes += [
        (int(columns), int(rows)) for columns, _, rows in (e.data.partition("x") for e in events if e.code == "r")
    ]
    return max(columns for columns, _ in sizes), max(rows for _, rows in sizes)
