"""The source ``casts``: public asciinema recordings become clips (CLIGen, General)."""

import platform
import re
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from importlib.metadata import version
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from tracekit.casts.model import Header, Problem
from tracekit.casts.read import open_cast
from tracekit.casts.scrub import Guard, Scrubbed, scrub
from tracekit.clips.cast_inputs import find_casts, listing, read_index
from tracekit.clips.clip import Capture, Clip, ClipRejected, Input
from tracekit.clips.cut import CutRule, segments
from tracekit.clips.describe import describe
from tracekit.clips.film import Film, film
from tracekit.clips.fingerprint import fingerprint
from tracekit.clips.fit_time import fit_time
from tracekit.clips.screen import MOST_SECRETS, Screen, SecretSeen
from tracekit.clips.settings import Settings
from tracekit.clips.spool import Spool
from tracekit.clips.studio import Studio
from tracekit.clips.timeline import Timeline, limit_idle
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
_DECIDING = ("av", "datasketch", "detect-secrets", "numpy", "pillow", "wcwidth")
"""Packages that a clip's bytes depend on, besides the engine."""
_MOST_REPAIRS = 20


class CastConfig(Settings):
    """The recipe's section ``source`` of the kind ``casts``."""

    paths: Annotated[list[str], BeforeValidator(lambda value: [value] if isinstance(value, str) else value)] = Field(
        min_length=1, exclude=True, description="Files, folders and patterns, local or fsspec URLs"
    )
    index: str | None = Field(
        None, exclude=True, description="Licences and titles by file; default: INDEX.tsv or INDEX.csv in a folder"
    )
    max_error_rate: float = Field(
        0.05, ge=0, le=1, description="Share of a recording's lines that may be unusable before it is rejected"
    )


