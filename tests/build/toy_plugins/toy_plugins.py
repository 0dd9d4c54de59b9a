"""Plug-ins of a distribution of its own: a source whose inputs say in words what is to become of them.

An input is a text file of lines: ``clip TEXT`` a clip that shows TEXT, ``told TEXT`` one that has captions by then,
``drop`` a stretch that becomes none;
``refuse``, ``bug``, ``stop`` an error of each kind; ``crash`` and ``exit`` a worker that dies.
"""

import ctypes
import io
import os
import struct
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar

import av
import numpy as np
from pydantic import Field

from tracekit.clips.clip import Capture, Clip, ClipRejected, Input
from tracekit.clips.settings import Settings
from tracekit.core.clock import frame_time_ns
from tracekit.core.errors import Rejected, TracekitError
from tracekit.core.events import Event
from tracekit.core.files import measure
from tracekit.filters.base import Candidate, ClipFilter, Filter
from tracekit.filters.measure import StoredClip
from tracekit.shards.events import dump_events
from tracekit.shards.sample import Captions, Decision
from tracekit.terminal.cells import Cursor, Style
from tracekit.terminal.grid import GridBuilder

COLUMNS, ROWS, FRAMES = 20, 2, 75


class ToyConfig(Settings):
    paths: list[str] = Field(exclude=True)
    loudness: int = Field(1, ge=0, description="Goes into the clips")


class ToySource:
    Config = ToyConfig

    def __init__(self, config: ToyConfig, capture: Capture) -> None:
        self._config, self._capture = config, capture

    def plan(self) -> Sequence[Input]:
        files = (file for path in self._config.paths for file in Path(path).iterdir())
        return [_input(file) for file in files]

    def tools(self) -> Mapping[str, str]:
        return {"toy": "1"}

    def clips(self, item: Input) -> Iterator[Clip | ClipRejected]:
        for number, line in enumerate(Path(item.locator).read_text().splitlines()):
            key = f"toy-{item.sha256[:16]}-{number:04d}"
            match line.split(" ", 1):
                case ["clip", text]:
                    yield self._clip(key, item, number, text)
                case ["told", text]:
                    clip = self._clip(key, item, number, text)
                    clip.sample["captions"] = {"script": f"show {text}", "detailed": "what the source says"}
                    yield clip
                case ["drop"]:
                    yield ClipRejected(key, "empty-stretch", "nothing happens in it")
                case ["refuse"]:
                    raise Rejected("not-toy", "this is no toy", place=item.locator)
                case ["bug"]:
                    raise ZeroDivisionError(f"in {item.locator}")
                case ["stop"]:
                    raise TracekitError("the toy box is locked", remedy="open it")
                case ["crash"]:
                    ctypes.string_at(0)
                case ["exit"]:
                    os._exit(7)

    def _clip(self, key: str, item: Input, number: int, text: str) -> Clip:
        files = {
            "mp4": _video(f"{text} " * self._config.loudness),
            "events.jsonl": dump_events([Event(frame_time_ns(2), "o", text)]),
            "cells.npz": _cells(text),
        }
        return Clip(key, files, _sample(key, item, number, text), fingerprint=text.encode())


class ToyCaptioner:
    version = "toy/1"

    def __init__(self, greeting: str = "It shows") -> None:
        self._greeting = greeting

    def caption(self, clip: Any) -> Captions:
        line = clip.grid.lines(clip.grid.frames - 1)[0]
        if line == "unspeakable":
            raise Rejected("unspeakable", "there are no words for it")
        return Captions(semantic="A toy.", detailed=f"{self._greeting} `{line}`.", captioner=self.version)


class ToyShort(Filter):
    """Rejects texts that are short."""

    min_length: int = 3
    never: list[str] = Field(default_factory=list)

    def decide(self, candidates: Sequence[Candidate]) -> list[Decision]:
        lengths = [0 if c.fingerprint.decode() in self.never else len(c.fingerprint) for c in candidates]
        return [
            Decision(filter="toy-short", keep=n >= self.min_length, score=n, reason=f"{n} letters") for n in lengths
        ]


class ToyVowels(ClipFilter):
    """Rejects texts with few vowels, which it counts in the files of a clip; some texts it can't count in."""

    measure_version: ClassVar[int] = 1
    measure_options: ClassVar[tuple[str, ...]] = ("vowels",)

    vowels: str = "aeiou"
    least: int = 2

    def measure(self, clip: StoredClip) -> dict[str, int]:
        if log := os.environ.get("TOY_MEASURED"):
            with Path(log).open("a") as file:
                file.write(f"{self.vowels} {clip.key}\n")
        text = clip.lines[0]
        match text:
            case "kiwi":
                raise ZeroDivisionError("no vowels in a kiwi")
            case "fig":
                raise Rejected("too-sweet", "it is too sweet")
            case "plum":
                return {"vowels": float("nan")}  # type: ignore[dict-item]
        return {"vowels": sum(text.count(vowel) for vowel in self.vowels)}

    def judge(self, candidate: Candidate) -> Decision:
        count = candidate.measured["toy-vowels"]["vowels"]
        return Decision(filter="toy-vowels", keep=count >= self.least, score=count, reason=f"{count} vowels")


class ToyTwin(Filter):
    """Rejects a text that an earlier recording has; the two recordings belong together."""

    def decide(self, candidates: Sequence[Candidate]) -> list[Decision]:
        first = self._first(candidates)
        return [
            Decision(filter="toy-twin", keep=first[c.fingerprint] == c.input_sha256, reason="seen") for c in candidates
        ]

    def groups(self, candidates: Sequence[Candidate]) -> list[set[str]]:
        first = self._first(candidates)
        return [{first[c.fingerprint], c.input_sha256} for c in candidates]

    def _first(self, candidates: Sequence[Candidate]) -> dict[bytes, str]:
        first: dict[bytes, str] = {}
        for candidate in candidates:
            first.setdefault(candidate.fingerprint, candidate.input_sha256)
        return first


def _input(file: Path) -> Input:
    if file.name.startswith("unreadable"):
        return Input(file.name, "", 0, str(file), problem="it is locked away")
    content = measure(file)
    return Input(file.name, content.sha256, content.bytes, str(file))


def _video(text: str) -> bytes:
    """A black film with a text in its container, where no player looks."""
    content = text.encode() * 500
    return _film() + struct.pack(">I4s", 8 + len(content), b"free") + content


@lru_cache
def _film() -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=15, options={"preset": "ultrafast", "threads": "1"})
        stream.width, stream.height, stream.pix_fmt = 80, 16, "yuv420p"
        for _ in range(FRAMES):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((16, 80, 3), np.uint8))))
        container.mux(stream.encode())
    return file.getvalue()


@lru_cache
def _cells(text: str) -> bytes:
    builder = GridBuilder()
    rows = [np.full(COLUMNS, 32, np.uint64) for _ in range(ROWS)]
    rows[0][: len(text)] = [ord(character) for character in text[:COLUMNS]]
    for _ in range(FRAMES):
        builder.frame(rows, None, Cursor(0, 0))
    return builder.build([Style()], []).save()


def _sample(key: str, item: Input, number: int, text: str) -> dict[str, Any]:
    return {
        "key": key,
        "kind": "terminal",
        "provenance": {"kind": "toy", "uri": item.uri, "sha256": item.sha256, "recording": f"toy-{item.sha256[:16]}"},
        "geometry": {"columns": COLUMNS, "rows": ROWS, "cell_width_px": 4, "cell_height_px": 8, "screen_width_px": 80,
                     "screen_height_px": 16, "width_px": 80, "height_px": 16},
        "look": {"theme": "toy", "font": "toy.ttf", "font_size_px": 13, "engine": "pyte"},
        "clock": {"frames": FRAMES, "start_ns": number * 5_000_000_000, "end_ns": (number + 1) * 5_000_000_000,
                  "fitted": "odd" if text == "invalid" else "exact",
                  "source_time_ns": [frame_time_ns(frame) for frame in range(FRAMES)]},
        "statistics": {"duration_s": 5.0, "outputs": 1, "inputs": 0, "output_bytes": len(text), "events_per_s": 0.2,
                       "changed_frames": 1, "changed_cells_mean": 0.1, "colors": 2, "characters": 3,
                       "screen_clears": 0, "text_density": 0.05},
    }  # fmt: skip