class CastSource:
    """Turns casts into clips."""

    Config = CastConfig

    def __init__(self, config: CastConfig, capture: Capture) -> None:
        self._config, self._capture = config, capture
        self._studio = Studio(capture.look, capture.video)
        self._listed = read_index(config.paths, config.index)

    def plan(self) -> Sequence[Input]:
        """Find and hash the recordings."""
        return find_casts(self._config.paths)

    def tools(self) -> Mapping[str, str]:
        """Versions of what decides about pixels and bytes, and the digest of the fonts."""
        engine = self._capture.look.engine
        packages = [*_DECIDING, *_ENGINE_PACKAGES.get(engine, ())]
        return {
            "engine": release("engines", engine),
            "python": ".".join(platform.python_version_tuple()[:2]),
            "zlib": zlib.ZLIB_RUNTIME_VERSION,
            **{name: version(name) for name in packages},
            "fonts": self._studio.fonts.digest,
        }

    def clips(self, item: Input) -> Iterator[Clip | ClipRejected]:
        """Read, scrub, cut and film one recording.

        Raises:
            Rejected: it is no cast, damaged beyond ``max_error_rate``, shows nothing, or does not fit the canvas.
        """
        with open_cast(item.locator) as reader:
            events = list(reader)
            header, problems = reader.header, reader.problems
            lines = reader.event_count + reader.skipped_count
            if reader.skipped_count > self._config.max_error_rate * lines:
                message = f"{reader.skipped_count} of {lines} lines can't be used"
                raise Rejected("too-many-errors", message, place=item.uri)
        if not any(event.code == "o" for event in events):
            raise Rejected("no-output", "the recording shows nothing", place=item.uri)
        if header.term_type is not None:  # of version 3; scrubbed where the others have it
            header = replace(header, env={"TERM": header.term_type} | header.env)
        clean = scrub(header, events)
        redactions: Counter[str] = Counter()
        with Spool[Clip]() as spool:
            for _ in range(MOST_SECRETS):
                try:
                    for clip in self._filmed(item, clean, problems):
                        spool.append(clip)
                    break
                except SecretSeen as seen:
                    # Only the drawn screen gave it away. The guard knows it now, and what was typed on the way to it.
                    redactions[seen.rule] += 1
                    spool.clear()
                    clean = scrub(header, events, known=clean.guard.known)
            else:
                raise Rejected("secrets", f"its screen shows over {MOST_SECRETS} secrets", place=item.uri)
            redactions.update(clean.redactions)
            for clip in spool:
                clip.sample["redactions"] = dict(sorted(redactions.items()))
                yield clip

    def _filmed(self, item: Input, clean: Scrubbed, problems: Sequence[Problem]) -> Iterator[Clip]:
        """Cut and film a recording without its secrets.

        Raises:
            SecretSeen: one was left; the guard has learnt it.
        """
        header = clean.header
        idle_limit_ns = self._idle_limit_ns(header)
        timeline = limit_idle(clean.events, idle_limit_ns)
        columns, rows = largest_size(header, timeline.events)
        look = self._studio.look(header.theme)
        geometry = self._studio.place(look, columns, rows)._asdict()
        font_size_px = geometry.pop("font_size_px")
        about = {
            "idle_limit_s": None if idle_limit_ns is None else seconds(idle_limit_ns),
            "provenance": self._provenance(item, header, problems),
            "geometry": {"columns": columns, "rows": rows, **geometry},
            "look": {
                "theme": look.theme.name,
                "font": look.fonts.first,
                "font_size_px": font_size_px,
                "engine": self._capture.look.engine,
            },
        }
        for number, take in enumerate(self._film(header, timeline, clean.guard, look, (columns, rows))):
            yield self._clip(f"{recording_key(item)}-{number:04d}", take, timeline, about)

    def _provenance(self, item: Input, header: Header, problems: Sequence[Problem]) -> dict[str, Any]:
        listed = listing(self._listed, item.locator)
        return {
            "kind": "casts",
            "uri": item.uri,
            "sha256": item.sha256,
            "recording": recording_key(item),
            "licence": listed.licence or self._capture.licence,
            "title": header.title or listed.title,
            "command": header.command,
            "recorded_at": header.timestamp_s,
            "environment": {name: header.env[name] for name in _ENVIRONMENT if name in header.env},
            # By name: the message may quote the file, and what it quotes has not been scrubbed.
            "repairs": [f"line {problem.line}: {problem.code}" for problem in problems[:_MOST_REPAIRS]],
        }

    def _idle_limit_ns(self, header: Header) -> int | None:
        settings = self._capture.clip
        limit_s = settings.idle_limit_s
        if limit_s == "header":
            limit_s = header.idle_time_limit_s or settings.default_idle_limit_s
        return None if limit_s is None else to_ns(min(limit_s, _DAY_S))  # no recording is longer

    def _film(
        self, header: Header, timeline: Timeline, guard: Guard, look: Look, size: tuple[int, int]
    ) -> Iterator[Film]:
        engine = open_engine(self._capture.look.engine, header.columns, header.rows)
        active = sorted({frame_of(event.time_ns) for event in timeline.events if event.code in "or"})
        clips = [fit_time(segment) for segment in segments(active, frames_for(timeline.duration_ns), self._rule())]
        return film(
            timeline.events, clips, Screen(engine, guard), lambda number: self._studio.camera(look, *size, number)
        )

    def _rule(self) -> CutRule:
        clip = self._capture.clip
        window = max(2, round(clip.window_s * FPS))
        return CutRule(
            window=window,
            tolerance=min(round(clip.tolerance_s * FPS), window - 1),
            stride=max(1, round(clip.stride_s * FPS)) if clip.stride_s else None,
        )

    def _clip(self, key: str, take: Film, timeline: Timeline, about: Mapping[str, Any]) -> Clip:
        start_ns = frame_time_ns(take.time.segment.start)
        end_ns = max(start_ns, min(frame_time_ns(take.time.segment.end), timeline.duration_ns))
        events = take.time.events(timeline.events)
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
        }
        files = {"mp4": take.video, "events.jsonl": dump_events(events), "cells.npz": take.grid.save()}
        return Clip(key, files, sample, fingerprint(take.grid))


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
